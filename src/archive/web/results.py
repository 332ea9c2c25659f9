"""The view model of a result page: everything the template shows, made here and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from flask import g, url_for

from archive.search.backend import (
    FacetValue,
    Hint,
    HintKind,
    SearchPage,
    SearchRequest,
    Sort,
)
from archive.search.query import KEYWORDS
from archive.web import histogram, items, query, words
from archive.web.items import Item
from archive.web.language import gettext
from archive.web.query import PAGE_SIZE, Question, Wrong

_T = TypeVar("_T")
_FACET_SHOWN = 8
"""Values of a facet that are shown before "more"."""
_WINDOW = 2
"""Page numbers on each side of the current one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, one order, one removable chip, one page number."""

    label: str
    href: str
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    label: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Paging:
    previous: str
    next: str
    pages: tuple[Choice, ...]
    """A choice without an address is a gap."""


@dataclass(frozen=True, slots=True)
class Results:
    """A result page."""

    request: SearchRequest
    kept: tuple[tuple[str, str], ...]
    """Filters as hidden fields of the search form."""
    total: int
    first: int
    last: int
    """Place of the first and last result on the page, from 1."""
    reading: str
    hints: tuple[str, ...]
    suggestion: Choice | None
    hits: tuple[Item, ...]
    facets: tuple[Facet, ...]
    chips: tuple[Choice, ...]
    clear: str
    """The question without any filter."""
    sorts: tuple[Choice, ...]
    exact: Choice
    paging: Paging | None
    histogram: histogram.Histogram | None
    undated: int


def address(request: SearchRequest) -> str:
    """The address of a search, its whole state in it."""
    if "results_page" not in g:  # a page of results has two hundred links to others
        g.results_page = url_for("search.results")
    text = query.query_string(request)
    page: str = g.results_page
    return f"{page}?{text}" if text else page


def build(question: Question, found: SearchPage, site_names: Mapping[str, str]) -> Results:
    """Turn an answer into what the page shows.

    :param site_names: site id → name as readers see it.
    """
    request = question.request
    first_page = replace(request, page=1)
    start = (request.page - 1) * PAGE_SIZE
    bare = SearchRequest(q=request.q, size=request.size, sort=request.sort, exact=request.exact)
    return Results(
        request=request,
        kept=tuple(pair for pair in query.arguments(first_page) if pair[0] != "q"),
        total=found.total,
        first=start + 1,
        last=start + len(found.hits),
        reading=found.reading if found.reading.casefold() != request.q.strip().casefold() else "",
        hints=tuple(_hints(question, found)),
        suggestion=_suggestion(found, first_page),
        hits=tuple(items.of_hit(hit) for hit in found.hits),
        facets=tuple(_facets(found, first_page, site_names)),
        chips=tuple(chips(first_page, site_names, address)),
        clear=address(bare),
        sorts=tuple(_sorts(first_page)),
        exact=Choice(
            gettext("Đúng dấu"), address(replace(first_page, exact=not request.exact)), None, request.exact
        ),
        paging=paging(
            request.page, found.distinct, PAGE_SIZE, lambda number: address(replace(request, page=number))
        ),
        histogram=histogram.draw(found.months, request, address),
        undated=found.undated,
    )


def _suggestion(found: SearchPage, request: SearchRequest) -> Choice | None:
    if not found.suggestion:
        return None
    return Choice(found.suggestion, address(replace(request, q=found.suggestion)))


# --------------------------------------------------------------------------------------------- filters


def _facets(found: SearchPage, request: SearchRequest, site_names: Mapping[str, str]) -> Iterator[Facet]:
    for name, label in (
        ("year", gettext("Năm")),
        ("site", gettext("Trang nguồn")),
        ("section", gettext("Mục")),
        ("event", gettext("Sự kiện")),
        ("place", gettext("Nơi chốn")),
        ("person", gettext("Người")),
        ("media", gettext("Ảnh")),
        ("status", gettext("Bản gốc")),
    ):
        values = [item for item in found.facets.get(name, ()) if item.count > 0]
        if name == "year":
            values.sort(key=lambda item: item.value, reverse=True)
        choices = [_choice(name, item, request, site_names) for item in values]
        # A filter with one value filters nothing, unless it is the one chosen.
        if len(choices) > 1 or any(choice.chosen for choice in choices):
            front = [item for item in choices if item.chosen]
            rest = [item for item in choices if not item.chosen]
            room = max(_FACET_SHOWN - len(front), 0)
            yield Facet(name, label, (*front, *rest[:room]), tuple(rest[room:]))


def _choice(name: str, item: FacetValue, request: SearchRequest, site_names: Mapping[str, str]) -> Choice:
    if not item.value:
        return Choice(_unknown(name), "", item.count)
    changed, chosen = _toggled(name, item.value, request)
    return Choice(value_label(name, item.value, site_names), address(changed), item.count, chosen)


def _unknown(name: str) -> str:
    return gettext("Không rõ ngày") if name == "year" else gettext("Không rõ")


def value_label(name: str, value: str, site_names: Mapping[str, str]) -> str:
    """What a filter's value is called on the page."""
    match name:
        case "site":
            return site_names.get(value, value)
        case "media":
            return gettext("Có ảnh") if query.is_true(value) else gettext("Không có ảnh")
        case "status":
            return words.state(value)
        case _:
            return value


