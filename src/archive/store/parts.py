"""Articles of several pages: which captures make up a version, and at which addresses the pages stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    select,
)

from archive.model import Capture
from archive.store.dialect import upsert
from archive.store.rows import capture_of
from archive.store.schema import captures, metadata

PART = "part"
"""Basis of an alias: a page of an article, and not its first."""

PAGES_MARK = "+p"
"""In the name of an extraction that was made of several pages: before their number."""

table = Table(
    "version_parts",
    metadata,
    Column("article", String(16), primary_key=True, comment="ingest: of which article"),
    Column("version", Integer, primary_key=True, comment="ingest: of which version"),
    Column("position", Integer, primary_key=True, comment="ingest: page of the article, from 1"),
    Column("capture", String(32), ForeignKey(captures.c.id), nullable=False, comment="ingest: evidence"),
    Index(None, "capture"),
    ForeignKeyConstraint(["article", "version"], ["versions.article", "versions.number"]),
    comment="The captures of a version that stands on several pages; no rows for an article of one page.",
)


def parts_of(connection: Connection, article: str, version: int) -> dict[int, Capture]:
    """The captures of a version's pages by position, in order; empty for an article of one page."""
    statement = (
        select(table.c.position, captures)
        .join(captures, captures.c.id == table.c.capture)
        .where(table.c.article == article, table.c.version == version)
        .order_by(table.c.position)
    )
    return {row.position: capture_of(row) for row in connection.execute(statement)}


def pages_only_of(connection: Connection, article: str, number: int) -> list[Capture]:
    """The captures of a version's pages that no other version of the article is made of."""
    rows = connection.execute(select(table.c.version, table.c.capture).where(table.c.article == article))
    others = {row.capture for row in rows if row.version != number}
    return [item for item in parts_of(connection, article, number).values() if item.id not in others]


def parts_of_many(
    connection: Connection, versions: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], list[Capture]]:
    """The captures of many versions' pages, in order; versions of one page are left out."""
    wanted = set(versions)
    found: dict[tuple[str, int], list[Capture]] = {}
    if not wanted:
        return found
    statement = (
        select(table.c.article, table.c.version, captures)
        .join(captures, captures.c.id == table.c.capture)
        .where(table.c.article.in_(sorted({article for article, _ in wanted})))
        .order_by(table.c.article, table.c.version, table.c.position)
    )
    for row in connection.execute(statement):
        if (key := (row._mapping[table.c.article], row.version)) in wanted:
            found.setdefault(key, []).append(capture_of(row))
    return found


def put_parts(connection: Connection, article: str, version: int, parts: Mapping[int, str]) -> None:
    """Note which captures make up a version; a position that is there already gets the new one."""
    for position, capture in parts.items():
        values = {"article": article, "version": version, "position": position, "capture": capture}
        connection.execute(upsert(connection, table, values, ["article", "version", "position"]))
