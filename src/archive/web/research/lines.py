"""The lines of a concordance: what an address asks for, the hits of all its articles, their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from archive.model import ArticleView
from archive.search.backend import SearchRequest, Sort
from archive.search.concordance import Context, Finder, looked_for
from archive.search.expand import expand
from archive.search.grammar import parse
from archive.search.query import ATTACHMENT, AUTHOR, BODY, CAPTION, LEAD, SECTION, TITLE
from archive.text.collation import sort_key
from archive.text.vietnamese import raw_words
from archive.web import links, query
from archive.web.research import stream
from archive.web.research.pieces import pieces
from archive.web.research.spill import Sorter
from archive.web.resources import resources

FOUND, DATE, NEWEST = "found", "date", "newest"
ORDERS = (
    "right1", "right2", "right3", "left1", "left2", "left3", "keyword", "site", DATE, NEWEST, FOUND,
)  # fmt: skip
"""What lines can be sorted by: the n-th word on a side, the keyword, portal, day; as found."""
DEFAULT_ORDER = ("right1", "right2", "right3")
LEVELS = 3
"""Orders of which each decides where those before it tie."""
WIDTH, MOST_WIDTH = 10, 50
"""Words of context on each side."""
FIELDS = (TITLE, LEAD, BODY, CAPTION, ATTACHMENT, AUTHOR, SECTION)
"""Parts of an article, as a reader meets them."""
RUNNING = frozenset((TITLE, LEAD, BODY, CAPTION, ATTACHMENT))
"""Looked into unless told otherwise: what is running text, not the byline or the name of a section."""
COLUMNS = (
    "article", "version", "permalink", "site", "site_name", "published", "section", "title", "field",
    "left", "keyword", "right",
)  # fmt: skip
"""Of a line in a file and in the API."""
_UNDATED = "~"
_BACKWARDS = str.maketrans("0123456789", "9876543210")

Record = list[Any]
"""A line on its way through `Sorter`: `COLUMNS`, the paragraph's mark in place of the permalink."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    question: query.Question
    order: tuple[str, ...] = DEFAULT_ORDER
    width: int = WIDTH
    fields: tuple[str, ...] = ()
    """Where to look; () for running text and what the question itself names."""
    every: bool = False
    """Whether all copies of one text have their lines."""
    wrong: tuple[query.Wrong, ...] = ()

    @property
    def request(self) -> SearchRequest:
        """The search that gives the articles, in the order that they are read in."""
        sorts: dict[tuple[str, ...], Sort] = {(DATE,): Sort.OLDEST, (NEWEST,): Sort.NEWEST}
        sort = sorts.get(self.order)
        return replace(self.question.request, sort=sort) if sort else self.question.request

    @property
    def as_read(self) -> bool:
        """Whether the lines are in order as they are read."""
        return self.order in ((FOUND,), (DATE,), (NEWEST,))


def read(args: Mapping[str, Sequence[str]]) -> Asked:
    """Read an address; what cannot be read falls back to the default, and is named."""
    wrong: list[query.Wrong] = []

    def among(name: str, known: Iterable[str]) -> tuple[str, ...]:
        given = dict.fromkeys(value for value in args.get(name, ()) if value)
        wrong.extend(query.Wrong(name, value[:80]) for value in given if value not in known)
        return tuple(value for value in given if value in known)

    width = next(iter(args.get("width", ())), "") or str(WIDTH)
    if not (width.isascii() and width.isdigit() and len(width) < 4 and 1 <= int(width) <= MOST_WIDTH):
        wrong.append(query.Wrong("width", width[:80]))
        width = str(WIDTH)
    every = next(iter(args.get("every", ())), "")
    if every not in ("", "0", "1"):
        wrong.append(query.Wrong("every", every[:80]))
    order = among("order", ORDERS)
    if extra := order[LEVELS:]:
        wrong.append(query.Wrong("order", extra[0]))
    return Asked(
        question=query.parse(args),
        order=order[:LEVELS] or DEFAULT_ORDER,
        width=int(width),
        fields=among("in", FIELDS),
        every=every == "1",
        wrong=tuple(wrong),
    )