def _toggled(name: str, value: str, request: SearchRequest) -> tuple[SearchRequest, bool]:
    """The request with one value put in or taken out, and whether it was in."""
    if name == "media":
        wanted = query.is_true(value)
        chosen = request.media is wanted
        return replace(request, media=None if chosen else wanted), chosen
    if name == "year":
        year = int(value)
        chosen = year in request.years
        return replace(
            request, years=_without(request.years, year) if chosen else (*request.years, year)
        ), chosen
    if name in KEYWORDS:
        pair = (name, value)
        chosen = pair in request.keywords
        kept = _without(request.keywords, pair) if chosen else (*request.keywords, pair)
        return replace(request, keywords=kept), chosen
    field = {"site": "sites", "section": "sections", "status": "status"}[name]
    present: tuple[str, ...] = getattr(request, field)
    chosen = value in present
    values = _without(present, value) if chosen else (*present, value)
    match field:
        case "sites":
            return replace(request, sites=values), chosen
        case "sections":
            return replace(request, sections=values), chosen
        case _:
            return replace(request, status=values), chosen


def _without(values: tuple[_T, ...], value: _T) -> tuple[_T, ...]:
    return tuple(item for item in values if item != value)


def chips(
    request: SearchRequest, site_names: Mapping[str, str], address: Callable[[SearchRequest], str]
) -> Iterator[Choice]:
    """The filters in force, each with the address of the same page without it.

    :param site_names: site id → name as readers see it.
    :param address: of the page, for a question.
    """
    chosen: list[tuple[str, str]] = [
        *(("site", value) for value in request.sites),
        *(("section", value) for value in request.sections),
        *(("year", str(value)) for value in request.years),
        *(("status", value) for value in request.status),
        *request.keywords,
    ]
    if request.media is not None:
        chosen.append(("media", "1" if request.media else "0"))
    for name, value in chosen:
        yield Choice(value_label(name, value, site_names), address(_toggled(name, value, request)[0]))
    if request.date_from or request.date_to:
        yield Choice(
            _span(request.date_from, request.date_to),
            address(replace(request, date_from=None, date_to=None)),
        )
    if request.exact:
        yield Choice(gettext("Đúng dấu"), address(replace(request, exact=False)))
    if request.copies_of:
        yield Choice(gettext("Các bản giống nhau"), address(replace(request, copies_of="", collapse=True)))


def _span(begin: dt.date | None, end: dt.date | None) -> str:
    if begin and end:
        return f"{words.day(begin)} – {words.day(end)}"
    if begin:
        return gettext("từ %(day)s", day=words.day(begin))
    return gettext("đến %(day)s", day=words.day(end)) if end else ""


def _sorts(request: SearchRequest) -> Iterator[Choice]:
    labels = {
        Sort.RELEVANCE: gettext("Phù hợp nhất"),
        Sort.NEWEST: gettext("Mới nhất"),
        Sort.OLDEST: gettext("Cũ nhất"),
    }
    in_force = request.sort
    if not request.q.strip():
        # Nothing to be relevant to: the newest come first.
        del labels[Sort.RELEVANCE]
        in_force = Sort.OLDEST if request.sort is Sort.OLDEST else Sort.NEWEST
    for sort, label in labels.items():
        yield Choice(label, address(replace(request, sort=sort)), None, in_force is sort)


