"""Outside judges of archives: py-wacz and pywb, in an environment of their own (`make judges`).

Their pins (Werkzeug, gevent, redis) contradict those of the archive, so they are run as commands.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

BIN = Path(".venv/judges/bin").absolute()
needs_judges = pytest.mark.skipif(
    not (BIN / "wacz").is_file(), reason="needs wacz and pywb in .venv/judges: make judges"
)
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


def judge(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of the judges' environment."""
    name, *rest = map(str, command)
    return subprocess.run([str(BIN / name), *rest], capture_output=True, text=True, cwd=cwd, check=False)


@contextlib.contextmanager
def pywb(folder: Path, warcs: Sequence[Path], *options: str) -> Iterator[str]:
    """Replay WARC (or, with `--unpack-wacz`, WACZ) files with pywb; gives the address of the collection."""
    made = judge("wb-manager", "init", "district", cwd=folder)
    assert made.returncode == 0, made.stderr
    added = judge("wb-manager", "add", *options, "district", *warcs, cwd=folder)
    assert added.returncode == 0, added.stderr
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "pywb.log").open("wb") as log:
        server = subprocess.Popen(
            [str(BIN / "wayback"), "-p", str(port), "-b", "127.0.0.1"],
            cwd=folder, stdout=log, stderr=log, env={**os.environ, "GEVENT_SUPPORT": "1"},
        )  # fmt: skip
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}/district"
        finally:
            server.kill()
            server.wait()


def fetch(url: str) -> tuple[int, bytes, str]:
    """Status, body and Memento-Datetime of an address."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers.get("Memento-Datetime", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), ""


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "pywb ended at its start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("pywb did not come up")
