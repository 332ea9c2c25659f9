"""The ledger of silent edits: what portals did to articles after these had been captured.

One row for each version that followed another by date (`edit`, with its kinds), and one for each time an
article was found missing, found again, or found at another address. Texts are not kept here: who lists edits
reads them from the versions, so that what is withheld or masked there is so here too.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
)

from archive import wire
from archive.model import Extraction
from archive.store import withheld
from archive.store.schema import SERIAL, UtcDateTime, articles, extractions, metadata, versions
from archive.text import edits, parts
from archive.text.edits import Kind

table = Table(
    "edits",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("site", String(80), nullable=False, comment="crawl: site of the article"),
    Column("article", String(16), nullable=False, comment="ingest: which"),
    Column("number", Integer, nullable=False, comment="ingest: the version that it made or left"),
    Column("at", UtcDateTime, nullable=False, comment="ingest: time of the capture that showed it"),
    Column("event", String(16), nullable=False, comment="ingest: edit, gone, back or moved"),
    Column("kinds", Text, nullable=False, comment="extract: kinds of an edit between spaces"),
    Index(None, "at", "id"),
    Index(None, "site", "at"),
    Index(None, "article", "number"),
    comment="What portals did to articles after they had been captured: the ledger of silent edits.",
)

VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
_STEPS = 200_000
"""Work for one comparison: what is edited on a large scale is found to be so with less than a page needs."""


class Event(StrEnum):
    """What became of an article."""

    EDIT = "edit"
    GONE = "gone"
    BACK = "back"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of the ledger."""

    id: int
    site: str
    article: str
    number: int
    """The version that the edit made; of another event, the version that stood then."""
    before: int
    """The version before it by date; 0 for another event than an edit."""
    at: dt.datetime
    event: Event
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of the ledger."""

    sites: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    """Edits with one of these kinds …"""
    events: tuple[Event, ...] = ()
    """… or these events; with neither, all but minor edits."""
    month: str = ""
    """`2022-09`: when it was found, in Vietnam's time."""
    minor: bool = False
    """Minor edits too."""


# ---------------------------------------------------------------------------------------------- writing


def judge(connection: Connection, article: str) -> None:
    """Write the rows of an article's edits anew, from its versions by date.

    Called within the transaction that adds a version, or lets another extraction of one be seen.
    """
    connection.execute(delete(table).where(table.c.article == article, table.c.event == Event.EDIT.value))
    statement = (
        select(articles.c.site, versions.c.number, versions.c.at, extractions.c.data)
        .join(versions, versions.c.article == articles.c.id)
        .join(
            extractions,
            (extractions.c.capture == versions.c.capture) & (extractions.c.extractor == versions.c.shown),
        )
        .where(articles.c.id == article)
        .order_by(versions.c.at, versions.c.number)
    )
    rows = connection.execute(statement).all()
    for old, new in pairwise(rows):
        kinds = _kinds(wire.loads(old.data), wire.loads(new.data))
        values = _values(new.site, article, new.number, new.at, Event.EDIT, kinds)
        connection.execute(insert(table).values(values))


def note(connection: Connection, article: str, event: Event, at: dt.datetime) -> None:
    """Add a line for an article that was found missing, found again or found elsewhere."""
    row = connection.execute(
        select(articles.c.site, articles.c.current).where(articles.c.id == article)
    ).one()
    connection.execute(insert(table).values(_values(row.site, article, row.current, at, event, ())))


def catch_up(connection: Connection) -> None:
    """Make the rows that an archive of an older schema has not, from its versions and articles."""
    made = select(table.c.article).where(table.c.event == Event.EDIT.value)
    several = select(articles.c.id).where(articles.c.versions > 1, articles.c.id.not_in(made))
    for article in connection.execute(several).scalars().all():
        judge(connection, article)
    told = select(table.c.article).where(table.c.event == Event.GONE.value)
    lost = select(articles.c.id, articles.c.gone_at).where(
        articles.c.gone_at.is_not(None), articles.c.id.not_in(told)
    )
    for row in connection.execute(lost).all():
        note(connection, row.id, Event.GONE, row.gone_at)


def _values(
    site: str, article: str, number: int, at: dt.datetime, event: Event, kinds: Sequence[Kind]
) -> dict[str, object]:
    return {
        "site": site,
        "article": article,
        "number": number,
        "at": at,
        "event": event.value,
        "kinds": f" {' '.join(sorted(kinds))} " if kinds else "",
    }


