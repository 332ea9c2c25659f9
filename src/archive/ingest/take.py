"""Taking in an exchange that stands in a WARC file: after a crash, on import, and at a replay.

The crawl understands a page before it writes it; here the page is written already and is read back, so that
all three ways give the same rows.
"""

from __future__ import annotations

from archive.errors import ContentError, DamagedRecordError
from archive.ingest import destroyed
from archive.ingest.page import decoded, page_of
from archive.ingest.record import Ingest, Outcome, is_unchanged
from archive.ingest.recover import FoundExchange
from archive.model import Capture, Extraction, Site
from archive.store import Connection, queries
from archive.warc import Folder, read_payload
from archive.warc.record import sha256


def take(
    connection: Connection, ingest: Ingest, warc_dir: Folder, found: FoundExchange, site: Site
) -> Outcome:
    """Record one exchange as the crawl would have done.

    :param connection: a transaction of `Store.begin`; nothing counts before it is committed.
    :param found: the exchange with its place; its record must be readable there by now.
    """
    if found.destroyed is not None:
        return destroyed.record(connection, found, found.destroyed, site)
    exchange = found.exchange
    body: bytes | None
    if found.is_revisit:
        digest, body = _revisited(connection, warc_dir, found)
    else:
        body = decoded(exchange)
        digest = sha256(exchange.payload if body is None else body)
    extraction: Extraction | None = None
    page = page_of(exchange, body) if body is not None else None
    if page is not None and not is_unchanged(connection, site, exchange, digest):
        extraction = ingest.pages.read(connection, site, page)
    return ingest.record(connection, exchange, found.written, digest, extraction, site=site)


def _revisited(connection: Connection, folder: Folder, found: FoundExchange) -> tuple[str, bytes | None]:
    """Digest and bytes of the payload that a revisit stands for; no bytes for a 304 or a damaged record."""
    holder: Capture | None = None
    if found.written.revisit_of is not None:
        holder = queries.capture(connection, found.written.revisit_of)
    if holder is None:
        return found.stated_digest, None
    if found.exchange.status == 304:
        return holder.payload_digest, None
    try:
        body = read_payload(folder, holder, lambda item: queries.capture(connection, item))
    except (DamagedRecordError, ContentError):
        return holder.payload_digest, None
    return holder.payload_digest, body
