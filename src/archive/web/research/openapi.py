"""The description of the API (OpenAPI 3.1), in one place with what it promises."""

from __future__ import annotations

from typing import Any

from archive import __version__
from archive.model import ArticleState
from archive.model.events import EventClass
from archive.search.backend import HintKind, Sort

Node = dict[str, Any]

_TEXT: Node = {"type": "string"}
_NUMBER: Node = {"type": "integer", "minimum": 0}
_MAYBE: Node = {"type": ["string", "null"]}
_DAY: Node = {"type": ["string", "null"], "format": "date"}
_ID: Node = {"type": "string", "pattern": "^[a-z0-9]{4,40}$"}
_LINK: Node = {"type": "string", "format": "uri"}
_TEXTS: Node = {"type": "array", "items": _TEXT}


def _object(required: dict[str, Node], **optional: Node) -> Node:
    return {"type": "object", "properties": required | optional, "required": list(required)}


def _list(item: str) -> Node:
    results = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    return _object({"count": _NUMBER, "next": _MAYBE, "previous": _MAYBE, "results": results})


_WHEN = _object(
    {
        "start": _DAY,
        "end": _DAY,
        "precision": {"enum": ["day", "month", "year"]},
        "part": {
            "type": ["string", "null"],
            "description": "sáng, trưa, chiều, tối, đêm; never made an hour",
        },
        "time": _MAYBE,
        "basis": {"enum": ["text", "page", "relative"]},
        "lunar": _MAYBE,
        "text": _TEXT,
    }
)
_WHERE = _object({"part": _TEXT, "start": _NUMBER, "end": _NUMBER})
_TOLD = {
    "id": _ID,
    "sort": {"enum": [sort.value for sort in EventClass]},
    "kind": _TEXT,
    "name": _TEXT,
    "when": _WHEN,
    "places": _TEXTS,
    "organiser": _TEXT,
    "people": _TEXTS,
    "sentence": _TEXT,
    "where": _WHERE,
    "rule": _TEXT,
}
_CLAIM = _object(
    {
        "person": _ID,
        "name": _TEXT,
        "offices": _TEXTS,
        "article": _ID,
        "site": _TEXT,
        "published": _DAY,
        "sentence": _TEXT,
        "where": _WHERE,
        "rule": _TEXT,
    }
)
_PERSON = {
    "id": _ID,
    "permalink": _LINK,
    "name": _TEXT,
    "sites": _TEXTS,
    "offices": _TEXTS,
    "articles": _NUMBER,
    "claims": _NUMBER,
    "first": _DAY,
    "last": _DAY,
}
_SCHEMAS: Node = {
    "Hit": _object(
        {
            "id": _ID,
            "permalink": _LINK,
            "url": _TEXT,
            "site": _TEXT,
            "site_name": _TEXT,
            "section": _TEXT,
            "title": _TEXT,
            "published": {
                "type": ["string", "null"],
                "description": "the page's own: a day, or a time in +07:00",
            },
            "state": {"enum": [state.value for state in ArticleState]},
            "score": {"type": "number"},
            "copies": _NUMBER,
            "snippets": {"type": "array", "items": _object({"field": _TEXT, "text": _TEXT})},
        }
    ),
    "Search": _object(
        {
            **_list("Hit")["properties"],
            "distinct": {**_NUMBER, "description": "count with copies of one text as one"},
            "facets": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": _object({"value": {"type": ["string", "integer", "boolean"]}, "count": _NUMBER}),
                },
            },
            "months": {"type": "object", "additionalProperties": _NUMBER},
            "undated": _NUMBER,
            "reading": {**_TEXT, "description": "how the question was understood"},
            "suggestion": _MAYBE,
            "hints": {
                "type": "array",
                "items": _object({"kind": {"enum": [kind.value for kind in HintKind]}, "detail": _TEXT}),
            },
        }
    ),
    "Article": _object(
        {
            "id": _ID,
            "version": _NUMBER,
            "versions": _NUMBER,
            "permalink": _LINK,
            "site": _TEXT,
            "url": _TEXT,
            "state": _TEXT,
            "published": _MAYBE,
            "title": _TEXT,
            "lead": _TEXT,
            "text": _TEXT,
            "authors": _TEXTS,
            "captured_at": {"type": "string", "format": "date-time"},
            "payload_digest": _TEXT,
            "content_hash": _TEXT,
            "blocks": {"type": "array", "items": {"type": "object"}},
            "events": {"type": "array", "items": _object(_TOLD)},
            "people": {"type": "array", "items": _CLAIM},
            "places": _TEXTS,
        }
    ),
    "Event": _object(
        {
            **_TOLD,
            "permalink": _LINK,
            "articles": {"type": "array", "items": _ID},
            "tellings": {"type": "array", "items": _object({**_TOLD, "article": _ID, "site": _TEXT})},
        }
    ),
    "Person": _object(_PERSON),
    "PersonTold": _object({**_PERSON, "told": {"type": "array", "items": _CLAIM}}),
    "Site": _object(
        {
            "id": _TEXT,
            "name": _TEXT,
            "start": _TEXTS,
            "articles": _NUMBER,
            "first": _DAY,
            "last": _DAY,
            "permalink": _LINK,
        }
    ),
    "Problem": _object(
        {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}},
        detail=_TEXT,
        errors={"type": "array", "items": _object({"name": _TEXT, "detail": _TEXT})},
    ),
}


def _parameter(name: str, text: str, schema: Node | None = None, *, many: bool = False) -> Node:
    node = schema or _TEXT
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": text,
        "schema": {"type": "array", "items": node} if many else node,
        "style": "form",
        "explode": True,
    }


