"""A tree → documents and scores, within a time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from archive.search.query import (
    SITE,
    And,
    DateRange,
    Everything,
    Keyword,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)
from archive.search.ranking import MOST
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.nearness import intersect
from archive.search.whoosh.phrases import phrase
from archive.search.whoosh.snapshot import Snapshot
from archive.search.whoosh.terms import Scored, Terms
from archive.text.vietnamese import fold, fold_key, words

_FIRST_DAY, _LAST_DAY = 1, 1 << 30


@dataclass(slots=True)
class Evaluation:
    """One question against one snapshot."""

    snapshot: Snapshot
    terms: Terms
    exact: bool
    deadline: float
    """`time.monotonic()` after which no further part of the question is looked at."""
    likely: Mapping[str, str] = field(default_factory=dict)
    """For words typed without accents, the forms that are probably meant."""
    cut_off: bool = field(default=False, init=False)
    """Whether that happened: the answer is to a part of the question."""

    def evaluate(self, node: Node) -> Scored:
        """Live documents that fit, ascending."""
        match node:
            case Word(fields=(name,)) | Phrase(fields=(name,)) | Prefix(fields=(name,)) if name == SITE:
                return self._of_sites(node)
            case Word(text, fields):
                return self.terms.word(text, fields, self.exact, self.likely.get(text, ""))
            case Phrase():
                return phrase(self.terms, node, self.exact, self.snapshot.alive, self._late)
            case Prefix(text, fields):
                return self.terms.prefix(text, fields, self.exact)
            case Keyword(kind, name):
                return _unscored(self.terms.keywords.having(kind, (name,), self.exact))
            case DateRange():
                return _unscored(self._in_range(node))
            case And(children):
                return self._all(children)
            case Or(children):
                return self._any(children)
            case Not(child):
                return self._all((Everything(), Not(child)))
            case Everything():
                return _unscored(self.snapshot.alive)

    def most(self, wanted: Sequence[Node], others: Sequence[Node]) -> Scored:
        """Documents that have most of what is wanted, by weight: a rare word counts more than a common one.

        :param others: what every one of them must fit all the same (dates, exclusions).
        """
        size = self.snapshot.size
        scores, have = np.zeros(size, np.float32), np.zeros(size, np.float32)
        for node in dict.fromkeys(wanted):
            if self._late():
                break
            part = self.evaluate(node)
            weight = math.log(self.snapshot.count / (len(part) + 1)) + 1 if len(part) else 0.0
            scores[part.documents] += part.scores
            have[part.documents] += np.float32(weight)
        best = float(have.max(initial=0.0))
        documents = np.flatnonzero(have >= best * MOST) if best else np.zeros(0, np.int64)
        result = Scored(documents, scores[documents])
        return intersect(result, self._all(tuple(others)), size) if others else result

    def _late(self) -> bool:
        self.cut_off = self.cut_off or time.monotonic() > self.deadline
        return self.cut_off

    def _all(self, children: tuple[Node, ...]) -> Scored:
        size = self.snapshot.size
        wanted = [child for child in children if not isinstance(child, Not | DateRange | Everything)]
        result = self.evaluate(wanted[0]) if wanted else _unscored(self.snapshot.alive)
        for child in wanted[1:]:
            if not len(result) or self._late():
                break
            result = intersect(result, self.evaluate(child), size)
        for narrowing in children:
            if not len(result) or self._late():
                break
            if isinstance(narrowing, DateRange):
                result = _only(result, self._in_range(narrowing))
            elif isinstance(narrowing, Not):
                without = np.ones(size, bool)
                without[self.evaluate(narrowing.child).documents] = False
                result = _only(result, without)
        return result

    def _any(self, children: tuple[Node, ...]) -> Scored:
        size = self.snapshot.size
        scores, found = np.zeros(size, np.float32), np.zeros(size, bool)
        for number, child in enumerate(children):
            if number and self._late():
                break
            part = self.evaluate(child)
            scores[part.documents] += part.scores
            found[part.documents] = True
        documents = np.flatnonzero(found)
        return Scored(documents, scores[documents])

    def _in_range(self, node: DateRange) -> Array:
        first = node.start.toordinal() if node.start else _FIRST_DAY
        last = node.end.toordinal() if node.end else _LAST_DAY
        days = self.snapshot.days
        return (days >= first) & (days <= last) & self.snapshot.alive

    def _of_sites(self, node: Word | Phrase | Prefix) -> Scored:
        """Portals are few: their names are matched one by one, and then a column tells the articles."""
        chosen = [number for number, names in enumerate(self.snapshot.site_names) if _names(node, names)]
        return _unscored(np.isin(self.snapshot.sites, chosen) & self.snapshot.alive)


def _names(node: Word | Phrase | Prefix, names: tuple[str, str]) -> bool:
    """Whether a portal's id or name has what is asked for."""
    for text in names:
        keys = [fold_key(word) for word, _, _ in words(text)]
        match node:
            case Word(word):
                found = fold_key(word) in keys
            case Prefix(start):
                found = any(key.startswith(fold(start)) for key in keys)
            case Phrase(parts):
                wanted = [fold_key(part) for part in parts]
                found = any(keys[at : at + len(wanted)] == wanted for at in range(len(keys)))
        if found:
            return True
    return False


def _unscored(mask: Array) -> Scored:
    documents = np.flatnonzero(mask)
    return Scored(documents, np.zeros(len(documents), np.float32))


def _only(result: Scored, mask: Array) -> Scored:
    keep = mask[result.documents]
    return Scored(result.documents[keep], result.scores[keep])
