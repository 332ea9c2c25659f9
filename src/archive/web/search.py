"""The front page and the result pages."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request

from archive.errors import SearchError
from archive.search.backend import Completion, SearchRequest
from archive.web import anniversaries, items, links, query, schema_org
from archive.web import results as view
from archive.web.caching import page, validated
from archive.web.kept import kept
from archive.web.language import gettext, ngettext
from archive.web.metrics import SEARCH_SECONDS
from archive.web.research.exports import downloads
from archive.web.research.ways import SEARCH, ways
from archive.web.resources import resources, settings

bp = Blueprint("search", __name__)

_NEWEST = 8
_ANNIVERSARIES = 6
_COMPLETIONS = 8
_TYPED = 200
"""Letters of what was typed that are looked at."""


@bp.get("/")
@kept
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


@bp.get("/complete")
def complete() -> Response:
    """Completions as OpenSearch Suggestions 1.1 has them: what was typed, queries, notes, addresses."""
    typed = request.args.get("q", "").replace("\0", "")[:_TYPED]
    found = resources().complete(typed, _COMPLETIONS)
    queries = [f'muc:"{item.text}"' if item.kind == "section" else item.text for item in found]
    addresses = [links.absolute(view.address(SearchRequest(q=text))) for text in queries]
    answer = json.dumps([typed, queries, [_note(item) for item in found], addresses], ensure_ascii=False)
    response = Response(answer, content_type="application/x-suggestions+json; charset=utf-8")
    response.vary.add("Cookie")
    response.headers["X-Robots-Tag"] = "noindex"
    return validated(response)


def _note(item: Completion) -> str:
    counted = ngettext("%(n)s bài", "%(n)s bài", item.count) if item.count else ""
    if item.kind == "section":
        return gettext("mục, %(count)s", count=counted)
    return counted or gettext("tên bài")


@bp.get("/search")
@kept
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
    SEARCH_SECONDS.observe(found.milliseconds / 1000)
    shown = view.build(question, found, names)
    # A stranger's words must not become a page of ours in an index: only what finds something may.
    listed = bool(shown.total) and question.request == SearchRequest(q=question.request.q)
    html = render_template(
        "search/results.html",
        results=shown,
        listed=listed,
        q=question.request.q,
        downloads=downloads(question.request),
        ways=ways(question.request, SEARCH),
        totals=None if shown.total else store.totals(),
        everything=view.address(SearchRequest()),
    )
    response = page(html, robots="" if listed else "noindex")
    # Not on the page: the same answer must keep its ETag.
    response.headers["Server-Timing"] = f"search;dur={found.milliseconds:.1f}"
    return response
