"""Several segments into one, deleted documents left out.

Every posting's place in the result is computed, not sorted for: within a word, the postings of an earlier
segment come before those of a later one, because its documents are numbered lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archive.search.whoosh.arrays import Array
from archive.search.whoosh.build import pack_grams
from archive.search.whoosh.segment import FIELD_BITS, FIELD_SLOTS, SegmentArrays, pack, unpack


@dataclass(frozen=True, slots=True)
class Part:
    """A segment that goes into a merge."""

    segment: SegmentArrays
    stored: memoryview
    alive: Array
    """bool[d]"""


def merge(parts: Sequence[Part]) -> tuple[SegmentArrays, list[memoryview]]:
    """One segment with the live documents of all, in order, and its stored file in pieces."""
    cut = [_living(part) for part in parts]
    vocabulary, numbers = _common_words([part.segment for part in parts], cut)
    bases = np.cumsum([0, *(int(part.alive.sum()) for part in parts)])
    post_counts = [
        _by_word(n, np.diff(c.post_at), len(vocabulary)) for n, c in zip(numbers, cut, strict=True)
    ]
    pos_counts = [_by_word(n, np.diff(c.pos_at), len(vocabulary)) for n, c in zip(numbers, cut, strict=True)]
    post_at = _starts(sum(post_counts, np.zeros(len(vocabulary), np.int64)))
    pos_at = _starts(sum(pos_counts, np.zeros(len(vocabulary), np.int64)))
    codes = np.empty(post_at[-1], np.uint32)
    tfs = np.empty(post_at[-1], np.uint16)
    positions = np.empty(pos_at[-1], np.uint16)
    post_next, pos_next = post_at[:-1].copy(), pos_at[:-1].copy()
    for number, living, base, posts, places in zip(
        numbers, cut, bases[:-1], post_counts, pos_counts, strict=True
    ):
        at = _places(post_next[number], living.post_at)
        codes[at] = living.codes + np.uint32(base << FIELD_BITS)
        tfs[at] = living.tfs
        positions[_places(pos_next[number], living.pos_at)] = living.positions
        post_next += posts
        pos_next += places
    terms, term_at = pack(vocabulary)
    sites, site_codes = _values([[tuple(s) for s in part.segment.meta["sites"]] for part in parts])
    sections, section_codes = _values([part.segment.meta["sections"] for part in parts])
    grams, gram_at, gram_counts = _merge_grams([part.segment for part in parts])
    stored, stored_at = _merge_stored(parts)
    rows = {
        name: np.concatenate([getattr(part.segment, name)[part.alive] for part in parts])
        for name in ("ids", "texts", "days", "minutes", "media", "status")
    }
    segment = SegmentArrays(
        terms=terms,
        term_at=term_at,
        post_at=post_at,
        pos_at=pos_at,
        codes=codes,
        tfs=tfs,
        positions=positions,
        lengths=np.concatenate(
            [part.segment.lengths.reshape(-1, FIELD_SLOTS)[part.alive].ravel() for part in parts]
        ),
        sites=_recoded(parts, "sites", site_codes, np.uint16),
        sections=_recoded(parts, "sections", section_codes, np.uint32),
        stored_at=stored_at,
        grams=grams,
        gram_at=gram_at,
        gram_counts=gram_counts,
        meta={"sites": [list(site) for site in sites], "sections": sections},
        **rows,
    )
    return segment, stored


@dataclass(frozen=True, slots=True)
class _Living:
    """A segment's postings without those of deleted documents, documents renumbered."""

    post_at: Array
    pos_at: Array
    codes: Array
    tfs: Array
    positions: Array


def _living(part: Part) -> _Living:
    segment = part.segment
    if part.alive.all():
        return _Living(segment.post_at, segment.pos_at, segment.codes, segment.tfs, segment.positions)
    keep = part.alive[segment.codes >> FIELD_BITS]
    renumbered = (np.cumsum(part.alive) - 1).astype(np.uint32)
    codes = segment.codes[keep]
    kept_before = np.concatenate(([0], np.cumsum(keep)))
    positions_before = np.concatenate(([0], np.cumsum(np.where(keep, segment.tfs, 0), dtype=np.int64)))
    return _Living(
        kept_before[segment.post_at],
        positions_before[segment.post_at],
        renumbered[codes >> FIELD_BITS] << np.uint32(FIELD_BITS) | codes & np.uint32(FIELD_SLOTS - 1),
        segment.tfs[keep],
        segment.positions[np.repeat(keep, segment.tfs)],
    )


def _common_words(
    segments: Sequence[SegmentArrays], cut: Sequence[_Living]
) -> tuple[list[bytes], list[Array]]:
    """The words that still have postings, and for each segment its words' numbers among them.

    A word without postings gets number 0: nothing is copied for it.
    """
    keys = [unpack(segment.terms, segment.term_at) for segment in segments]
    used = [np.diff(living.post_at) > 0 for living in cut]
    common = sorted(
        {key for ks, us in zip(keys, used, strict=True) for key, u in zip(ks, us, strict=True) if u}
    )
    place = {key: number for number, key in enumerate(common)}
    return common, [np.array([place.get(key, 0) for key in ks], np.int64) for ks in keys]


def _by_word(numbers: Array, counts: Array, size: int) -> Array:
    result = np.zeros(size, np.int64)
    used = counts > 0
    result[numbers[used]] = counts[used]
    return result


def _starts(counts: Array) -> Array:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def _places(starts: Array, at: Array) -> Array:
    """Where the items of each word go, given where the word's next item goes."""
    counts = np.diff(at)
    return np.repeat(starts - at[:-1], counts) + np.arange(at[-1])


def _values(lists: Sequence[list[Any]]) -> tuple[list[Any], list[Array]]:
    table: dict[Any, int] = {}
    codes = [np.array([table.setdefault(v, len(table)) for v in values] or [0], np.int64) for values in lists]
    return list(table), codes


def _recoded(parts: Sequence[Part], name: str, codes: Sequence[Array], dtype: type[np.generic]) -> Array:
    return np.concatenate(
        [code[getattr(part.segment, name)[part.alive]] for part, code in zip(parts, codes, strict=True)]
    ).astype(dtype)


def _merge_grams(segments: Sequence[SegmentArrays]) -> tuple[Array, Array, Array]:
    counts: dict[bytes, int] = {}
    for segment in segments:
        keys = unpack(segment.grams, segment.gram_at)
        for key, count in zip(keys, segment.gram_counts.tolist(), strict=True):
            counts[key] = counts.get(key, 0) + count
    return pack_grams(counts)


def _merge_stored(parts: Sequence[Part]) -> tuple[list[memoryview], Array]:
    pieces: list[memoryview] = []
    sizes: list[Array] = []
    for part in parts:
        at = part.segment.stored_at
        sizes.append(np.diff(at)[part.alive])
        if part.alive.all():
            pieces.append(part.stored)
            continue
        pieces += [part.stored[at[n] : at[n + 1]] for n in np.flatnonzero(part.alive)]
    return pieces, _starts(np.concatenate(sizes))
