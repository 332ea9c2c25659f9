"""What changed between two versions of an article: the page `/a/<id>/diff/<old>/<new>`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, render_template, request

from archive.model import ArticleView
from archive.text import parts
from archive.text.diff import Kind, Row
from archive.web import gone, links, query, words
from archive.web.caching import page
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.resources import resources

bp = Blueprint("compare", __name__)

_CONTEXT = 1
"""Unchanged parts that are shown on each side of a change; more are folded away."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that are shown, or that are folded away because nothing in them changed."""

    rows: tuple[Row, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions."""

    number: int
    href: str
    moment: str
    iso: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page."""

    title: str
    lang: str
    href: str
    """The article."""
    old: Side
    new: Side
    stretches: tuple[Stretch, ...]
    changed: int
    added: int
    removed: int
    same: bool
    views: tuple[tuple[str, str, bool], ...]
    """Label, address and whether it is the one shown: in one column, side by side."""
    others: tuple[tuple[str, str], ...]
    """Label and address of other comparisons of this article."""


@bp.get("/a/<article_id>/diff/<int:old>/<int:new>")
@kept
def show(article_id: str, old: int, new: int) -> Response:
    """Two versions compared; the later one may be the first named."""
    store = resources().store
    fits = query.is_article(article_id) and max(old, new) < query.MAX_VERSION and old != new
    first = store.article_version(article_id, old) if fits else None
    second = store.article_version(article_id, new) if fits else None
    if first is None or second is None:
        gone.version(article_id, old if first is None else new)
    beside = request.args.get("view") == "side"
    shown = build(first, second, beside=beside)
    html = render_template(
        "article/compare.html", shown=shown, beside=beside, role=role_words, what=kind_words
    )
    return page(html, robots="noindex")


def build(first: ArticleView, second: ArticleView, *, beside: bool) -> Comparison:
    """Everything that the page shows."""
    rows = parts.rows(first.extraction, second.extraction, day=words.day_in_words)
    counts = Counter(row.kind for row in rows)
    article_id = second.article.id
    pair = (first.version.number, second.version.number)
    here = links.compare_path(article_id, *pair)
    return Comparison(
        title=second.extraction.title.strip() or gettext("Không có tên bài"),
        lang=words.language_tag(second.extraction.lang),
        href=links.view_path(second),
        old=_side(first),
        new=_side(second),
        stretches=tuple(_stretches(rows)),
        changed=counts[Kind.CHANGED],
        added=counts[Kind.ADDED],
        removed=counts[Kind.REMOVED],
        same=counts[Kind.SAME] == len(rows),
        views=(
            (gettext("Chung một cột"), here, not beside),
            (gettext("Hai cột"), f"{here}?view=side", beside),
        ),
        others=tuple(_others(article_id, pair, second.versions)),
    )


def role_words(role: str) -> str:
    """What a part is called on the page; "" for running text, which needs no name."""
    names = {
        "title": gettext("Tên bài"),
        "published": gettext("Ngày đăng"),
        "section": gettext("Mục"),
        "lead": gettext("Sapo"),
        "byline": gettext("Tác giả"),
        "heading": gettext("Tiêu đề nhỏ"),
        "quote": gettext("Trích dẫn"),
        "row": gettext("Hàng trong bảng"),
        "item": gettext("Mục trong danh sách"),
        "picture": gettext("Ảnh"),
        "video": gettext("Video"),
        "caption": gettext("Chú thích ảnh"),
        "file": gettext("Tệp kèm theo"),
    }
    return names.get(role, "")


def kind_words(kind: Kind) -> str:
    """What became of a part, with a sign for those who look and a word for all."""
    names = {
        Kind.CHANGED: gettext("± Đổi"),
        Kind.ADDED: gettext("+ Thêm"),
        Kind.REMOVED: gettext("− Bỏ"),
    }
    return names.get(kind, "")


def _stretches(rows: Sequence[Row]) -> Iterator[Stretch]:
    """Long runs without a change folded, all but the part next to each change."""
    runs = [(same, list(group)) for same, group in groupby(rows, lambda row: row.kind is Kind.SAME)]
    for place, (same, group) in enumerate(runs):
        before = _CONTEXT if place > 0 else 0
        after = _CONTEXT if place < len(runs) - 1 else 0
        if not same or len(group) <= before + after + 1:
            yield Stretch(tuple(group), folded=False)
            continue
        end = len(group) - after
        for some, folded in ((group[:before], False), (group[before:end], True), (group[end:], False)):
            if some:
                yield Stretch(tuple(some), folded)


def _side(view: ArticleView) -> Side:
    number = view.version.number
    moment, iso = words.moment(view.version.at), view.version.at.isoformat(timespec="seconds")
    return Side(number, links.version_path(view.article.id, number), moment, iso)


def _others(article_id: str, pair: tuple[int, int], newest: int) -> Iterator[tuple[str, str]]:
    low, high = min(pair), max(pair)
    wanted = [(low - 1, low), (high, high + 1), (1, newest)]
    for old, new in dict.fromkeys(wanted):
        if 1 <= old < new <= newest and (old, new) != pair:
            label = gettext("Bản %(old)s và bản %(new)s", old=old, new=new)
            yield label, links.compare_path(article_id, old, new)
