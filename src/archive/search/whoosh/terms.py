"""Words of a snapshot: which documents have them, with what score, and at which positions."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from archive.search.query import DEFAULT_FIELDS
from archive.search.ranking import K1, Ranking
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.keywords import Keywords
from archive.search.whoosh.segment import FIELD_BITS, FIELD_NUMBERS, FIELD_SLOTS
from archive.search.whoosh.snapshot import Opened, Snapshot
from archive.text.vietnamese import fold, fold_key, toneless

CACHE_BYTES = 24_000_000
"""Scores of words kept for the next question, by each thread that searches."""
_FREQUENCIES = 50_000
"""Words whose frequency is kept: more than the language has syllables."""
POSITION_BITS = 17
"""Of an occurrence's key: `code << 17 | position + POSITION_BIAS`."""
POSITION_BIAS = 1 << 10
"""Room below position 0, so that a phrase's start may be reckoned from any of its words."""

_SLOT_MASK = np.uint32(FIELD_SLOTS - 1)
_Tier = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Scored:
    """Documents in ascending order, with a score each."""

    documents: Array
    """int64"""
    scores: Array
    """float32"""

    def __len__(self) -> int:
        return len(self.documents)


NOTHING = Scored(np.zeros(0, np.int64), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class Forms:
    """The words of one segment that a typed word may mean: neighbours among its words."""

    low: int
    """Number of the first."""
    high: int
    """Number after the last."""
    tiers: list[int]
    """Of each: 0 as typed, 1 same letters, 2 folded."""


_Range = tuple[Opened, Forms]


class Terms:
    """Access to the words of one snapshot. Not for several threads at once."""

    def __init__(self, snapshot: Snapshot, ranking: Ranking) -> None:
        self._snapshot = snapshot
        self.ranking = ranking
        self._cache: OrderedDict[tuple[str, tuple[str, ...], bool, str], Scored] = OrderedDict()
        self._cached_bytes = 0
        self.segments = snapshot.segments
        self.all_alive = snapshot.count == snapshot.size
        """No document is deleted."""
        self._frequencies: dict[str, int] = {}
        self._keywords: Keywords | None = None
        self._idf_base = math.log(max(snapshot.count, 1)) + 1
        self._boosts = np.zeros(FIELD_SLOTS, np.float64)
        """Of each field, times the `k1 + 1` of every score."""
        for name, weight in ranking.fields.items():
            self._boosts[FIELD_NUMBERS[name]] = weight * (K1 + 1)

    @property
    def keywords(self) -> Keywords:
        """The names that articles have."""
        if self._keywords is None:
            self._keywords = Keywords(self._snapshot)
        return self._keywords

    # ------------------------------------------------------------------------------------ scored words

    def word(self, text: str, fields: tuple[str, ...], exact: bool, likely: str = "") -> Scored:
        """Documents that have a word, scored as `archive.search.ranking` says.

        :param exact: with the accents as typed only.
        :param likely: the form with accents that is probably meant by a word typed without, "" for none.
        """
        key = (text, fields, exact, likely)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        result = self._word(text, fields, exact, likely)
        self._cache[key] = result
        self._cached_bytes += result.documents.nbytes + result.scores.nbytes
        while self._cached_bytes > CACHE_BYTES:
            _, old = self._cache.popitem(last=False)
            self._cached_bytes -= old.documents.nbytes + old.scores.nbytes
        return result

    def _word(self, text: str, fields: tuple[str, ...], exact: bool, likely: str) -> Scored:
        ranges = self._ranges(text, exact, likely)
        codes, tfs, tiers = self._postings(ranges, fields)
        if not len(codes):
            return NOTHING
        weights = self.ranking
        sure = weights.likely if likely else 1.0
        ordered = all(len(forms.tiers) == 1 for _, forms in ranges)
        # Levels that all of the postings are at, or none, need no telling apart.
        levels = {tier for _, forms in ranges for tier in forms.tiers}
        if exact or (ordered and len(levels) == 1) or 0 not in levels:
            return self._score(codes, tfs, 1.0, ordered)
        as_typed = tiers == 0
        if as_typed.all() or not as_typed.any():
            return self._score(codes, tfs, 1.0, ordered)
        letters = tiers <= 1
        total = self._score(codes, tfs, 1.0 - sure * (weights.exact + weights.tone), ordered)
        scores = total.scores
        if (as_typed == letters).all():
            chosen_levels = [(as_typed, sure * (weights.exact + weights.tone))]
        else:
            chosen_levels = [(letters, sure * weights.tone), (as_typed, sure * weights.exact)]
        for chosen, weight in chosen_levels:
            if weight:
                part = self._score(codes[chosen], tfs[chosen], weight, ordered)
                scores[np.searchsorted(total.documents, part.documents)] += part.scores
        return Scored(total.documents, scores)

    def _score(self, codes: Array, tfs: Array, weight: float, ordered: bool) -> Scored:
        if not ordered:
            codes, tfs = _together(codes, tfs)
        slots = codes & _SLOT_MASK
        found = np.bincount(slots, minlength=FIELD_SLOTS)
        idf = self._idf_base - np.log(found + 1)
        factors = (self._boosts * (idf * weight)).astype(np.float32)
        frequencies = tfs.astype(np.float32)
        parts = factors[slots] * frequencies / (frequencies + self._snapshot.norms[codes])
        documents = (codes >> FIELD_BITS).astype(np.int64)
        starts = _starts(documents)
        return Scored(documents[starts], np.add.reduceat(parts, starts))

    def score_occurrences(self, codes: Array, weights: Array) -> Scored:
        """Documents of some occurrences, scored as those of one word.

        :param codes: uint32, ascending, one an occurrence.
        :param weights: how much each counts.
        """
        if not len(codes):
            return NOTHING
        starts = _starts(codes)
        return self._score(codes[starts], np.add.reduceat(weights, starts), 1.0, True)

    def prefix(self, text: str, fields: tuple[str, ...], exact: bool) -> Scored:
        """Documents that have a word that begins so, all with the score 1; 2 where the accents agree too."""
        folded = fold(text)
        bounds = [(folded.encode(), folded.encode() + b"\xff")]
        if fold_key(text) != folded:
            bounds.append((fold_key(text).encode() + b"\0", fold_key(text).encode() + b"\1"))
        ranges = []
        for low, high in bounds:
            ranges += self._matching(low, high, lambda word: 0 if word.startswith(text) else 2)
        codes, _, tiers = self._postings(ranges, fields)
        if exact:
            codes, tiers = codes[tiers == 0], tiers[tiers == 0]
        marks = np.zeros(self._snapshot.size, np.int8)
        marks[codes >> FIELD_BITS] = 1
        if not text.isascii():
            marks[codes[tiers == 0] >> FIELD_BITS] = 2
        documents = np.flatnonzero(marks)
        return Scored(documents, marks[documents].astype(np.float32))

    # --------------------------------------------------------------------------------------- vocabulary

    def frequency(self, key: str) -> int:
        """In how many fields of documents the words filed under a `fold_key` stand: a cheap measure."""
        encoded = key.encode("utf-8", "replace")
        low, high = encoded + b"\0", encoded + b"\1"
        total = 0
        for item in self._snapshot.segments:
            first, last = item.arrays.find(low), item.arrays.find(high)
            total += int(item.arrays.post_at[last] - item.arrays.post_at[first])
        return total

    def has(self, key: str) -> bool:
        """Whether any word is filed under a `fold_key`."""
        low = key.encode("utf-8", "replace") + b"\0"
        for item in self._snapshot.segments:
            number = item.arrays.find(low)
            if number < item.arrays.words and item.arrays.key(number).startswith(low):
                return True
        return False

    def frequency_of(self, word: str) -> int:
        """In how many fields of documents a word stands, accents as given."""
        known = self._frequencies.get(word)
        if known is not None:
            return known
        key = f"{fold_key(word)}\0{word}".encode("utf-8", "replace")
        total = 0
        for item in self._snapshot.segments:
            number = item.arrays.find(key)
            if number < item.arrays.words and item.arrays.key(number) == key:
                total += int(item.arrays.post_at[number + 1] - item.arrays.post_at[number])
        if len(self._frequencies) >= _FREQUENCIES:
            self._frequencies.clear()
        self._frequencies[word] = total
        return total

    def tokens(self, text: str) -> dict[str, int]:
        """The words that differ from one in accents only, with the number of their occurrences."""
        counts: dict[str, int] = {}
        for item in self._snapshot.segments:
            first, words = item.arrays.forms(fold_key(text))
            found = np.diff(item.arrays.pos_at[first : first + len(words) + 1]).tolist()
            for word, count in zip(words, found, strict=False):
                counts[word] = counts.get(word, 0) + count
        return counts

    def variants(self, key: str, documents: Array | None = None) -> dict[str, int]:
        """The words filed under a `fold_key`, with the number of postings, among some documents or all."""
        wanted = None
        if documents is not None:
            wanted = np.zeros(self._snapshot.size, bool)
            wanted[documents] = True
        counts: dict[str, int] = {}
        for item in self._snapshot.segments:
            arrays = item.arrays
            first, words = arrays.forms(key)
            last = first + len(words)
            found = np.diff(arrays.post_at[first : last + 1])
            if wanted is not None and words:
                first_post, last_post = arrays.post_at[first : last + 1 : len(words)].tolist()
                here = wanted[(arrays.part("codes", first_post, last_post) >> FIELD_BITS) + item.base]
                found = np.add.reduceat(here, arrays.post_at[first:last] - first_post, dtype=np.int64)
            for word, count in zip(words, found.tolist(), strict=True):
                counts[word] = counts.get(word, 0) + count
        return counts

    def idf(self, text: str) -> float:
        """Of a folded word over all fields: how telling it is."""
        found = len(self.word(text, DEFAULT_FIELDS, False))
        return math.log(max(self._snapshot.count, 1) / (found + 1)) + 1

    def forms(self, item: Opened, text: str, exact: bool, likely: str = "") -> Forms:
        """What a typed word may mean in a segment: the words that differ in accents only.

        :param exact: the word as typed only.
        :param likely: the form to count as the one typed, when it is not `text`.
        """
        first, words = item.arrays.forms(fold_key(text))
        if exact:
            if text not in words:
                return Forms(first, first, [])
            number = first + words.index(text)
            return Forms(number, number + 1, [0])
        tier = _tier_of(likely or text)
        return Forms(first, first + len(words), [tier(word) for word in words])

    def _ranges(self, text: str, exact: bool, likely: str = "") -> list[_Range]:
        found = [(item, self.forms(item, text, exact, likely)) for item in self._snapshot.segments]
        return [(item, forms) for item, forms in found if forms.tiers]

    def _matching(self, low: bytes, high: bytes, tier: _Tier) -> list[_Range]:
        ranges = []
        for item in self._snapshot.segments:
            first = item.arrays.find(low)
            last = item.arrays.find(high, first)
            if first < last:
                words = (item.arrays.key(n).split(b"\0")[1].decode() for n in range(first, last))
                ranges.append((item, Forms(first, last, [tier(word) for word in words])))
        return ranges

    # ---------------------------------------------------------------------------------------- postings

    def _postings(self, ranges: Sequence[_Range], fields: tuple[str, ...]) -> tuple[Array, Array, Array]:
        """Codes over all segments, frequencies and tiers; ascending within each word of each segment."""
        parts = [self._slice(item, forms, fields) for item, forms in ranges]
        if not parts:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint16), np.zeros(0, np.int8)
        codes, tfs, tiers, _ = zip(*parts, strict=True)
        if len(parts) == 1:
            return codes[0], tfs[0], tiers[0]
        return np.concatenate(codes), np.concatenate(tfs), np.concatenate(tiers)

    def _slice(
        self, item: Opened, forms: Forms, fields: tuple[str, ...], documents: Array | None = None
    ) -> tuple[Array, Array, Array, Array | slice]:
        """Postings of neighbouring words: codes, frequencies, tiers, and which of all these they are.

        :param documents: bool by document: no others.
        """
        arrays = item.arrays
        at = arrays.post_at[forms.low : forms.high + 1]
        first, stop = int(at[0]), int(at[-1])
        codes = arrays.part("codes", first, stop)
        if item.base:
            codes = codes + np.uint32(item.base << FIELD_BITS)
        tfs = arrays.part("tfs", first, stop)
        if len(forms.tiers) == 1:
            tiers = np.full(len(codes), forms.tiers[0], np.int8)
        else:
            tiers = np.repeat(np.array(forms.tiers, np.int8), np.diff(at))
        keep = None
        if fields != DEFAULT_FIELDS:
            keep = slots_of(fields)[codes & _SLOT_MASK]
        if documents is not None:
            keep = _both(keep, documents[codes >> FIELD_BITS])
        elif not self.all_alive:
            keep = _both(keep, self._snapshot.alive[codes >> FIELD_BITS])
        if keep is None:
            return codes, tfs, tiers, slice(None)
        chosen = np.flatnonzero(keep)
        return codes[chosen], tfs[chosen], tiers[chosen], chosen

    def occurrences(self, text: str, fields: tuple[str, ...], exact: bool, documents: Array) -> Array:
        """Keys of all occurrences of a word within some documents, ascending.

        :param documents: bool by document.
        """
        parts = []
        ranges = self._ranges(text, exact)
        for item, forms in ranges:
            codes, tfs, _, chosen = self._slice(item, forms, fields, documents)
            if not len(codes):
                continue
            arrays = item.arrays
            posts = int(arrays.post_at[forms.low]), int(arrays.post_at[forms.high])
            ends = np.cumsum(arrays.part("tfs", *posts), dtype=np.int64)
            counts = tfs.astype(np.int64)
            starts = arrays.pos_at[forms.low] + ends[chosen] - counts
            before = np.cumsum(counts) - counts
            at = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
            keys = np.repeat(codes.astype(np.int64) << POSITION_BITS, counts)
            arrays.checks.use("positions", int(arrays.pos_at[forms.low]), int(arrays.pos_at[forms.high]))
            keys += arrays.positions[at]
            parts.append(keys)
        if not parts:
            return np.zeros(0, np.int64)
        keys = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if any(len(forms.tiers) > 1 for _, forms in ranges):
            keys.sort()
        keys += POSITION_BIAS
        return keys


