"""Atom feeds (RFC 4287, paged by RFC 5005): of any search, of the edits, of the events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, request, url_for

from archive.model import ArticleView
from archive.search.backend import Sort
from archive.store import Chronicle
from archive.store import edits as ledger
from archive.web import edits, links, query
from archive.web.caching import validated
from archive.web.happenings import asked, shown
from archive.web.language import gettext
from archive.web.resources import resources, settings
from archive.web.words import VIETNAM, plain
from archive.web.xml import rendered

bp = Blueprint("feeds", __name__)

SIZE = 40
"""Entries of one document; older ones are in the next."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; times are instants, and "" stands for what is not known."""

    id: str
    title: str
    href: str
    updated: str
    published: str = ""
    via: str = ""
    authors: tuple[str, ...] = ()
    summary: str = ""
    categories: tuple[str, ...] = ()
    picture: str = ""


@bp.get("/search.atom")
def search() -> Response:
    """What a search finds, the newest first: a saved search, or a portal (`?site=`), a section, a person."""
    question = query.parse(request.args.to_dict(flat=False))
    number = question.request.page
    newest = replace(question.request, sort=Sort.NEWEST, size=SIZE, facets=False)
    found = resources().search(newest)
    views = resources().store.articles([hit.id for hit in found.hits])
    base = query.arguments(replace(question.request, page=1, sort=Sort.RELEVANCE))
    title = question.request.q or gettext("Bài mới")
    return _feed(
        title=f"{title} · {settings().name}",
        entries=[_article(view) for view in views],
        total=found.distinct,
        number=number,
        endpoint="feeds.search",
        arguments=base,
        html=url_for("search.results") + _query(base),
    )


@bp.get("/sua-doi.atom")
def edited() -> Response:
    """What portals changed or took down after it had been captured."""
    args = request.args.to_dict(flat=False)
    wanted, number = edits.read(args), query.parse(args).request.page
    with resources().store.read() as connection:
        total = ledger.count(connection, wanted)
    entries = [
        Entry(
            id=_tag(item.at, f"edit/{item.id}"),
            title=f"{', '.join(item.what)}: {plain(item.title)}",
            href=links.absolute(item.href),
            updated=_instant(item.at),
            summary="; ".join(item.what),
            categories=item.kinds,
        )
        for item in edits.entries(wanted, SIZE, (number - 1) * SIZE)
    ]
    known = ("site", "kind", "month", "minor")
    pairs = [(name, value) for name in known for value in args.get(name, ())]
    name = gettext("Sửa đổi thầm lặng")
    return _feed(
        title=f"{name} · {settings().name}",
        entries=entries,
        total=total,
        number=number,
        endpoint="feeds.edited",
        arguments=pairs,
        html=edits.address(wanted),
    )


@bp.get("/su-kien.atom")
def events() -> Response:
    """Events by day, the newest first."""
    question, number = asked.parse(request.args), asked.page_number(request.args)
    chronicle, store = Chronicle(resources().store), resources().store
    total = chronicle.count(question)
    entries = []
    for gathering in chronicle.gatherings(question, limit=SIZE, offset=(number - 1) * SIZE):
        views = store.articles(gathering.articles)
        line = shown.line(gathering)
        moment = max((view.version.at for view in views), default=_EPOCH)
        entries.append(
            Entry(
                id=_tag(moment, f"event/{gathering.id}", day=False),
                title=f"{line.when}: {plain(line.name)}",
                href=links.absolute(line.href),
                updated=_instant(moment),
                summary=plain(gathering.event.sentence),
                categories=(gathering.event.kind,),
            )
        )
    pairs = [(name, str(value)) for name, value in asked.fields(question).items()]
    return _feed(
        title=f"{shown.sort_label(question.sort)} · {settings().name}",
        entries=entries,
        total=total,
        number=number,
        endpoint="feeds.events",
        arguments=pairs,
        html=asked.address(question),
        page_name="trang",
    )


def _article(view: ArticleView) -> Entry:
    extraction = view.extraction
    published = extraction.published
    first = next((view.pictures[p.url] for p in extraction.pictures() if p.url in view.pictures), None)
    return Entry(
        id=_tag(view.article.first_seen, f"article/{view.article.id}"),
        title=plain(extraction.title) or gettext("Bài không có tên"),
        href=links.absolute(links.view_path(view)),
        updated=_instant(view.version.at),
        # A feed knows instants only: of a day alone the beginning, as RFC 3339 has no days.
        published=_instant(dt.datetime.combine(published.day, published.time or dt.time(), VIETNAM))
        if published
        else "",
        via=links.outside(view.article.url),
        authors=tuple(plain(name) for name in extraction.byline.authors) or (plain(view.site_name),),
        summary=plain(extraction.lead),
        categories=tuple(filter(None, (plain(extraction.section), view.article.site))),
        picture=links.absolute(links.thumb_path(first.payload_digest, links.WIDTHS[1])) if first else "",
    )


def _feed(
    *,
    title: str,
    entries: Sequence[Entry],
    total: int,
    number: int,
    endpoint: str,
    arguments: Sequence[tuple[str, str]],
    html: str,
    page_name: str = "page",
) -> Response:
    """A document of a feed, with its neighbours."""
    last = max(1, -(-total // SIZE))
    if number > last:
        abort(404)

    def address(page: int) -> str:
        pairs = [*arguments, (page_name, str(page))] if page > 1 else list(arguments)
        return links.absolute(url_for(endpoint) + _query(pairs))

    crawled = resources().store.totals().last_crawl or _EPOCH
    text = rendered(
        "machines/feed.xml",
        title=title,
        id=address(1),
        here=address(number),
        first=address(1),
        last=address(last),
        previous=address(number - 1) if number > 1 else "",
        next=address(number + 1) if number < last else "",
        html=links.absolute(html),
        updated=max((entry.updated for entry in entries), default=_instant(crawled)),
        entries=entries,
        total=total,
        start=(number - 1) * SIZE + 1,
        size=SIZE,
    )
    response = Response(text, content_type="application/atom+xml; charset=utf-8")
    response.vary.add("Cookie")
    response.headers["X-Robots-Tag"] = "noindex"
    return validated(response)


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs)}" if pairs else ""


def _tag(moment: dt.datetime, name: str, *, day: bool = True) -> str:
    """A tag URI (RFC 4151): the archive's host, a day on which it had the name, the thing."""
    host = urlsplit(settings().public_base).hostname or "localhost"
    return f"tag:{host},{moment:%Y-%m-%d}:{name}" if day else f"tag:{host},2026:{name}"


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
