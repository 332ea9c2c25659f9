"""One portal: what it is, what is kept of it, its articles by year and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.errors import SearchError
from archive.search.backend import SearchRequest
from archive.store import SiteSummary
from archive.web import items, links, query, sections, states, words
from archive.web.caching import page
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.resources import resources
from archive.web.results import Choice

bp = Blueprint("site", __name__)

_SECTIONS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Period:
    """All of a portal's articles, or those of a year or a month."""

    site: str
    year: int = 0
    month: int = 0

    def prefix(self) -> str:
        """How its publication dates begin."""
        if self.month:
            return f"{self.year:04}-{self.month:02}"
        return f"{self.year:04}" if self.year else ""

    def label(self) -> str:
        """`2022` or `9/2022`; "" for all."""
        if self.month:
            return words.month_of_year(dt.date(self.year, self.month, 1))
        return gettext("năm %(year)s", year=self.year) if self.year else ""

    def address(self, number: int = 1) -> str:
        """The address of one of its pages."""
        at: dict[str, Any] = {name: getattr(self, name) for name in ("year", "month") if getattr(self, name)}
        if number > 1:
            at["page"] = number
        return url_for("site.show", site_id=self.site, **at)

    def count(self, months: Mapping[str, int]) -> int:
        """How many articles were published in it, undated ones left out."""
        return sum(number for month, number in months.items() if month.startswith(self.prefix()))


@bp.get("/site/<site_id>", defaults={"year": 0, "month": 0})
@bp.get("/site/<site_id>/<int(fixed_digits=4, min=1):year>", defaults={"month": 0})
@bp.get("/site/<site_id>/<int(fixed_digits=4, min=1):year>/<int(min=1, max=12):month>")
@kept
def show(site_id: str, year: int, month: int) -> Response:
    """A portal's articles, of all time or of a year or a month, newest first."""
    store = resources().store
    site = store.site(site_id) if query.is_site(site_id) else None
    if site is None:
        abort(404)
    period = Period(site_id, year, month)
    months = store.months(site_id)
    articles = period.count(months) if year else site.articles
    number = query.parse(request.args.to_dict(flat=False)).request.page
    start = (number - 1) * query.PAGE_SIZE
    if start >= articles and (year or number > 1):
        abort(404)
    newest = store.newest(query.PAGE_SIZE, site=site_id, offset=start, published=period.prefix())
    html = render_template(
        "site/site.html",
        site=site,
        period=period,
        articles=articles,
        original=links.outside(next(iter(site.start), "")),
        standing=states.of_site(site_id),
        newest=[items.of_view(view) for view in newest],
        number=number,
        first=start + 1,
        years=tuple(_years(period, months)),
        months=tuple(_months(period, months)) if year else (),
        undated=site.articles - sum(months.values()),
        sections=_sections(site) if not year else (),
        sections_shown=_SECTIONS_SHOWN,
        search=_search(period),
        previous=period.address(number - 1) if number > 1 else "",
        next=period.address(number + 1) if start + query.PAGE_SIZE < articles else "",
    )
    return page(html)


def _years(period: Period, months: Mapping[str, int]) -> Iterator[Choice]:
    counts: Counter[int] = Counter()
    for month, count in months.items():
        counts[int(month[:4])] += count
    for year, count in sorted(counts.items()):
        yield Choice(str(year), Period(period.site, year).address(), count, year == period.year)


def _months(period: Period, months: Mapping[str, int]) -> Iterator[Choice]:
    for number in range(1, 13):
        month = Period(period.site, period.year, number)
        if count := months.get(month.prefix(), 0):
            yield Choice(words.month(number), month.address(), count, number == period.month)


def _sections(site: SiteSummary) -> tuple[Choice, ...]:
    """The portal's sections, most articles first; none while there is no usable index."""
    try:
        found = resources().search(SearchRequest(sites=(site.id,), size=1))
    except SearchError:
        return ()
    return tuple(
        Choice(item.value, sections.address(site.id, item.value), item.count)
        for item in sorted(found.facets.get("section", ()), key=lambda item: (-item.count, item.value))
        if item.value and item.count
    )


def _search(period: Period) -> tuple[tuple[str, str], ...]:
    """The period as hidden fields of the page's search form."""
    begin, end = (query.read_day(period.prefix(), last=last) for last in (False, True))
    asked = SearchRequest(sites=(period.site,), date_from=begin, date_to=end)
    return tuple(query.arguments(asked))
