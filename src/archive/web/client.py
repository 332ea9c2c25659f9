"""Whose request it is: the address of the browser, also behind the web server that stands in front."""

from __future__ import annotations

import ipaddress

from flask import request


def address() -> str:
    """The sender's address.

    The header `X-Forwarded-For` is believed only from a web server on this machine (docs/deploy.md has it set
    there), and only its last entry, which that server wrote: what a sender put before it is not looked at.
    """
    direct = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if not forwarded or not _is(direct, loopback=True):
        return direct[:64]
    return forwarded[:64] if _is(forwarded) else direct[:64]


def _is(text: str, *, loopback: bool = False) -> bool:
    """Whether a text is an IP address, of this machine if that is asked."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return found.is_loopback or not loopback
