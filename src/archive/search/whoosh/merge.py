"""Several segments into one, deleted documents left out.

Every posting's place in the result is computed, not sorted for: within a word, the postings of an earlier
segment come before those of a later one, because its documents are numbered lower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archive.search.whoosh.arrays import Array, distinct, give_back
from archive.search.whoosh.build import pack_grams, pack_keywords
from archive.search.whoosh.pairs import WORD_BITS
from archive.search.whoosh.segment import (
    BLOCK_BITS,
    FIELD_BITS,
    FIELD_SLOTS,
    KEYWORD_ARRAYS,
    SegmentArrays,
    pack,
    unpack,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A segment that goes into a merge."""

    segment: SegmentArrays
    stored: memoryview
    alive: Array
    """bool[d]"""


Put = Callable[[str, Array], None]
"""Takes one array of the result by name (`SegmentArrays`); once it has it, the array is let go."""


def merge(parts: Sequence[Part], put: Put) -> tuple[dict[str, Any], list[memoryview]]:
    """One segment with the live documents of all, in order.

    The big arrays are made one after another, and what is read of the parts is given back between: neither
    parts nor result are ever in memory as a whole.

    :return: the meta value, and the stored file in pieces.
    """
    cut = [_living(part) for part in parts]
    vocabulary, numbers = _common_words([part.segment for part in parts], cut)
    bases = np.cumsum([0, *(int(part.alive.sum()) for part in parts)])
    terms, term_at = pack(vocabulary)
    put("terms", terms)
    put("term_at", term_at)
    _merge_postings(cut, numbers, bases, len(vocabulary), put)
    _give_back(parts)
    _merge_positions(cut, numbers, len(vocabulary), put)
    _give_back(parts)
    document_at = _starts(np.concatenate([np.diff(part.segment.document_at)[part.alive] for part in parts]))
    _merge_pairs(cut, numbers, document_at[bases[:-1]], put)
    _give_back(parts)
    put("document_at", document_at.astype(np.uint32))
    put("blocks", np.concatenate([_based(c.blocks, base) for c, base in zip(cut, bases, strict=False)]))
    for name, array in zip(("grams", "gram_at", "gram_counts"), _merge_grams(parts), strict=True):
        put(name, array)
    for name, array in zip(KEYWORD_ARRAYS, _merge_keywords(parts, bases.tolist()), strict=True):
        put(name, array)
    sites, sections = _merge_columns(parts, put)
    stored, stored_at = _merge_stored(parts)
    put("stored_at", stored_at)
    return {"sites": [list(site) for site in sites], "sections": sections}, stored


def _give_back(parts: Sequence[Part]) -> None:
    for part in parts:
        give_back(part.segment.terms)


@dataclass(frozen=True, slots=True)
class _Living:
    """A segment's postings without those of deleted documents, documents renumbered."""

    post_at: Array
    pos_at: Array
    codes: Array
    tfs: Array
    positions: Array
    pairs: Array
    pair_at: Array
    places: Array
    """Counted from the first address of the first living document."""
    blocks: Array


def _living(part: Part) -> _Living:
    segment = part.segment
    if part.alive.all():
        return _Living(
            post_at=segment.post_at,
            pos_at=segment.pos_at,
            codes=segment.codes,
            tfs=segment.tfs,
            positions=segment.positions,
            pairs=segment.pairs,
            pair_at=segment.pair_at,
            places=segment.places,
            blocks=segment.blocks,
        )
    keep = part.alive[segment.codes >> FIELD_BITS]
    renumbered = (np.cumsum(part.alive) - 1).astype(np.uint32)
    codes = segment.codes[keep]
    kept_before = np.concatenate(([0], np.cumsum(keep)))
    positions_before = np.concatenate(([0], np.cumsum(np.where(keep, segment.tfs, 0), dtype=np.int64)))
    pairs, pair_at, places = _living_pairs(part)
    blocks = segment.blocks[part.alive[segment.blocks >> FIELD_BITS]]
    return _Living(
        post_at=kept_before[segment.post_at],
        pos_at=positions_before[segment.post_at],
        codes=_renumbered(codes, renumbered),
        tfs=segment.tfs[keep],
        positions=segment.positions[np.repeat(keep, segment.tfs)],
        pairs=pairs,
        pair_at=pair_at,
        places=places,
        blocks=_renumbered(blocks, renumbered),
    )


def _renumbered(codes: Array, documents: Array) -> Array:
    slots = codes & np.uint32(FIELD_SLOTS - 1)
    result: Array = documents[codes >> FIELD_BITS] << np.uint32(FIELD_BITS) | slots
    return result


def _living_pairs(part: Part) -> tuple[Array, Array, Array]:
    """Pairs that still have places, where each begins, and the places, moved up to close the gaps."""
    segment = part.segment
    documents = segment.blocks[segment.places >> BLOCK_BITS] >> FIELD_BITS
    keep = part.alive[documents]
    sizes = np.diff(segment.document_at)
    # How far each document moves up: by the space of the deleted ones before it.
    moved = np.cumsum(np.where(part.alive, 0, sizes), dtype=np.uint32)
    places = segment.places[keep] - moved[documents[keep]]
    before = np.concatenate(([0], np.cumsum(keep)))
    at = before[segment.pair_at]
    used = np.diff(at) > 0
    return segment.pairs[used], np.append(at[:-1][used], at[-1]), places


