"""24. Hundreds of clients that dribble, at the documented nginx with the real site behind it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.admin.scene import Hiding
from tests.faults import serving
from tests.faults.serving import HOST, NGINX

pytestmark = pytest.mark.skipif(
    not Path(NGINX).exists() and os.environ.get("CI") != "true",
    reason="needs nginx (apt-get install nginx-light)",
)

_ADDRESSES = 8
_EACH = 50
"""Connections of one address: fewer than the configuration lets it have, more in all than the site has threads."""
_FIELDS = f"Host: {HOST}\r\n"


@pytest.fixture(scope="module")
def front(built: Hiding, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("nginx")
    with serving.gunicorn(built.settings, folder) as upstream, serving.nginx(upstream, folder) as port:
        yield port


def test_the_documented_configuration_is_one(tmp_path: Path) -> None:
    """As it stands, with TLS; only its ports and the place of its certificate are others."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = serving.documented().replace(f"/etc/letsencrypt/live/{HOST}", str(tmp_path))
    text, count = re.subn(r"listen \d+(?=[ ;])", lambda _: f"listen 127.0.0.1:{serving.free_port()}", text)
    assert count == 2
    tried = subprocess.run(
        [*serving.nginx_command(tmp_path, text), "-t"], check=False, capture_output=True, text=True
    )
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr


def _get(port: int, path: str, address: str = "127.0.0.1") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(address, 0))
    try:
        connection.request("GET", path, headers={"Host": HOST})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@contextmanager
def _clients(port: int, sent: str, each: int, *, receive: int = 0) -> Iterator[list[socket.socket]]:
    """Connections of several addresses that sent so much."""
    with ExitStack() as stack:
        made = []
        for number in range(_ADDRESSES * each):
            client = stack.enter_context(socket.socket())
            if receive:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
            client.bind((f"127.0.0.{2 + number % _ADDRESSES}", 0))
            client.connect(("127.0.0.1", port))
            client.sendall(sent.encode())
            made.append(client)
        yield made


@pytest.mark.parametrize(
    ("sent", "each", "dribble"),
    [
        # More than an nginx as it is shipped keeps open (512): it closes the silent ones that waited longest.
        ("", 100, ""),
        ("", _EACH, "GET / HTTP/1.1"),
        (f"GET / HTTP/1.1\r\n{_FIELDS}X-Slow: ", _EACH, "x" * 15),
        (f"POST /go-bo HTTP/1.1\r\n{_FIELDS}Content-Length: 900\r\n\r\n", _EACH, "target=x&reason=y"),
    ],
    ids=["nothing", "a line a byte at a time", "a head a byte at a time", "a form a byte at a time"],
)
def test_who_writes_slowly_keeps_nobody_out(front: int, sent: str, each: int, dribble: str) -> None:
    with _clients(front, sent, each) as slow:
        for byte in dribble or "-" * 10:
            assert _get(front, "/robots.txt") == 200
            assert _get(front, "/") == 200
            if dribble:
                for client in slow:
                    client.sendall(byte.encode())


def test_who_reads_slowly_keeps_nobody_out(front: int) -> None:
    with _clients(front, f"GET / HTTP/1.1\r\n{_FIELDS}\r\n", _EACH, receive=2_048) as slow:
        for client in slow[:10]:
            assert _get(front, "/robots.txt") == 200
            assert _get(front, "/") == 200
            assert client.recv(1)


def test_one_address_with_too_many_requests_at_once_is_told_and_no_other(front: int) -> None:
    form = f"POST /go-bo HTTP/1.1\r\n{_FIELDS}Content-Length: 900\r\n\r\ntarget="
    with ExitStack() as stack:
        for _ in range(60):
            client = stack.enter_context(socket.socket())
            client.bind(("127.0.0.2", 0))
            client.connect(("127.0.0.1", front))
            client.sendall(form.encode())
        refused = set()
        while 429 not in refused:  # nginx counts what it has read
            refused.add(_get(front, "/robots.txt", "127.0.0.2"))
        assert refused <= {200, 429}
        assert _get(front, "/robots.txt", "127.0.0.3") == 200
