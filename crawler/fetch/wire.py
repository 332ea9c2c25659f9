"""Connections that keep what requests does not: the checked address, a total deadline, a bound on bytes.

requests' time-out is per read, and it resolves a name on its own when it connects. Here each read of the
socket looks at the exchange's deadline and byte budget, and the socket is connected to an address that was
resolved and checked one line above.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import urllib3
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from archive.errors import FetchError
from archive.model import Reason
from crawler.fetch.addresses import Resolver, refusal


class Wire:
    """The bounds of the exchange that is under way, and what was seen of it.

    One exchange at a time: a `Fetcher` owns one.
    """

    def __init__(
        self, resolver: Resolver, allows_private: Callable[[str, int], bool], connect_timeout: float
    ) -> None:
        """
        :param allows_private: whether the operator allows private addresses for a host and port.
        :param connect_timeout: seconds.
        """
        self._resolver = resolver
        self._allows_private = allows_private
        self._connect_timeout = connect_timeout
        self._read_timeout = 0.0
        self._deadline = 0.0
        self._budget = 0
        self.ip = ""
        """The address connected to."""
        self.received = 0
        """Bytes that came in."""
        self.leftover = 0
        """Bytes that came after the end of the body."""
        self.reused = False
        """Whether the connection had served an earlier exchange."""
        self.weak_tls = ""
        """The oldest version below TLS 1.2 that was spoken on any connection: "TLSv1"; else ""."""

    def begin(self, *, read_timeout: float, total_timeout: float, budget: int) -> None:
        """Set the bounds of the next exchange: seconds without a byte, seconds in all, bytes in all."""
        self._read_timeout = read_timeout
        self._deadline = time.monotonic() + total_timeout
        self._budget = budget
        self.ip = ""
        self.received = self.leftover = 0
        self.reused = False

    def allow(self, budget: int) -> None:
        """Allow so many bytes from here."""
        self._budget = budget

    def connect(self, host: str, port: int) -> socket.socket:
        """A socket connected to a checked address of the host.

        :raises FetchError: no address, none that is allowed, or none that answers.
        """
        name = host.strip("[]")
        addresses = self._resolve(name, port)
        private = self._allows_private(name, port)
        refusals = {address: refusal(address, allow_private=private) for address in addresses}
        allowed = [address for address in addresses if not refusals[address]]
        if not allowed:
            raise FetchError(
                Reason.REFUSED_ADDRESS,
                f"{host} is not connected to: {next(iter(refusals.values()))}.",
                "If the portal is in an intranet, write allow_private = true in its sites entry.",
            )
        problem: OSError | None = None
        for address in allowed:
            try:
                return self._open(address, port)
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError):
            raise FetchError(
                Reason.TIMEOUT, f"{host}:{port} did not accept a connection in time."
            ) from problem
        what = (problem.strerror if problem is not None else "") or problem
        raise FetchError(Reason.CONNECT, f"{host}:{port} cannot be connected to: {what}.") from problem

    def seconds(self) -> float:
        """How long the next step may take.

        :raises FetchError: the deadline has passed.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise FetchError(Reason.TIMEOUT, "The answer took longer than the total time allowed.")
        return min(left, self._read_timeout)

    def count(self, size: int) -> None:
        """Note bytes that came in.

        :raises FetchError: more than the budget.
        """
        self.received += size
        self._budget -= size
        if self._budget < 0:
            raise FetchError(Reason.TOO_LARGE, "The answer's header or framing passes every bound.")

    def _resolve(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            what = getattr(error, "strerror", None) or error
            raise FetchError(Reason.DNS, f"The name {host} cannot be resolved: {what}.") from error
        if not addresses:
            raise FetchError(Reason.DNS, f"The name {host} has no address.")
        return addresses

    def _open(self, address: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(min(self._connect_timeout, max(self._deadline - time.monotonic(), 0.001)))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect((address, port))
        except BaseException:
            sock.close()
            raise
        self.ip = address
        return sock


class _GuardedSocket:
    """A connected socket whose every step keeps to the wire's bounds."""

    def __init__(self, sock: socket.socket, wire: Wire) -> None:
        self._sock = sock
        self._wire = wire
        self._ip = wire.ip
        self._used = False

    def sendall(self, data: bytes) -> None:
        self._wire.ip = self._ip
        self._wire.reused = self._used
        self._sock.settimeout(self._wire.seconds())
        self._sock.sendall(data)

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.BufferedReader:
        self._used = True
        # The unbuffered file keeps the socket open until the body is read, as http.client relies on.
        raw = _GuardedFile(self._sock, self._sock.makefile("rb", buffering=0), self._wire)
        return _Reader(raw, self._wire)

    def settimeout(self, seconds: float | None) -> None:
        """Left to the wire."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _GuardedFile(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: Any, wire: Wire) -> None:
        self._sock = sock
        self._raw = raw
        self._wire = wire
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.ended:
            return 0
        seconds = self._wire.seconds()
        self._sock.settimeout(seconds)
        try:
            size: int | None = self._raw.readinto(buffer)
        except TimeoutError as error:
            self._wire.seconds()  # says so when it was the total time that ended
            raise FetchError(Reason.TIMEOUT, f"No byte came for {seconds:.0f} s.") from error
        self._wire.count(size or 0)
        return size

    def waiting(self) -> int:
        """Bytes that have come and were not read; 0 at the end of the stream."""
        if isinstance(self._sock, ssl.SSLSocket):
            return self._sock.pending()
        try:
            self._sock.settimeout(0)
            return len(self._sock.recv(1, socket.MSG_PEEK))
        except OSError:
            return 0

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Reader(io.BufferedReader):
    """Notices on closing what the server sent beyond the end of the body."""

    def __init__(self, raw: _GuardedFile, wire: Wire) -> None:
        super().__init__(raw)
        self._file = raw
        self._wire = wire

    def close(self) -> None:
        if not self.closed:
            self._file.ended = True
            self._wire.leftover += len(self.peek(1)) or self._file.waiting()
        super().close()


class _Http(HTTPConnection):
    wire: Wire

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self.host, int(self.port))

    def connect(self) -> None:
        super().connect()
        self.sock = _GuardedSocket(self.sock, self.wire)


_WEAK = ("SSLv3", "TLSv1", "TLSv1.1")


class _Https(HTTPSConnection):
    wire: Wire

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self.host, int(self.port))

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, ssl.SSLSocket) and (spoken := self.sock.version()) in _WEAK:
            self.wire.weak_tls = min(spoken, self.wire.weak_tls or spoken, key=_WEAK.index)
        self.sock = _GuardedSocket(self.sock, self.wire)


class WireAdapter(HTTPAdapter):
    """requests' adapter over a `Wire`: no proxies, no retries, no environment."""

    def __init__(self, wire: Wire, context: ssl.SSLContext) -> None:
        self._wire = wire
        self._context = context
        super().__init__(pool_connections=8, pool_maxsize=1, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        manager = urllib3.PoolManager(num_pools=connections, maxsize=maxsize, ssl_context=self._context)
        http = type("_WireHttp", (_Http,), {"wire": self._wire})
        https = type("_WireHttps", (_Https,), {"wire": self._wire})
        manager.pool_classes_by_scheme = {
            "http": type("_HttpPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("_HttpsPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": https}),
        }
        self.poolmanager = manager

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        return self.poolmanager.connection_from_url(str(request.url))

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Left to the TLS context, which is made once."""