# ---------------------------------------------------------------------------------------------- paging


def paging(page: int, hits: int, size: int, at: Callable[[int], str]) -> Paging | None:
    """The numbers below a list; None when all of it is on one page.

    :param hits: of the whole list.
    :param size: of a page.
    :param at: the address of a page.
    """
    last = min(-(-hits // size), query.MAX_PAGE)
    if last < 2:
        return None
    near = {1, last, *(n for n in range(page - _WINDOW, page + _WINDOW + 1) if 1 <= n <= last)}
    pages: list[Choice] = []
    before = 0
    for number in sorted(near):
        if number > before + 1:
            pages.append(Choice("…", ""))
        pages.append(Choice(words.number(number), at(number), None, number == page))
        before = number
    return Paging(
        at(min(page - 1, last)) if page > 1 else "",
        at(page + 1) if page < last else "",
        tuple(pages),
    )


# ----------------------------------------------------------------------------------------------- hints


def _hints(question: Question, found: SearchPage) -> Iterator[str]:
    yield from hints(question, found)
    if not found.hits and found.total:
        last = -(-found.distinct // PAGE_SIZE)
        yield gettext("Kết quả chỉ có %(last)s trang.", last=words.number(last))


def hints(question: Question, found: SearchPage) -> Iterator[str]:
    """What of an address was not understood, and what was made of the question."""
    for wrong in question.wrong:
        yield _wrong(wrong)
    for hint in found.hints:
        yield _hint(hint)


def _wrong(wrong: Wrong) -> str:
    match wrong.name:
        case "from" | "to":
            return gettext(
                "Không hiểu ngày “%(value)s”, nên đã bỏ qua. Hãy viết như 28/9/2022, 9/2022 hoặc 2022.",
                value=wrong.value,
            )
        case "page":
            return gettext("Không có trang “%(value)s”; đây là trang đầu.", value=wrong.value)
        case _:
            return gettext(
                "Không hiểu “%(name)s=%(value)s” trong địa chỉ, nên đã bỏ qua.",
                name=wrong.name,
                value=wrong.value,
            )


def _hint(hint: Hint) -> str:
    detail = hint.detail
    match hint.kind:
        case HintKind.UNBALANCED_QUOTE:
            return gettext("Thiếu một dấu ngoặc kép; đã hiểu là đóng ở cuối câu.")
        case HintKind.UNBALANCED_BRACKET:
            return gettext("Các dấu ngoặc không đủ cặp; dấu thừa đã bị bỏ qua.")
        case HintKind.LONE_OPERATOR:
            return gettext("“%(detail)s” không có gì để nối, nên được tìm như chữ thường.", detail=detail)
        case HintKind.LOWERCASE_OPERATOR:
            return gettext(
                "“%(detail)s” được tìm như một từ. Muốn dùng làm phép nối, hãy viết hoa: AND, OR, NOT.",
                detail=detail,
            )
        case HintKind.UNKNOWN_FIELD:
            return gettext(
                "Không có trường “%(detail)s”. Các trường: tieude, sapo, than, chuthich, tacgia, trang, "
                "muc, ngay.",
                detail=detail,
            )
        case HintKind.SHORT_PREFIX:
            return gettext("Trước dấu * cần ít nhất ba chữ cái: “%(detail)s”.", detail=detail)
        case HintKind.BAD_DATE:
            return gettext("Không hiểu ngày “%(detail)s”. Hãy viết như 28/9/2022 hoặc 2022.", detail=detail)
        case HintKind.TOO_LONG:
            return gettext("Câu hỏi quá dài; chỉ phần đầu được tìm.")
        case HintKind.TOO_DEEP:
            return gettext("Quá nhiều dấu ngoặc lồng nhau; phần trong cùng được đọc phẳng.")
        case HintKind.ONLY_NOT:
            return gettext("Câu hỏi chỉ có phần loại trừ: kết quả là mọi bài còn lại.")
        case HintKind.CUT_OFF:
            return gettext("Tìm lâu quá nên đã dừng sớm: kết quả có thể chưa đủ. Hãy thêm từ cho hẹp lại.")
        case HintKind.RELAXED:
            return gettext(
                "Không bài nào có đủ các từ đã gõ; đây là những bài có ít nhất %(part)s số từ.", part=detail
            )
