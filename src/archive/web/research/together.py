"""Who and what stands together in the articles of a question: people, places and words, counted in pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from archive.model import ArticleView
from archive.search.association import Contingency
from archive.search.document import keyword_form
from archive.search.lexicon import Texts, within
from archive.search.query import BODY, CAPTION, LEAD, PERSON, PLACE, TITLE
from archive.store import Chronicle
from archive.text.collation import sort_key
from archive.web import query
from archive.web.research import stream
from archive.web.research.pieces import pieces
from archive.web.research.sample import Chosen, choose
from archive.web.resources import resources

Array = np.ndarray[Any, Any]

WORD = "word"
KINDS = (PERSON, PLACE, WORD)
ARTICLE, PARAGRAPH = "article", "paragraph"
UNITS = (ARTICLE, PARAGRAPH)
MEASURES = ("g2", "pmi", "count")
ITEMS = 100
"""Names or words of a kind that are paired: the commonest ones. Rarer ones hardly meet anything twice."""
LEAST = 2
"""Units that a pair stands together in at least: once is chance."""
MOST = 1_000
"""Articles that are counted at most: each costs some 2 ms, for all of its words are read. A share estimated
from so many is right to within 3.1 percentage points, 19 times in 20."""
LONGEST = 200_000
"""Characters of an article that are looked into, as many as events and people are read in."""
_LOOKED_INTO = frozenset((TITLE, LEAD, BODY, CAPTION))
"""The article itself: in an attached file of a hundred pages everything stands with everything."""
_BATCH = 100
_CACHE = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    question: query.Question
    rows: str = PERSON
    cols: str = PLACE
    unit: str = ARTICLE
    by: str = "g2"
    every: bool = False
    wrong: tuple[query.Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A name or a word and where it stands."""

    kind: str
    name: str
    """As it is mostly written."""
    key: str
    """Its words folded."""
    units: Array
    """Numbers of the articles or paragraphs that have it, ascending."""

    @property
    def count(self) -> int:
        """How many these are."""
        return len(self.units)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items that stand together."""

    first: Item
    second: Item
    table: Contingency


@dataclass(frozen=True, slots=True)
class Together:
    """The pairs of a question."""

    chosen: Chosen
    articles: int
    """Articles read."""
    units: int
    """Articles or paragraphs that were counted."""
    pairs: tuple[Pair, ...]
    """In the order asked for."""


def read(args: Mapping[str, Sequence[str]]) -> Asked:
    """Read an address; what cannot be read falls back to the default, and is named."""
    wrong: list[query.Wrong] = []

    def one(name: str, known: Sequence[str]) -> str:
        given = next(iter(args.get(name, ())), "")
        if given and given not in known:
            wrong.append(query.Wrong(name, given[:80]))
            return ""
        return given

    rows, cols = one("rows", KINDS), one("cols", KINDS)
    unit, by, every = one("unit", UNITS), one("by", MEASURES), one("every", ("0", "1"))
    return Asked(
        question=query.parse(args),
        rows=rows or PERSON,
        cols=cols or PLACE,
        unit=unit or ARTICLE,
        by=by or MEASURES[0],
        every=every == "1",
        wrong=tuple(wrong),
    )


def arguments(asked: Asked) -> list[tuple[str, str]]:
    """The parameters that ask for this, defaults left out."""
    own = Asked(asked.question)
    pairs = query.arguments(asked.question.request)
    for name in ("rows", "cols", "unit", "by"):
        if getattr(asked, name) != getattr(own, name):
            pairs.append((name, getattr(asked, name)))
    return [*pairs, ("every", "1")] if asked.every else pairs


def count(asked: Asked) -> Together:
    """Read the articles of a question and count.

    :raises SearchError: there is no usable index.
    """
    chosen = choose(asked.question.request, every=asked.every, most=MOST)
    gathered = _Gathered(asked)
    for start in range(0, len(chosen.ids), _BATCH):
        gathered.add(chosen.ids[start : start + _BATCH])
    items = gathered.items()
    first = items[asked.rows]
    second = first if asked.cols == asked.rows else items[asked.cols]
    found = list(_pairs(first, second, gathered.units))
    found.sort(key=lambda pair: _order(pair, asked.by))
    return Together(chosen, gathered.articles, gathered.units, tuple(found))


def value(pair: Pair, by: str) -> float:
    """What a measure says of a pair."""
    table = pair.table
    return {"g2": table.g2, "pmi": table.pmi}.get(by, float(table.both))


def _order(pair: Pair, by: str) -> tuple[float, float, str, str]:
    return (-value(pair, by), -pair.table.g2, sort_key(pair.first.name), sort_key(pair.second.name))


def _pairs(first: Sequence[Item], second: Sequence[Item], total: int) -> Iterator[Pair]:
    both = _incidence(first, total) @ _incidence(second, total).T
    same = first is second
    for row, column in zip(*np.nonzero(both >= LEAST), strict=True):
        one, other = first[row], second[column]
        # One name within another ("xã Quảng Tân", "xã Quảng Tân, huyện Đầm Hà") always stands with it.
        if (same and column <= row) or _overlap(one.key, other.key):
            continue
        yield Pair(one, other, Contingency(int(both[row, column]), one.count, other.count, total))


def _incidence(items: Sequence[Item], total: int) -> Array:
    table = np.zeros((len(items), total), np.float32)
    for row, item in enumerate(items):
        table[row, item.units] = 1
    return table


def _overlap(one: str, other: str) -> bool:
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "


_filed = lru_cache(maxsize=_CACHE)(keyword_form)


@dataclass(slots=True)
class _Gathered:
    """What was read of the articles so far."""

    asked: Asked
    articles: int = 0
    units: int = 0
    _texts: Texts = field(default_factory=Texts)
    _names: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    """Kind → folded name → spellings."""
    _places: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Kind and folded name → units."""

    def add(self, ids: Sequence[str]) -> None:
        """Read some articles."""
        told = Chronicle(resources().store).of_articles(ids)
        wanted = {self.asked.rows, self.asked.cols}
        for view in stream.views(resources().store, ids):
            self.articles += 1
            own = told.get(view.article.id)
            names: dict[tuple[str, str], str] = {}
            if own is not None:
                names |= {(PERSON, _filed(one.claim.name)): one.claim.name for one in own.claims}
                names |= {(PLACE, _filed(place)): place for place in own.places}
            for (kind, key), name in names.items():
                self._names.setdefault(kind, {}).setdefault(key, Counter())[name] += 1
            self._read(view, [pair for pair in names if pair[0] in wanted and pair[1]], WORD in wanted)

    def _read(self, view: ArticleView, names: Sequence[tuple[str, str]], words: bool) -> None:
        by_paragraph = self.asked.unit == PARAGRAPH
        if not by_paragraph:
            for pair in names:
                self._places.setdefault(pair, []).append(self.units)
        room = LONGEST
        for piece in pieces(view):
            if not piece.text or piece.field not in _LOOKED_INTO or room <= 0:
                continue
            room -= len(piece.text)
            if words:
                self._texts.add(self.units, piece.text)
            if by_paragraph:
                folded = f" {keyword_form(piece.text)} " if names else ""
                for pair in names:
                    if f" {pair[1]} " in folded:
                        self._places.setdefault(pair, []).append(self.units)
                self.units += 1
        self.units += not by_paragraph

    def items(self) -> dict[str, list[Item]]:
        """The commonest of each kind that is asked for, the commonest first."""
        found: dict[str, list[Item]] = {kind: [] for kind in KINDS}
        for (kind, key), places in self._places.items():
            name = self._names[kind][key].most_common(1)[0][0]
            found[kind].append(Item(kind, name, key, np.array(places, np.int64)))
        named = within(key for names in self._names.values() for key in names)
        for word, units in self._texts.words():
            # What is a part of somebody's or some place's name is told there.
            if (key := _filed(word)) not in named:
                found[WORD].append(Item(WORD, word, key, units))
        for items in found.values():
            items.sort(key=lambda item: (-item.count, sort_key(item.name)))
            del items[ITEMS:]
        return found
