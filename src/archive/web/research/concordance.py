"""The concordance: every hit of a question in its context, lined up on the keyword; as a page and as files.

A page reads `sample.MOST` articles at most and says so; a file has the lines of all articles. Both are made
by the same steps in the same order, so that a file begins as the first page does whenever the page has all.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    render_template,
    request,
    stream_with_context,
    url_for,
)

from archive.search.backend import SearchRequest
from archive.search.grammar import parse
from archive.search.query import plain_words
from archive.web import query, results, words
from archive.web.caching import page
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.research import lines as read_lines
from archive.web.research.lines import FIELDS, LEVELS, ORDERS, Asked, Record, lines
from archive.web.research.recent import Recent
from archive.web.research.sample import MOST, Chosen, choose
from archive.web.research.stream import csv_line
from archive.web.research.ways import CONCORDANCE, ways, with_query
from archive.web.resources import resources
from archive.web.results import Choice

bp = Blueprint("concordance", __name__)

PAGE = 50
"""Lines of a page."""
_KEPT = 4
"""Concordances that a worker keeps."""
_MOST_KEPT = 10_000
"""Lines of one that is kept at most: some 10 MB."""
FORMS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as the page shows it."""

    href: str
    left: str
    keyword: str
    right: str
    title: str
    iso: str
    day: str
    site_name: str
    where: str
    """What part of the article it stands in; "" for its body."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A stretch of the lines of a question."""

    chosen: Chosen
    records: Sequence[Record]
    total: int
    articles: int
    """Articles with a line, of those that were read."""
    without: int
    """Articles that were read and have none."""


def address(asked: Asked, form: str = "", number: int = 1) -> str:
    """The address of a concordance, or of its file."""
    pairs = read_lines.arguments(asked)
    if number > 1:
        pairs.append(("page", str(number)))
    return with_query(url_for("concordance.data", form=form) if form else url_for("concordance.show"), pairs)


def show_lines(asked: Asked, number: int, size: int) -> Shown:
    """A page of lines.

    :param number: of the page, from 1.
    :param size: lines of a page.
    :raises SearchError: there is no usable index.
    """
    recent: Recent[Shown] = current_app.extensions.setdefault("archive.concordances", Recent(_KEPT))
    plain = query.Question(replace(asked.question.request, page=1))
    key = (*read_lines.arguments(replace(asked, question=plain)),)
    state = resources().state()
    first = (number - 1) * size
    if (whole := recent.get(state, key)) is not None:
        return replace(whole, records=whole.records[first : first + size])
    shown, everything = _read(asked, first, first + size)
    if everything is not None:
        recent.put(state, key, replace(shown, records=everything))
    return shown


def _read(asked: Asked, first: int, last: int) -> tuple[Shown, Sequence[Record] | None]:
    """The lines from the `first` to before the `last`; and all, when they are few enough to be kept."""
    chosen = choose(asked.request, every=asked.every, most=MOST)
    found = read_lines.finder(asked)
    if found is None:
        return Shown(chosen, (), 0, 0, 0), None
    total, shown = 0, []
    everything: list[Record] | None = []
    with lines(asked, found, chosen.ids) as all_lines:
        for record in all_lines:
            if first <= total < last:
                shown.append(record)
            total += 1
            if everything is not None:
                everything.append(record)
                everything = everything if total < _MOST_KEPT else None
        tally = all_lines.tally
    return Shown(chosen, shown, total, tally.articles - tally.without, tally.without), everything


@bp.get("/ngu-canh")
@kept
def show() -> Response:
    """A page of lines and the question."""
    asked = read_lines.read(request.args.to_dict(flat=False))
    asked_for = asked.question.request
    store = resources().store
    names = {site.id: site.name for site in store.sites()}
    shown = show_lines(asked, asked_for.page, PAGE) if query.arguments(asked_for) else None
    hints = (
        list(
            results.hints(query.Question(asked_for, (*asked.question.wrong, *asked.wrong)), shown.chosen.page)
        )
        if shown
        else []
    )

    def at(changed: SearchRequest) -> str:
        return address(replace(asked, question=query.Question(changed)))

    html = render_template(
        "research/concordance.html",
        asked=asked,
        q=asked_for.q,
        shown=shown,
        lines=[_view(record) for record in shown.records] if shown else [],
        first=(asked_for.page - 1) * PAGE + 1,
        can_line_up=read_lines.finder(asked) is not None,
        quoted=_quoted(asked),
        hints=hints,
        chips=list(results.chips(replace(asked_for, page=1), names, at)),
        filters=[pair for pair in query.arguments(replace(asked_for, page=1)) if pair[0] != "q"],
        orders=[(name, order_label(name)) for name in ORDERS],
        chosen_orders=(*asked.order, *[""] * LEVELS)[:LEVELS],
        sorted_by="; ".join(map(order_label, asked.order)),
        fields=[(name, field_label(name)) for name in FIELDS],
        chosen_fields=asked.fields or sorted(read_lines.RUNNING),
        paging=results.paging(asked_for.page, shown.total, PAGE, lambda number: address(asked, number=number))
        if shown
        else None,
        ways=ways(asked_for, CONCORDANCE),
        files=[(form.upper(), address(asked, form)) for form in FORMS],
    )
    return page(html, robots="noindex" if request.args else "")


