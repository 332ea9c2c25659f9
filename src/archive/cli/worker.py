"""gunicorn's threaded worker, in which a slow client holds no thread.

As shipped, a thread waits five seconds for the first byte of a connection, then without an end for the rest
of the request, and without an end for a reader that takes no bytes; and closing a connection can hold the
loop that accepts for two seconds. Some hundred idle connections are enough to keep everybody else out. Behind
nginx, which hands on whole requests and takes answers at once, none of this is felt; a server that stands
alone must survive it as well. So here the loop gathers a request before a thread sees it, and what is sent
has an end.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

WHOLE_SECONDS = 10.0
"""A request must have come in whole after so long."""
SEND_SECONDS = 60.0
"""A page, or one part of a stream, must have gone out after so long."""
_MOST = 262_144
"""Bytes of a request: an address of 100,000 and a form of 65,536 (archive.web), with their fields."""
_SENT_AHEAD = 1_048_576
"""Bytes that the system is asked to take over and send by itself, so that a page leaves its thread at once;
Linux gives what `net.core.wmem_max` allows."""
_PART = 65_536
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_REFUSED = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connection(TConn):  # type: ignore[misc]
    """A connection with what has come in of the next request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.came = bytearray()
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
    """Hands whole requests to its threads."""

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; its request may come later."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_AHEAD)
        self.nr_conns += 1
        self._gather(Connection(self.cfg, client, address, listener.getsockname()))

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
        """Answer, and be done with who does not take the answer."""
        conn.sock.settimeout(SEND_SECONDS)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            self.log.debug("An answer was not taken in %s s.", SEND_SECONDS)
            raise StopIteration from None

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
