"""What the archive would know: per portal, year and month what is known of, and what became of it.

Also the sentences below a search that found nothing, so that a reader can tell "nothing was published" from
"nothing was collected".
"""

from __future__ import annotations

import csv
import io
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, render_template, url_for

from archive.search.backend import SearchRequest
from archive.store.coverage import Coverage, Ledger
from archive.web import links, query
from archive.web.caching import page, validated
from archive.web.language import gettext
from archive.web.resources import resources

bp = Blueprint("coverage", __name__)

_COLUMNS = ("known", "captured", "extracted", "unread", "failed", "lost", "waiting", "gone")
_FRESH = 30.0
"""Seconds for which the ledger of all portals is not counted again although something was committed: during
a crawl that is so all the time, and counting 200,000 articles takes some tenths of a second. What is taken
down leaves the count at once."""
_LINES = 12
"""Years that are told below a search."""


@dataclass(slots=True)
class _Counted:
    """The ledger as last counted by this process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ledger: Ledger = field(default_factory=dict)
    withheld: object = None
    state: object = None
    at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a portal, a year or a month."""

    label: str
    href: str
    count: Coverage

    @property
    def read(self) -> float:
        """Width of the bar's part for what can be read, in hundredths."""
        return round(100 * self.count.extracted / self.count.known, 1) if self.count.known else 0.0

    @property
    def waiting(self) -> float:
        """Width of the part for what is still to come."""
        return round(100 * self.count.waiting / self.count.known, 1) if self.count.known else 0.0


@dataclass(frozen=True, slots=True)
class Year:
    """A year with its months."""

    line: Line
    months: tuple[Line, ...]


def init(app: Flask) -> None:
    """Give the templates what they tell below an empty search."""
    app.extensions["archive.coverage"] = _Counted()
    app.jinja_env.globals["coverage_of"] = of_search


@bp.get("/coverage")
@bp.get("/pham-vi")  # the one that links name
def show() -> Response:
    """All portals."""
    ledger = _ledger()
    rows = [
        Line(site.name, url_for("coverage.show_site", site_id=site.id), _total(ledger, site=site.id))
        for site in resources().store.sites()
    ]
    years = [Line(name, "", count) for name, count in _by(ledger, lambda _, month: month[:4]).items() if name]
    total = Coverage.total(ledger.values())
    address = links.absolute(url_for("coverage.show"))
    return page(render_template("coverage/all.html", rows=rows, years=years, total=total, canonical=address))


@bp.get("/pham-vi/<site_id>")
def show_site(site_id: str) -> Response:
    """One portal, by year and month."""
    site = resources().store.site(site_id) if query.is_site(site_id) else None
    if site is None:
        abort(404)
    ledger = {key: row for key, row in _ledger().items() if key[0] == site_id}
    years = []
    for year, count in _by(ledger, lambda _, month: month[:4]).items():
        months = tuple(
            Line(f"{month[5:7]}/{year}", _period(site_id, month), row)
            for (_, month), row in ledger.items()
            if year and month.startswith(year)
        )
        label = year or gettext("không rõ")
        years.append(Year(Line(label, _period(site_id, year) if year else "", count), months))
    html = render_template(
        "coverage/site.html",
        site=site,
        years=years,
        total=Coverage.total(ledger.values()),
        canonical=links.absolute(url_for("coverage.show_site", site_id=site_id)),
    )
    return page(html)


@bp.get("/pham-vi.json")
def as_json() -> Response:
    """The ledger, by site and month; `month` is null for what has no known one."""
    rows = [
        {"site": site, "month": month or None, **row.to_dict()} for (site, month), row in _ledger().items()
    ]
    return validated(jsonify({"columns": list(_COLUMNS), "results": rows}))


@bp.get("/pham-vi.csv")
def as_csv() -> Response:
    """The same as a table. Site ids are letters, digits and hyphens, and the rest are numbers: no cell can be
    taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("site", "month", *_COLUMNS))
    for (site, month), row in _ledger().items():
        values = row.to_dict()
        writer.writerow((site, month, *(values[name] for name in _COLUMNS)))
    return validated(Response(out.getvalue(), mimetype="text/csv"))


def of_search(request: SearchRequest) -> tuple[Line, ...]:
    """What the archive knows of the portals and years that a search was about, the newest year first."""
    ledger = {key: row for key, row in _ledger().items() if not request.sites or key[0] in request.sites}
    first = request.date_from.isoformat()[:7] if request.date_from else ""
    last = request.date_to.isoformat()[:7] if request.date_to else "9999"
    wanted = {
        (site, month): row
        for (site, month), row in ledger.items()
        if month and first <= month <= last and (not request.years or int(month[:4]) in request.years)
    }
    if not (request.sites or request.years or request.date_from or request.date_to):
        return ()
    years = set(request.years)
    if request.date_from and request.date_to:
        years |= set(range(request.date_from.year, request.date_to.year + 1))
    counts = _by(wanted, lambda _, month: month[:4])
    names = sorted(counts.keys() | {str(year) for year in years}, reverse=True)
    where = next(iter(request.sites)) if len(request.sites) == 1 else ""
    href = url_for("coverage.show_site", site_id=where) if where else url_for("coverage.show")
    return tuple(Line(name, href, counts.get(name, Coverage())) for name in names[:_LINES])


def _ledger() -> Ledger:
    counted: _Counted = current_app.extensions["archive.coverage"]
    store = resources().store
    withheld = [(item.id, item.lifted_at) for item in store.takedowns()]
    with counted.lock:
        state, now = store.state(), time.monotonic()
        is_old = counted.state != state and now - counted.at > _FRESH
        if is_old or counted.withheld != withheld:
            counted.ledger = store.coverage()
            counted.withheld, counted.state, counted.at = withheld, state, now
        return counted.ledger


def _by(ledger: Ledger, name: Callable[[str, str], str]) -> dict[str, Coverage]:
    grouped: dict[str, list[Coverage]] = defaultdict(list)
    for (site, month), row in ledger.items():
        grouped[name(site, month)].append(row)
    # Newest first; what has no known year last.
    return {key: Coverage.total(grouped[key]) for key in sorted(grouped, reverse=True)}


def _total(ledger: Ledger, *, site: str) -> Coverage:
    rows: Iterable[Coverage] = (row for (of, _), row in ledger.items() if of == site)
    return Coverage.total(rows)


def _period(site_id: str, month: str) -> str:
    """The page of a portal's articles of a year or month."""
    at: dict[str, Any] = {"year": int(month[:4])}
    if len(month) > 4:
        at["month"] = int(month[5:7])
    return url_for("site.show", site_id=site_id, **at)
