"""The neutral tree → the engine's query language, with the weights of `archive.search.ranking`.

A word is narrowed by one list, that of the field `any`, and scored by its three forms in each field. The
engine bounds how many clauses one question may have, so a long question is scored by fewer of them: first
without regard to fields, and what still goes beyond the bound is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.search.opensearch.analysis import EXACT, FOLDED, LETTERS, exact_name, name_key, term
from archive.search.opensearch.schema import WHITESPACE
from archive.search.query import (
    DEFAULT_FIELDS,
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
from archive.search.ranking import NEAR, Ranking
from archive.text.vietnamese import fold, fold_key

Clause = dict[str, Any]

MAX_CLAUSES = 900
"""The engine's own bound is 1,024 (`indices.query.bool.max_clause_count`), less some for filters."""
_AS_OURS = 0.25
"""Of two words near each other the engine adds up what both tell, and ours is their mean; and for the first
occurrence it counts (k1 + 1) / (1 + k1) = 1, and ours 1 / (1 + 1)."""
ALL: Clause = {"match_all": {"boost": 0.0}}
NONE: Clause = {"match_none": {}}


@dataclass(frozen=True, slots=True)
class Question:
    """A tree, ready to be asked."""

    clause: Clause
    cut_off: bool = False
    """A part of it was left out."""


def question(tree: Node, exact: bool, ranking: Ranking, likely: Mapping[str, str] | None = None) -> Question:
    """The query of a tree.

    :param exact: words must have the accents as typed.
    :param likely: for words typed without accents, the forms that are probably meant.
    """
    for by_fields in (True, False):
        writer = _Writer(exact, ranking, likely or {}, by_fields, bounded=not by_fields)
        clause = writer.write(tree)
        if writer.count <= MAX_CLAUSES:
            break
    return Question(clause, writer.cut_off)


@dataclass(slots=True)
class _Writer:
    exact: bool
    ranking: Ranking
    likely: Mapping[str, str]
    by_fields: bool
    """Score by fields, or by `any` alone."""
    bounded: bool
    """Leave out what goes beyond the bound."""
    count: int = field(default=0, init=False)
    cut_off: bool = field(default=False, init=False)

    def write(self, node: Node) -> Clause:
        match node:
            case Word(fields=(name,)) | Phrase(fields=(name,)) | Prefix(fields=(name,)) if name == SITE:
                return unscored(self._of_site(node))
            case Word(text, fields):
                return self._word(text, fields)
            case Phrase(words, fields, None):
                return self._side_by_side(words, fields)
            case Phrase(words, fields, slop):
                return self._near(words, fields, slop or 0)
            case Prefix(text, fields):
                return self._prefix(text, fields)
            case Keyword(kind, name):
                key = exact_name(name) if self.exact else name_key(name)
                return unscored(self._counted({"term": {f"{kind}_key": key}}))
            case DateRange(start, end):
                return unscored(days(start.toordinal() if start else None, end.toordinal() if end else None))
            case And(children):
                return self._all(children)
            case Or(children):
                return {"bool": {"should": self._kept(children), "minimum_should_match": 1}}
            case Not(child):
                return {"bool": {"must": [ALL], "must_not": [self.write(child)]}}
            case Everything():
                return ALL

    def _counted(self, clause: Clause) -> Clause:
        self.count += 1
        return clause

    def _kept(self, children: Sequence[Node]) -> list[Clause]:
        clauses: list[Clause] = []
        for child in children:
            if self.bounded and self.count >= MAX_CLAUSES:
                self.cut_off = True
                break
            before = self.count
            clause = self.write(child)
            if self.bounded and self.count > MAX_CLAUSES:
                self.cut_off, self.count = True, before
                break
            clauses.append(clause)
        return clauses or [NONE]

    def _all(self, children: Sequence[Node]) -> Clause:
        wanted = [child for child in children if not isinstance(child, Not)]
        unwanted = [child.child for child in children if isinstance(child, Not)]
        clause: Clause = {"must": self._kept(wanted) if wanted else [ALL]}
        if unwanted:
            clause["must_not"] = self._kept(unwanted)
        return {"bool": clause}

    # ------------------------------------------------------------------------------------------- words

    def _tiers(self, text: str) -> list[tuple[str, float]]:
        """The tokens that stand for a typed word, with their weights, which add up to 1."""
        ranking, meant = self.ranking, self.likely.get(text, "")
        if self.exact:
            return [(term(EXACT, text), 1.0)]
        if text.isascii() and not meant:
            return [(term(FOLDED, text), 1.0)]
        sure = ranking.likely if meant else 1.0
        word = meant or text
        tiers = [
            (term(FOLDED, text), 1.0 - sure * (ranking.exact + ranking.tone)),
            (term(LETTERS, word), sure * ranking.tone),
            (term(EXACT, word), sure * ranking.exact),
        ]
        return [(token, weight) for token, weight in tiers if weight > 0]

    def _form(self, text: str) -> str:
        return term(EXACT if self.exact else FOLDED, text)

    def _word(self, text: str, fields: tuple[str, ...]) -> Clause:
        anywhere = fields == DEFAULT_FIELDS
        if anywhere and not self.by_fields:
            return {
                "bool": {
                    "must": [self._term("any", self._form(text), 1.0)],
                    "should": [self._term("any", token, weight) for token, weight in self._tiers(text)[1:]],
                }
            }
        scored = [
            self._term(f"w.{name}", token, weight * self.ranking.fields[name])
            for name in fields
            for token, weight in self._tiers(text)
        ]
        if anywhere:
            return {"bool": {"filter": [self._term("any", self._form(text), 1.0)], "should": scored}}
        required = [self._term(f"w.{name}", self._form(text), 1.0) for name in fields]
        return {"bool": {"filter": [_any(required)], "should": scored}}

    def _term(self, name: str, token: str, boost: float) -> Clause:
        return self._counted({"term": {name: {"value": token, "boost": boost}}})

    def _prefix(self, text: str, fields: tuple[str, ...]) -> Clause:
        """1 for an article that has such a word, 2 where the accents agree too."""
        names = ["any"] if fields == DEFAULT_FIELDS else [f"w.{name}" for name in fields]
        typed = [self._counted({"prefix": {name: {"value": EXACT + text}}}) for name in names]
        if self.exact:
            return _constant(_any(typed), 1.0)
        starts = [self._counted({"prefix": {name: {"value": fold(text)}}}) for name in names]
        if fold_key(text) != fold(text):
            starts += [self._term(name, term(FOLDED, text), 1.0) for name in names]
        better = [] if text.isascii() else [_constant(_any(typed), 1.0)]
        return {"bool": {"must": [_constant(_any(starts), 1.0)], "should": better}}

    # ----------------------------------------------------------------------------------------- phrases

    def _side_by_side(self, words: Sequence[str], fields: Sequence[str]) -> Clause:
        """Scored as one word: as found, and the more where all words have the accents as typed."""
        ranking, plain = self.ranking, self.exact or all(map(str.isascii, words))
        found = [self._form(word) for word in words]
        typed = [term(FOLDED if word.isascii() else EXACT, word) for word in words]
        scored = []
        for name in fields:
            # The engine adds up what each word tells; a phrase counts as one word.
            boost = ranking.fields[name] / len(words)
            scored.append(self._phrase(name, found, boost * (1.0 if plain else ranking.folded)))
            if not plain:
                scored.append(self._phrase(name, typed, boost * (1.0 - ranking.folded)))
        return _any(scored)

    def _phrase(self, name: str, tokens: Sequence[str], boost: float) -> Clause:
        query = {"query": " ".join(tokens), "analyzer": WHITESPACE, "boost": boost}
        return self._counted({"match_phrase": {f"w.{name}": query}})

    def _near(self, words: Sequence[str], fields: Sequence[str], slop: int) -> Clause:
        different = list(dict.fromkeys(map(self._form, words)))
        others = len(words) + slop - len(different)
        scored = []
        for name in fields:
            boost = self.ranking.fields[name] / len(different)
            if len(different) == 1:
                scored.append(self._term(f"w.{name}", different[0], boost))
            else:
                scored.append(self._counted(near(name, different, others, boost)))
        return _any(scored)

    # ------------------------------------------------------------------------------------------- sites

    def _of_site(self, node: Word | Phrase | Prefix) -> Clause:
        """Portals are matched by id and name, accents always apart."""
        match node:
            case Word(text):
                return self._counted({"term": {"w.site": term(FOLDED, text)}})
            case Prefix(text):
                return self._counted({"prefix": {"w.site": fold(text)}})
            case Phrase(words):
                query = {"query": " ".join(term(FOLDED, word) for word in words), "analyzer": WHITESPACE}
                return self._counted({"match_phrase": {"w.site": query}})


