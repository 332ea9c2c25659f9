"""Files that others saved and that were taken in: how far, by whom, and what was left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)

from archive.model import Capture
from archive.store.rows import capture_of
from archive.store.schema import UtcDateTime, captures, metadata

MAX_SKIPPED = 10_000
"""Places that are listed one by one for an import; what lies beyond is only counted."""

table = Table(
    "imports",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("sha256", String(64), nullable=False, comment="operator: of the file or folder"),
    Column("target", Text, nullable=False, comment="operator: into which sites it was to go"),
    Column("name", Text, nullable=False, comment="operator: name of the file or folder, no path"),
    Column("kind", String(16), nullable=False, comment="ingest: warc, wacz or folder"),
    Column("size", BigInteger, nullable=False, comment="ingest: bytes"),
    Column("imported_by", Text, nullable=False, comment="operator: who imported it, '' if not said"),
    Column("began_at", UtcDateTime, nullable=False, comment="ingest: when first begun"),
    Column("ended_at", UtcDateTime, comment="ingest: when complete; NULL before"),
    Column("position", BigInteger, nullable=False, comment="ingest: items of it that have been dealt with"),
    Column("counts", JSON, nullable=False, comment="ingest: taken, known, articles, versions …"),
    Column("skipped", JSON, nullable=False, comment="ingest: what was left out: place and reason, bounded"),
    UniqueConstraint("sha256", "target"),
    comment="Files that others saved and that were taken in.",
)


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one file or folder."""

    sha256: str
    """Hex; of a folder over the list of its files with their hashes."""
    target: str
    """"auto", "site:<id>" or "new:<name>"."""
    name: str
    kind: str
    """"warc", "wacz" or "folder"."""
    size: int
    imported_by: str
    began_at: dt.datetime
    ended_at: dt.datetime | None = None
    """None while it runs, or when it was interrupted."""
    position: int = 0
    """Items of the source that have been dealt with."""
    counts: dict[str, int] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    """Place in the source and reason, of what was left out; at most `MAX_SKIPPED`."""


def find(connection: Connection, sha256: str, target: str) -> Import | None:
    """An earlier import of the same bytes to the same sites."""
    statement = select(table).where(table.c.sha256 == sha256, table.c.target == target)
    row = connection.execute(statement).first()
    return _of(row) if row is not None else None


def put(connection: Connection, item: Import) -> None:
    """Insert an import, or bring its row up to date."""
    values: dict[str, Any] = {
        "sha256": item.sha256,
        "target": item.target,
        "name": item.name,
        "kind": item.kind,
        "size": item.size,
        "imported_by": item.imported_by,
        "began_at": item.began_at,
        "ended_at": item.ended_at,
        "position": item.position,
        "counts": dict(item.counts),
        "skipped": [list(pair) for pair in item.skipped[:MAX_SKIPPED]],
    }
    mine = (table.c.sha256 == item.sha256) & (table.c.target == item.target)
    if connection.execute(update(table).where(mine).values(**values)).rowcount == 0:
        connection.execute(insert(table).values(**values))


def listed(connection: Connection, limit: int = 100) -> list[Import]:
    """The newest imports first."""
    statement = select(table).order_by(table.c.began_at.desc(), table.c.id.desc()).limit(limit)
    return [_of(row) for row in connection.execute(statement)]


def known(connection: Connection, urlkey: str, at: dt.datetime, digest: str) -> Capture | None:
    """A capture of the same address at the same moment with the same payload."""
    statement = select(captures).where(
        captures.c.urlkey == urlkey, captures.c.at == at, captures.c.payload_digest == digest
    )
    row = connection.execute(statement.limit(1)).first()
    return capture_of(row) if row is not None else None


def at_moment(connection: Connection, urlkey: str, at: dt.datetime) -> Capture | None:
    """A capture of an address at a moment, as a foreign revisit record names its original."""
    second = dt.timedelta(seconds=1)
    statement = (
        select(captures)
        .where(captures.c.urlkey == urlkey, captures.c.at.between(at, at + second))
        .order_by(captures.c.at)
    )
    row = connection.execute(statement.limit(1)).first()
    return capture_of(row) if row is not None else None


def newest_at(connection: Connection, site: str, url: str) -> dt.datetime | None:
    """The time of the newest capture of an address."""
    statement = select(func.max(captures.c.at)).where(captures.c.site == site, captures.c.url == url)
    return connection.execute(statement).scalar()


def _of(row: Row[Any]) -> Import:
    return Import(
        sha256=row.sha256,
        target=row.target,
        name=row.name,
        kind=row.kind,
        size=row.size,
        imported_by=row.imported_by,
        began_at=row.began_at,
        ended_at=row.ended_at,
        position=row.position,
        counts=dict(row.counts),
        skipped=tuple((pair[0], pair[1]) for pair in row.skipped),
    )
