"""A wire between client and node that can be cut or stopped: TCP on loopback, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Proxy:
    """Forwards connections to a port. Used with `with`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._cut_after: int | None = None
        self._passing = threading.Event()
        self._passing.set()
        self.cuts = 0
        """Connections cut so far."""

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def cut_after(self, size: int) -> None:
        """Cut the next connection once it has sent so many more bytes towards the node."""
        with self._lock:
            self._cut_after = size

    def hold(self) -> None:
        """Connections are taken and nothing passes, until `release`."""
        self._passing.clear()

    def release(self) -> None:
        self._passing.set()

    def __enter__(self) -> Proxy:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._passing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for item in self._open:
            self._close(item)
        for thread in self._threads:
            thread.join()

    def _run(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            node = socket.create_connection(("127.0.0.1", self._target))
            self._open += [client, node]
            self._run(self._forward, client, node, True)
            self._run(self._forward, node, client, False)

    def _forward(self, source: socket.socket, target: socket.socket, towards_node: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(16_384):
                self._passing.wait()
                if towards_node and self._is_cut(len(data)):
                    break
                target.sendall(data)
        self._close(source)
        self._close(target)

    def _is_cut(self, size: int) -> bool:
        with self._lock:
            if self._cut_after is None:
                return False
            self._cut_after -= size
            if self._cut_after > 0:
                return False
            self._cut_after = None
            self.cuts += 1
            return True

    @staticmethod
    def _close(item: socket.socket) -> None:
        with contextlib.suppress(OSError):
            item.shutdown(socket.SHUT_RDWR)
        item.close()