_SITE = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,99}$"}
_YEAR: Node = {"type": "integer", "minimum": 1000, "maximum": 2999}
_PAGING = [
    _parameter(
        "limit", "results of one answer", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    ),
    _parameter("cursor", "from `next` or `previous` of another answer to the same question"),
]
_SEARCH = [
    _parameter("q", "the question, in the syntax of the search page; some 10,000 characters fit"),
    _parameter("sort", "order", {"enum": [sort.value for sort in Sort], "default": "relevance"}),
    _parameter("site", "id of a site", _SITE, many=True),
    _parameter(
        "section", "section of a portal", {"type": "string", "minLength": 1, "maxLength": 300}, many=True
    ),
    _parameter("year", "year of publication", _YEAR, many=True),
    _parameter("from", "published on this day or later", {"type": "string", "format": "date"}),
    _parameter("to", "published on this day or earlier", {"type": "string", "format": "date"}),
    _parameter(
        "status", "state of the original", {"enum": [state.value for state in ArticleState]}, many=True
    ),
    _parameter(
        "person", "a person it names", {"type": "string", "minLength": 1, "maxLength": 120}, many=True
    ),
    _parameter("place", "a place it names", {"type": "string", "minLength": 1, "maxLength": 120}, many=True),
    _parameter(
        "event", "a kind of event in it", {"type": "string", "minLength": 1, "maxLength": 120}, many=True
    ),
    _parameter("media", "1: with pictures only; 0: without", {"enum": ["0", "1"]}),
    _parameter("exact", "1: words carry the accents as typed", {"enum": ["0", "1"]}),
    _parameter(
        "highlight", "on: found words in <mark>, texts as HTML", {"enum": ["on", "off"], "default": "off"}
    ),
    _parameter(
        "format",
        "json: a page of hits; else all of them as a file, in the same order",
        {"enum": ["json", "csv", "jsonl", "parquet", "ris"], "default": "json"},
    ),
    *_PAGING,
]
_EVENTS = [
    _parameter(
        "sort", "class of events", {"enum": [sort.value for sort in EventClass], "default": "occasion"}
    ),
    _parameter("kind", "id of a kind: hoi-nghi, ra-quan …"),
    _parameter("site", "id of a site", _SITE),
    _parameter("place", "where, with or without accents", {"type": "string", "maxLength": 100}),
    _parameter("year", "with it, month and day narrow further", _YEAR),
    *_PAGING,
]
_PEOPLE = [
    _parameter("name", "words of the name, with or without accents", {"type": "string", "maxLength": 100}),
    _parameter("site", "id of a site", _SITE),
    *_PAGING,
]


def _problem(text: str) -> Node:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content}


def _get(
    name: str, text: str, answer: Node, parameters: list[Node], *codes: int, files: bool = False
) -> Node:
    content: Node = {"application/json": {"schema": answer}}
    if files:
        binary: Node = {"schema": {}}
        content |= {
            "text/csv": binary,
            "application/jsonl": binary,
            "application/vnd.apache.parquet": binary,
            "application/x-research-info-systems": binary,
        }
    responses: Node = {
        "200": {"description": "OK", "content": content},
        "304": {"description": "The answer that If-None-Match names is still good."},
    }
    said = {
        400: "A parameter is not understood; `errors` names it.",
        404: "There is no such thing, or the cursor leads nowhere.",
        410: "It was taken down.",
        414: "The address is too long.",
        451: "It is withheld for legal reasons.",
        503: "Away for the moment; Retry-After says how long to wait.",
    }
    responses |= {str(code): _problem(said[code]) for code in (*codes, 414, 503)}
    return {"get": {"operationId": name, "summary": text, "parameters": parameters, "responses": responses}}


def _in_path(name: str, schema: Node) -> Node:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def document(base: str) -> Node:
    """The whole description.

    :param base: public address of the archive, no trailing slash.
    """
    number: Node = {"type": "integer", "minimum": 1, "maximum": 999_999}
    article = _in_path("article", _ID)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "District news archive",
            "version": __version__,
            "description": (
                "Read-only. Days as in ISO 8601; a date without a time is never given one. Lists are paged "
                "by opaque cursors. Every answer has an ETag. What was taken down is nowhere in it."
            ),
        },
        "servers": [{"url": base}],
        "paths": {
            "/api/v1/search": _get("search", "Search", _ref("Search"), _SEARCH, 400, 404, files=True),
            "/api/v1/articles/{article}": _get(
                "article", "An article at its newest version", _ref("Article"), [article], 404, 410, 451
            ),
            "/api/v1/articles/{article}/versions/{number}": _get(
                "version",
                "An article at one version",
                _ref("Article"),
                [article, _in_path("number", number)],
                404, 410, 451,
            ),
            "/api/v1/events": _get(
                "events", "Events by day, the newest first", _list("Event"), _EVENTS, 400, 404
            ),
            "/api/v1/events/{event}": _get(
                "event", "One event", _ref("Event"), [_in_path("event", _ID)], 404
            ),
            "/api/v1/people": _get(
                "people", "People, the most named first", _list("Person"), _PEOPLE, 400, 404
            ),
            "/api/v1/people/{person}": _get(
                "person", "One person, with every claim", _ref("PersonTold"), [_in_path("person", _ID)], 404
            ),
            "/api/v1/sites": _get("sites", "The portals", _list("Site"), []),
        },
        "components": {"schemas": _SCHEMAS},
    }  # fmt: skip
