"""The JSON API, `/api/v1`: read-only, the parameters of the pages, described at `/api/openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from archive.model import ArticleView
from archive.search.backend import SearchPage
from archive.store import Chronicle
from archive.store.happenings.values import OfArticle
from archive.web import gone, links, query
from archive.web.caching import page, validated
from archive.web.happenings import asked
from archive.web.limits.policies import API, EXPORTS, SEARCH, Policy, policies
from archive.web.research import concordance as kwic
from archive.web.research import cooccurrence, cursors, lines, openapi, problems, records, together
from archive.web.research.exports import export
from archive.web.resources import resources, settings

bp = Blueprint("api", __name__)

MOST = 100
"""Results of one answer at most."""
_LONGEST_NAME = 100
_FORMS = ("json", "csv", "jsonl", "parquet", "ris")


@bp.get("/api")
def readable() -> Response:
    """The API for people to read."""
    return page(render_template("research/api.html", spec=openapi.document(settings()), limits=_stated()))


@bp.get("/api/openapi.json")
def description() -> Response:
    """The API for programs to read: OpenAPI 3.1."""
    return _json(openapi.document(settings()))


@bp.get("/api/v1/search")
def search() -> Response:
    """A search: a page of hits, counts, months, hints; or all of it as a file."""
    args = request.args.to_dict(flat=False)
    question = _question(args)
    faults = _empty(args) + _named(question.wrong)
    form = _form(_FORMS, faults)
    highlight = request.args.get("highlight", "off")
    if highlight not in ("on", "off"):
        faults.append({"name": "highlight", "detail": "on or off."})
    limit, number = _place(args, faults)
    if faults:
        return problems.problem(400, "Parameters not understood", errors=faults)
    if form != "json":
        return export(form, question)
    found = resources().search(replace(question.request, page=number, size=limit))
    total = found.distinct
    body = {
        "count": found.total,
        "distinct": total,
        **_around(args, number, limit, total),
        "results": [records.hit(item, highlight == "on") for item in found.hits],
        "facets": records.facets(found),
        "months": dict(found.months),
        "undated": found.undated,
        "reading": found.reading,
        "suggestion": found.suggestion or None,
        "hints": _hints(found),
    }
    response = _json(body)
    response.headers["Server-Timing"] = f"search;dur={found.milliseconds:.1f}"
    return response


@bp.get("/api/v1/concordance")
def concordance() -> Response:
    """A page of the lines of a question, or all of them as a file."""
    args = request.args.to_dict(flat=False)
    asked_ = lines.read(args)
    asked_ = replace(asked_, question=_question(args))
    faults = _empty(args) + _named((*asked_.question.wrong, *asked_.wrong))
    form = _form(("json", *kwic.FORMS), faults)
    limit, number = _place(args, faults)
    if faults:
        return problems.problem(400, "Parameters not understood", errors=faults)
    if form != "json":
        return kwic.export(form, asked_)
    shown = kwic.show_lines(asked_, number, limit)
    found = shown.chosen
    body = {
        "count": shown.total,
        **_around(args, number, limit, shown.total),
        "results": [lines.told(record) for record in shown.records],
        "articles_found": found.found,
        "articles_read": shown.articles + shown.without,
        "articles_with_lines": shown.articles,
        "complete": found.complete,
        "order": list(asked_.order),
        "reading": found.page.reading,
        "hints": _hints(found.page),
    }
    return _json(body)


@bp.get("/api/v1/cooccurrence")
def pairs() -> Response:
    """The pairs of a question, the strongest first; or all of them as a file."""
    args = request.args.to_dict(flat=False)
    asked_ = together.read(args)
    asked_ = replace(asked_, question=_question(args))
    faults = _empty(args) + _named((*asked_.question.wrong, *asked_.wrong))
    form = _form(("json", "csv"), faults)
    limit, number = _place(args, faults)
    if faults:
        return problems.problem(400, "Parameters not understood", errors=faults)
    found = together.count(asked_)
    if form != "json":
        return cooccurrence.export(form, asked_, found)
    body = {
        "count": len(found.pairs),
        **_around(args, number, limit, len(found.pairs)),
        "results": cooccurrence.rows(asked_, found, (number - 1) * limit, number * limit),
        **cooccurrence.about(asked_, found),
        "reading": found.chosen.page.reading,
        "hints": _hints(found.chosen.page),
    }
    return _json(body)


@bp.get("/api/v1/articles/<article_id>")
def article(article_id: str) -> Response:
    """An article at its newest version."""
    view = resources().store.article(article_id) if query.is_article(article_id) else None
    if view is None:
        gone.article(article_id)
    return _article(view)


@bp.get("/api/v1/articles/<article_id>/versions/<int(min=1):number>")
def version(article_id: str, number: int) -> Response:
    """An article at one version."""
    fits = query.is_article(article_id) and number < query.MAX_VERSION
    view = resources().store.article_version(article_id, number) if fits else None
    if view is None:
        gone.version(article_id, number)
    return _article(view)


def _stated() -> list[Policy]:
    """The limits that concern programs."""
    found = policies(settings())
    return [found[name] for name in (API, EXPORTS, SEARCH)]


def _article(view: ArticleView) -> Response:
    """What was read in an article is read in its newest version only."""
    newest = view.version.number == view.current
    told = Chronicle(resources().store).of_article(view.article.id) if newest else OfArticle((), (), ())
    response = _json(records.article(view, told))
    response.last_modified = view.version.at
    return response


@bp.get("/api/v1/events")
def events() -> Response:
    """Events by day, the newest first."""
    args = request.args.to_dict(flat=False)
    faults: list[dict[str, str]] = []
    limit, number = _place(args, faults)
    faults += [{"name": name, "detail": "not understood."} for name in asked.wrong(request.args)]
    if faults:
        return problems.problem(400, "Parameters not understood", errors=faults)
    question, chronicle = asked.parse(request.args), Chronicle(resources().store)
    total = chronicle.count(question)
    found = chronicle.gatherings(question, limit=limit, offset=(number - 1) * limit)
    results = [records.gathering(item) for item in found]
    return _json({"count": total, **_around(args, number, limit, total), "results": results})


@bp.get("/api/v1/events/<event_id>")
def event(event_id: str) -> Response:
    """One event with all that tell of it."""
    found = Chronicle(resources().store).gathering(event_id) if query.is_article(event_id) else None
    if found is None:
        abort(404)
    return _json(records.gathering(found))


@bp.get("/api/v1/people")
def people() -> Response:
    """People by how often they are named."""
    args = request.args.to_dict(flat=False)
    faults: list[dict[str, str]] = []
    limit, number = _place(args, faults)
    site, name = request.args.get("site", ""), request.args.get("name", "")
    if site and not query.is_site(site):
        faults.append({"name": "site", "detail": "not the id of a site."})
    if len(name) > _LONGEST_NAME:
        faults.append({"name": "name", "detail": f"{_LONGEST_NAME} characters at most."})
    if faults:
        return problems.problem(400, "Parameters not understood", errors=faults)
    chronicle = Chronicle(resources().store)
    total = chronicle.count_people(site=site, name=name)
    found = chronicle.people(site=site, name=name, limit=limit, offset=(number - 1) * limit)
    results = [records.person(item) for item in found]
    return _json({"count": total, **_around(args, number, limit, total), "results": results})


@bp.get("/api/v1/people/<person_id>")
def person(person_id: str) -> Response:
    """One person with every claim."""
    chronicle = Chronicle(resources().store)
    found = chronicle.person(person_id) if query.is_article(person_id) else None
    if found is None:
        abort(404)
    return _json(
        records.person(found) | {"told": [records.claim(item) for item in chronicle.claims(found.id)]}
    )


@bp.get("/api/v1/sites")
def sites() -> Response:
    """The portals in the archive."""
    found = [
        {
            "id": site.id,
            "name": site.name,
            "start": list(site.start),
            "articles": site.articles,
            "first": site.first_day.isoformat() if site.first_day else None,
            "last": site.last_day.isoformat() if site.last_day else None,
            "permalink": links.absolute(url_for("site.show", site_id=site.id)),
        }
        for site in resources().store.sites()
    ]
    return _json({"count": len(found), "next": None, "previous": None, "results": found})


@bp.get("/api/<path:rest>")
def unknown(rest: str) -> Response:
    """Any other address below `/api`."""
    abort(404, f"There is no /api/{rest}; /api lists what there is.")


def _question(args: Mapping[str, Sequence[str]]) -> query.Question:
    """As the pages read it, but that a span that ends before it begins finds nothing, and is no fault."""
    found = query.parse({name: values for name, values in args.items() if name != "page"})
    begin, end = found.request.date_from, query.read_day(next(iter(args.get("to", ())), ""), last=True)
    if begin and end and begin > end:
        wrong = tuple(item for item in found.wrong if item.name != "to")
        return query.Question(replace(found.request, date_to=end), wrong)
    return found


def _named(wrong: Sequence[query.Wrong]) -> list[dict[str, str]]:
    return [{"name": item.name, "detail": f"{item.value!r} is not understood."} for item in wrong]


def _empty(args: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Parameters without a value: a form sends them, a program that does has lost one."""
    return [
        {"name": name, "detail": "empty."}
        for name, values in args.items()
        if name not in ("q", "cursor") and "" in values
    ]


