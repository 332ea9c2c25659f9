"""Connections that go only where they were checked to go, and that can be cut from outside.

The name is resolved here, every address it gives is checked, and the socket is opened to the one that
passed: a name that changes its mind between check and connect (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from archive.errors import FetchError
from archive.model import Reason
from crawler.addresses import is_public

Resolver = Callable[[str, int], list[str]]
"""Numeric addresses of a host name, best first; raises OSError."""
MAX_ADDRESSES = 8


def resolve(host: str, port: int) -> list[str]:
    """Numeric addresses of a name, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))[:MAX_ADDRESSES]


class Connector:
    """Opens the sockets of one site's crawl, and remembers the one in use.

    :param allow_private: the sites entry allows loopback and private addresses.
    """

    def __init__(self, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._used: HTTPConnection | None = None
        self._peers: dict[int, str] = {}

    @property
    def ip(self) -> str:
        """The address of the connection last used."""
        return self._peers.get(id(self._used), "")

    def connect(self, host: str, port: int, timeout: float) -> tuple[socket.socket, str]:
        """A socket to a checked address of the host.

        :raises FetchError: the name is not known, or one of its addresses is not public.
        :raises OSError: nobody answers.
        """
        name = host.strip("[]")
        try:
            addresses = self._resolver(name, port)
        except (OSError, UnicodeError) as error:
            raise FetchError(Reason.DNS, f"The name {host} cannot be resolved: {error}.") from error
        if not self._allow_private:
            for address in addresses:
                if not is_public(address):
                    raise FetchError(
                        Reason.REFUSED_ADDRESS,
                        f"{host} is at {address}, which is not an address of the public internet.",
                        "If the portal is inside your network, set allow_private = true in its sites entry.",
                    )
        failure: OSError = OSError(f"{host} has no address")
        for address in addresses:
            try:
                opened = socket.create_connection((address, port), timeout)
            except OSError as error:
                failure = error
            else:
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return opened, address
        raise failure

    def use(self, connection: HTTPConnection) -> None:
        """Note which connection a request goes out on."""
        self._used = connection

    def note_peer(self, connection: HTTPConnection, address: str) -> None:
        self._peers[id(connection)] = address

    def cut(self) -> None:
        """End the connection in use, from any thread: a read that waits on it fails at once."""
        wire = getattr(self._used, "sock", None)
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def pool_manager(self, context: ssl.SSLContext, **options: Any) -> PoolManager:
        """A pool whose every connection is opened by this connector."""
        connector = self

        class Checked:
            """Mixed into urllib3's connections: where their socket comes from."""

            def _new_conn(self: Any) -> socket.socket:
                timeout = self.timeout if isinstance(self.timeout, int | float) else 30.0
                opened, address = connector.connect(self._dns_host, self.port, timeout)
                connector.note_peer(self, address)
                return opened

            def putrequest(self: Any, *args: Any, **kwargs: Any) -> None:
                connector.use(self)
                super().putrequest(*args, **kwargs)  # type: ignore[misc]

        class Plain(Checked, HTTPConnection):
            pass

        class Secure(Checked, HTTPSConnection):
            pass

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        manager = PoolManager(ssl_context=context, **options)
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return manager
