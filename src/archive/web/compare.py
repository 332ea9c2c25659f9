"""What changed between two versions of an article: the page `/a/<id>/diff/<old>/<new>`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, render_template, request

from archive.model import (
    ArticleView,
    Attachment,
    Block,
    Byline,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Table,
)
from archive.text import diff
from archive.text.diff import Kind, Part, Row
from archive.web import gone, links, query, words
from archive.web.caching import page
from archive.web.language import gettext
from archive.web.resources import resources

bp = Blueprint("compare", __name__)

_CONTEXT = 1
"""Unchanged parts that are shown on each side of a change; more are folded away."""
_SINGLE = ("title", "published", "section", "lead")


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
    rows = rows_of(first.extraction, second.extraction)
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


def rows_of(old: Extraction, new: Extraction) -> list[Row]:
    """Title, date and the like one by one, then the body, then who signed."""
    fields = [diff.single(role, _field(old, role), _field(new, role)) for role in _SINGLE]
    signed = diff.single("byline", _signed(old.byline), _signed(new.byline))
    body = diff.compare(list(_parts(old.blocks)), list(_parts(new.blocks)))
    return [row for row in (*fields, *body, signed) if row is not None]


def _field(extraction: Extraction, role: str) -> str:
    if role == "published":
        return words.day_in_words(extraction.published) if extraction.published else ""
    text: str = getattr(extraction, role)
    return text


def _signed(byline: Byline) -> str:
    """The line as it stood, or what was read from elsewhere on the page."""
    names = (*byline.authors, byline.organisation, *byline.photographers, byline.source)
    return byline.text or ", ".join(name for name in names if name)


def _parts(blocks: Iterable[Block]) -> Iterator[Part]:
    for block in blocks:
        match block:
            case Heading(text=text):
                yield Part("heading", text)
            case Paragraph(text=text):
                yield Part("paragraph", text)
            case ListBlock(items=items):
                yield from (Part("item", item) for item in items)
            case Quote(paragraphs=paragraphs):
                yield from (Part("quote", text) for text in paragraphs)
            case Table(rows=rows):
                yield from (Part("row", " | ".join(cells)) for cells in rows)
            case Figure():
                yield from (Part("picture", picture.url) for picture in block.pictures)
                if block.video:
                    yield Part("video", block.video)
                if said := " — ".join(text for text in (block.caption, block.credit) if text):
                    yield Part("caption", said)
            case Attachment(url=url, name=name):
                yield Part("file", f"{name} ({url})")


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
