"""Takedowns as rows: what was ordered, by whom, and whether it is in force.

The journal (`archive.store.journal`) is the truth from which these rows can be made again; this module
only reads and writes them. What a reader may see is decided in `archive.store.withheld`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    select,
    update,
)

from archive.store.dialect import upsert
from archive.store.schema import UtcDateTime, metadata

table = Table(
    "takedowns",
    metadata,
    Column("id", String(16), primary_key=True, comment="operator: given when ordered, told to readers"),
    Column("scope", String(16), nullable=False, comment="operator: article, version, picture, name, address"),
    Column("target", Text, nullable=False, comment="operator: id, id/number, digest, name or URL key"),
    Column("reason", Text, nullable=False, comment="operator: a sentence that readers are told"),
    Column("reference", Text, nullable=False, comment="operator: number of the case; never shown to readers"),
    Column("status", Integer, nullable=False, comment="operator: 410, or 451 for legal reasons"),
    Column("blocked_by", Text, nullable=False, comment="operator: RFC 7725 blocked-by address, for 451"),
    Column("bytes", String(16), nullable=False, comment="operator: sealed or destroyed"),
    Column("ordered_by", Text, nullable=False, comment="operator: name of the admin"),
    Column("at", UtcDateTime, nullable=False, comment="operator: when ordered"),
    Column("pictures", JSON, nullable=False, comment="ingest: digests that only what is withheld shows"),
    Column("lifted_at", UtcDateTime, comment="operator: when lifted; NULL while in force"),
    Column("lifted_by", Text, nullable=False, comment="operator: name of the admin, '' while in force"),
    Column("lifted_why", Text, nullable=False, comment="operator: why it was lifted, '' while in force"),
    Index(None, "scope", "target"),
    comment="What readers must not see, by order; made from the journal.",
)


class Scope(StrEnum):
    """What a takedown withholds."""

    ARTICLE = "article"
    VERSION = "version"
    PICTURE = "picture"
    NAME = "name"
    ADDRESS = "address"


class Bytes(StrEnum):
    """What becomes of the captured bytes."""

    SEALED = "sealed"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Takedown:
    """One order to withhold something."""

    id: str
    scope: Scope
    target: str
    """Article id; `<article id>/<number>`; payload digest; a name; SURT key of an address."""
    reason: str
    """A sentence that readers are told."""
    reference: str
    """Number of the case, for the operator alone."""
    status: int
    """HTTP status that readers get: 410 or 451."""
    blocked_by: str
    """For 451, the address of who enforces the block (RFC 7725, 4); "" means the archive itself."""
    bytes: Bytes
    ordered_by: str
    at: dt.datetime
    pictures: tuple[str, ...] = ()
    """Payload digests of pictures and files that only the withheld article or version shows."""
    lifted_at: dt.datetime | None = None
    lifted_by: str = ""
    lifted_why: str = ""

    @property
    def active(self) -> bool:
        """Whether it is in force."""
        return self.lifted_at is None


def put(connection: Connection, item: Takedown) -> None:
    """Insert a takedown, or bring its row up to date; safe to repeat."""
    values = {name: getattr(item, name) for name in table.columns.keys()}  # noqa: SIM118 - a collection
    values |= {"scope": item.scope.value, "bytes": item.bytes.value, "pictures": list(item.pictures)}
    connection.execute(upsert(connection, table, values, ["id"]))


def lift(connection: Connection, takedown_id: str, at: dt.datetime, by: str, why: str) -> None:
    """Note that a takedown is no longer in force."""
    values = {"lifted_at": at, "lifted_by": by, "lifted_why": why}
    connection.execute(update(table).where(table.c.id == takedown_id).values(**values))


def mark_destroyed(connection: Connection, takedown_id: str) -> None:
    """Note that the captured bytes are (being) destroyed: the takedown cannot be lifted any more."""
    connection.execute(update(table).where(table.c.id == takedown_id).values(bytes=Bytes.DESTROYED.value))


def get(connection: Connection, takedown_id: str) -> Takedown | None:
    """One takedown; None when there is no such."""
    row = connection.execute(select(table).where(table.c.id == takedown_id)).first()
    return _value(row) if row is not None else None


_ALL = select(table).order_by(table.c.at.desc(), table.c.id)
_IN_FORCE = _ALL.where(table.c.lifted_at.is_(None))
"""Asked several times for every page: putting it together took as long as asking it."""


def listed(connection: Connection, *, active: bool = False) -> list[Takedown]:
    """All takedowns, the newest first.

    :param active: only those in force.
    """
    return [_value(row) for row in connection.execute(_IN_FORCE if active else _ALL)]


def _value(row: Row[Any]) -> Takedown:
    values = dict(row._mapping)
    values |= {
        "scope": Scope(values["scope"]),
        "bytes": Bytes(values["bytes"]),
        "pictures": tuple(values["pictures"]),
    }
    return Takedown(**values)