def arguments(asked: Asked) -> list[tuple[str, str]]:
    """The parameters that ask for this, defaults left out."""
    pairs = query.arguments(asked.question.request)
    if asked.order != DEFAULT_ORDER:
        pairs += [("order", item) for item in asked.order]
    if asked.width != WIDTH:
        pairs.append(("width", str(asked.width)))
    pairs += [("in", field) for field in asked.fields]
    pairs += [("every", "1")] if asked.every else []
    return pairs


def finder(asked: Asked) -> Finder | None:
    """What finds the hits; None when the question has nothing to line up on."""
    request = asked.question.request
    wanted = looked_for(expand(parse(request.q).tree), request.keywords)
    return Finder(wanted, request.exact, asked.width) if wanted else None


@dataclass(slots=True)
class Tally:
    """Counted while lines are read."""

    articles: int = 0
    """Articles read."""
    without: int = 0
    """Of these, those without a line: what was found stands in a part that was not looked into."""


class Lines:
    """The lines of some articles in order, in flat memory. Closed by the context manager that gives it."""

    def __init__(self, asked: Asked, found: Finder, ids: Sequence[str], sorter: Sorter) -> None:
        self.tally = Tally()
        self._asked = asked
        self._finder = found
        self._ids = ids
        self._sorter = sorter
        self._fields = frozenset(asked.fields) or RUNNING | found.named

    def __iter__(self) -> Iterator[Record]:
        """All lines. Once only."""
        read_ = self._read()
        if self._asked.as_read:
            yield from (record for _, record in read_)
            return
        for key, record in read_:
            self._sorter.add(key, record)
        yield from self._sorter

    def _read(self) -> Iterator[tuple[str, Record]]:
        for number, view in enumerate(stream.views(resources().store, self._ids)):
            self.tally.articles += 1
            before = True
            for place, (piece, context) in enumerate(self._hits(view)):
                before = False
                key = f"{self._key(context, view)}\0{number:08}{place:08}"
                yield key, _record(view, piece.field, piece.anchor, context)
            self.tally.without += before

    def _hits(self, view: ArticleView) -> Iterator[tuple[Any, Context]]:
        for piece in pieces(view):
            if piece.text and piece.field in self._fields:
                for context in self._finder.contexts(piece.field, piece.text):
                    yield piece, context

    def _key(self, context: Context, view: ArticleView) -> str:
        if self._asked.as_read:
            return ""
        return "\0".join(_level(item, context, view) for item in self._asked.order)


@contextmanager
def lines(asked: Asked, found: Finder, ids: Sequence[str]) -> Iterator[Lines]:
    """The lines of some articles.

    :param ids: in the order of the search (`Asked.request`).
    """
    with Sorter() as sorter:
        yield Lines(asked, found, ids, sorter)


def _level(order: str, context: Context, view: ArticleView) -> str:
    published = view.extraction.published
    day = published.iso() if published else _UNDATED
    match order:
        case "keyword":
            return "\0".join(map(sort_key, context.words))
        case "site":
            return "\0".join(map(sort_key, raw_words(view.site_name)))
        case "date":
            return day
        case "newest":
            return day.translate(_BACKWARDS)
        case "found":
            return ""
        case _:
            side = context.before if order.startswith("left") else context.after
            at = int(order[-1]) - 1
            return sort_key(side[at]) if at < len(side) else ""


def _record(view: ArticleView, field: str, anchor: str, context: Context) -> Record:
    extraction, published = view.extraction, view.extraction.published
    return [
        view.article.id, view.version.number, anchor, view.article.site, view.site_name,
        published.iso() if published else "", extraction.section, extraction.title, field,
        context.left, context.keyword, context.right,
    ]  # fmt: skip


def place(record: Record) -> str:
    """The address of a line's paragraph in the very version that was read."""
    article, version, anchor = record[:3]
    return links.version_path(article, version) + (f"#{anchor}" if anchor else "")


def told(record: Record) -> dict[str, Any]:
    """A line as files and the API have it."""
    return dict(zip(COLUMNS, record, strict=True)) | {
        "permalink": links.absolute(place(record)),
        "published": record[COLUMNS.index("published")] or None,
    }
