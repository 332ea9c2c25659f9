"""All captures of an address: counts by year and month, then by day, then one by one.

Days and hours are those of the addresses, in UTC; each single capture says its time in Vietnam.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, render_template

from archive.memento import linkformat, times
from archive.store import mementos
from archive.store.ledger import Judged
from archive.web import links, words
from archive.web.caching import page
from archive.web.memento import asked, lookup
from archive.web.resources import resources

_MAX_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Year:
    """A year in the strip of years."""

    year: int
    count: int
    href: str
    shown: bool
    share: int
    """Per cent of the fullest year, for the bar."""


@dataclass(frozen=True, slots=True)
class Day:
    """A cell of a month; number 0 for one that is empty."""

    number: int
    count: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    name: str
    count: int
    href: str
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One capture in the list of a day or a month."""

    stamp: str
    moment: str
    iso: str
    href: str
    status: int
    mime: str
    size: int
    same: bool
    """The same bytes as the capture before."""


def show(when: str, url: str, text: str) -> Response:
    """The calendar of a year (the newest, when none is asked for), or the captures of a month, a day …

    :param when: the stamp before the asterisk: "" or four digits for a calendar, more for a list.
    :param url: the canonical address; "" when none could be read from `text`.
    """
    span = times.period(when) if when else None
    if not url or (when and span is None):
        return lookup.missing(url, text)
    with resources().store.read() as connection:
        moments = mementos.moments(connection, asked.key(url))
        listed = (
            mementos.listing(connection, asked.key(url), span) if span is not None and len(when) > 4 else []
        )
    if not moments:
        return lookup.missing(url, text)
    years = Counter(moment.year for moment in moments)
    year = int(when[:4]) if when else moments[-1].year
    html = render_template(
        "memento/calendar.html",
        url=url,
        live=links.outside(url),
        total=len(moments),
        first=words.local_day(moments[0]),
        last=words.local_day(moments[-1]),
        newest=asked.page(url),
        years=tuple(_years(url, years, year)),
        year=year,
        months=tuple(_months(url, year, moments)) if not listed and len(when) <= 4 else (),
        period=when if len(when) > 4 else "",
        lines=tuple(_lines(listed))[:_MAX_LISTED],
        left_out=max(0, len(listed) - _MAX_LISTED),
        timemaps=[(form, asked.timemap(form, url)) for form in ("link", "json", "cdxj")],
        whole=asked.calendar(url, str(year)),
    )
    response = page(html, robots="noindex")
    response.headers["Link"] = linkformat.header(asked.addresses(url).common())
    return response


def _years(url: str, years: Counter[int], shown: int) -> Iterator[Year]:
    most = max(years.values())
    for year in range(min(years), max(years) + 1):
        count = years[year]
        yield Year(year, count, asked.calendar(url, f"{year:04}"), year == shown, 100 * count // most)


def _months(url: str, year: int, moments: Sequence[dt.datetime]) -> Iterator[Month]:
    days = Counter((moment.month, moment.day) for moment in moments if moment.year == year)
    for month in range(1, 13):
        prefix = f"{year:04}{month:02}"
        weeks = tuple(
            tuple(
                Day(day, days[month, day], asked.calendar(url, f"{prefix}{day:02}")) if day else Day(0)
                for day in week
            )
            for week in months.Calendar().monthdayscalendar(year, month)
        )
        count = sum(number for (its, _), number in days.items() if its == month)
        yield Month(words.month(month), count, asked.calendar(url, prefix), weeks)


def _lines(found: Sequence[Judged]) -> Iterator[Line]:
    before = ""
    for item in found:
        capture = item.capture
        yield Line(
            stamp=times.stamp(capture.at),
            moment=words.moment(capture.at),
            iso=capture.at.isoformat(timespec="seconds"),
            href=asked.memento(capture),
            status=capture.status,
            mime=capture.mime,
            size=capture.size,
            same=capture.payload_digest == before,
        )
        before = capture.payload_digest
