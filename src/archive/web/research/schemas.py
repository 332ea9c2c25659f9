"""The schemas of the API's answers, as its description (OpenAPI 3.1) has them."""

from __future__ import annotations

from typing import Any

from archive.model import ArticleState
from archive.model.events import EventClass
from archive.search.backend import HintKind
from archive.web.research import lines, together

Node = dict[str, Any]

TEXT: Node = {"type": "string"}
NUMBER: Node = {"type": "integer", "minimum": 0}
_MAYBE: Node = {"type": ["string", "null"]}
_DAY: Node = {"type": ["string", "null"], "format": "date"}
ID: Node = {"type": "string", "pattern": "^[a-z0-9]{4,40}$"}
_LINK: Node = {"type": "string", "format": "uri"}
_TEXTS: Node = {"type": "array", "items": TEXT}


def _object(required: dict[str, Node], **optional: Node) -> Node:
    return {"type": "object", "properties": required | optional, "required": list(required)}


def listed(item: str) -> Node:
    """A page of a list of things of one schema."""
    results = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    return _object({"count": NUMBER, "next": _MAYBE, "previous": _MAYBE, "results": results})


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
        "text": TEXT,
    }
)
_WHERE = _object({"part": TEXT, "start": NUMBER, "end": NUMBER})
_TOLD = {
    "id": ID,
    "sort": {"enum": [sort.value for sort in EventClass]},
    "kind": TEXT,
    "name": TEXT,
    "when": _WHEN,
    "places": _TEXTS,
    "organiser": TEXT,
    "people": _TEXTS,
    "sentence": TEXT,
    "where": _WHERE,
    "rule": TEXT,
}
_CLAIM = _object(
    {
        "person": ID,
        "name": TEXT,
        "offices": _TEXTS,
        "article": ID,
        "site": TEXT,
        "published": _DAY,
        "sentence": TEXT,
        "where": _WHERE,
        "rule": TEXT,
    }
)
_PERSON = {
    "id": ID,
    "permalink": _LINK,
    "name": TEXT,
    "sites": _TEXTS,
    "offices": _TEXTS,
    "articles": NUMBER,
    "claims": NUMBER,
    "first": _DAY,
    "last": _DAY,
}
_HINTS: Node = {
    "type": "array",
    "items": _object({"kind": {"enum": [kind.value for kind in HintKind]}, "detail": TEXT}),
}
KIND: Node = {"enum": list(together.KINDS)}
SCHEMAS: Node = {
    "Hit": _object(
        {
            "id": ID,
            "permalink": _LINK,
            "url": TEXT,
            "site": TEXT,
            "site_name": TEXT,
            "section": TEXT,
            "title": TEXT,
            "published": {
                "type": ["string", "null"],
                "description": "the page's own: a day, or a time in +07:00",
            },
            "state": {"enum": [state.value for state in ArticleState]},
            "score": {"type": "number"},
            "copies": NUMBER,
            "snippets": {"type": "array", "items": _object({"field": TEXT, "text": TEXT})},
        }
    ),
    "Search": _object(
        {
            **listed("Hit")["properties"],
            "distinct": {**NUMBER, "description": "count with copies of one text as one"},
            "facets": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": _object({"value": {"type": ["string", "integer", "boolean"]}, "count": NUMBER}),
                },
            },
            "months": {"type": "object", "additionalProperties": NUMBER},
            "undated": NUMBER,
            "reading": {**TEXT, "description": "how the question was understood"},
            "suggestion": _MAYBE,
            "hints": _HINTS,
        }
    ),
    "Line": _object(
        {
            **dict.fromkeys(lines.COLUMNS, TEXT),
            "article": ID,
            "version": {"type": "integer", "minimum": 1},
            "permalink": {**_LINK, "description": "the paragraph, in the version that was read"},
            "published": _MAYBE,
            "field": {"enum": list(lines.FIELDS)},
        }
    ),
    "Concordance": _object(
        {
            **listed("Line")["properties"],
            "articles_found": NUMBER,
            "articles_read": NUMBER,
            "articles_with_lines": NUMBER,
            "complete": {"type": "boolean", "description": "false: the lines of a sample of the articles"},
            "order": {"type": "array", "items": {"enum": list(lines.ORDERS)}},
            "reading": TEXT,
            "hints": _HINTS,
        }
    ),
    "Pair": _object(
        {
            "first_kind": KIND,
            "first": TEXT,
            "first_count": NUMBER,
            "second_kind": KIND,
            "second": TEXT,
            "second_count": NUMBER,
            "together": NUMBER,
            "expected": {"type": "number"},
            "g2": {"type": "number", "description": "log-likelihood ratio; below 0: less than expected"},
            "pmi": {"type": "number", "description": "pointwise mutual information, in bits"},
            "units": NUMBER,
            "link": _LINK,
        }
    ),
    "Cooccurrence": _object(
        {
            **listed("Pair")["properties"],
            "rows": KIND,
            "cols": KIND,
            "unit": {"enum": list(together.UNITS)},
            "by": {"enum": list(together.MEASURES)},
            "units": NUMBER,
            "articles_found": NUMBER,
            "articles_read": NUMBER,
            "complete": {"type": "boolean", "description": "false: counted in a sample of the articles"},
            "reading": TEXT,
            "hints": _HINTS,
        }
    ),
    "Article": _object(
        {
            "id": ID,
            "version": NUMBER,
            "versions": NUMBER,
            "permalink": _LINK,
            "site": TEXT,
            "url": TEXT,
            "state": TEXT,
            "published": _MAYBE,
            "title": TEXT,
            "lead": TEXT,
            "text": TEXT,
            "authors": _TEXTS,
            "captured_at": {"type": "string", "format": "date-time"},
            "payload_digest": TEXT,
            "content_hash": TEXT,
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
            "articles": {"type": "array", "items": ID},
            "tellings": {"type": "array", "items": _object({**_TOLD, "article": ID, "site": TEXT})},
        }
    ),
    "Person": _object(_PERSON),
    "PersonTold": _object({**_PERSON, "told": {"type": "array", "items": _CLAIM}}),
    "Site": _object(
        {
            "id": TEXT,
            "name": TEXT,
            "start": _TEXTS,
            "articles": NUMBER,
            "first": _DAY,
            "last": _DAY,
            "permalink": _LINK,
        }
    ),
    "Problem": _object(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}},
        detail=TEXT,
        errors={"type": "array", "items": _object({"name": TEXT, "detail": TEXT})},
        **{
            "violated-policies": {
                "type": "array",
                "items": TEXT,
                "description": "names of the limits that were exceeded",
            }
        },
    ),
}
