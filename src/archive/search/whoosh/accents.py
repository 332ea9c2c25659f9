"""Which accents words typed without any most likely have, by what the archive itself writes.

A bigram model over the index of pairs: of all accentings of the words in their row, the one that the archive
is the most likely to write (Viterbi, 1967), each probability smoothed by that of the word alone (Dirichlet
prior: Zhai and Lafferty, "A Study of Smoothing Methods for Language Models", 2001)::

    p(b | a) = (pairs(a, b) + μ · tokens(b) / tokens) / (tokens(a) + μ)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from archive.search.whoosh.phrases import neighbours
from archive.search.whoosh.terms import Terms
from archive.text.vietnamese import fold_key

_PRIOR = 20.0
"""μ."""
MAX_WORDS = 24
"""Of longer questions the rest stays as it is."""


def likely(terms: Terms, words: Sequence[str]) -> dict[str, str]:
    """The accented form of each word that the archive most likely means by it. A word is left out that has
    none, or none that the archive has beside its neighbours.

    :param words: in a row, without accents.
    """
    row = list(words[:MAX_WORDS])
    counts = [terms.tokens(word) for word in row]
    if len(row) < 2 or not all(counts):
        return {}
    total = sum(len(item.arrays.positions) for item in terms.segments) or 1
    best = {form: math.log(count / total) for form, count in counts[0].items()}
    steps: list[dict[str, str]] = []
    seen: list[dict[tuple[str, str], int]] = []
    for place in range(1, len(row)):
        pairs = _pairs(terms, row[place - 1], row[place])
        following: dict[str, float] = {}
        came_from: dict[str, str] = {}
        for form, count in counts[place].items():
            prior = _PRIOR * count / total
            for before, log in best.items():
                chance = (pairs.get((before, form), 0) + prior) / (counts[place - 1][before] + _PRIOR)
                value = log + math.log(chance)
                if form not in following or value > following[form]:
                    following[form], came_from[form] = value, before
        best = following
        steps.append(came_from)
        seen.append(pairs)
    form = max(best, key=lambda item: (best[item], item))
    path = [form]
    for came_from in reversed(steps):
        path.append(came_from[path[-1]])
    path.reverse()
    result: dict[str, str] = {}
    for place, (typed, form) in enumerate(zip(row, path, strict=True)):
        follows = place > 0 and (path[place - 1], form) in seen[place - 1]
        leads = place < len(seen) and (form, path[place + 1]) in seen[place]
        # Without a neighbour that the archive has it beside, a form is a guess.
        if form != typed and (follows or leads):
            result.setdefault(typed, form)
    return result


def _pairs(terms: Terms, left: str, right: str) -> dict[tuple[str, str], int]:
    """How often each two accented forms stand side by side."""
    counts: dict[tuple[str, str], int] = {}
    for item in terms.segments:
        first, lefts = item.arrays.forms(fold_key(left))
        second, rights = item.arrays.forms(fold_key(right))
        if lefts and rights:
            ranges = (first, first + len(lefts)), (second, second + len(rights))
            for number, other, begin, end in neighbours(item.arrays, *ranges):
                key = lefts[number - first], rights[other - second]
                counts[key] = counts.get(key, 0) + end - begin
    return counts
