"""Browsing without a question: all portals, and the articles of one section of a portal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.search.backend import SearchRequest, Sort
from archive.web import items, query, results
from archive.web.caching import page
from archive.web.kept import kept
from archive.web.resources import resources
from archive.web.results import Choice

bp = Blueprint("sections", __name__)


@bp.get("/trang-nguon")
@bp.get("/sites")
@kept
def portals() -> Response:
    """All portals, with what is kept of each."""
    store = resources().store
    return page(render_template("site/portals.html", sites=store.sites(), totals=store.totals()))


@bp.get("/site/<site_id>/muc/<path:section>")
@kept
def section(site_id: str, section: str) -> Response:
    """A portal's articles in one section, newest first; found through the index, which knows sections.

    :raises SearchError: there is no usable index.
    """
    site = resources().store.site(site_id) if query.is_site(site_id) else None
    if site is None or len(section) > query.MAX_SECTION:
        abort(404)
    number = query.parse(request.args.to_dict(flat=False)).request.page
    asked = SearchRequest(
        sites=(site_id,),
        sections=(section,),
        sort=Sort.NEWEST,
        page=number,
        size=query.PAGE_SIZE,
        collapse=False,
    )
    found = resources().search(asked)
    if not found.hits:
        abort(404)
    start = (number - 1) * query.PAGE_SIZE
    html = render_template(
        "site/section.html",
        site=site,
        section=section,
        total=found.total,
        years=tuple(_years(found.months, asked)),
        found=[items.of_hit(hit) for hit in found.hits],
        number=number,
        first=start + 1,
        address=address(site_id, section, number),
        search=query.arguments(SearchRequest(sites=(site_id,), sections=(section,))),
        previous=address(site_id, section, number - 1) if number > 1 else "",
        next=address(site_id, section, number + 1) if start + query.PAGE_SIZE < found.total else "",
    )
    return page(html)


def address(site_id: str, section: str, number: int = 1) -> str:
    """The address of one page of a section."""
    at: dict[str, Any] = {"page": number} if number > 1 else {}
    return url_for("sections.section", site_id=site_id, section=section, **at)


def _years(months: Mapping[str, int], asked: SearchRequest) -> Iterator[Choice]:
    counts: Counter[int] = Counter()
    for month, count in months.items():
        counts[int(month[:4])] += count
    for year, count in sorted(counts.items()):
        of_year = SearchRequest(sites=asked.sites, sections=asked.sections, years=(year,))
        yield Choice(str(year), results.address(of_year), count)
