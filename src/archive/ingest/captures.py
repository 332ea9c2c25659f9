"""The row of a capture: what is known of an exchange before anyone looks for an article in it."""

from __future__ import annotations

from archive.errors import UrlError
from archive.ingest.page import decoded
from archive.model import Capture, Exchange, Site, header
from archive.store import Connection, ledger
from archive.urls import canonical, surt
from archive.warc import Written
from archive.warc.read import media_type

REDIRECTS = (301, 302, 303, 307, 308)


def capture_of(
    connection: Connection, exchange: Exchange, written: Written, digest: str, site: Site
) -> Capture:
    """The capture that an exchange is, with the digest of the payload that a revisit stands for."""
    url = canonical_or_none(exchange.url) or exchange.url
    mime = media_type(exchange.headers)
    holder = ledger.judged(connection, written.revisit_of) if written.revisit_of else None
    if holder is not None:
        digest, size, mime = holder.capture.payload_digest, holder.capture.size, mime or holder.capture.mime
    else:
        body = decoded(exchange)
        size = len(exchange.payload if body is None else body)
    location = header(exchange.headers, "location") if exchange.status in REDIRECTS else None
    return Capture(
        id=written.capture_id,
        site=site.id,
        url=url,
        urlkey=_key(url),
        at=exchange.at,
        method=exchange.method,
        status=exchange.status,
        mime=mime,
        payload_digest=digest,
        size=size,
        ref=written.ref,
        revisit_of=written.revisit_of,
        truncated=exchange.truncated,
        redirect_to=canonical_or_none(location, url) if location else None,
        robots=exchange.robots,
        via=exchange.via,
        source=exchange.source,
    )


def canonical_or_none(url: str, base: str = "") -> str | None:
    """The canonical form of an address; None when it is none."""
    try:
        return canonical(url, base)
    except UrlError:
        return None


def _key(url: str) -> str:
    try:
        return surt(url)
    except UrlError:
        return url
