"""The parameters of a search address, both ways. Pure.

Names as page, feed and API share them: `q page sort site section year from to status person place event
media exact lang`, repeated for several values, and `copies`, an article all copies of whose text are listed.
An unknown name is ignored, a wrong value falls back to the default and is named, so that the page can say so.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from archive.model import ArticleState
from archive.search.backend import SearchRequest, Sort
from archive.search.query import KEYWORDS

PAGE_SIZE = 20
MAX_VALUES = 50
"""Values of one parameter that are read; more are a mistake or an attack."""
MAX_PAGE = 100_000
MAX_SECTION = 300
"""Letters of a section's name."""
MAX_KEYWORD = 120
"""Letters of a person's, a place's or an event's name."""
MAX_VERSION = 1_000_000
_SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_ARTICLE = re.compile(r"[a-z0-9]{4,40}")
_SORTS = frozenset(item.value for item in Sort)
_STATES = frozenset(item.value for item in ArticleState)
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_DAY_FORMS = (
    re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?"),
    re.compile(r"(?:(?:(?P<d>\d{1,2})[/.-])?(?P<m>\d{1,2})[/.-])?(?P<y>\d{4})"),
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A parameter whose value could not be used."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """What an address asks for."""

    request: SearchRequest
    wrong: tuple[Wrong, ...] = ()


def parse(args: Mapping[str, Sequence[str]]) -> Question:
    """Read an address's parameters; never raises."""
    wrong: list[Wrong] = []

    def values(name: str) -> list[str]:
        found = list(dict.fromkeys(value.replace("\0", "").strip() for value in args.get(name, ())))
        return [value for value in found if value][:MAX_VALUES]

    def one(name: str) -> str:
        return next(iter(values(name)), "")

    def reject(name: str, value: str) -> None:
        wrong.append(Wrong(name, value[:80]))

    def several(name: str, fits: Any) -> tuple[str, ...]:
        kept = []
        for value in values(name):
            if fits(value):
                kept.append(value)
            else:
                reject(name, value)
        return tuple(kept)

    def day(name: str, *, last: bool) -> dt.date | None:
        value = one(name)
        found = read_day(value, last=last)
        if value and found is None:
            reject(name, value)
        return found

    def flag(name: str) -> bool | None:
        value = one(name).lower()
        if value and value not in _TRUE | _FALSE:
            reject(name, value)
        return True if value in _TRUE else False if value in _FALSE else None

    sort, page = one("sort"), one("page")
    if sort and sort not in _SORTS:
        reject("sort", sort)
        sort = ""
    if page and not (page.isascii() and page.isdigit() and len(page) < 10 and 1 <= int(page) <= MAX_PAGE):
        reject("page", page)
        page = ""
    begin, end = day("from", last=False), day("to", last=True)
    if begin and end and begin > end:
        reject("to", one("to"))
        end = None
    copies = one("copies")
    if copies and not _ARTICLE.fullmatch(copies):
        reject("copies", copies)
        copies = ""
    return Question(
        SearchRequest(
            q=" ".join(args.get("q", ("",))[:1]).replace("\0", ""),
            page=int(page or 1),
            size=PAGE_SIZE,
            sort=Sort(sort) if sort else Sort.RELEVANCE,
            sites=several("site", is_site),
            sections=several("section", lambda value: len(value) <= MAX_SECTION),
            years=tuple(int(year) for year in several("year", _is_year)),
            date_from=begin,
            date_to=end,
            status=several("status", _STATES.__contains__),
            keywords=tuple(
                (kind, value)
                for kind in KEYWORDS
                for value in several(kind, lambda value: len(value) <= MAX_KEYWORD)
            ),
            media=flag("media"),
            exact=bool(flag("exact")),
            collapse=not copies,
            copies_of=copies,
        ),
        tuple(wrong),
    )


def read_day(text: str, *, last: bool) -> dt.date | None:
    """A day from `2022-09-28`, `28/9/2022`, `9/2022` or `2022`.

    :param last: of a month or a year take the last day, not the first.
    """
    for form in _DAY_FORMS:
        if found := form.fullmatch(text.strip()):
            year = int(found["y"])
            month = int(found["m"] or (12 if last else 1))
            try:
                end = calendar.monthrange(year, month)[1]
                return dt.date(year, month, int(found["d"] or (end if last else 1)))
            except ValueError:  # month 13, day 31 of a short month, year 0
                return None
    return None


def _is_year(value: str) -> bool:
    return len(value) == 4 and value.isascii() and value.isdigit() and int(value) > 0


def arguments(request: SearchRequest) -> list[tuple[str, str]]:
    """The parameters that ask for this, defaults left out, in one fixed order."""
    pairs: list[tuple[str, str]] = []
    if request.q:
        pairs.append(("q", request.q))
    pairs += _repeated("site", request.sites)
    pairs += _repeated("section", request.sections)
    pairs += _repeated("year", (f"{year:04}" for year in request.years))
    if request.date_from:
        pairs.append(("from", request.date_from.isoformat()))
    if request.date_to:
        pairs.append(("to", request.date_to.isoformat()))
    pairs += _repeated("status", request.status)
    pairs += request.keywords
    if request.media is not None:
        pairs.append(("media", "1" if request.media else "0"))
    if request.exact:
        pairs.append(("exact", "1"))
    if request.copies_of:
        pairs.append(("copies", request.copies_of))
    if request.sort is not Sort.RELEVANCE:
        pairs.append(("sort", request.sort.value))
    if request.page > 1:
        pairs.append(("page", str(request.page)))
    return pairs


def _repeated(name: str, values: Iterable[object]) -> list[tuple[str, str]]:
    return [(name, str(value)) for value in values]


def query_string(request: SearchRequest) -> str:
    """`arguments`, percent-encoded; "" when nothing is asked."""
    return urlencode(arguments(request))


def is_true(value: str) -> bool:
    """Whether a yes/no parameter or facet value says yes."""
    return value.lower() in _TRUE


def is_article(value: str) -> bool:
    """Whether a text has the form of an article's id."""
    return _ARTICLE.fullmatch(value) is not None


def is_site(value: str) -> bool:
    """Whether a text has the form of a site's id."""
    return _SITE.fullmatch(value) is not None
