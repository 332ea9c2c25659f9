"""The description of the API (OpenAPI 3.1), in one place with what it promises."""

from __future__ import annotations

from archive import __version__
from archive.config import Settings
from archive.model import ArticleState
from archive.model.events import EventClass
from archive.search.backend import Sort
from archive.web.limits.policies import API, EXPORTS, policies
from archive.web.research import lines, together
from archive.web.research.schemas import ID, KIND, SCHEMAS, TEXT, Node, listed


def _parameter(
    name: str, text: str, schema: Node | None = None, *, many: bool = False, most: int | None = None
) -> Node:
    node = schema or TEXT
    bound = {} if most is None else {"maxItems": most}
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": text,
        "schema": {"type": "array", "items": node} | bound if many else node,
        "style": "form",
        "explode": True,
    }


_SITE = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,99}$"}
_FLAG: Node = {"enum": ["0", "1", "false", "true", "no", "yes", "off", "on"]}
_YEAR: Node = {"type": "integer", "minimum": 1000, "maximum": 2999}
_PAGING = [
    _parameter(
        "limit", "results of one answer", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    ),
    _parameter("cursor", "from `next` or `previous` of another answer to the same question"),
]
_ASKED = [
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
    _parameter("media", "1: with pictures only; 0: without", _FLAG),
    _parameter("exact", "1: words carry the accents as typed", _FLAG),
]
_SEARCH = [
    *_ASKED,
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
_EVERY = _parameter("every", "1: all copies of a text count, not the best alone", {"enum": ["0", "1"]})
_CONCORDANCE = [
    *_ASKED,
    _parameter(
        "order",
        "up to three, each for where those before it tie; the default is right1, right2, right3",
        {"enum": list(lines.ORDERS)},
        many=True,
        most=lines.LEVELS,
    ),
    _parameter(
        "width",
        "words on each side",
        {"type": "integer", "minimum": 1, "maximum": lines.MOST_WIDTH, "default": lines.WIDTH},
    ),
    _parameter("in", "where to look; running text by default", {"enum": list(lines.FIELDS)}, many=True),
    _EVERY,
    _parameter(
        "format",
        "json: a page of lines; else those of all articles as a file, in the same order",
        {"enum": ["json", "csv", "jsonl"], "default": "json"},
    ),
    *_PAGING,
]
_TOGETHER = [
    *_ASKED,
    _parameter("rows", "one half of a pair", {**KIND, "default": "person"}),
    _parameter("cols", "the other half", {**KIND, "default": "place"}),
    _parameter("unit", "what both stand in", {"enum": list(together.UNITS), "default": "article"}),
    _parameter("by", "order of the pairs", {"enum": list(together.MEASURES), "default": "g2"}),
    _EVERY,
    _parameter("format", "csv: all pairs as a file", {"enum": ["json", "csv"], "default": "json"}),
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


def _field(text: str, schema: Node) -> Node:
    return {"description": text, "schema": schema}


_RETRY_AFTER = _field("Seconds to wait.", {"type": "integer", "minimum": 1})
_LIMIT_FIELDS: Node = {
    "RateLimit-Policy": _field(
        'The limit that the request fell under: `"api";q=120;w=60` is 120 requests in 60 seconds. Not sent '
        "where there is none.",
        TEXT,
    ),
    "RateLimit": _field(
        'What is left: `"api";r=119;t=1` is 119 requests, and one second until the limit is whole again.',
        TEXT,
    ),
}


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
        "200": {"description": "OK", "content": content, "headers": _LIMIT_FIELDS},
        "304": {"description": "The answer that If-None-Match names is still good."},
    }
    said = {
        400: "A parameter is not understood; `errors` names it.",
        401: "The key that was sent is not known or was revoked.",
        404: "There is no such thing, or the cursor leads nowhere.",
        410: "It was taken down.",
        414: "The address is too long.",
        429: "More was asked for than the limit allows; Retry-After says how long to wait.",
        451: "It is withheld for legal reasons.",
        503: "Busy or away for the moment; Retry-After says how long to wait.",
    }
    responses |= {str(code): _problem(said[code]) for code in (*codes, 401, 414, 429, 503)}
    for code in ("429", "503"):
        responses[code]["headers"] = {"Retry-After": _RETRY_AFTER}
    responses["401"]["headers"] = {"WWW-Authenticate": _field("`Bearer`, as in RFC 6750.", TEXT)}
    return {"get": {"operationId": name, "summary": text, "parameters": parameters, "responses": responses}}


def _in_path(name: str, schema: Node) -> Node:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _limits(settings: Settings) -> str:
    """The limits in force, in a sentence each."""
    found = policies(settings)
    stated = []
    for name, what in ((API, "questions"), (EXPORTS, "files (`format` other than json)")):
        rate = found[name].rate
        how = f"{rate.requests} in {rate.seconds} seconds" if rate.requests else "no limit"
        stated.append(f"`{name}`, {what}: {how}.")
    return (
        f"Without a key one address (of IPv6: one /64) has these limits. {' '.join(stated)} "
        "`RateLimit` in each answer says what is left; over the limit the answer is 429 with `Retry-After`, "
        "and when too much is asked for at once by all together, 503 with `Retry-After`. "
        "Who needs more asks the archive's operator for a key and sends it as `Authorization: Bearer KEY`."
    )


def document(settings: Settings) -> Node:
    """The whole description.

    :param settings: whose public address and limits it states.
    """
    number: Node = {"type": "integer", "minimum": 1, "maximum": 999_999}
    article = _in_path("article", ID)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "District news archive",
            "version": __version__,
            "description": (
                "Read-only. Days as in ISO 8601; a date without a time is never given one. Lists are paged "
                "by opaque cursors. Every answer has an ETag. What was taken down is nowhere in it.\n\n"
                f"{_limits(settings)}"
            ),
        },
        "servers": [{"url": settings.public_base}],
        "security": [{}, {"key": []}],
        "paths": {
            "/api/v1/search": _get("search", "Search", _ref("Search"), _SEARCH, 400, 404, files=True),
            "/api/v1/concordance": _get(
                "concordance",
                "Every hit in its context",
                _ref("Concordance"),
                _CONCORDANCE,
                400, 404,
                files=True,
            ),
            "/api/v1/cooccurrence": _get(
                "cooccurrence",
                "People, places and words that stand together",
                _ref("Cooccurrence"),
                _TOGETHER,
                400, 404,
                files=True,
            ),
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
                "events", "Events by day, the newest first", listed("Event"), _EVENTS, 400, 404
            ),
            "/api/v1/events/{event}": _get(
                "event", "One event", _ref("Event"), [_in_path("event", ID)], 404
            ),
            "/api/v1/people": _get(
                "people", "People, the most named first", listed("Person"), _PEOPLE, 400, 404
            ),
            "/api/v1/people/{person}": _get(
                "person", "One person, with every claim", _ref("PersonTold"), [_in_path("person", ID)], 404
            ),
            "/api/v1/sites": _get("sites", "The portals", listed("Site"), []),
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that the operator gave. Everything is answered without one too.",
                }
            },
        },
    }  # fmt: skip
