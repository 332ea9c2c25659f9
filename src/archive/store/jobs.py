"""The table of work that the admin pages and the clock ask for, and the scheduler does.

A job is asked for once and done once: the asking, the claiming and the ending are each one transaction, and
a job whose worker was killed is claimed again by the next scheduler (`orphans`). So every kind of job must
be safe to begin again, as crawls, index updates and backups are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from archive.store.schema import jobs as table

MAX_ATTEMPTS = 20
"""Times that a job is begun, without ever getting on, before it counts as failed: one that kills its worker
must not do so for ever."""


class JobKind(StrEnum):
    """What the scheduler can be asked to do; beside each, the arguments that it reads."""

    CRAWL = "crawl"  # site; recheck: bool, limit: int
    RETRY = "retry"  # site; reason: model.Reason, "" for all that failed
    INDEX_UPDATE = "index-update"
    INDEX_REBUILD = "index-rebuild"
    CAPTURE = "capture"  # url
    VERIFY = "verify"  # minutes: float
    MANIFEST = "manifest"
    BACKUP = "backup"  # folder
    EXTRACT = "extract"


class JobState(StrEnum):
    """Where a job is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LONGEST_PAUSE = dt.timedelta(days=1)
"""No job is put off for longer: one that must wait longer was put off by a clock that has been set back
since."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work."""

    id: int
    kind: JobKind
    site: str
    """Of which site; "" when it is of none."""
    args: Mapping[str, Any]
    key: str
    """While a job with this key is queued or running no second one is made; "" for no such bound."""
    state: JobState
    attempts: int
    """Times that it was begun."""
    asked_at: dt.datetime
    asked_by: str
    """Name of the admin, or "schedule"."""
    not_before: dt.datetime | None
    """When it may be begun; None for at once."""
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    stop: bool
    """Somebody asked that it end early."""
    progress: Mapping[str, Any]
    """How far it is; what is in it depends on the kind."""
    result: Mapping[str, Any]
    error: str
    """Why it failed, or must be begun again, in a sentence; "" when nothing is wrong."""


def ask(
    connection: Connection,
    kind: JobKind,
    *,
    site: str = "",
    args: Mapping[str, Any] | None = None,
    by: str = "",
    key: str = "",
    not_before: dt.datetime | None = None,
) -> int:
    """Ask for a job; returns its number, or that of the one with the same key that is still to be done."""
    if key:
        known = select(table.c.id).where(table.c.key == key, table.c.state.in_(_OPEN)).limit(1)
        found = connection.execute(known).scalar()
        if found is not None:
            return int(found)
    statement = insert(table).values(
        kind=kind.value, site=site, args=dict(args or {}), key=key, state=JobState.QUEUED.value, attempts=0,
        asked_at=dt.datetime.now(dt.UTC), asked_by=by, not_before=not_before, stop=False, progress={},
        result={}, error="",
    )  # fmt: skip
    return int(connection.execute(statement.returning(table.c.id)).scalar_one())


def claim(
    connection: Connection,
    now: dt.datetime,
    *,
    kinds: Sequence[JobKind],
    without_sites: Sequence[str] = (),
) -> Job | None:
    """Take the job that has waited longest of these kinds; None when there is none to be begun.

    :param without_sites: sites of which no job may begin now: they are being crawled, or paused.
    """
    statement = _claimable(now, kinds, without_sites).order_by(table.c.id).limit(1)
    row = connection.execute(statement).first()
    if row is None:
        return None
    values = {"state": JobState.RUNNING.value, "started_at": now, "attempts": row.attempts + 1}
    connection.execute(update(table).where(table.c.id == row.id).values(values))
    return get(connection, row.id)


def any_to_claim(
    connection: Connection,
    now: dt.datetime,
    *,
    kinds: Sequence[JobKind],
    without_sites: Sequence[str] = (),
) -> bool:
    """Whether `claim` would find a job."""
    return connection.execute(_claimable(now, kinds, without_sites).limit(1)).first() is not None


def _claimable(now: dt.datetime, kinds: Sequence[JobKind], without_sites: Sequence[str]) -> Select[Any]:
    statement = (
        select(table)
        .where(table.c.state == JobState.QUEUED.value, table.c.kind.in_([kind.value for kind in kinds]))
        .where(
            or_(
                table.c.not_before.is_(None),
                table.c.not_before <= now,
                table.c.not_before > now + LONGEST_PAUSE,
            )
        )
    )
    return statement.where(table.c.site.not_in(without_sites)) if without_sites else statement


