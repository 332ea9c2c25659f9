"""Trends: how often words or phrases stand in the articles of each year or month.

Absolute, or as the share of all that was captured then, so that a year with few articles is not taken for one
that fell silent. The numbers are those of the searches that each point links to.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from archive.search.backend import SearchRequest, Sort
from archive.web import query, results, words
from archive.web.caching import page, validated
from archive.web.kept import kept
from archive.web.research.stream import cell
from archive.web.research.ways import TRENDS, ways, with_query
from archive.web.resources import resources
from archive.web.xml import rendered

bp = Blueprint("trends", __name__)

MOST_TERMS = 6
_LONGEST_TERM = 300
_MOST_MONTHS = 600
WIDTH, HEIGHT = 960, 320
_LEFT, _RIGHT, _BOTTOM, _TOP = 56, 28, 28, 12
_LABELS = 12
"""Labels of the axis of time at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    terms: tuple[str, ...] = ()
    filters: SearchRequest = field(default_factory=SearchRequest)
    """What all articles must fit, those of which the others are a share too; its question is empty."""
    by: str = "year"
    """"year" or "month"."""
    share: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One term in one year or month."""

    period: str
    """`2022` or `2022-09`."""
    label: str
    count: int
    of: int
    """All articles of then."""
    href: str

    @property
    def share(self) -> float:
        """Of all articles of then, from 0 to 1."""
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One term over time."""

    term: str
    total: int
    points: tuple[Point, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the picture."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture's geometry, in units of its viewBox."""

    lines: tuple[tuple[int, str, str, tuple[Mark, ...]], ...]
    """Number, term, `points` of the polyline, marks."""
    rules: tuple[tuple[float, str], ...]
    """Height and label of each rule."""
    ticks: tuple[tuple[float, str], ...]
    """Place and label on the axis of time."""


def read(args: Mapping[str, Sequence[str]]) -> Asked:
    """Read an address; what cannot be read counts as not asked."""
    terms = dict.fromkeys(term.replace("\0", "").strip()[:_LONGEST_TERM] for term in args.get("w", ()))
    return Asked(
        terms=tuple(term for term in terms if term)[:MOST_TERMS],
        filters=replace(query.parse(args).request, q="", page=1, sort=Sort.RELEVANCE),
        by="month" if "month" in args.get("by", ()) else "year",
        share=any(query.is_true(value) for value in args.get("share", ())),
    )


def address(asked: Asked, form: str = "") -> str:
    """The address of a trend, or of its data."""
    pairs = [("w", term) for term in asked.terms] + query.arguments(asked.filters)
    pairs += [("by", "month")] if asked.by == "month" else []
    pairs += [("share", "1")] if asked.share else []
    return with_query(url_for("trends.data", form=form) if form else url_for("trends.show"), pairs)


def measure(asked: Asked) -> tuple[Line, ...]:
    """The lines of a question.

    :raises SearchError: there is no usable index.
    """
    base = replace(asked.filters, size=0, collapse=False)
    everything = resources().search(base).months
    periods = _periods(everything, asked.by)
    totals = _summed(everything, asked.by)
    lines = []
    for term in asked.terms:
        wanted = replace(base, q=term)
        found = resources().search(wanted)
        counts = _summed(found.months, asked.by)
        points = tuple(
            Point(period, _label(period), counts.get(period, 0), totals.get(period, 0), _href(wanted, period))
            for period in periods
        )
        lines.append(
            Line(term, found.total, points, results.address(replace(wanted, size=20, collapse=True)))
        )
    return tuple(lines)


def _periods(months: Mapping[str, int], by: str) -> list[str]:
    """All years or months from the first to the last that has an article, gaps filled."""
    known = sorted(months)
    if not known:
        return []
    first, last = known[0], known[-1]
    if by == "year":
        return [f"{year:04}" for year in range(int(first[:4]), int(last[:4]) + 1)]
    begin = int(first[:4]) * 12 + int(first[5:7]) - 1
    end = int(last[:4]) * 12 + int(last[5:7]) - 1
    begin = max(begin, end - _MOST_MONTHS + 1)
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(begin, end + 1)]


def _summed(months: Mapping[str, int], by: str) -> dict[str, int]:
    if by == "month":
        return dict(months)
    years: dict[str, int] = {}
    for month, count in months.items():
        years[month[:4]] = years.get(month[:4], 0) + count
    return years


