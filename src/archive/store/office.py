"""What the admin's pages ask: runs with their progress, failures by reason, sites at a glance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from archive.model import Failure, Reason
from archive.store.schema import frontier, runs, sites


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a table shows it."""

    id: int
    site: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    """None while it runs, or when it was killed."""
    progress: Mapping[str, Any]
    """What it last told of itself: pages, new, changed, queued …"""
    result: Mapping[str, Any]
    """`SiteResult` as a dictionary; empty while it runs."""


def run_lines(
    connection: Connection,
    limit: int,
    *,
    site: str | None = None,
    before: int | None = None,
    run: int | None = None,
) -> list[RunLine]:
    """The newest runs first.

    :param before: only those with a smaller number: the next page.
    :param run: only this one.
    """
    statement = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if site is not None:
        statement = statement.where(runs.c.site == site)
    if before is not None:
        statement = statement.where(runs.c.id < before)
    if run is not None:
        statement = statement.where(runs.c.id == run)
    return [_line(row) for row in connection.execute(statement)]


def last_runs(connection: Connection) -> dict[str, RunLine]:
    """The newest run of each site."""
    newest = select(func.max(runs.c.id)).group_by(runs.c.site)
    return {row.site: _line(row) for row in connection.execute(select(runs).where(runs.c.id.in_(newest)))}


def failure_counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Site → reason → number of addresses that failed or were left out, the commonest reason first."""
    statement = (
        select(frontier.c.site, frontier.c.reason, func.count().label("number"))
        .where(frontier.c.reason.is_not(None), frontier.c.reason != "")
        .group_by(frontier.c.site, frontier.c.reason)
        .order_by(frontier.c.site, func.count().desc(), frontier.c.reason)
    )
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.site, {})[row.reason] = row.number
    return found


def failures(
    connection: Connection, site: str, reason: str, limit: int, offset: int = 0
) -> Sequence[Failure]:
    """Addresses of a site that failed for one reason, the last asked for first."""
    statement = (
        select(frontier)
        .where(frontier.c.site == site, frontier.c.reason == reason)
        .order_by(frontier.c.last_fetch.desc(), frontier.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        Failure(row.url, Reason(row.reason), row.detail or "", row.last_fetch, row.state == "queued")
        for row in connection.execute(statement)
    ]


def _line(row: Row[Any]) -> RunLine:
    return RunLine(row.id, row.site, row.started_at, row.ended_at, row.progress or {}, row.result or {})


def pause(connection: Connection, site: str, why: str | None) -> None:
    """Let a site not be crawled by schedule; None lets it be crawled again."""
    connection.execute(update(sites).where(sites.c.id == site).values(paused=why))
