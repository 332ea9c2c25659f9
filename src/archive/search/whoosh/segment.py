"""What one segment holds, by name.

A *word* is a normal form (accents kept). Words are sorted by their widest form, `fold_key`, then by
themselves: so the accented variants of a folded word, and all words with a folded prefix, are one range of
word numbers, and their postings one slice of each array. Nothing is filed twice.

A *code* is `document << 3 | field`, so that one sorted array serves all fields of a word at once.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from archive.search.query import DEFAULT_FIELDS
from archive.search.whoosh.arrays import Array, read_arrays

FIELD_BITS = 3
FIELD_SLOTS = 1 << FIELD_BITS
FIELD_NUMBERS = {name: number for number, name in enumerate(DEFAULT_FIELDS)}
ARRAYS_EXT = ".arrays"
STORED_EXT = ".stored"
FORMAT = "1"
"""Version of this layout; part of the index's fingerprint."""

MAX_POSITION = 0xFFFF
"""Positions are 16 bits wide: words beyond stay findable, but all at this position."""

MAX_TF = 0xFFFF
"""Occurrences of one word in one field that are kept."""

STATUSES = ("live", "changed", "gone")


@dataclass(slots=True)
class SegmentArrays:
    """The arrays of one segment; `n` words, `p` postings, `t` tokens, `d` documents."""

    terms: Array
    """uint8: UTF-8 of `fold_key NUL word` of all words, one after another."""
    term_at: Array
    """uint32[n+1]: where each begins."""
    post_at: Array
    """int64[n+1]: where each word's postings begin."""
    pos_at: Array
    """int64[n+1]: where each word's positions begin."""
    codes: Array
    """uint32[p]: document and field, ascending within a word."""
    tfs: Array
    """uint16[p]: occurrences there."""
    positions: Array
    """uint16[t]: of each occurrence, ascending within a posting."""
    lengths: Array
    """uint32[d*8]: tokens by document and field."""
    ids: Array
    """uint64[d]: `id_key` of each article."""
    texts: Array
    """uint64[d]: `text_key`."""
    days: Array
    """int32[d]: proleptic ordinal of the publication day, 0 undated."""
    minutes: Array
    """int16[d]: minute of that day, 0 when only the day is known."""
    sites: Array
    """uint16[d]: index into `meta["sites"]`."""
    sections: Array
    """uint32[d]: index into `meta["sections"]`."""
    media: Array
    """uint8[d]: 1 with pictures."""
    status: Array
    """uint8[d]: index into `STATUSES`."""
    stored_at: Array
    """int64[d+1]: where each stored document begins in the stored file."""
    grams: Array
    """uint8: UTF-8 of `fold NUL text` of phrases met in titles, sorted."""
    gram_at: Array
    """uint32[g+1]."""
    gram_counts: Array
    """uint32[g]: titles that have it."""
    meta: dict[str, Any] = field(default_factory=dict)
    """`sites`: [[id, name], …]; `sections`: [name, …]."""

    @property
    def documents(self) -> int:
        return len(self.ids)

    @property
    def words(self) -> int:
        return len(self.term_at) - 1

    def arrays(self) -> dict[str, Array]:
        """By name, as they are written."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "meta"}

    def key(self, number: int) -> bytes:
        """`fold_key NUL word` of a word."""
        return bytes(self.terms[self.term_at[number] : self.term_at[number + 1]])

    def find(self, key: bytes) -> int:
        """Number of the first word whose key is not below `key`."""
        return lower_bound(self.terms, self.term_at, key)


def lower_bound(blob: Array, at: Array, key: bytes) -> int:
    """Binary search among sorted byte strings that lie one after another."""
    low, high = 0, len(at) - 1
    while low < high:
        middle = (low + high) >> 1
        if bytes(blob[at[middle] : at[middle + 1]]) < key:
            low = middle + 1
        else:
            high = middle
    return low


def load(folder: Path, name: str) -> SegmentArrays:
    """Map a segment's arrays.

    :raises FileNotFoundError: the segment has been merged away.
    """
    arrays, meta = read_arrays(folder / f"{name}{ARRAYS_EXT}")
    return SegmentArrays(**arrays, meta=meta)


def pack(strings: list[bytes]) -> tuple[Array, Array]:
    """Byte strings as one array and the places where each begins."""
    at = np.zeros(len(strings) + 1, np.uint32)
    np.cumsum([len(item) for item in strings], out=at[1:])
    return np.frombuffer(b"".join(strings), np.uint8), at


def unpack(blob: Array, at: Array) -> list[bytes]:
    """The reverse of `pack`."""
    data = blob.tobytes()
    bounds = at.tolist()
    return [data[start:end] for start, end in itertools.pairwise(bounds)]