@bp.get("/ngu-canh.<any(csv, jsonl):form>")
def data(form: str) -> Response:
    """All lines as a file."""
    return export(form, read_lines.read(request.args.to_dict(flat=False)))


def export(form: str, asked: Asked) -> Response:
    """A file of all lines of a question, in order, in flat memory.

    :raises SearchError: there is no usable index.
    """
    if form not in FORMS:
        abort(404)
    chosen = choose(asked.request, every=asked.every, most=0)
    write = _as_csv if form == "csv" else _as_jsonl
    response = Response(stream_with_context(write(_all(asked, chosen.ids))), content_type=FORMS[form])
    response.headers["Content-Disposition"] = f'attachment; filename="ngu-canh.{form}"'
    response.headers["X-Articles-Count"] = str(chosen.found)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def _all(asked: Asked, ids: Sequence[str]) -> Iterator[Record]:
    found = read_lines.finder(asked)
    if found is not None:
        with lines(asked, found, ids) as all_lines:
            yield from all_lines


_AT_ONCE = 200
"""Lines that are sent at once."""


def _as_csv(records: Iterable[Record]) -> Iterator[bytes]:
    """CSV (RFC 4180) with a byte order mark, so that spreadsheets read the accents; no cell is a formula."""
    yield "\ufeff".encode() + csv_line(read_lines.COLUMNS)
    for some in _in_parts(records):
        told = (read_lines.told(record) for record in some)
        yield b"".join(csv_line([row[name] for name in read_lines.COLUMNS]) for row in told)


def _as_jsonl(records: Iterable[Record]) -> Iterator[bytes]:
    """One JSON object a line."""
    for some in _in_parts(records):
        told = (json.dumps(read_lines.told(record), ensure_ascii=False) + "\n" for record in some)
        yield "".join(told).encode("utf-8", "replace")


def _in_parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(records)
    while some := list(itertools.islice(rest, _AT_ONCE)):
        yield some


def _view(record: Record) -> LineView:
    line = dict(zip(read_lines.COLUMNS, record, strict=True))
    return LineView(
        href=read_lines.place(record),
        left=line["left"],
        keyword=line["keyword"],
        right=line["right"],
        title=words.plain(line["title"]),
        iso=line["published"],
        day=words.iso_day(line["published"]),
        site_name=line["site_name"],
        where="" if line["field"] == "body" else field_label(line["field"]),
    )


def _quoted(asked: Asked) -> Choice | None:
    """The same words as a phrase, when they were typed without quotes: then each is a hit by itself."""
    typed = plain_words(parse(asked.question.request.q).tree)
    if len(typed) < 2:
        return None
    q = f'"{" ".join(word.text for word in typed)}"'
    changed = query.Question(replace(asked.question.request, q=q, page=1))
    return Choice(q, address(replace(asked, question=changed)))


def order_label(name: str) -> str:
    """What an order is called on the page."""
    return {
        "right1": gettext("từ thứ nhất bên phải"),
        "right2": gettext("từ thứ hai bên phải"),
        "right3": gettext("từ thứ ba bên phải"),
        "left1": gettext("từ thứ nhất bên trái"),
        "left2": gettext("từ thứ hai bên trái"),
        "left3": gettext("từ thứ ba bên trái"),
        "keyword": gettext("chữ tìm thấy"),
        "site": gettext("trang nguồn"),
        "date": gettext("ngày đăng, cũ trước"),
        "newest": gettext("ngày đăng, mới trước"),
        "found": gettext("thứ tự của trang tìm"),
    }[name]


def field_label(name: str) -> str:
    """What a part of an article is called on the page."""
    return {
        "title": gettext("Tên bài"),
        "lead": gettext("Lời dẫn"),
        "body": gettext("Thân bài"),
        "caption": gettext("Chú thích ảnh"),
        "attachment": gettext("Tệp kèm theo"),
        "author": gettext("Dòng ký tên"),
        "section": gettext("Mục"),
    }[name]
