"""What the API says of a hit, an article, an event, a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import url_for
from markupsafe import escape

from archive import wire
from archive.model import ArticleView
from archive.model.events import Event, When
from archive.preserve.exporting import tables
from archive.search.backend import SearchHit, SearchPage, Snippet
from archive.store.happenings.values import ClaimTold, Gathering, OfArticle, Person
from archive.web import links
from archive.web.resources import settings

Record = dict[str, Any]


def hit(found: SearchHit, highlight: bool) -> Record:
    """One article of a result list."""
    return {
        "id": found.id,
        "permalink": links.absolute(links.article_path(found.id, found.slug)),
        "url": found.url,
        "site": found.site,
        "site_name": found.site_name,
        "section": found.section,
        "title": _marked(found.title, highlight),
        "published": found.published or None,
        "state": found.status,
        "score": round(found.score, 4),
        "copies": found.copies,
        "snippets": [{"field": item.field, "text": _marked(item, highlight)} for item in found.snippets],
    }


def _marked(snippet: Snippet, highlight: bool) -> str:
    """The text; with `highlight` as HTML, found words in `<mark>`."""
    if not highlight:
        return snippet.text
    parts, at = [], 0
    for start, end in snippet.marks:
        parts += [escape(snippet.text[at:start]), f"<mark>{escape(snippet.text[start:end])}</mark>"]
        at = end
    return "".join(str(part) for part in (*parts, escape(snippet.text[at:])))


def facets(page: SearchPage) -> Record:
    """Counts under the current filters."""
    return {
        name: [{"value": item.value, "count": item.count} for item in values]
        for name, values in page.facets.items()
    }


def article(view: ArticleView, told: OfArticle) -> Record:
    """All that is known of an article at one version: the exports' row, its blocks, what was read in it."""
    row = tables.row(view, settings().public_base)
    content = wire.to_dict(view.extraction)
    return row | {
        "blocks": content.get("blocks", []),
        "events": [event_told(item.id, item.event) for item in told.events],
        "people": [claim(item) for item in told.claims],
        "places": list(told.places),
    }


def gathering(found: Gathering) -> Record:
    """An event with all that tell of it."""
    return {
        **event_told(found.id, found.event),
        "permalink": links.absolute(url_for("happenings.event", event_id=found.id)),
        "articles": list(found.articles),
        "tellings": [
            {"id": told.id, "article": told.article, "site": told.site, **event_told(told.id, told.event)}
            for told in found.told
        ],
    }


def event_told(event_id: str, told: Event) -> Record:
    """An event as one article tells it."""
    return {
        "id": event_id,
        "sort": told.sort.value,
        "kind": told.kind,
        "name": told.name,
        "when": when(told.when),
        "places": list(told.places),
        "organiser": told.organiser,
        "people": list(told.people),
        "sentence": told.sentence,
        "where": {"part": told.where.part, "start": told.where.start, "end": told.where.end},
        "rule": told.rule,
    }


def when(given: When) -> Record:
    """Days in ISO 8601; a part of a day is no hour."""
    return {
        "start": _iso(given.start),
        "end": _iso(given.end),
        "precision": given.precision,
        "part": given.part or None,
        "time": given.time.isoformat("minutes") if given.time else None,
        "basis": given.basis,
        "lunar": given.lunar or None,
        "text": given.text,
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def person(found: Person) -> Record:
    """A person as articles name them."""
    return {
        "id": found.id,
        "permalink": links.absolute(url_for("people.person", person_id=found.id)),
        "name": found.name,
        "sites": list(found.sites),
        "offices": list(found.offices),
        "articles": found.articles,
        "claims": found.claims,
        "first": found.first or None,
        "last": found.last or None,
    }


def claim(told: ClaimTold) -> Record:
    """What one sentence says of a person."""
    said = told.claim
    return {
        "person": told.person,
        "name": said.name,
        "offices": list(said.offices),
        "article": told.article,
        "site": told.site,
        "published": told.day or None,
        "sentence": said.sentence,
        "where": {"part": said.where.part, "start": said.where.start, "end": said.where.end},
        "rule": said.rule,
    }
