"""What closeness of words adds to a score, on sorted arrays of occurrences."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from archive.search.query import DEFAULT_FIELDS
from archive.search.ranking import NEAR, Ranking
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.segment import FIELD_BITS, FIELD_NUMBERS, FIELD_SLOTS
from archive.search.whoosh.terms import NOTHING, POSITION_BITS, Scored, Terms


def common(one: Array, other: Array) -> Array:
    """Values of two ascending arrays without repeats that are in both, ascending."""
    small, large = (one, other) if len(one) < len(other) else (other, one)
    if len(small) * 16 < len(large):
        if not len(small):
            return small
        at = np.minimum(np.searchsorted(large, small), len(large) - 1)
        found: Array = small[large[at] == small]
        return found
    both = np.concatenate((small, large))
    both.sort()
    twice: Array = both[:-1][both[1:] == both[:-1]]
    return twice


def intersect(one: Scored, other: Scored, size: int) -> Scored:
    """Documents in both, with the sum of their scores."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    if not len(small):
        return NOTHING
    if len(small) * 16 < len(large):
        at = np.minimum(np.searchsorted(large.documents, small.documents), len(large) - 1)
        keep = large.documents[at] == small.documents
        at = at[keep]
    else:
        # A table of places, one entry a document of the index, is faster than a search in the larger.
        table = np.zeros(size, np.int32)
        table[large.documents] = np.arange(1, len(large) + 1, dtype=np.int32)
        at = table[small.documents]
        keep = at > 0
        at = at[keep] - 1
    documents, scores = small.documents[keep], small.scores[keep]
    return Scored(documents, scores + large.scores[at])


def nearness(
    terms: Terms, words: Sequence[str], exact: bool, documents: Array, size: int, ranking: Ranking
) -> Array:
    """What closeness of a question's words adds to the scores of some documents.

    :param words: the words of the question in their order, two or more.
    :param documents: ascending numbers.
    :return: float64, one a document; 0 where no two neighbours stand near each other.
    """
    among = np.zeros(size, bool)
    among[documents] = True
    boosts = np.zeros(FIELD_SLOTS)
    for name, weight in ranking.fields.items():
        boosts[FIELD_NUMBERS[name]] = weight
    places = {text: terms.occurrences(text, DEFAULT_FIELDS, exact, among) for text in set(words)}
    result = np.zeros(len(documents))
    for left, right in itertools.pairwise(words):
        first, second = places[left], places[right]
        if not len(first) or not len(second):
            continue
        telling = (terms.idf(left) + terms.idf(right)) / 2
        ordered = common(first, second - 1) if left != right else first[np.isin(first + 1, first)]
        for keys, weight in ((ordered, ranking.ordered), (_close(first, second), ranking.near)):
            count = _weighted_count(keys, documents, boosts)
            result += weight * telling * count / (count + 1.0)
    return result


def _close(first: Array, second: Array) -> Array:
    """Occurrences of the first that have one of the second within the window, on either side."""
    at = np.searchsorted(second, first)
    after = second[np.minimum(at, len(second) - 1)] - first
    before = first - second[np.maximum(at - 1, 0)]
    near = ((at < len(second)) & (after > 0) & (after < NEAR)) | ((at > 0) & (before > 0) & (before < NEAR))
    close: Array = first[near]
    return close


def _weighted_count(keys: Array, documents: Array, boosts: Array) -> Array:
    codes = keys >> POSITION_BITS
    place = np.searchsorted(documents, codes >> FIELD_BITS)
    return np.bincount(place, boosts[codes & (FIELD_SLOTS - 1)], len(documents))
