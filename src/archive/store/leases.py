"""What one process holds, on whichever host, for as long as it renews it; and the turns of hosts.

A file lock ends with its process, but only processes of one host see it. A lease is a row that says who holds
a thing and until when; it is renewed while the holder lives, and whoever finds it expired may take it. So the
work of a process that was killed, or whose host is gone, is taken over after `TERM`; at once where its file
lock is free, or, on SQLite, where the kernel that it ran on is gone.

A holder that was merely frozen may wake up after that. Nothing that it writes then counts: a transaction that
belongs to a lease asks first whether the lease still stands (`check`), in the lock of the site that it
writes to, which the next holder needs too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Column, Connection, String, Table, Text, literal, or_, select, update

from archive.errors import BusyError
from archive.store import dialect
from archive.store.dialect import insert_missing, now
from archive.store.schema import UtcDateTime, metadata

TERM = dt.timedelta(seconds=60)
"""How long a lease lasts without being renewed."""
SCHEDULER, WORKER = "scheduler", "worker:"
"""Leases of those that do jobs: of the one that keeps the clock, and (with its own name) of each other."""
_EPOCH = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
_LONGEST_TURN = dt.timedelta(minutes=15)
"""A turn further off than any pause comes from a clock that has jumped."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(120), primary_key=True, comment="crawl: what is held, as site:dam-ha"),
    Column("holder", Text, nullable=False, comment="crawl: process that holds it; '' for nobody"),
    Column("lock", Text, nullable=False, comment="crawl: lock file that the holder has, or ''"),
    Column("taken_at", UtcDateTime, nullable=False, comment="crawl: since when"),
    Column("until", UtcDateTime, nullable=False, comment="crawl: when it ends, if not renewed"),
    comment="What one process holds, on whichever host, for as long as it renews it.",
)

turns = Table(
    "turns",
    metadata,
    Column("host", String(300), primary_key=True, comment="crawl: host:port of a portal"),
    Column("next_at", UtcDateTime, nullable=False, comment="crawl: not to be asked before"),
    comment="When each host may be asked again, by any process.",
)


def take(
    connection: Connection, names: Sequence[str], holder: str, *, lock: str = "", term: dt.timedelta = TERM
) -> str | None:
    """Take one of several things that nobody holds, the one that was let go of longest ago.

    :param lock: what names the file lock that the caller holds (`holding.identity`): whoever held the lease
        under the same one is dead, so that its lease need not run out.
    :returns: its name; None when all are held.
    """
    moment = now(connection)
    rows = [{"name": name, "holder": "", "lock": "", "taken_at": _EPOCH, "until": _EPOCH} for name in names]
    insert_missing(connection, leases, rows, ["name"])
    free = or_(
        leases.c.until < moment,
        # From a clock that has jumped back since: nobody holds a thing for so long.
        leases.c.until > moment + 2 * term,
        literal(bool(lock)) & (leases.c.lock == lock),
    )
    if lock and dialect.is_of_one_kernel(connection):
        # The machine was started anew since: the holder went with the power.
        kernel = lock.partition(":")[0]
        free |= (leases.c.lock != "") & ~leases.c.lock.startswith(f"{kernel}:", autoescape=True)
    chosen = (
        select(leases.c.name)
        .where(leases.c.name.in_(list(names)), free)
        .order_by(leases.c.until, leases.c.name)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(leases)
        .where(leases.c.name == chosen.scalar_subquery())
        .values(holder=holder, lock=lock, taken_at=moment, until=moment + term)
        .returning(leases.c.name)
    )
    found: str | None = connection.execute(taken).scalar()
    return found


def renew(connection: Connection, holder: str, term: dt.timedelta = TERM) -> set[str]:
    """Renew all that a process holds; returns the names. One that is missing has been taken by another."""
    statement = update(leases).where(leases.c.holder == holder).values(until=now(connection) + term)
    return set(connection.execute(statement.returning(leases.c.name)).scalars())


def release(connection: Connection, name: str, holder: str) -> None:
    """Let go of a thing, if it is still held."""
    mine = (leases.c.name == name) & (leases.c.holder == holder)
    connection.execute(update(leases).where(mine).values(holder="", lock="", until=_EPOCH))


def holder_of(connection: Connection, name: str) -> str:
    """Who holds a thing, or held it last without letting go; "" for nobody."""
    return connection.execute(select(leases.c.holder).where(leases.c.name == name)).scalar() or ""


def check(connection: Connection, name: str, holder: str) -> None:
    """Refuse to go on when the thing is held by another now.

    :raises BusyError: it is.
    """
    found = holder_of(connection, name)
    if found != holder:
        raise BusyError(
            f"{name.partition(':')[2]} was taken over by {found or 'another process'}: this process did not "
            f"renew its lease for {TERM.total_seconds():.0f} s.",
            "Nothing is lost. Look why it stood still: a frozen host, or a database out of reach.",
        )


def workers(connection: Connection) -> set[str]:
    """The processes that do jobs now: the scheduler and its helpers."""
    is_worker = leases.c.name.startswith(WORKER) | (leases.c.name == SCHEDULER)
    statement = select(leases.c.holder).where(is_worker, leases.c.until >= now(connection))
    return set(connection.execute(statement).scalars())


def is_held(connection: Connection, name: str) -> bool:
    """Whether anybody holds a thing now."""
    statement = select(leases.c.name).where(leases.c.name == name, leases.c.until >= now(connection))
    return connection.execute(statement).first() is not None


def turn(connection: Connection, host: str, pause: dt.timedelta) -> dt.timedelta:
    """Take the next turn of a host: how long to wait for it. The one after it comes a pause later."""
    moment = now(connection)
    insert_missing(connection, turns, [{"host": host, "next_at": moment}], ["host"])
    stated: dt.datetime = connection.execute(
        select(turns.c.next_at).where(turns.c.host == host).with_for_update()
    ).scalar_one()
    begin = max(moment, stated) if stated < moment + _LONGEST_TURN else moment
    connection.execute(update(turns).where(turns.c.host == host).values(next_at=begin + pause))
    return begin - moment


def hold_off(connection: Connection, host: str, pause: dt.timedelta) -> None:
    """Let nobody ask a host for a while: it has asked for that."""
    until = now(connection) + pause
    values = {"host": host, "next_at": until}
    insert_missing(connection, turns, [values], ["host"])
    later = (turns.c.host == host) & (turns.c.next_at < until)
    connection.execute(update(turns).where(later).values(next_at=until))
