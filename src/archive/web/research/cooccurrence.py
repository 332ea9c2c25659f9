"""Co-occurrence: people, places and words that stand together, as a table, a picture and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from archive.search.backend import SearchRequest
from archive.search.query import PERSON, PLACE
from archive.web import links, query, results
from archive.web.caching import page, validated
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.research import matrix, together
from archive.web.research.stream import csv_line
from archive.web.research.together import KINDS, MEASURES, UNITS, Asked, Pair, Together
from archive.web.research.ways import COOCCURRENCE, ways, with_query
from archive.web.resources import resources
from archive.web.xml import rendered

bp = Blueprint("cooccurrence", __name__)

SHOWN = 100
"""Pairs in the table of the page; a file has all."""
COLUMNS = (
    "first_kind", "first", "first_count", "second_kind", "second", "second_count", "together", "expected",
    "g2", "pmi", "units", "link",
)  # fmt: skip
_FIELDS = {PERSON: "nguoi", PLACE: "noi"}


@dataclass(frozen=True, slots=True)
class Head:
    """A column that the table can be sorted by."""

    label: str
    href: str
    chosen: bool


def address(asked: Asked, form: str = "") -> str:
    """The address of a co-occurrence, or of its data."""
    root = url_for("cooccurrence.data", form=form) if form else url_for("cooccurrence.show")
    return with_query(root, together.arguments(asked))


def articles(asked: Asked, pair: Pair) -> str:
    """The search that finds the articles of a pair."""
    request_ = asked.question.request
    typed = request_.q.strip()
    parts = [f"({typed})" if " OR " in typed else typed] if typed else []
    for item in (pair.first, pair.second):
        name = item.name.replace('"', " ")
        parts.append(f'{_FIELDS[item.kind]}:"{name}"' if item.kind in _FIELDS else f'"{name}"')
    return results.address(replace(request_, q=" ".join(parts), page=1))


def rows(asked: Asked, found: Together, first: int = 0, last: int | None = None) -> list[dict[str, Any]]:
    """The pairs, or a stretch of them, as files and the API have them."""
    return [
        {
            "first_kind": pair.first.kind,
            "first": pair.first.name,
            "first_count": pair.first.count,
            "second_kind": pair.second.kind,
            "second": pair.second.name,
            "second_count": pair.second.count,
            "together": pair.table.both,
            "expected": round(pair.table.expected, 3),
            "g2": round(pair.table.g2, 3),
            "pmi": round(pair.table.pmi, 3),
            "units": found.units,
            "link": links.absolute(articles(asked, pair)),
        }
        for pair in found.pairs[first:last]
    ]


def about(asked: Asked, found: Together) -> dict[str, Any]:
    """What was counted, for files and the API."""
    return {
        "rows": asked.rows,
        "cols": asked.cols,
        "unit": asked.unit,
        "by": asked.by,
        "units": found.units,
        "articles_found": found.chosen.found,
        "articles_read": found.articles,
        "complete": found.chosen.complete,
    }


@bp.get("/di-cung")
@kept
def show() -> Response:
    """The picture, its numbers, and the question."""
    asked = together.read(request.args.to_dict(flat=False))
    asked_for = asked.question.request
    names = {site.id: site.name for site in resources().store.sites()}
    # The bare page is linked to from everywhere: it asks, it does not count.
    found = together.count(asked) if request.args else None

    def at(changed: SearchRequest) -> str:
        return address(replace(asked, question=query.Question(changed)))

    wrong = query.Question(asked_for, (*asked.question.wrong, *asked.wrong))
    html = render_template(
        "research/cooccurrence.html",
        asked=asked,
        q=asked_for.q,
        found=found,
        shown=[(pair, articles(asked, pair)) for pair in found.pairs[:SHOWN]] if found else [],
        picture=matrix.draw(found.pairs, asked, lambda pair: articles(asked, pair)) if found else None,
        caption=caption(asked),
        description=description(found) if found else "",
        heads=_heads(asked),
        hints=list(results.hints(wrong, found.chosen.page)) if found else [],
        chips=list(results.chips(replace(asked_for, page=1), names, at)),
        filters=[pair for pair in query.arguments(replace(asked_for, page=1)) if pair[0] != "q"],
        kinds=[(name, kind_label(name)) for name in KINDS],
        units=[(name, unit_label(name)) for name in UNITS],
        ways=ways(asked_for, COOCCURRENCE),
        files=[(form.upper(), address(asked, form)) for form in ("csv", "json", "svg")],
    )
    return page(html, robots="noindex" if request.args else "")


@bp.get("/di-cung.<any(csv, json, svg):form>")
def data(form: str) -> Response:
    """All pairs, or the picture alone."""
    asked = together.read(request.args.to_dict(flat=False))
    return export(form, asked, together.count(asked))


def export(form: str, asked: Asked, found: Together) -> Response:
    """The pairs of a question as `csv` or `json`, or their picture as `svg`."""
    if form == "json":
        body = about(asked, found) | {"pairs": rows(asked, found)}
        response = Response(json.dumps(body, ensure_ascii=False), content_type="application/json")
    elif form == "svg":
        picture = matrix.draw(found.pairs, asked, lambda pair: links.absolute(articles(asked, pair)))
        text = rendered(
            "research/cooccurrence.svg",
            picture=picture,
            alone=True,
            caption=caption(asked),
            description=description(found),
        )
        response = Response(text, content_type="image/svg+xml; charset=utf-8")
    else:
        lines = [csv_line([row[name] for name in COLUMNS]) for row in rows(asked, found)]
        text_bytes = "\ufeff".encode() + csv_line(COLUMNS) + b"".join(lines)
        response = Response(text_bytes, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="di-cung.{form}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return validated(response)


def caption(asked: Asked) -> str:
    """What the picture shows, in a line."""
    return gettext(
        "%(rows)s và %(cols)s cùng một %(unit)s",
        rows=kind_label(asked.rows),
        cols=kind_label(asked.cols).lower(),
        unit=unit_label(asked.unit),
    )


def description(found: Together) -> str:
    """How the picture is to be read."""
    if not found.pairs:
        return gettext("Không có cặp nào.")
    return gettext("Số trong ô là số lần cùng nhau; ô càng đậm thì cặp ấy càng gắn với nhau hơn mức tình cờ.")


def _heads(asked: Asked) -> Sequence[Head]:
    labels = {"count": gettext("Cùng nhau"), "g2": "G²", "pmi": "PMI"}
    return [
        Head(labels[name], address(replace(asked, by=name)), name == asked.by)
        for name in sorted(MEASURES, key=list(labels).index)
    ]


def kind_label(name: str) -> str:
    """What a kind is called on the page."""
    return {"person": gettext("Người"), "place": gettext("Nơi chốn"), "word": gettext("Từ ngữ")}[name]


def unit_label(name: str) -> str:
    """What is counted, as the page says it."""
    return {"article": gettext("bài"), "paragraph": gettext("đoạn")}[name]
