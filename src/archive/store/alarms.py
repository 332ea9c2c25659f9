"""Alarms: what a portal no longer yields as it did, from the run that found it until mended or noted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from archive.store.jobs import LONGEST_PAUSE
from archive.store.schema import alarm_notices as notices
from archive.store.schema import alarms as table


@dataclass(frozen=True, slots=True)
class Finding:
    """What one run showed to be other than usual."""

    field: str
    """An `archive.watch.Field`."""
    usual: float | None
    """None when there is no history yet, and only a floor to compare with."""
    now: float
    sample: int
    """Pages (or answers, or days) that `now` is of."""
    profile: str = ""
    """Profile of most of the pages; "" for the generic rules."""
    detail: str = ""
    """More in words."""
    examples: tuple[str, ...] = ()
    """Addresses to look at."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding that stands, or stood."""

    id: int
    site: str
    finding: Finding
    first_run: int
    last_run: int
    opened_at: dt.datetime
    last_seen: dt.datetime
    closed_at: dt.datetime | None
    """None while it stands."""
    acknowledged_by: str
    """Who took note, so that what was found is usual from `first_run` on; "" when nobody did."""
    note: str

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told outside."""

    id: int
    event: str
    """"opened" or "closed"."""
    channel: str
    """"mail" or "webhook"."""
    made_at: dt.datetime
    attempts: int
    error: str
    alarm: Alarm


def listed(connection: Connection, *, site: str | None = None, open_only: bool = False) -> list[Alarm]:
    """Alarms, the newest first."""
    statement = select(table).order_by(table.c.id.desc())
    if site is not None:
        statement = statement.where(table.c.site == site)
    if open_only:
        statement = statement.where(table.c.closed_at.is_(None))
    return [_alarm(row) for row in connection.execute(statement)]


def get(connection: Connection, alarm: int) -> Alarm | None:
    """One alarm; None when there is no such."""
    row = connection.execute(select(table).where(table.c.id == alarm)).first()
    return _alarm(row) if row is not None else None


def open_one(
    connection: Connection,
    site: str,
    finding: Finding,
    run: int,
    now: dt.datetime,
    channels: Sequence[str] = (),
) -> Alarm:
    """Open an alarm, and note that it is to be told by these channels."""
    values = _values(finding) | {
        "site": site, "field": finding.field, "usual": finding.usual, "first_run": run, "last_run": run,
        "opened_at": now, "last_seen": now, "acknowledged_by": "", "note": "",
    }  # fmt: skip
    number = int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())
    _notify(connection, number, "opened", now, channels)
    found = get(connection, number)
    assert found is not None  # noqa: S101 - it was inserted a line above
    return found


def see_again(connection: Connection, alarm: int, finding: Finding, run: int, now: dt.datetime) -> None:
    """Note that an alarm still stands, with what it looks like now; what was usual stays as it was."""
    values = _values(finding) | {"last_run": run, "last_seen": now}
    connection.execute(update(table).where(table.c.id == alarm).values(values))


def close(connection: Connection, alarm: int, now: dt.datetime, channels: Sequence[str] = ()) -> None:
    """Note that a portal yields again what it did."""
    connection.execute(update(table).where(table.c.id == alarm).values(closed_at=now))
    _notify(connection, alarm, "closed", now, channels)


def acknowledge(connection: Connection, alarm: int, by: str, note: str, now: dt.datetime) -> Alarm | None:
    """Take note of an alarm: what it found is usual from its first run on.

    :returns: it as it is now, closed; None when there is no such.
    """
    values = {"closed_at": now, "acknowledged_by": by, "note": note}
    standing = (table.c.id == alarm) & table.c.closed_at.is_(None)
    connection.execute(update(table).where(standing).values(values))
    return get(connection, alarm)


def pending(connection: Connection, now: dt.datetime, limit: int = 50) -> list[Notice]:
    """What is to be told now, the oldest first."""
    statement = (
        select(notices, table)
        .join(table, table.c.id == notices.c.alarm)
        .where(notices.c.sent_at.is_(None))
        .where(
            notices.c.not_before.is_(None)
            | (notices.c.not_before <= now)
            # Put off by a clock that has been set back since.
            | (notices.c.not_before > now + LONGEST_PAUSE)
        )
        .order_by(notices.c.id)
        .limit(limit)
    )
    found = []
    for row in connection.execute(statement):
        get_ = row._mapping
        found.append(
            Notice(
                get_[notices.c.id], get_[notices.c.event], get_[notices.c.channel], get_[notices.c.made_at],
                get_[notices.c.attempts], get_[notices.c.error], _alarm(row),
            )
        )  # fmt: skip
    return found


def sent(connection: Connection, notice: int, now: dt.datetime) -> None:
    """Note that something was told."""
    connection.execute(update(notices).where(notices.c.id == notice).values(sent_at=now, error=""))


def not_sent(connection: Connection, notice: int, error: str, not_before: dt.datetime) -> None:
    """Note that telling failed, and when to try again."""
    values = {"attempts": notices.c.attempts + 1, "error": error, "not_before": not_before}
    connection.execute(update(notices).where(notices.c.id == notice).values(values))


def untold(connection: Connection) -> list[Notice]:
    """What could not be told so far, though it was tried."""
    far = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
    return [item for item in pending(connection, far) if item.attempts]


def _notify(
    connection: Connection, alarm: int, event: str, now: dt.datetime, channels: Sequence[str]
) -> None:
    for channel in channels:
        connection.execute(
            insert(notices).values(
                alarm=alarm, event=event, channel=channel, made_at=now, attempts=0, error=""
            )
        )


def _values(finding: Finding) -> dict[str, object]:
    return {
        "now": finding.now,
        "sample": finding.sample,
        "profile": finding.profile,
        "detail": finding.detail,
        "examples": list(finding.examples),
    }


def _alarm(row: Row[tuple[object, ...]]) -> Alarm:
    get_, c = row._mapping, table.c
    finding = Finding(
        field=get_[c.field], usual=get_[c.usual], now=get_[c.now], sample=get_[c.sample],
        profile=get_[c.profile], detail=get_[c.detail], examples=tuple(get_[c.examples]),
    )  # fmt: skip
    return Alarm(
        id=get_[c.id], site=get_[c.site], finding=finding, first_run=get_[c.first_run],
        last_run=get_[c.last_run], opened_at=get_[c.opened_at], last_seen=get_[c.last_seen],
        closed_at=get_[c.closed_at], acknowledged_by=get_[c.acknowledged_by], note=get_[c.note],
    )  # fmt: skip
