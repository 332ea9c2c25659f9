"""Puts readings in the place of older ones, and gathers what several articles tell of one event."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from archive.model import ArticleView
from archive.model.events import Claim, Event, EventClass, Reading
from archive.store.happenings import corrections
from archive.store.happenings.forms import event_id, event_of, key, person_id, plain
from archive.store.happenings.tables import article_places, chronicle, claims, event_places, events


def state(connection: Connection) -> tuple[str, int]:
    """The rules that read all that is there, and the last line of the change log that was read."""
    row = connection.execute(select(chronicle.c.rules, chronicle.c.seq)).first()
    return (row.rules, row.seq) if row else ("", 0)


def set_state(connection: Connection, rules: str, seq: int) -> None:
    """Note how far the readings are."""
    connection.execute(delete(chronicle))
    connection.execute(insert(chronicle).values(id=1, rules=rules, seq=seq))


def forget(connection: Connection, ids: Iterable[str]) -> None:
    """Remove what was read out of some articles."""
    for article in ids:
        mine = select(events.c.id).where(events.c.article == article)
        connection.execute(delete(event_places).where(event_places.c.event.in_(mine)))
        for table in (events, claims, article_places):
            connection.execute(delete(table).where(table.c.article == article))


def put(connection: Connection, view: ArticleView, reading: Reading) -> None:
    """Put what was read out of an article in the place of what was there, corrections applied."""
    article = view.article
    kept = _gatherings(connection, article.id)
    forget(connection, (article.id,))
    counted: dict[tuple[str, str], int] = {}
    for event in reading.events:
        counter = (event.sort.value, event.sentence)
        counted[counter] = counted.get(counter, 0) + 1
        _put_event(
            connection, article.id, article.site, event, event_id(article.id, event, counted[counter]), kept
        )
    published = view.extraction.published
    day = published.day.isoformat() if published else ""
    rows = [_claim_row(article.id, article.site, day, claim) for claim in reading.people]
    if rows:
        connection.execute(insert(claims), rows)
    named: dict[str, str] = {}
    for place in reading.places:
        named.setdefault(key(place.name), place.name)
    if named:
        values = [
            {"article": article.id, "key": place, "name": name} for place, name in named.items() if place
        ]
        connection.execute(insert(article_places), values)


def _claim_row(article: str, site: str, day: str, claim: Claim) -> dict[str, Any]:
    return {
        "person": person_id(site, claim.name),
        "article": article,
        "site": site,
        "name": claim.name,
        "name_key": key(claim.name),
        "day": day,
        "data": dataclasses.asdict(claim),
    }


def _put_event(
    connection: Connection, article: str, site: str, event: Event, own: str, kept: dict[str, str]
) -> None:
    read = plain(event)
    event, hidden = corrections.corrected(connection, own, event)
    when = event.when
    day = when.start.isoformat() if when.start else ""
    until = when.end.isoformat() if when.end else ""
    occasion = event.sort is EventClass.OCCASION and when.precision == "day"
    connection.execute(
        insert(events).values(
            id=own,
            gathering=kept.get(own) or _gathering(connection, event, site, day, until) or own,
            article=article,
            site=site,
            sort=event.sort.value,
            kind=event.kind,
            name=event.name,
            day=day,
            until=until,
            month_day=day[5:] if occasion else "",
            read=read,
            data=plain(event),
            hidden=hidden,
        )
    )
    places = {key(place) for place in event.places} - {""}
    if places:
        connection.execute(insert(event_places), [{"event": own, "key": place} for place in sorted(places)])


def _gatherings(connection: Connection, article: str) -> dict[str, str]:
    """Which gathering an article's events belonged to: a new reading does not tear them apart."""
    statement = select(events.c.id, events.c.gathering).where(events.c.article == article)
    return {row.id: row.gathering for row in connection.execute(statement)}


_SMALL = frozenset(
    [
        "va",
        "cua",
        "cac",
        "cho",
        "ve",
        "tai",
        "voi",
        "trong",
        "nam",
        "huyen",
        "xa",
        "tinh",
        "thi",
        "tran",
        "lan",
        "thu",
        "to",
        "chuc",
        "le",
        "hoi",
        "nghi",
        "buoi",
    ]
)
"""Syllables that tell no two events apart."""


def _gathering(connection: Connection, event: Event, site: str, day: str, until: str) -> str | None:
    """The gathering of what an earlier article told of the same thing.

    The same thing has the same sort, kind and days, and a name that shares half of the telling words of the
    shorter; on the same site a name without telling words is enough.
    """
    if not (day or until):
        return None
    statement = select(events.c.gathering, events.c.name, events.c.site).where(
        events.c.sort == event.sort.value,
        events.c.kind == event.kind,
        events.c.day == day,
        events.c.until == until,
    )
    own = _telling(event.name)
    for row in connection.execute(statement.order_by(events.c.id).limit(200)):
        other = _telling(row.name)
        shorter = min(len(own), len(other))
        if (shorter == 0 and row.site == site) or (shorter and len(own & other) * 2 >= shorter):
            return str(row.gathering)
    return None


def _telling(name: str) -> frozenset[str]:
    return frozenset(key(name).split()) - _SMALL


def apply(connection: Connection, target: str) -> None:
    """Make an event's row anew from what was read and from the corrections that are in force."""
    row = connection.execute(select(events).where(events.c.id == target)).first()
    if row is None:
        return
    connection.execute(delete(event_places).where(event_places.c.event == target))
    connection.execute(delete(events).where(events.c.id == target))
    _put_event(connection, row.article, row.site, event_of(row.read), target, {target: row.gathering})
