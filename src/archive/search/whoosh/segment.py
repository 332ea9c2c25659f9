"""What one segment holds, by name.

A *word* is a normal form (accents kept). Words are sorted by their widest form, `fold_key`, then by
themselves: so the accented variants of a folded word, and all words with a folded prefix, are one range of
word numbers, and their postings one slice of each array. Nothing is filed twice.

A *code* is `document << 3 | field`, so that one sorted array serves all fields of a word at once.

An *address* numbers a place of the whole segment: a document's fields lie one after another in one space,
each from a multiple of `BLOCK` on and at least `POSITION_GAP` after the one before, so that a table with one
entry a block tells the code of an address, and words of two fields are never neighbours. For each two words
that anywhere follow each other, a *pair*, the addresses where they do are kept: a phrase of two words is read
off, a longer one is an intersection of short lists, however common its words are (a nextword index: Williams,
Zobel and Bahle, "Fast Phrase Querying with Combined Indexes", 2004).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from archive.search.query import DEFAULT_FIELDS
from archive.search.whoosh.arrays import Array, Checks, DamagedArraysError, read_arrays

FIELD_BITS = 3
FIELD_SLOTS = 1 << FIELD_BITS
BLOCK_BITS = 5
BLOCK = 1 << BLOCK_BITS
FIELD_NUMBERS = {name: number for number, name in enumerate(DEFAULT_FIELDS)}
_PAGE = 4096
ARRAYS_EXT = ".arrays"
STORED_EXT = ".stored"
FORMAT = "4"
"""Version of this layout; part of the index's fingerprint."""

MAX_POSITION = 0xFFFF
"""Positions are 16 bits wide: words beyond stay findable, but all at this position."""

MAX_ADDRESS = 0xFFFF0000
"""Addresses are 32 bits wide, with room to count on from the last: segments whose spaces add up to more are
not merged."""

MAX_TF = 0xFFFF
"""Occurrences of one word in one field that are kept."""

IN_PARTS = frozenset(
    ("codes", "tfs", "positions", "pairs", "pair_at", "places", "blocks", "grams", "gram_at", "gram_counts")
)
"""Arrays of which a question uses little: what it uses is compared with the checksums when it is used. All
others, a fortieth of the file, are read as a whole when a segment is opened, and compared then."""

KEYWORD_ARRAYS = ("keywords", "keyword_at", "keyword_document_at", "keyword_documents")

STATUSES = ("live", "changed", "gone")


@dataclass(slots=True)
class SegmentArrays:
    """The arrays of one segment: `n` words, `p` postings, `t` tokens, `d` documents, `q` pairs, `k`
    keywords."""

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
    pairs: Array
    """uint64[q]: `number of a word << 32 | number of one that follows it`, ascending."""
    pair_at: Array
    """uint32[q+1]: where each pair's addresses begin."""
    places: Array
    """uint32: addresses of the first words of pairs, ascending within a pair."""
    blocks: Array
    """uint32: the code of each `BLOCK` addresses."""
    document_at: Array
    """uint32[d+1]: the first address of each document; the last item is the size of the space."""
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
    stored_sums: Array
    """uint32[d]: CRC-32 of each stored document."""
    grams: Array
    """uint8: UTF-8 of `fold NUL text` of phrases met in titles, sorted."""
    gram_at: Array
    """uint32[g+1]."""
    gram_counts: Array
    """uint32[g]: titles that have it."""
    keywords: Array
    """uint8: UTF-8 of `kind NUL folded form NUL name` of keywords, sorted."""
    keyword_at: Array
    """uint32[k+1]: where each begins."""
    keyword_document_at: Array
    """uint32[k+1]: where each keyword's documents begin."""
    keyword_documents: Array
    """uint32: documents, ascending within a keyword."""
    meta: dict[str, Any] = field(default_factory=dict)
    """`sites`: [[id, name], …]; `sections`: [name, …]."""
    checks: Checks = field(default_factory=Checks)
    """Of the file that the arrays are mapped from."""

    @property
    def documents(self) -> int:
        return len(self.ids)

    @property
    def words(self) -> int:
        return len(self.term_at) - 1

    @property
    def space(self) -> int:
        """Number of addresses."""
        return int(self.document_at[-1])

    def warm(self) -> None:
        """Touch the vocabulary, so that looking up a word waits for no page of the file."""
        for array in (self.terms, self.term_at, self.post_at):
            array[:: _PAGE // array.itemsize].sum()

    def arrays(self) -> dict[str, Array]:
        """By name, as they are written."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in ("meta", "checks")}

    def part(self, name: str, first: int, stop: int) -> Array:
        """Some neighbouring items of one of the arrays that are `IN_PARTS`.

        :raises DamagedArraysError: they are not what was written.
        """
        self.checks.use(name, first, stop)
        result: Array = getattr(self, name)[first:stop]
        return result

    def key(self, number: int) -> bytes:
        """`fold_key NUL word` of a word."""
        at = self.term_at.data
        return bytes(self.terms.data[at[number] : at[number + 1]])

    def find(self, key: bytes, low: int = 0) -> int:
        """Number of the first word, from the `low`-th on, whose key is not below `key`."""
        return lower_bound(self.terms, self.term_at, key, low)

    def forms(self, key: str) -> tuple[int, list[str]]:
        """The words filed under a `fold_key`, in order, and the number of the first."""
        start = key.encode("utf-8", "replace") + b"\0"
        first = number = self.find(start)
        at, data = self.term_at.data, self.terms.data
        words = []
        while number < len(at) - 1:
            found = bytes(data[at[number] : at[number + 1]])
            if not found.startswith(start):
                break
            words.append(found[len(start) :].decode())
            number += 1
        return first, words


def lower_bound(blob: Array, at: Array, key: bytes, low: int = 0) -> int:
    """Binary search among sorted byte strings that lie one after another, from the `low`-th on."""
    # Memory views give plain ints and bytes, several times faster than scalars of NumPy.
    bounds, data = at.data, blob.data
    high = len(bounds) - 1
    while low < high:
        middle = (low + high) >> 1
        if bytes(data[bounds[middle] : bounds[middle + 1]]) < key:
            low = middle + 1
        else:
            high = middle
    return low


def load(folder: Path, name: str) -> SegmentArrays:
    """Map a segment's arrays; those that are `IN_PARTS` are not compared with their checksums yet.

    :raises FileNotFoundError: the segment has been merged away.
    :raises DamagedArraysError: the file is not what was written.
    """
    path = folder / f"{name}{ARRAYS_EXT}"
    arrays, meta, checks = read_arrays(path)
    try:
        segment = SegmentArrays(**arrays, meta=meta, checks=checks)
    except TypeError as error:
        raise DamagedArraysError(path, f"has not the arrays of a segment: {error}") from error
    for item in arrays.keys() - IN_PARTS:
        checks.whole(item)
    return segment


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
