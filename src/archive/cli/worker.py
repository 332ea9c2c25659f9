"""gunicorn's threaded worker, in which a slow client holds no thread.

As shipped, a thread waits five seconds for the first byte of a connection, then without an end for the rest
of the request, and without an end for a reader that takes no bytes; and closing a connection can hold the
loop that accepts for two seconds. Some hundred idle connections are enough to keep everybody else out. Behind
nginx, which hands on whole requests and takes answers at once, none of this is felt; a server that stands
alone must survive it as well. So here the loop gathers a request before a thread sees it, and sends on what a
reader does not take at once. When there are as many connections as a worker keeps, one that waits for nothing
but its client makes room for each new one.
"""

from __future__ import annotations

import contextlib
import errno
import re
import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

WHOLE_SECONDS = 10.0
"""A request must have come in whole after so long."""
SEND_SECONDS = 60.0
"""An answer, or one part of a stream, must have gone out after so long."""
_MOST = 262_144
"""Bytes of a request: an address of 100,000 and a form of 65,536 (archive.web), with their fields."""
_HELD = 4_194_304
"""Bytes of one answer that are kept for a reader who takes them slowly; beyond it its thread waits."""
_HELD_IN_ALL = 67_108_864
"""Bytes kept by a worker; beyond it the readers that have taken longest are given up."""
_PART = 65_536
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_REFUSED = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Outgoing:
    """Stands for a socket while an answer is written: what does not go out at once is kept, up to a bound."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.left = bytearray()

    def sendall(self, data: bytes) -> None:
        """Send, keep, or at last wait.

        :raises TimeoutError: the reader took too long.
        """
        sent = 0 if self.left else send_now(self._sock, data)
        self.left += memoryview(data)[sent:]
        if len(self.left) > _HELD:
            self._sock.settimeout(SEND_SECONDS)
            self._sock.sendall(self.left)
            self._sock.setblocking(True)
            self.left.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def send_now(sock: socket.socket, data: bytes | bytearray) -> int:
    """Send as much as the system takes without waiting; gives how much that was."""
    try:
        return sock.send(data, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0


class Connection(TConn):  # type: ignore[misc]
    """A connection with what came in of the next request and what is still to go out of the last answer."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.came = bytearray()
        self.left = bytearray()
        self.answered: Any = None
        """The thread's result, while the answer goes out."""
        # Never wait for the first bytes in a thread: they are there.
        self.data_ready = True

    def take(self) -> bool:
        """Take in what is there, without waiting.

        :returns: True when there is something to do: a whole request, too long a one, or the end.
        """
        while True:
            try:
                part = self.sock.recv(_PART)
            except BlockingIOError:
                return False
            except OSError:
                return True
            if not part:
                return True
            self.came += part
            if len(self.came) > _MOST or self._is_whole():
                return True

    def _is_whole(self) -> bool:
        end = self.came.find(_END)
        if end < 0:
            return False
        head = bytes(self.came[: end + 2])
        length = _LENGTH.search(head)
        return len(self.came) >= end + len(_END) + (int(length[1]) if length else 0)

    def refused(self) -> bytes:
        """Why this is no request that a thread could answer without waiting; empty when it is one."""
        end = self.came.find(_END)
        if end < 0:
            return b"431 Request Header Fields Too Large" if len(self.came) > _MOST else b""
        # Parts of unknown number would have to be waited for; browsers and web servers send a length.
        return b"411 Length Required" if _CHUNKED.search(bytes(self.came[: end + 2])) else b""

    def close(self, graceful: bool = False) -> None:
        """Close without waiting for the other side: what was sent still goes out."""
        if graceful:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)
                self.sock.setblocking(False)
                # What lay unread would make the system break the connection off.
                self.sock.recv(_PART)
        util.close(self.sock)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Hands whole requests to its threads, and takes over what is left of their answers."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sending: deque[Connection] = deque()
        """Readers that take slowly, the first the longest."""

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; its request may come later."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            if not self._make_room():
                self.set_accept_enabled(False)  # until the loop's next turn
            return
        self.nr_conns += 1
        self._gather(Connection(self.cfg, client, address, listener.getsockname()))
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """The next request on a connection that was kept open."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """More of a request; a thread gets it when it is whole."""
        if conn.take():
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._hand_on(conn)

    def handle(self, conn: Connection) -> Any:
        """Answer one request; runs in a thread."""
        conn.init()
        conn.parser.unreader.unread(bytes(conn.came))
        conn.came.clear()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Answer; what the reader does not take at once is left on the connection."""
        sock = conn.sock
        conn.sock = outgoing = Outgoing(sock)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            outgoing.left.clear()
            raise StopIteration from None
        finally:
            conn.sock, conn.left = sock, outgoing.left

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """After an answer: send on what is left of it, then wait for the next request."""
        if not conn.left:
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        conn.answered = fs
        conn.timeout = time.monotonic() + SEND_SECONDS
        self.sending.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._send_on, conn))
        while sum(len(other.left) for other in self.sending) > _HELD_IN_ALL:
            self._give_up(self.sending[0])

    def murder_pending(self) -> None:
        """Called in each turn of the loop: whoever took too long is given up."""
        super().murder_pending()
        while self.sending and self.sending[0].timeout < time.monotonic():
            self._give_up(self.sending[0])

    def _make_room(self) -> bool:
        """Close the connection that can be missed most: the one that has waited longest of those that have
        sent nothing, then of those that had their answer, then of those in the middle of a request.

        :returns: False when every connection is being answered.
        """
        silent = next((conn for conn in self.pending_conns if not conn.came), None)
        waiting = self.keepalived_conns if self.keepalived_conns and not silent else self.pending_conns
        if not waiting:
            return False
        conn = silent or waiting[0]
        waiting.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
        return True

    def _send_on(self, conn: Connection, _client: socket.socket) -> None:
        try:
            sent = send_now(conn.sock, conn.left)
        except OSError:
            self._give_up(conn)
            return
        del conn.left[:sent]
        if not conn.left:
            self.poller.unregister(conn.sock)
            self.sending.remove(conn)
            super().finish_request(conn, conn.answered)

    def _give_up(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self.sending.remove(conn)
        conn.left.clear()
        self.nr_conns -= 1
        conn.close()

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        # A second request sent before the answer would be waited for in a thread; who does so connects anew.
        return super()._keepalive_after(conn, keepalive) and not conn.parser.unreader.buf.getvalue()

    def _gather(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        if conn.take():
            self._hand_on(conn)
            return
        conn.timeout = time.monotonic() + WHOLE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _hand_on(self, conn: Connection) -> None:
        refused = conn.refused()
        if conn.came and not refused:
            self.enqueue_req(conn)
            return
        if refused:
            with contextlib.suppress(OSError):
                conn.sock.send(_REFUSED % refused)
        self.nr_conns -= 1
        conn.close(graceful=True)
