"""The ledger of coverage: per site and month what is known of, and what became of it.

Articles count by the month in which they were published. An address that was never read counts by the day
that a feed or sitemap gave for it, and without one under no month: known of, but not when. Counted anew at
each question, from two indexes; what is withheld is not counted.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Self

from sqlalchemy import Connection, and_, case, func, select, true

from archive.model import ArticleState, Reason
from archive.store import runs, withheld
from archive.store.schema import aliases, articles
from archive.store.schema import frontier as queue

VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
_UNREAD = (Reason.SOFT_404, Reason.BOT_CHECK, Reason.LOGIN, Reason.EMPTY, Reason.EXTRACT)
"""Failures of an address from which a page came all the same: it is kept, and no article."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of, of one site and month, or of several together."""

    extracted: int = 0
    """Articles that can be read and found here."""
    unread: int = 0
    """Addresses from which a page was kept that is no article: a bot check, an error with status 200."""
    failed: int = 0
    """Addresses that could not be fetched, or were left out by rule."""
    lost: int = 0
    """Addresses that were gone before the archive came."""
    waiting: int = 0
    """Addresses that were not asked for yet."""
    gone: int = 0
    """Articles, among `extracted`, whose original is no longer at the portal."""

    @property
    def known(self) -> int:
        """All that is known to be, or to have been: the denominator of a share."""
        return self.extracted + self.unread + self.failed + self.lost + self.waiting

    @property
    def captured(self) -> int:
        """Of which a page is kept."""
        return self.extracted + self.unread

    @property
    def missed(self) -> int:
        """What was asked for, and cannot be read here."""
        return self.unread + self.failed + self.lost

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def to_dict(self) -> dict[str, int]:
        """JSON-ready form, with what follows from the counts."""
        own = {item.name: getattr(self, item.name) for item in fields(self)}
        return {"known": self.known, "captured": self.captured, **own}

    @classmethod
    def total(cls, items: Iterable[Coverage]) -> Self:
        """All together."""
        rows = list(items)
        return cls(*(sum(getattr(row, f.name) for row in rows) for f in fields(cls)))


Ledger = dict[tuple[str, str], Coverage]
"""By site and month, `YYYY-MM`; "" for what has no known month."""


def ledger(connection: Connection, site: str | None = None) -> Ledger:
    """The ledger of all sites, or of one, in order of site and month."""
    counts: _Counts = defaultdict(lambda: defaultdict(int))
    _count_articles(connection, site, counts)
    for row in connection.execute(_addresses(site)):
        counts[row.site, row.month or ""][row.what] += row.number
    rows = {key: Coverage(**counts[key]) for key in sorted(counts)}
    return {key: row for key, row in rows.items() if row.known}


_Counts = dict[tuple[str, str], dict[str, int]]


def _count_articles(connection: Connection, site: str | None, counts: _Counts) -> None:
    month = func.substr(articles.c.published, 1, 7).label("month")
    everything = (
        select(articles.c.site, month, articles.c.state, func.count().label("number"))
        .group_by(articles.c.site, month, articles.c.state)
        .where(articles.c.site == site if site is not None else true())
    )
    # What is withheld is subtracted: a condition on it would keep the index from answering alone.
    hidden = list(withheld.load(connection).articles)
    statements = [(1, everything)]
    parts = (hidden[start : start + 500] for start in range(0, len(hidden), 500))
    statements += [(-1, everything.where(articles.c.id.in_(part))) for part in parts]
    for sign, statement in statements:
        for row in connection.execute(statement):
            counts[row.site, row.month]["extracted"] += sign * row.number
            counts[row.site, row.month]["gone"] += sign * row.number * (row.state == ArticleState.GONE)


def _addresses(site: str | None) -> Any:
    """Addresses of articles of which there is no article."""
    month = func.substr(func.coalesce(queue.c.published, ""), 1, 7).label("month")
    what = case(
        (queue.c.state == "gone", "lost"),
        (queue.c.state == "queued", "waiting"),
        (queue.c.reason.in_([reason.value for reason in _UNREAD]), "unread"),
        else_="failed",
    ).label("what")
    same = and_(aliases.c.site == queue.c.site, aliases.c.url == queue.c.url)
    statement = (
        select(queue.c.site, month, what, func.count().label("number"))
        .where(queue.c.kind == "article", queue.c.state.in_(("queued", "failed", "gone", "excluded")))
        # One that was read before is an article already; the rest are few enough to be looked up.
        .where(queue.c.digest.is_(None), ~select(aliases.c.number).where(same).exists())
        .group_by(queue.c.site, month, what)
    )
    return statement if site is None else statement.where(queue.c.site == site)


def appeared(connection: Connection, site: str, begin: dt.date) -> dict[dt.date, int]:
    """New articles of a site by day since `begin`: by day of publication, and undated ones by the day on
    which they were first seen, once the archive had been filled."""
    day = func.substr(articles.c.published, 1, 10).label("day")
    dated = (
        select(day, func.count().label("number"))
        .where(articles.c.site == site, articles.c.published >= begin.isoformat())
        .group_by(day)
    )
    found: dict[dt.date, int] = defaultdict(int)
    for row in connection.execute(dated):
        found[dt.date.fromisoformat(row.day)] += row.number
    filled = runs.first_whole(connection, site)
    if filled is None:
        return dict(found)
    since = max(filled, dt.datetime.combine(begin, dt.time(), VIETNAM))
    undated = select(articles.c.first_seen).where(
        articles.c.site == site, articles.c.published == "", articles.c.first_seen > since
    )
    for moment in connection.execute(undated).scalars():
        found[moment.astimezone(VIETNAM).date()] += 1
    return dict(found)
