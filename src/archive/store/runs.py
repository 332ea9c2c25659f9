"""Runs: one crawl of one site each, with how far it is and what it measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, null, select, update

from archive.model.run import Measures
from archive.store.schema import runs as table


@dataclass(frozen=True, slots=True)
class Measured:
    """A run that measured something."""

    run: int
    started_at: dt.datetime
    result: Mapping[str, Any]
    """Its row of the results table; empty while it runs, or when it was killed."""
    measures: Measures


def begin(connection: Connection, site: str) -> int:
    """Note that a crawl of a site begins; returns the run's number."""
    statement = insert(table).values(site=site, started_at=dt.datetime.now(dt.UTC))
    return int(connection.execute(statement.returning(table.c.id)).scalar_one())


def mark_full(connection: Connection, run: int) -> None:
    """Note that a run asks for all known pages: in the transaction that queues them."""
    connection.execute(update(table).where(table.c.id == run).values(is_full=True))


def note(connection: Connection, run: int, progress: Mapping[str, Any], measures: Measures | None) -> None:
    """Note how far a run is."""
    values: dict[str, Any] = {"progress": dict(progress)}
    if measures is not None:
        values["measures"] = measures.to_dict()
    connection.execute(update(table).where(table.c.id == run).values(values))


def end(connection: Connection, run: int, result: Mapping[str, Any], measures: Measures | None) -> None:
    """Note that a run ended, with its row of the results table."""
    values: dict[str, Any] = {"ended_at": dt.datetime.now(dt.UTC), "result": dict(result)}
    if measures is not None:
        values["measures"] = measures.to_dict()
    connection.execute(update(table).where(table.c.id == run).values(values))


def thin(connection: Connection, site: str, keep: int) -> None:
    """Forget what runs measured and how far they were, but for the newest: some kilobytes each. Their results
    stay."""
    newest = select(table.c.id).where(table.c.site == site).order_by(table.c.id.desc())
    bound = connection.execute(newest.offset(keep).limit(1)).scalar()
    if bound is not None:
        old = (table.c.site == site) & (table.c.id <= bound) & table.c.progress.is_not(None)
        connection.execute(update(table).where(old).values(progress=null(), measures=null()))


def last_full(connection: Connection, site: str) -> dt.datetime | None:
    """When the last run over all pages of a site began; None when none is known."""
    statement = select(func.max(table.c.started_at)).where(table.c.site == site, table.c.is_full)
    found: dt.datetime | None = connection.execute(statement).scalar()
    return found


def measured(connection: Connection, site: str, limit: int, *, until: int | None = None) -> list[Measured]:
    """The newest runs of a site that measured something, the newest first.

    :param until: the newest run that counts.
    """
    statement = (
        select(table.c.id, table.c.started_at, table.c.result, table.c.measures)
        .where(table.c.site == site, table.c.measures.is_not(None))
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    if until is not None:
        statement = statement.where(table.c.id <= until)
    return [
        Measured(row.id, row.started_at, row.result or {}, Measures.from_dict(row.measures))
        for row in connection.execute(statement)
        if row.measures is not None
    ]


def first_whole(connection: Connection, site: str) -> dt.datetime | None:
    """When the first run ended that left nothing to do: up to then the archive was being filled."""
    statement = (
        select(table.c.ended_at, table.c.result)
        .where(table.c.site == site, table.c.ended_at.is_not(None))
        .order_by(table.c.id)
    )
    for row in connection.execute(statement):
        if row.result is not None and not row.result.get("left") and not row.result.get("error"):
            ended: dt.datetime = row.ended_at
            return ended
    return None
