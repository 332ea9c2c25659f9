"""What the database holds of captures whose bytes are destroyed by order: which they are, and emptying it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, or_, select, text, update

from archive import wire
from archive.model import Capture, Extraction, PageKind
from archive.store import parts
from archive.store.attachments import documents
from archive.store.rows import capture_of
from archive.store.schema import captures, extractions, frontier, versions
from archive.store.takedowns import Scope, Takedown

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Doomed:
    """A capture to be destroyed, with what a replay must know of it."""

    capture: Capture
    kind: str
    """What the page was; "" when it was not extracted."""
    article: str
    """The article that it showed, or ""."""
    version: int
    """The version that began with it, or 0."""
    content: str = ""
    """`Version.content_hash` of that version: tells the same text when it comes again."""


def doomed(connection: Connection, item: Takedown) -> list[Doomed]:
    """The captures that hold, in their own record, what a takedown withholds; in order of their places.

    Revisit records hold no payload and stay.
    """
    found = _payloads(connection, item)
    where: ColumnElement[bool] = captures.c.payload_digest.in_(found)
    if item.scope is Scope.ADDRESS:
        where = or_(where, captures.c.urlkey == item.target)
    statement = (
        select(captures, versions.c.number, versions.c.content_hash)
        .outerjoin(versions, versions.c.capture == captures.c.id)
        .where(where, captures.c.revisit_of.is_(None))
        .order_by(captures.c.warc_file, captures.c.warc_offset)
    )
    return [
        Doomed(capture_of(row), row.kind, row.article or "", row.number or 0, row.content_hash or "")
        for row in connection.execute(statement)
    ]


def _payloads(connection: Connection, item: Takedown) -> list[str]:
    """Digests of the payloads to be destroyed."""
    found = set(item.pictures)
    shown = select(captures.c.payload_digest).where(captures.c.status == 200)
    match item.scope:
        case Scope.PICTURE:
            found.add(item.target)
        case Scope.ARTICLE:
            found.update(connection.execute(shown.where(captures.c.article == item.target)).scalars())
        case Scope.VERSION:
            article, _, number = item.target.partition("/")
            read_from = select(versions.c.capture).where(
                versions.c.article == article, versions.c.number == int(number)
            )
            found.update(connection.execute(shown.where(captures.c.id.in_(read_from))).scalars())
            pages = parts.pages_only_of(connection, article, int(number))
            found.update(item.payload_digest for item in pages)
        case Scope.ADDRESS:
            found.update(connection.execute(shown.where(captures.c.urlkey == item.target)).scalars())
    return sorted(found)


def note(connection: Connection, hashes: dict[str, str]) -> None:
    """Note that records are tombstones now, and empty all that was read from them.

    SQLite overwrites what it frees (`secure_delete`), so that no text stays in unused pages of the file.

    :param hashes: capture id → SHA-256, in hex, of the gzip member that stands in its place.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA secure_delete = ON"))
    for capture, digest in hashes.items():
        connection.execute(update(captures).where(captures.c.id == capture).values(warc_sha256=digest))
    ids = list(hashes)
    for start in range(0, len(ids), _CHUNK):
        _empty(connection, ids[start : start + _CHUNK])


def _empty(connection: Connection, ids: Sequence[str]) -> None:
    for row in connection.execute(select(extractions).where(extractions.c.capture.in_(ids))).all():
        blank = Extraction(PageKind.ARTICLE, row.extractor)
        connection.execute(
            update(extractions)
            .where(extractions.c.capture == row.capture, extractions.c.extractor == row.extractor)
            .values(content_hash=wire.content_hash(blank), data=wire.dumps(blank))
        )
    bytes_gone = select(captures.c.payload_digest).where(captures.c.id.in_(ids))
    connection.execute(delete(documents).where(documents.c.digest.in_(bytes_gone)))
    urls = list(connection.execute(select(captures.c.url).where(captures.c.id.in_(ids))).scalars())
    connection.execute(update(frontier).where(frontier.c.url.in_(urls)).values(hint=None))


def hashes(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Capture id → SHA-256 of its record, as the database has it."""
    statement = select(captures.c.id, captures.c.warc_sha256).where(captures.c.id.in_(list(ids)))
    return {row.id: row.warc_sha256 for row in connection.execute(statement)}