def _kinds(old: Extraction, new: Extraction) -> Sequence[Kind]:
    return sorted(edits.kinds(parts.rows(old, new, steps=_STEPS)))


# ---------------------------------------------------------------------------------------------- reading


def listing(connection: Connection, wanted: Wanted, limit: int, offset: int = 0) -> list[Edit]:
    """Lines of the ledger, the newest first; those of what is withheld left out."""
    statement = (
        select(table)
        .join(articles, articles.c.id == table.c.article)
        .where(*_conditions(connection, wanted))
        .order_by(table.c.at.desc(), table.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(statement).all()
    order = _order(connection, {row.article for row in rows})
    return [
        Edit(
            id=row.id,
            site=row.site,
            article=row.article,
            number=row.number,
            before=_before(order.get(row.article, ()), row.number) if row.event == Event.EDIT else 0,
            at=row.at,
            event=Event(row.event),
            kinds=tuple(Kind(kind) for kind in row.kinds.split()),
        )
        for row in rows
    ]


def count(connection: Connection, wanted: Wanted) -> int:
    """How many lines there are."""
    statement = (
        select(func.count())
        .select_from(table.join(articles, articles.c.id == table.c.article))
        .where(*_conditions(connection, wanted))
    )
    return connection.execute(statement).scalar_one()


def tallies(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """How many lines each kind and each event has, the kinds and events of `wanted` set aside."""
    names: list[Kind | Event] = [*Kind, Event.GONE, Event.BACK, Event.MOVED]
    some = replace(wanted, kinds=(), events=(), minor=True)
    sums = [func.sum(case((_has(name), 1), else_=0)) for name in names]
    statement = (
        select(*sums)
        .select_from(table.join(articles, articles.c.id == table.c.article))
        .where(*_conditions(connection, some))
    )
    row = connection.execute(statement).one()
    return {name.value: number or 0 for name, number in zip(names, row, strict=True)}


def by_site(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """How many lines each site has, the sites of `wanted` set aside."""
    statement = (
        select(table.c.site, func.count())
        .select_from(table.join(articles, articles.c.id == table.c.article))
        .where(*_conditions(connection, replace(wanted, sites=())))
        .group_by(table.c.site)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def by_month(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """`YYYY-MM` → how many lines, in order of time, the month of `wanted` set aside."""
    statement = (
        select(table.c.at)
        .join(articles, articles.c.id == table.c.article)
        .where(*_conditions(connection, replace(wanted, month="")))
        .order_by(table.c.at)
    )
    found: Counter[str] = Counter()
    for moment in connection.execute(statement).scalars():
        found[f"{moment.astimezone(VIETNAM):%Y-%m}"] += 1
    return dict(found)


def _conditions(connection: Connection, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    hidden = withheld.load(connection)
    yield hidden.visible()
    for article, number in hidden.versions:
        yield not_(and_(table.c.article == article, table.c.number == number))
    if wanted.sites:
        yield table.c.site.in_(wanted.sites)
    if wanted.kinds or wanted.events:
        yield or_(*map(_has, wanted.kinds), *map(_has, wanted.events))
    elif not wanted.minor:
        yield not_(_has(Kind.MINOR))
    if wanted.month:
        year, month = int(wanted.month[:4]), int(wanted.month[5:7])
        start = dt.datetime(year, month, 1, tzinfo=VIETNAM)
        end = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=VIETNAM)
        yield and_(table.c.at >= start, table.c.at < end)


def _has(name: Kind | Event) -> ColumnElement[bool]:
    if isinstance(name, Event):
        return table.c.event == name.value
    return table.c.kinds.like(f"% {name.value} %")


def _order(connection: Connection, ids: Collection[str]) -> dict[str, list[int]]:
    """Numbers of the versions that may be shown, by date, of each article."""
    hidden = withheld.load(connection).versions
    statement = (
        select(versions.c.article, versions.c.number)
        .where(versions.c.article.in_(list(ids)))
        .order_by(versions.c.at, versions.c.number)
    )
    found: dict[str, list[int]] = {}
    for row in connection.execute(statement):
        if (row.article, row.number) not in hidden:
            found.setdefault(row.article, []).append(row.number)
    return found


def _before(order: Sequence[int], number: int) -> int:
    place = order.index(number) if number in order else 0
    return order[place - 1] if place else 0
