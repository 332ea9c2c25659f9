"""How far the check of each capture file is, so that a check can stop and go on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, String, Table, delete, select

from archive.store.dialect import upsert
from archive.store.schema import UtcDateTime, metadata

table = Table(
    "fixity",
    metadata,
    Column("name", String(200), primary_key=True, comment="crawl: name of the WARC file"),
    Column("position", BigInteger, nullable=False, comment="ingest: bytes checked in this round"),
    Column("checked_at", UtcDateTime, comment="ingest: when last checked whole"),
    Column("findings", JSON, nullable=False, comment="ingest: damage found in the newest round"),
    comment="How far the check of each capture file is.",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """The state of one file."""

    name: str
    position: int = 0
    """Bytes checked in the round that is under way; 0 between rounds."""
    checked_at: dt.datetime | None = None
    """When it was last checked whole."""
    findings: tuple[dict[str, Any], ...] = ()
    """Damage found in the newest round (`Finding.to_dict`)."""


def state(connection: Connection) -> dict[str, Checked]:
    """The state of all files that have been looked at, by name."""
    return {
        row.name: Checked(row.name, row.position, row.checked_at, tuple(row.findings))
        for row in connection.execute(select(table))
    }


def put(connection: Connection, item: Checked) -> None:
    """Note the state of a file."""
    values = {
        "name": item.name,
        "position": item.position,
        "checked_at": item.checked_at,
        "findings": list(item.findings),
    }
    connection.execute(upsert(connection, table, values, ["name"]))


def forget(connection: Connection, name: str) -> None:
    """Drop the state of a file that is no more."""
    connection.execute(delete(table).where(table.c.name == name))
