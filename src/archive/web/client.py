"""Whose request it is: the address of the browser, also behind the web servers that stand in front."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request

from archive.config import Settings, networks
from archive.web.resources import settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_READ = 400
"""Characters of `X-Forwarded-For` that are looked at, from its end: some ten addresses."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address() -> str:
    """The address of who sent the current request: see `sender`."""
    return sender(request.environ, settings())


def sender(environ: WSGIEnvironment, settings: Settings) -> str:
    """The sender's address.

    `X-Forwarded-For` is believed only from the web servers that the setting `trusted_proxies` names, and from
    its end: the first address there that is none of them is the sender's. What stands before it was written
    by whoever sent the request, and is not looked at.
    """
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")[-_READ:]
    return _sender(environ.get("REMOTE_ADDR") or "", forwarded, settings.trusted_proxies)


def is_loopback(address: str) -> bool:
    """Whether a request from this address began on this machine."""
    found = _read(address)
    return found is None or found.is_loopback


def network(address: str) -> bytes:
    """What counts as one sender: an IPv4 address, or the /64 that a subscriber has of IPv6 (RFC 6177)."""
    found = _read(address)
    if found is None:
        return b""
    return found.packed if found.version == 4 else found.packed[:8]


@lru_cache(maxsize=4_096)
def _sender(direct: str, forwarded: str, proxies: str) -> str:
    trusted = networks(proxies)
    found = direct[:64]
    for item in reversed(forwarded.split(",")):
        here = _read(found)
        # No address at all: a web server on this machine that speaks through a socket of the file system.
        if here is not None and not any(here in network for network in trusted):
            break
        if _read(item.strip()) is None:
            break
        found = item.strip()
    return found


@lru_cache(maxsize=4_096)
def _read(text: str) -> _Address | None:
    """An address; one of IPv4 that is written as IPv6 becomes itself."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
