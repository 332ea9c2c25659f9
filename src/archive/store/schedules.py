"""Up to when each schedule is kept."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, select

from archive.store.dialect import upsert
from archive.store.schema import schedules as table


def kept(connection: Connection) -> dict[str, dt.datetime]:
    """The newest turn of each schedule that was made a job."""
    return {row.site: row.slot for row in connection.execute(select(table))}


def keep(connection: Connection, name: str, slot: dt.datetime) -> None:
    """Note that a turn was made a job: in the transaction that makes it."""
    connection.execute(upsert(connection, table, {"site": name, "slot": slot}, ["site"]))
