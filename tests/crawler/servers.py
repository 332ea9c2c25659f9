"""Small servers on loopback that answer byte for byte as a test says."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

Handler = Callable[["Connection"], None]


class Connection:
    """One accepted connection, its first request read."""

    def __init__(self, sock: socket.socket, head: bytes, stopping: threading.Event) -> None:
        self.sock, self.head, self.stopping = sock, head, stopping

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes = b"", *lines: str, status: str = "200 OK") -> None:
        head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""))
        self.send(head.encode("latin-1") + body)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.sock.detach())


class Server:
    """Answers each connection's requests with a handler until it is closed."""

    def __init__(self, handler: Handler, *, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        """The heads of all requests."""
        self.connections = 0
        self.stopping = threading.Event()
        self._handler, self._context = handler, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def close(self) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        self._open.add(sock)
        try:
            if self._context is not None:
                wrapped = self._context.wrap_socket(sock, server_side=True)
                self._open.add(wrapped)
                sock = wrapped
            while head := _head(sock):
                self.requests.append(head)
                self._handler(Connection(sock, head, self.stopping))
                if sock.fileno() < 0:
                    return
        except OSError:
            return  # the client ended it, which is what many tests are about
        finally:
            sock.close()


def _head(sock: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(4096)
        if not piece:
            return b""
        head += piece
    return head


@contextlib.contextmanager
def serving(handler: Handler, *, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server for the block."""
    server = Server(handler, context=context)
    try:
        yield server
    finally:
        server.close()