# -------------------------------------------------------------------------------------------- nearness


def nearness(words: Sequence[str], exact: bool, ranking: Ranking) -> list[Clause]:
    """What the closeness of a question's words adds to the scores: for each two neighbours, occurrences side
    by side in their order, and within a window.

    :param words: the words of the question in their order.
    """
    form = EXACT if exact else FOLDED
    features: list[Clause] = []
    for left, right in itertools.pairwise(term(form, word) for word in words):
        for name, weight in ranking.fields.items():
            if len(features) + 2 > MAX_CLAUSES:
                return features
            query = {
                "query": f"{left} {right}",
                "analyzer": WHITESPACE,
                "boost": weight * ranking.ordered * _AS_OURS,
            }
            features.append({"match_phrase": {f"w.{name}": query}})
            if left != right:
                features.append(near(name, (left, right), NEAR - 2, weight * ranking.near * _AS_OURS))
    return features


def near(name: str, tokens: Iterable[str], others: int, boost: float) -> Clause:
    """Tokens in any order with at most so many others among them."""
    spans = [{"span_term": {f"w.{name}": token}} for token in tokens]
    return {"span_near": {"clauses": spans, "slop": others, "in_order": False, "boost": boost}}


# ----------------------------------------------------------------------------------------------- parts


def unscored(clause: Clause) -> Clause:
    """Whatever the clause finds, with the score 0."""
    return _constant(clause, 0.0)


def _constant(clause: Clause, score: float) -> Clause:
    return {"constant_score": {"filter": clause, "boost": score}}


def _any(clauses: list[Clause]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def days(first: int | None, last: int | None) -> Clause:
    """Articles published within these days (proleptic ordinals), both included; undated ones are not."""
    bounds = {name: day for name, day in (("gte", first), ("lte", last)) if day is not None}
    return {"range": {"day": bounds}} if bounds else {"exists": {"field": "day"}}
