"""The front page and the result pages."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from archive.errors import SearchError
from archive.search.backend import SearchRequest
from archive.web import anniversaries, items, query, schema_org
from archive.web import results as view
from archive.web.caching import page
from archive.web.resources import resources, settings

bp = Blueprint("search", __name__)

_NEWEST = 8
_ANNIVERSARIES = 6


@bp.get("/")
def home() -> Response:
    """What this is, the box, what is in here."""
    store = resources().store
    totals, today = store.totals(), anniversaries.today()
    html = render_template(
        "search/home.html",
        totals=totals,
        today=today,
        anniversaries=anniversaries.of_day(today, totals.first_day, store, _ANNIVERSARIES),
        sites=store.sites(),
        newest=[items.of_view(found) for found in store.newest(_NEWEST)],
        linked=schema_org.home(settings()),
    )
    return page(html)


@bp.get("/search")
def results() -> Response:
    """One page of results, its whole state in the address."""
    question = query.parse(request.args.to_dict(flat=False))
    store = resources().store
    names = {site.id: site.name for site in store.sites()}
    try:
        found = resources().search(question.request)
    except SearchError as error:
        html = render_template(
            "search/unready.html",
            q=question.request.q,
            mend=error.mend,
            newest=[items.of_view(item) for item in store.newest(_NEWEST)],
        )
        response = page(html, 503, robots="noindex")
        response.headers["Retry-After"] = "60"
        response.headers["Cache-Control"] = "no-store"
        return response
    shown = view.build(question, found, names)
    html = render_template(
        "search/results.html",
        results=shown,
        q=question.request.q,
        totals=None if shown.total else store.totals(),
        everything=view.address(SearchRequest()),
    )
    response = page(html, robots="noindex")
    # Not on the page: the same answer must keep its ETag.
    response.headers["Server-Timing"] = f"search;dur={found.milliseconds:.1f}"
    return response