def _based(codes: Array, base: int) -> Array:
    result: Array = codes + np.uint32(base << FIELD_BITS)
    return result


def _merge_postings(
    cut: Sequence[_Living], numbers: Sequence[Array], bases: Array, words: int, put: Put
) -> None:
    counts = [_by_word(n, np.diff(c.post_at), words) for n, c in zip(numbers, cut, strict=True)]
    at = _starts(sum(counts, np.zeros(words, np.int64)))
    put("post_at", at)
    codes, tfs = np.empty(at[-1], np.uint32), np.empty(at[-1], np.uint16)
    following = at[:-1].copy()
    for number, living, base, here in zip(numbers, cut, bases[:-1], counts, strict=True):
        to = _places(following[number], living.post_at)
        codes[to] = _based(living.codes, base)
        tfs[to] = living.tfs
        following += here
    put("codes", codes)
    put("tfs", tfs)


def _merge_positions(cut: Sequence[_Living], numbers: Sequence[Array], words: int, put: Put) -> None:
    counts = [_by_word(n, np.diff(c.pos_at), words) for n, c in zip(numbers, cut, strict=True)]
    at = _starts(sum(counts, np.zeros(words, np.int64)))
    put("pos_at", at)
    positions = np.empty(at[-1], np.uint16)
    following = at[:-1].copy()
    for number, living, here in zip(numbers, cut, counts, strict=True):
        positions[_places(following[number], living.pos_at)] = living.positions
        following += here
    put("positions", positions)


def _merge_pairs(cut: Sequence[_Living], numbers: Sequence[Array], bases: Array, put: Put) -> None:
    """All pairs under the common numbers of their words.

    :param numbers: for each part, the common number of each of its words.
    :param bases: where the space of each part begins in the result.
    """
    half = np.uint64(WORD_BITS)
    renamed = []
    for living, number in zip(cut, numbers, strict=True):
        common = number.astype(np.uint64)
        renamed.append(
            common[living.pairs >> half] << half | common[living.pairs & np.uint64((1 << WORD_BITS) - 1)]
        )
    keys = distinct(np.concatenate(renamed))
    where = [np.searchsorted(keys, names) for names in renamed]
    del renamed
    counts = np.zeros(len(keys), np.int64)
    for living, number in zip(cut, where, strict=True):
        counts[number] += np.diff(living.pair_at)
    at = _starts(counts)
    put("pairs", keys)
    put("pair_at", at.astype(np.uint32))
    del keys, counts
    places = np.empty(at[-1], np.uint32)
    following = at[:-1].copy()
    for living, number, base in zip(cut, where, bases, strict=True):
        places[_places(following[number], living.pair_at)] = living.places + np.uint32(base)
        following[number] += np.diff(living.pair_at)
    put("places", places)


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


def _merge_columns(parts: Sequence[Part], put: Put) -> tuple[list[Any], list[Any]]:
    """The columns of documents; the sites and sections that their codes stand for."""
    for name in ("ids", "texts", "days", "minutes", "media", "status", "stored_sums"):
        put(name, np.concatenate([getattr(part.segment, name)[part.alive] for part in parts]))
    lengths = [part.segment.lengths.reshape(-1, FIELD_SLOTS)[part.alive].ravel() for part in parts]
    put("lengths", np.concatenate(lengths))
    sites, site_codes = _values([[tuple(s) for s in part.segment.meta["sites"]] for part in parts])
    sections, section_codes = _values([part.segment.meta["sections"] for part in parts])
    put("sites", _recoded(parts, "sites", site_codes, np.uint16))
    put("sections", _recoded(parts, "sections", section_codes, np.uint32))
    return sites, sections


def _merge_grams(parts: Sequence[Part]) -> tuple[Array, Array, Array]:
    counts: dict[bytes, int] = {}
    for segment in (part.segment for part in parts):
        keys = unpack(segment.grams, segment.gram_at)
        for key, count in zip(keys, segment.gram_counts.tolist(), strict=True):
            counts[key] = counts.get(key, 0) + count
    return pack_grams(counts)


def _merge_keywords(parts: Sequence[Part], bases: Sequence[int]) -> tuple[Array, Array, Array, Array]:
    documents: dict[bytes, list[Array]] = {}
    for part, base in zip(parts, bases, strict=False):
        segment = part.segment
        renumbered = (np.cumsum(part.alive) - 1 + base).astype(np.uint32)
        at = segment.keyword_document_at.tolist()
        for number, key in enumerate(unpack(segment.keywords, segment.keyword_at)):
            here = segment.keyword_documents[at[number] : at[number + 1]]
            if len(kept := here[part.alive[here]]):
                documents.setdefault(key, []).append(renumbered[kept])
    return pack_keywords({key: np.concatenate(found) for key, found in documents.items()})


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
