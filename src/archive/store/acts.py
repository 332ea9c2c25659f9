"""The audit log: every act of an admin, in the transaction that does it. Lines are added, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Connection, Index, String, Table, Text, insert, select

from archive.store.schema import SERIAL, UtcDateTime, metadata

table = Table(
    "acts",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("at", UtcDateTime, nullable=False, comment="operator: when"),
    Column("who", String(80), nullable=False, comment="operator: name of the admin"),
    Column("act", String(40), nullable=False, comment="operator: what was done, as site.pause"),
    Column("target", Text, nullable=False, comment="operator: to what: a site, an id, a name"),
    Column("detail", JSON, nullable=False, comment="operator: what else was said"),
    Column("origin", String(64), nullable=False, comment="operator: address of the browser, or 'terminal'"),
    Index(None, "at"),
    sqlite_autoincrement=True,
    comment="Every act of an admin.",
)


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log."""

    id: int
    at: dt.datetime
    who: str
    act: str
    target: str
    detail: Mapping[str, Any]
    origin: str


def note(
    connection: Connection, who: str, act: str, target: str = "", origin: str = "terminal", **detail: Any
) -> None:
    """Add a line, within the transaction of the act."""
    values = {"at": dt.datetime.now(dt.UTC), "who": who, "act": act, "target": target}
    connection.execute(insert(table).values(**values, detail=detail, origin=origin))


def listed(connection: Connection, limit: int, before: int | None = None, act: str = "") -> list[Act]:
    """The newest lines first.

    :param before: only those with a smaller number: the next page.
    :param act: only acts that begin so.
    """
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(table.c.id < before)
    if act:
        statement = statement.where(table.c.act.startswith(act, autoescape=True))
    return [
        Act(row.id, row.at, row.who, row.act, row.target, row.detail, row.origin)
        for row in connection.execute(statement)
    ]
