"""Found articles over time as a strip of bars: months where they fit, else years. Pure.

Bars are drawn as SVG in a box of `WIDTH` × `HEIGHT` units that the page stretches; the same numbers stand
in a table for those who cannot see or click it.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from archive.search.backend import SearchRequest

WIDTH = 1200
HEIGHT = 60
_MONTHS_UP_TO_YEARS = 6
_LABELS = 12
_GAP = 0.15
"""Part of a bar's place that stays empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A month or a year with something found in it, or an empty place."""

    label: str
    """`09/2022` or `2022`."""
    count: int
    x: float
    y: float
    width: float
    height: float
    place: float
    """Left edge of the bar's whole place: the part that can be clicked."""
    place_width: float
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: tuple[Bar, ...]
    labels: tuple[str, ...]
    """Below the strip, evenly spread; "" leaves a place free."""
    monthly: bool
    whole: str
    """The address of this question without any time: a stretch of bars that is chosen is put to it."""


def draw(
    months: Mapping[str, int], request: SearchRequest, address: Callable[[SearchRequest], str]
) -> Histogram | None:
    """The strip for a result; None when it would say nothing (no dated article, or a single month).

    :param months: `YYYY-MM` → number found.
    :param address: the address of a search.
    """
    counts = {_year_month(key): count for key, count in months.items() if count > 0}
    if len(counts) < 2:
        return None
    first, last = min(counts)[0], max(counts)[0]
    years = range(first, last + 1)
    base = replace(request, page=1, years=(), date_from=None, date_to=None)
    if len(years) <= _MONTHS_UP_TO_YEARS:
        spans = [(year, month) for year in years for month in range(1, 13)]
        labels = [str(year) for year in years] if len(years) > 1 else [str(m) for m in range(1, 13)]
        bars = [_month(base, request, *span) for span in spans]
        values = [counts.get(span, 0) for span in spans]
    else:
        by_year: Counter[int] = Counter()
        for (year, _), count in counts.items():
            by_year[year] += count
        step = -(-len(years) // _LABELS)
        labels = [str(year) if index % step == 0 else "" for index, year in enumerate(years)]
        bars = [(str(year), replace(base, years=(year,)), year in request.years) for year in years]
        values = [by_year[year] for year in years]
    monthly = len(years) <= _MONTHS_UP_TO_YEARS
    return Histogram(_placed(bars, values, address), tuple(labels), monthly, address(base))


def _year_month(key: str) -> tuple[int, int]:
    return int(key[:4]), int(key[5:7])


def _month(
    base: SearchRequest, asked: SearchRequest, year: int, month: int
) -> tuple[str, SearchRequest, bool]:
    begin = dt.date(year, month, 1)
    end = dt.date(year, month, calendar.monthrange(year, month)[1])
    chosen = (asked.date_from, asked.date_to) == (begin, end)
    return f"{month:02}/{year}", replace(base, date_from=begin, date_to=end), chosen


def _placed(
    bars: list[tuple[str, SearchRequest, bool]],
    values: list[int],
    address: Callable[[SearchRequest], str],
) -> tuple[Bar, ...]:
    place = WIDTH / len(bars)
    top = max(values)
    placed = []
    for index, ((label, request, chosen), value) in enumerate(zip(bars, values, strict=True)):
        # A single article among thousands must still be seen.
        height = max(value / top * HEIGHT, 3) if value else 0
        placed.append(
            Bar(
                label,
                value,
                round(place * (index + _GAP / 2), 1),
                round(HEIGHT - height, 1),
                round(place * (1 - _GAP), 1),
                round(height, 1),
                round(place * index, 1),
                round(place, 1),
                address(request) if value else "",
                chosen,
            )
        )
    return tuple(placed)
