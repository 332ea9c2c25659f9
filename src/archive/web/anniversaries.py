"""On this day in earlier years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from archive.search.backend import SearchRequest
from archive.store import Store
from archive.web import items, results
from archive.web.items import Item
from archive.web.words import VIETNAM

_YEARS = 100
"""Years that are looked back at most: a portal's slip, as the year 0219, must not make a huge query."""


@dataclass(frozen=True, slots=True)
class Anniversary:
    """One article of this day in another year."""

    year: int
    item: Item
    others: int
    """How many more were published that day."""
    href: str
    """All of that day."""


def today() -> dt.date:
    """The day it is in Vietnam."""
    return dt.datetime.now(VIETNAM).date()


def of_day(day: dt.date, first: dt.date | None, store: Store, limit: int) -> list[Anniversary]:
    """The newest earlier years that have something, one article of each.

    :param first: earliest day of publication in the archive.
    """
    found = store.on_days(list(_earlier(day, first)))[:limit] if first else []
    views = {view.article.id: view for view in store.articles([item.newest for item in found])}
    return [
        Anniversary(
            item.day.year,
            items.of_view(views[item.newest]),
            item.articles - 1,
            results.address(SearchRequest(date_from=item.day, date_to=item.day)),
        )
        for item in found
        if item.newest in views
    ]


def _earlier(day: dt.date, first: dt.date) -> Iterator[dt.date]:
    for year in range(max(first.year, day.year - _YEARS), day.year):
        # On 29 February only leap years have the day.
        try:
            yield day.replace(year=year)
        except ValueError:
            continue