def _label(period: str) -> str:
    return period if len(period) == 4 else words.month_of_year(dt.date(int(period[:4]), int(period[5:7]), 1))


def _href(wanted: SearchRequest, period: str) -> str:
    year = int(period[:4])
    if len(period) == 4:
        begin, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
    else:
        month = int(period[5:7])
        begin, end = dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])
    # Within the days that were asked for.
    begin, end = max(begin, wanted.date_from or begin), min(end, wanted.date_to or end)
    return results.address(replace(wanted, size=20, collapse=True, date_from=begin, date_to=end))


def draw(lines: Sequence[Line], share: bool) -> Picture | None:
    """Where everything of the picture goes; None when there is nothing to draw."""
    if not lines or not lines[0].points:
        return None
    highest = max((_value(point, share) for line in lines for point in line.points), default=0) or 1
    count = len(lines[0].points)
    step = (WIDTH - _LEFT - _RIGHT) / max(count - 1, 1)
    tall = HEIGHT - _TOP - _BOTTOM

    def place(index: int, value: float) -> tuple[float, float]:
        return round(_LEFT + index * step, 1), round(_TOP + tall * (1 - value / highest), 1)

    drawn = []
    for number, line in enumerate(lines):
        marks = tuple(Mark(*place(i, _value(point, share)), point) for i, point in enumerate(line.points))
        drawn.append((number, line.term, " ".join(f"{mark.x},{mark.y}" for mark in marks), marks))
    rules = tuple((place(0, highest * part)[1], _amount(highest * part, share)) for part in (0, 0.5, 1))
    every = -(-count // _LABELS)
    ticks = tuple((place(i, 0)[0], lines[0].points[i].period) for i in range(0, count, every))
    return Picture(tuple(drawn), rules, ticks)


def _value(point: Point, share: bool) -> float:
    return point.share if share else point.count


def _amount(value: float, share: bool) -> str:
    return f"{words.decimal(round(value * 100, 1))} %" if share else words.decimal(round(value, 1))


@bp.get("/xu-huong")
@kept
def show() -> Response:
    """The picture, its numbers, and the question."""
    asked = read(request.args.to_dict(flat=False))
    lines = measure(asked)
    sites = resources().store.sites()
    names = {site.id: site.name for site in sites}
    beside = [pair for pair in query.arguments(asked.filters) if pair[0] != "site"]
    return page(
        render_template(
            "research/trends.html",
            asked=asked,
            terms=(*asked.terms, "", "")[: max(3, len(asked.terms) + 1)][:MOST_TERMS],
            lines=lines,
            picture=draw(lines, asked.share),
            width=WIDTH,
            height=HEIGHT,
            sites=sites,
            filters=beside,
            chips=list(
                results.chips(asked.filters, names, lambda changed: address(replace(asked, filters=changed)))
            ),
            ways=ways(replace(asked.filters, q=" OR ".join(_bracketed(asked.terms))), TRENDS),
            other_share=address(replace(asked, share=not asked.share)),
            other_by=address(replace(asked, by="year" if asked.by == "month" else "month")),
            files=[(form.upper(), address(asked, form)) for form in ("csv", "json", "svg")],
        ),
        robots="noindex" if request.args else "",
    )


def _bracketed(terms: Sequence[str]) -> list[str]:
    return [f"({term})" if " " in term and len(terms) > 1 else term for term in terms]


@bp.get("/xu-huong.<any(csv, json, svg):form>")
def data(form: str) -> Response:
    """The numbers, or the picture alone."""
    asked = read(request.args.to_dict(flat=False))
    lines = measure(asked)
    if form == "json":
        rows = [
            {
                "term": line.term,
                "total": line.total,
                "points": [
                    {"period": point.period, "count": point.count, "of": point.of, "share": point.share}
                    for point in line.points
                ],
            }
            for line in lines
        ]
        return validated(jsonify({"by": asked.by, "sites": list(asked.filters.sites), "lines": rows}))
    if form == "svg":
        picture = draw(lines, asked.share)
        text = rendered(
            "research/trends.svg", picture=picture, lines=lines, width=WIDTH, height=HEIGHT, alone=True
        )
        response = Response(text, content_type="image/svg+xml; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="xu-huong.svg"'
        return validated(response)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("period", "term", "count", "articles", "share"))
    for line in lines:
        for point in line.points:
            writer.writerow((point.period, cell(line.term), point.count, point.of, f"{point.share:.6f}"))
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="xu-huong.csv"'
    return validated(response)
