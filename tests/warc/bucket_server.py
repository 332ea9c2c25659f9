"""A real S3 server (moto) in a process of its own, and a proxy before it that misbehaves on request.

TESTS_S3=http://127.0.0.1:7070 makes the tests ask another server that runs there already, with the access key
`tester` and the secret `secret`.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUCKET = "kho"
_SLOW = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def s3_server() -> Iterator[str]:
    """Its address; the bucket `BUCKET` is in it."""
    if given := os.environ.get("TESTS_S3"):
        make_bucket(given)
        yield given
        return
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 90
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert child.poll() is None
            assert time.monotonic() < until, "the S3 server does not start"
            time.sleep(0.05)
        address = f"http://127.0.0.1:{port}"
        make_bucket(address)
        yield address
    finally:
        child.kill()
        child.wait()


def client(address: str):  # type: ignore[no-untyped-def]
    """Another way to look into the server."""
    import boto3  # of an extra: only what uses a bucket needs it

    return boto3.client("s3", endpoint_url=address, region_name="us-east-1")


def make_bucket(address: str, name: str = BUCKET) -> None:
    with contextlib.suppress(client(address).exceptions.BucketAlreadyOwnedByYou):
        client(address).create_bucket(Bucket=name)


class Proxy(ThreadingHTTPServer):
    """Hands requests on; `faults` says what goes wrong with the next ones.

    `slow-down`: 503 as S3 sends it. `cut-answer`: half of the body, then the connection ends. `cut-request`:
    half of what is sent is read, then the connection ends. `lost-answer`: the server does it, and its answer
    never comes. `refuse`: 403.
    """

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target.removeprefix("http://")
        self.faults: list[tuple[str, str]] = []
        """Method and fault, each for one request of that method."""
        self.seen: list[tuple[str, str]] = []
        """Method and path with the Range field of each request."""
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""

    def fault(self, method: str) -> str:
        for item in self.faults:
            if item[0] == method:
                self.faults.remove(item)
                return item[1]
        return ""


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    server = Proxy(target)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def log_message(self, *args: object) -> None:
        """Tests look at `seen`."""

    def _hand_on(self) -> None:
        self.server.seen.append((self.command, f"{self.path} {self.headers.get('Range', '')}".strip()))
        fault = self.server.fault(self.command)
        length = int(self.headers.get("Content-Length") or 0)
        if fault == "cut-request":
            self.rfile.read(length // 2)
            self._hang_up()
            return
        if self.headers.get("Expect") == "100-continue":
            pass  # answered by the base class before this is called
        body = self.rfile.read(length)
        if fault in ("slow-down", "refuse"):
            data = _SLOW if fault == "slow-down" else b"<Error><Code>AccessDenied</Code></Error>"
            self._answer(503 if fault == "slow-down" else 403, [("Content-Type", "application/xml")], data)
            return
        there = http.client.HTTPConnection(self.server.target)
        there.request(self.command, self.path, body, dict(self.headers.items()))
        answer = there.getresponse()
        data = answer.read()
        there.close()
        if fault == "lost-answer":
            self._hang_up()
            return
        fields = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OWN]
        if self.command == "HEAD":
            fields.append(("Content-Length", answer.getheader("Content-Length") or "0"))
        self._answer(answer.status, fields, data, cut=fault == "cut-answer")

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _hand_on  # noqa: N815

    def _answer(self, status: int, fields: list[tuple[str, str]], data: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in fields:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


_OWN = ("content-length", "connection", "transfer-encoding", "keep-alive")