def progress(connection: Connection, job: int, values: Mapping[str, Any]) -> None:
    """Note how far a running job is. One that gets on may be interrupted as often as it likes."""
    _set(connection, job, progress=dict(values), attempts=1)


def end(
    connection: Connection, job: int, state: JobState, result: Mapping[str, Any], error: str = ""
) -> None:
    """Note that a job is over."""
    _set(
        connection, job, state=state.value, result=dict(result), error=error, ended_at=dt.datetime.now(dt.UTC)
    )


def again(connection: Connection, job: int, not_before: dt.datetime | None, why: str = "") -> JobState:
    """Put a job that was begun back, because it was interrupted or must wait; it fails after too many tries.

    :returns: the state that it has now.
    """
    attempts = connection.execute(select(table.c.attempts).where(table.c.id == job)).scalar_one()
    if attempts >= MAX_ATTEMPTS:
        end(connection, job, JobState.FAILED, {}, f"Begun {attempts} times without an end. {why}".strip())
        return JobState.FAILED
    _set(connection, job, state=JobState.QUEUED.value, not_before=not_before, error=why)
    return JobState.QUEUED


def postpone(connection: Connection, job: int, not_before: dt.datetime | None, why: str) -> None:
    """Put a job back that could not begin; this does not count as a try."""
    _set(
        connection, job, state=JobState.QUEUED.value, not_before=not_before, error=why,
        attempts=func.max(table.c.attempts - 1, 0) if connection.dialect.name == "sqlite"
        else func.greatest(table.c.attempts - 1, 0),
    )  # fmt: skip


def orphans(connection: Connection) -> list[int]:
    """Put back the jobs whose worker was killed. Only for a scheduler that has just taken the lock.

    :returns: the jobs.
    """
    rows = connection.execute(
        select(table.c.id).where(table.c.state == JobState.RUNNING.value).order_by(table.c.id)
    )
    found = [int(row.id) for row in rows]
    for job in found:
        again(connection, job, None, "The scheduler that did it was killed.")
    return found


def cancel(connection: Connection, job: int) -> JobState | None:
    """Take a job back: a queued one is cancelled, a running one is asked to end early.

    :returns: the state that it has now; None when there is no such job.
    """
    now = dt.datetime.now(dt.UTC)
    queued = (table.c.id == job) & (table.c.state == JobState.QUEUED.value)
    connection.execute(
        update(table).where(queued).values(state=JobState.CANCELLED.value, stop=True, ended_at=now)
    )
    running = (table.c.id == job) & (table.c.state == JobState.RUNNING.value)
    connection.execute(update(table).where(running).values(stop=True))
    found = get(connection, job)
    return found.state if found is not None else None


def stops(connection: Connection) -> set[int]:
    """Running jobs that somebody asked to end early."""
    asked = select(table.c.id).where(table.c.state == JobState.RUNNING.value, table.c.stop)
    return set(connection.execute(asked).scalars())


def get(connection: Connection, job: int) -> Job | None:
    """One job; None when there is no such."""
    row = connection.execute(select(table).where(table.c.id == job)).first()
    return _job(row) if row is not None else None


def listed(connection: Connection, limit: int, states: Sequence[JobState] = ()) -> list[Job]:
    """The newest jobs first."""
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if states:
        statement = statement.where(table.c.state.in_([state.value for state in states]))
    return [_job(row) for row in connection.execute(statement)]


def forget(connection: Connection, before: dt.datetime) -> int:
    """Drop jobs that ended well before a moment; returns how many. Failed ones stay, to be looked at."""
    kept = (JobState.DONE.value, JobState.CANCELLED.value)
    statement = table.delete().where(table.c.state.in_(kept), table.c.ended_at < before)
    return connection.execute(statement).rowcount


_OPEN = (JobState.QUEUED.value, JobState.RUNNING.value)


def _set(connection: Connection, job: int, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == job).values(values))


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id, kind=JobKind(row.kind), site=row.site, args=row.args, key=row.key,
        state=JobState(row.state), attempts=row.attempts, asked_at=row.asked_at, asked_by=row.asked_by,
        not_before=row.not_before, started_at=row.started_at, ended_at=row.ended_at, stop=row.stop,
        progress=row.progress, result=row.result, error=row.error,
    )  # fmt: skip
