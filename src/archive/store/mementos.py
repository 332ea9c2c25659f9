"""The capture index asked by address and time: what replay, TimeMaps and the calendar need.

An address is asked for by its URL key (`archive.urls.surt`), so that scheme and `www.` do not matter. What
counts as a memento: every answer to a GET but a 304 that vouches for nothing we hold, and but a redirect to
another spelling of the same address (http to https), which would lead back to itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from archive.errors import UrlError
from archive.store import withheld
from archive.store.ledger import Judged
from archive.store.rows import capture_of
from archive.store.schema import captures
from archive.store.takedowns import Takedown
from archive.urls import surt

_WINDOW = 50
"""Rows looked at on each side of a moment: enough to step over redirects to the same address."""
_ALL = 100_000
"""Captures of one address that are listed at most: a front page asked hourly for eleven years."""
_BAD = 400


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The mementos around one, by time."""

    first: Judged
    last: Judged
    previous: Judged | None
    next: Judged | None


def nearest(connection: Connection, urlkey: str, at: dt.datetime | None) -> Judged | None:
    """The memento nearest in time; of two as near, the earlier one.

    Answers that brought something (below 400) win over errors, however near these are: who asks for a page
    wants the page, and the errors are in the calendar.

    :param at: None asks for the newest.
    """
    for wanted in (captures.c.status < _BAD, captures.c.status >= _BAD):
        if at is None:
            found = next(_rows(connection, urlkey, wanted, newest_first=True), None)
        else:
            before = next(_rows(connection, urlkey, wanted, captures.c.at <= at, newest_first=True), None)
            after = next(_rows(connection, urlkey, wanted, captures.c.at > at), None)
            both = [item for item in (before, after) if item is not None]
            found = min(both, key=lambda item: abs(item.capture.at - at), default=None)
        if found is not None:
            return found
    return None


def exact(connection: Connection, urlkey: str, second: dt.datetime) -> Judged | None:
    """The memento of one second; None when there is none. Of several a success, then the latest."""
    within = and_(captures.c.at >= second, captures.c.at < second + dt.timedelta(seconds=1))
    return next(iter(one_a_second(_rows(connection, urlkey, within))), None)


def neighbours(connection: Connection, urlkey: str, at: dt.datetime) -> Neighbours | None:
    """What comes first, last, before and after the memento of a moment, another second each."""
    second = at.replace(microsecond=0)
    first = next(_rows(connection, urlkey), None)
    last = next(_rows(connection, urlkey, newest_first=True), None)
    if first is None or last is None:
        return None
    following = captures.c.at >= second + dt.timedelta(seconds=1)
    return Neighbours(
        first,
        last,
        next(_rows(connection, urlkey, captures.c.at < second, newest_first=True), None),
        next(_rows(connection, urlkey, following), None),
    )


def listing(
    connection: Connection, urlkey: str, within: tuple[dt.datetime, dt.datetime] | None = None
) -> list[Judged]:
    """Mementos in order of time, one a second.

    :param within: from a moment (included) to another (not included).
    """
    span = () if within is None else (captures.c.at >= within[0], captures.c.at < within[1])
    return one_a_second(_rows(connection, urlkey, *span, limit=_ALL))


def moments(connection: Connection, urlkey: str) -> list[dt.datetime]:
    """When an address was captured, in order of time: what a calendar counts."""
    return [item.capture.at for item in one_a_second(_rows(connection, urlkey, limit=_ALL))]


def withheld_at(connection: Connection, urlkey: str, second: dt.datetime) -> Takedown | None:
    """Why what was captured in one second is not among the mementos; None when nothing was withheld then."""
    within = and_(captures.c.at >= second, captures.c.at < second + dt.timedelta(seconds=1))
    rows = connection.execute(select(captures).where(_counted(urlkey), within))
    return next(iter(withheld.captured(connection, [capture_of(row) for row in rows]).values()), None)


def one_a_second(found: Iterable[Judged]) -> list[Judged]:
    """A stamp tells seconds apart and no less: of those within one, a success, then the latest."""
    kept: dict[dt.datetime, Judged] = {}
    for item in found:
        second = item.capture.at.replace(microsecond=0)
        known = kept.get(second)
        if known is None or item.capture.status < _BAD or known.capture.status >= _BAD:
            kept[second] = item
    return list(kept.values())


def _rows(
    connection: Connection,
    urlkey: str,
    *conditions: ColumnElement[bool],
    newest_first: bool = False,
    limit: int = _WINDOW,
) -> Iterator[Judged]:
    order = (captures.c.at.desc(), captures.c.id.desc()) if newest_first else (captures.c.at, captures.c.id)
    statement = select(captures).where(_counted(urlkey), *conditions).order_by(*order).limit(limit)
    found = [Judged(capture_of(row), row.kind, row.article) for row in connection.execute(statement)]
    hidden = withheld.captured(connection, [item.capture for item in found]) if found else {}
    for item in found:
        if item.capture.id not in hidden and not _leads_to_itself(item):
            yield item


def _counted(urlkey: str) -> ColumnElement[bool]:
    return and_(
        captures.c.urlkey == urlkey,
        captures.c.method == "GET",
        or_(captures.c.status != 304, captures.c.revisit_of.is_not(None)),
    )


def _leads_to_itself(item: Judged) -> bool:
    target = item.capture.redirect_to
    if target is None:
        return False
    try:
        return surt(target) == item.capture.urlkey
    except UrlError:
        return False
