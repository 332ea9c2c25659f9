"""The archive as it stands on a public machine: gunicorn behind nginx, configured as docs/deploy.md says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.config import Settings

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"
HOST = "kho.example.vn"
"""The public name in the documented configuration."""
_TIMEOUT = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def documented() -> str:
    """The configuration of docs/deploy.md."""
    found = re.search(
        r"^```nginx\n(upstream archive.*?)^```", DEPLOY.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found, "docs/deploy.md has no nginx configuration any more"
    return found[1]


def plain(upstream: int, port: int) -> str:
    """The documented configuration; only its ports are others, and there is no certificate."""
    text = documented().replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    text = re.sub(r"^ *ssl_certificate.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^server \{\n    listen 80;.*?^\}\n", "", text, flags=re.DOTALL | re.MULTILINE)
    text, count = re.subn(r"listen 443 ssl[^;]*;", f"listen 127.0.0.1:{port};", text)
    assert count == 1
    return text


@contextmanager
def gunicorn(settings: Settings, folder: Path) -> Iterator[int]:
    """The port of a running `archive serve`."""
    port = free_port()
    environ = {
        "ARCHIVE_VAR": str(settings.var),
        "ARCHIVE_INDEX": str(settings.index),
        "ARCHIVE_PUBLIC_BASE": f"https://{HOST}",
    }
    command = [sys.executable, "-m", "archive.cli", "serve", "--port", str(port)]
    with _running(command, port, folder / "serve.log", os.environ | environ):
        yield port


def nginx_command(folder: Path, servers: str) -> list[str]:
    """How nginx is started with these servers, in a folder of its own."""
    temporary = " ".join(
        f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ }}\nhttp {{ access_log off; {temporary}\n{servers}\n}}\n",
        "utf-8",
    )
    return [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)]


@contextmanager
def nginx(upstream: int, folder: Path) -> Iterator[int]:
    """The port of an nginx in front of a port."""
    port = free_port()
    command = nginx_command(folder, plain(upstream, port))
    with _running(command, port, folder / "nginx.log", dict(os.environ)):
        yield port


@contextmanager
def _running(command: list[str], port: int, log: Path, environ: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environ, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + _TIMEOUT
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, log.read_text("utf-8", "replace")
            assert time.monotonic() < deadline, "nothing listens"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(_TIMEOUT)


def raw(port: int, data: bytes, *, seconds: float = 5.0) -> bytes:
    """Send bytes as they are and read until the other side closes or is silent for some time."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as sock:
        try:
            sock.sendall(data)
            while piece := sock.recv(65536):
                answer += piece
        except (TimeoutError, ConnectionError):
            pass
    return answer


def status(answer: bytes) -> int:
    """The status of the first response; 0 when there is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0
