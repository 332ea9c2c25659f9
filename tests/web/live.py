"""The site really served on loopback, and Debian's Chromium to look at it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from archive.config import Settings
from archive.web import create_app
from tests.web.judges import CHROMIUM

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Address of the archive with these settings, served by a thread until the block ends."""
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def gunicorn(settings: Settings, *wrapper: str) -> Iterator[int]:
    """Port of `archive serve` with these settings, in processes of its own until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}
    command = [*wrapper, sys.executable, "-m", "archive.cli", "serve", "--port", str(port)]
    settings = replace(settings, public_base=f"http://127.0.0.1:{port}")
    server = subprocess.Popen(command, env=environ | settings.to_environment())
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                connection.close()
                break
            time.sleep(0.05)
        else:
            raise AssertionError("archive serve does not answer")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, closed when the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