def _tier_of(text: str) -> _Tier:
    if text.isascii():
        return lambda word: 0 if fold(word) == text else 2
    letters = toneless(text)
    return lambda word: 0 if word == text else 1 if toneless(word) == letters else 2


def slots_of(fields: tuple[str, ...]) -> Array:
    """bool by field number: among these fields."""
    result = np.zeros(FIELD_SLOTS, bool)
    result[[FIELD_NUMBERS[name] for name in fields if name in FIELD_NUMBERS]] = True
    return result


def _both(one: Array | None, other: Array) -> Array:
    return other if one is None else one & other


def _starts(values: Array) -> Array:
    """Where each run of equal values begins; there is at least one value."""
    first = np.empty(len(values), bool)
    first[0] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return np.flatnonzero(first)


def _together(codes: Array, tfs: Array) -> tuple[Array, Array]:
    """Codes in order, each once, with the sum of its frequencies."""
    # One sort of plain 64-bit values, which NumPy does in vectors, instead of an indirect one.
    keys = codes.astype(np.uint64) << np.uint64(16) | tfs.astype(np.uint64)
    keys.sort()
    ordered = (keys >> np.uint64(16)).astype(np.uint32)
    starts = _starts(ordered)
    frequencies = (keys & np.uint64(0xFFFF)).astype(np.uint32)
    if len(starts) == len(ordered):
        return ordered, frequencies
    return ordered[starts], np.add.reduceat(frequencies, starts)
