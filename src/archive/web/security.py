"""Which requests are answered at all, and the headers that every answer carries."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.exceptions import RequestURITooLarge

from archive.config import Settings

MAX_ADDRESS = 100_000
"""Bytes of an address at most: the longest question that is read, 10,000 letters, percent-encoded."""

# Nothing from any other host, no inline script or style: what a portal wrote into a title stays text even
# if an escape were forgotten.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "script-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_HOST = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]+)|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::[0-9]{0,5})?")
"""A `Host` field (RFC 9110, section 7.2) as far as ours can be one: no user, no path, no percent sign."""
_FIELDS = (
    ("Content-Security-Policy", PAGE_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    # Always asked again, so that an article taken down is gone from every cache at once.
    ("Cache-Control", "no-cache"),
)
"""Of every answer that does not say otherwise."""


def init(app: Flask, settings: Settings) -> None:
    """Check each request's host and length; put the headers on each answer."""
    public_host = (urlsplit(settings.public_base).hostname or "").lower()

    @app.before_request
    def _check() -> None:
        if not _known_host(request.environ.get("HTTP_HOST", ""), public_host):
            abort(400, "host")
        if len(request.environ.get("QUERY_STRING", "")) + len(request.path) > MAX_ADDRESS:
            raise RequestURITooLarge
        if "\0" in request.path:
            abort(400)

    robots = (("X-Robots-Tag", "noindex"),) if settings.sample else ()

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        # One pass over what is there: a kept page costs little else.
        given = {name.lower() for name, _ in headers}
        for name, value in (*_FIELDS, *robots):
            if name.lower() not in given:
                headers.add(name, value)
        return response


@lru_cache(maxsize=256)
def _known_host(host: str, public_host: str) -> bool:
    """Whether a `Host` field names the public address or this machine; absent (HTTP/1.0) is accepted."""
    if not host:
        return True
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = (found["name"] or found["address"]).lower()
    if name in (public_host, "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
