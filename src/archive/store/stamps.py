"""When each article's record last changed *in this database*: what a harvester's `from` is compared with.

A capture's time will not do: an import sets it years back, and who asked yesterday would never hear of it.
Two rules keep a harvester from missing anything, by whichever clock it remembers where it was:

- stamps never fall: a change that is committed later has the same stamp as an earlier one or a later one;
- a stamp lies `AHEAD` in the future when its transaction is about to be committed, so that no change comes
  into sight with a stamp that has passed. Who asked meanwhile asks for it again next time.

A database that is made anew from the capture files gets new stamps: harvesters then take all once more.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Connection, func, select, text, update

from archive.store.schema import articles

AHEAD = dt.timedelta(seconds=10)
"""Longer than a commit takes, also on a disk that is busy."""

_LOCK = 7_305_110
"""Of an advisory lock: several writers work at a time on PostgreSQL, and must end in order of stamps."""


def renew(connection: Connection, which: ColumnElement[bool]) -> None:
    """Have articles stamped when the transaction ends: what is shown of them has changed.

    :param which: condition on `articles`.
    """
    connection.execute(update(articles).where(which).values(recorded_at=None))


def seal(connection: Connection) -> None:
    """Stamp what the transaction changed: the last thing before its commit."""
    changed = articles.c.recorded_at.is_(None)
    if connection.execute(select(articles.c.id).where(changed).limit(1)).first() is None:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    newest = connection.execute(select(func.max(articles.c.recorded_at))).scalar()
    moment = _whole_second(_now() + AHEAD)
    connection.execute(update(articles).where(changed).values(recorded_at=max(moment, newest or moment)))


def _whole_second(moment: dt.datetime) -> dt.datetime:
    """The next whole second: datestamps have no fractions."""
    return (moment + dt.timedelta(microseconds=999_999)).replace(microsecond=0)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