def _form(known: Sequence[str], faults: list[dict[str, str]]) -> str:
    """The form that is asked for; what is at fault is added to `faults`."""
    form = request.args.get("format", "json")
    if form not in known:
        faults.append({"name": "format", "detail": f"One of {', '.join(known)}."})
    return form


def _hints(found: SearchPage) -> list[dict[str, str]]:
    return [{"kind": item.kind.value, "detail": item.detail} for item in found.hints]


def _place(args: Mapping[str, Sequence[str]], faults: list[dict[str, str]]) -> tuple[int, int]:
    """How many results, and which page of them; what is at fault is added to `faults`."""
    limit, number = 20, 1
    if "limit" in args:
        given = args["limit"][0]
        if given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= MOST:
            limit = int(given)
        else:
            faults.append({"name": "limit", "detail": f"A number from 1 to {MOST}."})
    if given := next(iter(args.get("cursor", ())), ""):
        found = cursors.read(given, cursors.question(args))
        if found is None:
            abort(404, "The cursor leads nowhere: take it from `next` of an answer to this very question.")
        number = found
    return limit, number


def _around(args: Mapping[str, Sequence[str]], number: int, limit: int, total: int) -> dict[str, str | None]:
    """Addresses of the answers after and before this one."""
    asked_ = cursors.question(args)

    def address(page_number: int) -> str:
        values: dict[str, Any] = {name: list(items) for name, items in args.items() if name != "cursor"}
        values["cursor"] = cursors.write(page_number, asked_)
        return links.absolute(url_for(str(request.endpoint), **values))

    return {
        "next": address(number + 1) if number * limit < total else None,
        "previous": address(number - 1) if number > 1 else None,
    }


def _json(body: object) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    response = Response(text.encode("utf-8", "replace"), content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = problems.EXPOSED
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return validated(response)
