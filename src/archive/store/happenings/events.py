"""Questions about events. Nothing withheld leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select

from archive.model.events import Event, EventClass
from archive.store import withheld
from archive.store.happenings.forms import event_of, key
from archive.store.happenings.tables import event_places, events
from archive.store.happenings.values import EventQuery, Gathering, Told
from archive.store.schema import articles
from archive.store.withheld import Withheld


def gatherings(
    connection: Connection, query: EventQuery, *, limit: int, offset: int = 0, forward: bool = False
) -> list[Gathering]:
    """Events by day, the newest first (`forward`: the earliest first); undated ones are left out."""
    hidden = withheld.load(connection)
    when = func.min(_when())
    chosen = (
        select(events.c.gathering, when.label("day"))
        .join(articles, articles.c.id == events.c.article)
        .where(*_conditions(query, hidden))
        .group_by(events.c.gathering)
        .order_by(when.asc() if forward else when.desc(), events.c.gathering)
        .limit(limit)
        .offset(offset)
    )
    ids = [row.gathering for row in connection.execute(chosen)]
    told = _told(connection, ids, hidden)
    return [Gathering(item, tuple(told[item])) for item in ids if item in told]


def count(connection: Connection, query: EventQuery) -> int:
    """How many events there are."""
    hidden = withheld.load(connection)
    statement = _joined(select(func.count(func.distinct(events.c.gathering)))).where(
        *_conditions(query, hidden)
    )
    return int(connection.execute(statement).scalar_one())


def days(connection: Connection, query: EventQuery) -> dict[str, int]:
    """How many events each day of the query has, by first day."""
    return _counted(connection, query, _when())


def years(connection: Connection, query: EventQuery) -> dict[str, int]:
    """How many events each year has."""
    return _counted(connection, query, func.substr(_when(), 1, 4))


def kinds(connection: Connection, query: EventQuery) -> dict[str, int]:
    """How many events each kind has."""
    return _counted(connection, query, events.c.kind)


def places(connection: Connection, query: EventQuery, limit: int = 40) -> dict[str, int]:
    """How many events each place has, the commonest first, by folded name."""
    hidden = withheld.load(connection)
    number = func.count(func.distinct(events.c.gathering))
    statement = (
        _joined(select(event_places.c.key, number))
        .join(event_places, event_places.c.event == events.c.id)
        .where(*_conditions(query, hidden))
        .group_by(event_places.c.key)
        .order_by(number.desc(), event_places.c.key)
        .limit(limit)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def _counted(connection: Connection, query: EventQuery, by: ColumnElement[Any]) -> dict[str, int]:
    hidden = withheld.load(connection)
    statement = (
        _joined(select(by, func.count(func.distinct(events.c.gathering))))
        .where(*_conditions(query, hidden))
        .group_by(by)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def gathering(connection: Connection, event: str) -> Gathering | None:
    """The gathering that an event's id belongs to; the id of any telling leads to it."""
    hidden = withheld.load(connection)
    row = connection.execute(
        select(events.c.gathering).where((events.c.id == event) | (events.c.gathering == event))
    ).first()
    if row is None:
        return None
    told = _told(connection, [row.gathering], hidden).get(row.gathering)
    return Gathering(row.gathering, tuple(told)) if told else None


def on_days(connection: Connection, month_day: str, before: str, limit: int) -> list[Gathering]:
    """Occasions of a day of the year ("09-28") before a day, the newest first."""
    hidden = withheld.load(connection)
    statement = (
        _joined(select(events.c.gathering, func.max(events.c.day)))
        .where(
            events.c.month_day == month_day,
            events.c.day < before,
            events.c.hidden.is_(False),
            hidden.visible(),
        )
        .group_by(events.c.gathering)
        .order_by(func.max(events.c.day).desc(), events.c.gathering)
        .limit(limit)
    )
    ids = [row.gathering for row in connection.execute(statement)]
    told = _told(connection, ids, hidden)
    return [Gathering(item, tuple(told[item])) for item in ids if item in told]


def _when() -> ColumnElement[str]:
    """The day on which an event stands in a calendar: of an anniversary, the day it is celebrated."""
    last = events.c.sort.in_((EventClass.ANNIVERSARY.value, EventClass.DEADLINE.value))
    return case((last, events.c.until), else_=case((events.c.day != "", events.c.day), else_=events.c.until))


def _conditions(query: EventQuery, hidden: Withheld) -> list[ColumnElement[bool]]:
    when = _when()
    conditions = [events.c.hidden.is_(False), hidden.visible(), when != ""]
    if query.sort:
        conditions.append(events.c.sort == query.sort)
    if query.kind:
        conditions.append(events.c.kind == query.kind)
    if query.site:
        conditions.append(events.c.site == query.site)
    if query.place:
        inside = select(event_places.c.event).where(event_places.c.key == key(query.place))
        conditions.append(events.c.id.in_(inside))
    if query.year:
        prefix = f"{query.year:04}"
        for part in (query.month, query.day):
            if not part:
                break
            prefix += f"-{part:02}"
        conditions.append(when.startswith(prefix))
    return conditions


def _joined(statement: Select[Any]) -> Select[Any]:
    return statement.select_from(events).join(articles, articles.c.id == events.c.article)


def _told(connection: Connection, ids: Sequence[str], hidden: Withheld) -> dict[str, list[Told]]:
    result: dict[str, list[Told]] = {}
    statement = (
        _joined(select(events, articles.c.published))
        .where(events.c.gathering.in_(list(ids)), events.c.hidden.is_(False), hidden.visible())
        .order_by(articles.c.published, events.c.id)
    )
    for row in connection.execute(statement):
        result.setdefault(row.gathering, []).append(told_of(row, hidden))
    return result


def told_of(row: Row[Any], hidden: Withheld) -> Told:
    """What a row of `events` tells, withheld names hidden."""
    return Told(row.id, row.gathering, row.article, row.site, _shown(event_of(row.data), hidden))


def _shown(event: Event, hidden: Withheld) -> Event:
    """An event without withheld names."""
    if not hidden.names:
        return event
    mask = hidden.mask()
    return replace(
        event,
        name=mask.text(event.name),
        places=tuple(mask.text(place) for place in event.places),
        organiser=mask.text(event.organiser),
        people=tuple(name for name in event.people if mask.text(name) == name),
        sentence=mask.text(event.sentence),
    )
