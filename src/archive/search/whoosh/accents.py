"""What the likely accents of words are reckoned from: occurrences of words and of pairs of words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from archive.search import accents
from archive.search.whoosh.phrases import neighbours
from archive.search.whoosh.terms import Terms
from archive.text.vietnamese import fold_key


def likely(terms: Terms, words: Sequence[str]) -> dict[str, str]:
    """See `archive.search.accents.likely`.

    :param words: in a row, without accents.
    """
    row = list(words[: accents.MAX_WORDS])
    counts = [terms.tokens(word) for word in row]
    if len(row) < 2 or not all(counts):
        return {}
    total = sum(len(item.arrays.positions) for item in terms.segments)
    return accents.likely(row, counts, [_pairs(terms, *both) for both in pairwise(row)], total)


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
