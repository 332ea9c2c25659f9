"""A threaded WSGI server on loopback: counts requests, can go dark, hands its socket to faults."""

from __future__ import annotations

import gzip
import socket
import threading
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from tests.portal import faults

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FAULT_PREFIX = "/__fault/"


class SiteServer:
    """Serves one site until it is closed.

    :param app: the WSGI application.
    :param port: 0 for any free one.
    """

    def __init__(
        self, app: WSGIApplication, port: int = 0, is_dark: Callable[[], bool] = lambda: False
    ) -> None:
        self.requests: Counter[str] = Counter()
        """How often each path (with its query; "POST " before a form's) was asked for."""
        self.headers_seen: dict[str, dict[str, str]] = {}
        """The header fields of the last request of each path, names in lower case."""
        self.is_dark = is_dark
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        self._server = _Server("127.0.0.1", port, _compressed(app), _Handler)
        self._server.site = self
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving, end open connections, wait for the threads."""
        self.stopping.set()
        self._server.shutdown()
        for connection in list(self.connections):
            _hang_up(connection)
        self._server.server_close()
        self._thread.join()


class _Server(ThreadedWSGIServer):
    # Handler threads are waited for on close, so that no socket outlives a test.
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64
    site: SiteServer

    def log(self, kind: str, message: str, *args: Any) -> None:
        pass


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.site.connections.add(self.connection)

    def finish(self) -> None:
        self.server.site.connections.discard(self.connection)
        super().finish()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError, ValueError):
            # The client went away, or the server is being closed.
            self.close_connection = True

    def run_wsgi(self) -> None:
        site = self.server.site
        if site.is_dark():
            self.close_connection = True
            _hang_up(self.connection)
            return
        key = self.path if self.command != "POST" else f"POST {self.path}"
        site.requests[key] += 1
        site.headers_seen[key] = {name.lower(): value for name, value in self.headers.items()}
        if self.path.startswith(FAULT_PREFIX):
            self.close_connection = True
            name, _, argument = self.path.removeprefix(FAULT_PREFIX).partition("?")
            wire = faults.Wire(self.connection, urllib.parse.unquote(argument), site.stopping)
            try:
                faults.serve(name, wire)
            except OSError:
                return
        else:
            super().run_wsgi()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has gone already


def _compressed(app: WSGIApplication) -> WSGIApplication:
    """Gzip for pages where the client takes it, as most portals do."""

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started: list[Any] = []
        chunks: list[bytes] = []

        def hold(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            started[:] = [status, headers]
            return chunks.append

        answer = app(environ, hold)
        chunks.extend(answer)
        if close := getattr(answer, "close", None):
            close()
        status, headers = started
        body = b"".join(chunks)
        kinds = {name.lower(): value for name, value in headers}
        if (
            body
            and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
            and kinds.get("content-type", "").startswith(("text/", "application/"))
            and status.startswith("200")
        ):
            body = gzip.compress(body, 6, mtime=0)
            headers = [item for item in headers if item[0].lower() != "content-length"]
            headers += [
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(body))),
                ("Vary", "Accept-Encoding"),
            ]
        start_response(status, headers)
        return [body]

    return wrapped
