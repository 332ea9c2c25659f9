"""From documents to the arrays of one segment.

Each distinct raw word is analysed once; a document costs a regular expression, a look-up per word and a
copy into arrays. Sorting is done once for the segment.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from archive.search.backend import IndexDocument
from archive.search.document import POSITION_GAP, field_texts, id_key, keyword_form, text_key
from archive.search.hits import SHOWN
from archive.search.whoosh.arrays import Array, Checks, distinct
from archive.search.whoosh.pairs import pairs_of
from archive.search.whoosh.segment import (
    BLOCK,
    BLOCK_BITS,
    FIELD_BITS,
    KEYWORD_ARRAYS,
    MAX_POSITION,
    MAX_TF,
    STATUSES,
    SegmentArrays,
    pack,
)
from archive.text.vietnamese import figure_parts, fold, fold_key, normal_word, raw_words

_GRAM_LENGTHS = (2, 3, 4)
_GRAM_PRUNE = 2_000
"""From so many documents on, phrases met in one title only are not kept for completion."""


@dataclass(frozen=True, slots=True)
class _Several:
    """What a chunk of text stands for that is not one plain word: `TT&VH`, `3.950`, `–`."""

    numbers: list[int]
    places: list[int]
    """Of each word, from the chunk's first position on; a figure's whole and its parts share one."""
    width: int
    """Positions taken."""


class _Chunks(dict[str, int]):
    """Text between spaces, with its punctuation → number of the one word in it, or `~` the place of what
    else it is. Splitting at spaces and looking chunks up is twice as fast as finding words in the text."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, int] = {}
        """Normal form → number."""
        self.several: list[_Several] = []

    def __missing__(self, chunk: str) -> int:
        raws = raw_words(chunk)
        if len(raws) == 1 and not figure_parts(raws[0]):
            number = self._word(normal_word(raws[0]))
        else:
            number = ~len(self.several)
            self.several.append(self._analysed(raws))
        self[chunk] = number
        return number

    def _word(self, normal: str) -> int:
        return self.words.setdefault(normal, len(self.words))

    def _analysed(self, raws: list[str]) -> _Several:
        numbers: list[int] = []
        places: list[int] = []
        for place, raw in enumerate(raws):
            forms = dict.fromkeys((normal_word(raw), *figure_parts(raw)))
            numbers += [self._word(form) for form in forms]
            places += [place] * len(forms)
        return _Several(numbers, places, len(raws))


class SegmentBuilder:
    """Collects documents; `finish` gives the segment."""

    def __init__(self) -> None:
        self._chunks = _Chunks()
        self._numbers = array("i")
        self._addresses = array("I")
        self._next = 0
        """The first free address."""
        self._runs = array("I")
        self._run_codes = array("I")
        self._run_starts = array("I")
        self._document_at = array("I")
        self._rows: list[tuple[int, int, int, int, int, int, int, int]] = []
        self._lengths: list[tuple[int, int]] = []
        self._sites: dict[tuple[str, str], int] = {}
        self._sections: dict[str, int] = {}
        self._stored = bytearray()
        self._stored_at = array("q", [0])
        self._stored_sums = array("I")
        self._grams: Counter[tuple[str, ...]] = Counter()
        self._keywords: dict[bytes, array[int]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def tokens(self) -> int:
        """How many tokens are held: the measure of memory used."""
        return len(self._numbers)

    def add(self, doc: IndexDocument) -> None:
        """Add one document; the caller sees to it that an id is added once."""
        number = len(self._rows)
        self._document_at.append(self._next)
        for slot, field in enumerate(field_texts(doc)):
            self._add_field(number << FIELD_BITS | slot, field.pieces)
        self._rows.append(
            (
                id_key(doc.id),
                text_key(doc),
                doc.published.toordinal() if doc.published else 0,
                _minute(doc.published_text),
                self._sites.setdefault((doc.site, doc.site_name), len(self._sites)),
                self._sections.setdefault(doc.section, len(self._sections)),
                int(doc.has_pictures),
                STATUSES.index(doc.status),
            )
        )
        stored = json.dumps([getattr(doc, name) for name in SHOWN], ensure_ascii=False)
        data = stored.encode("utf-8", "surrogatepass")
        self._stored += data
        self._stored_sums.append(zlib.crc32(data))
        self._stored_at.append(len(self._stored))
        self._add_grams(doc.title)
        for kind, name in doc.keywords:
            if key := keyword_key(kind, name):
                self._keywords.setdefault(key, array("I")).append(number)

    def _add_field(self, code: int, pieces: Iterable[str]) -> None:
        get = self._chunks.__getitem__
        start = position = self._next
        total = 0
        for piece in pieces:
            numbers = list(map(get, piece.split()))
            if not numbers:
                continue
            end = position + len(numbers)
            places: Sequence[int] = range(position, end)
            if min(numbers) < 0:
                numbers, places, end = self._spread(numbers, position)
            self._numbers.extend(numbers)
            self._addresses.extend(places)
            total += len(numbers)
            position = end + POSITION_GAP
        if total:
            self._runs.append(total)
            self._run_codes.append(code)
            self._run_starts.append(start)
            self._next = -(-position // BLOCK) * BLOCK

    def _spread(self, chunks: list[int], place: int) -> tuple[list[int], list[int], int]:
        """Word numbers and positions of chunks, and the position after the last."""
        numbers: list[int] = []
        places: list[int] = []
        done = 0
        for at in [n for n, chunk in enumerate(chunks) if chunk < 0]:
            numbers += chunks[done:at]
            places += range(place, place + at - done)
            place += at - done
            several = self._chunks.several[~chunks[at]]
            numbers += several.numbers
            places += [place + offset for offset in several.places]
            place += several.width
            done = at + 1
        numbers += chunks[done:]
        places += range(place, place + len(chunks) - done)
        place += len(chunks) - done
        return numbers, places, place

    def _add_grams(self, title: str) -> None:
        found = tuple(raw_words(title))
        grams = {
            found[start : start + length]
            for length in _GRAM_LENGTHS
            for start in range(len(found) - length + 1)
        }
        self._grams.update(grams)

    def finish(self) -> tuple[SegmentArrays, bytes]:
        """The segment and its stored file."""
        words, ranks = self._sorted_words()
        tokens = ranks[_numbers(self._numbers, np.int32)]
        addresses = _numbers(self._addresses, np.uint32)
        # Before anything else: it takes the most memory while it is made.
        pairs = pairs_of(tokens, addresses, len(words))
        # Sorting plain 64-bit values is several times faster than an indirect sort: the low half says
        # which token it was, and keeps the order of documents and positions within a word.
        keys = tokens.astype(np.uint64) << np.uint64(32) | np.arange(len(tokens), dtype=np.uint64)
        keys.sort()
        order = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        word = (keys >> np.uint64(32)).astype(np.uint32)
        del keys
        run_codes, runs = _numbers(self._run_codes, np.uint32), _numbers(self._runs, np.uint32)
        run_starts = _numbers(self._run_starts, np.uint32)
        codes = np.repeat(run_codes, runs)[order]
        positions = np.minimum(addresses - np.repeat(run_starts, runs), MAX_POSITION).astype(np.uint16)[order]
        starts, tfs = _postings(word, codes)
        if len(tfs) and tfs.max() > MAX_TF:
            keep = np.arange(len(word)) - np.repeat(starts, tfs) < MAX_TF
            word, codes, positions = word[keep], codes[keep], positions[keep]
            starts, tfs = _postings(word, codes)
        edges = np.arange(len(words) + 1)
        lengths = np.zeros(len(self._rows) << FIELD_BITS, np.uint32)
        lengths[run_codes] = runs
        rows = list(zip(*self._rows, strict=True)) or [()] * 8
        terms, term_at = pack(words)
        grams, gram_at, gram_counts = self._packed_grams()
        keywords = pack_keywords({key: _numbers(docs, np.uint32) for key, docs in self._keywords.items()})
        segment = SegmentArrays(
            terms=terms,
            term_at=term_at,
            post_at=np.searchsorted(word[starts], edges).astype(np.int64),
            pos_at=np.searchsorted(word, edges).astype(np.int64),
            codes=codes[starts],
            tfs=tfs.astype(np.uint16),
            positions=positions,
            pairs=pairs.keys,
            pair_at=pairs.at,
            places=pairs.places,
            blocks=np.repeat(run_codes, np.diff(run_starts, append=self._next) >> BLOCK_BITS),
            document_at=np.array([*self._document_at, self._next], np.uint32),
            lengths=lengths,
            ids=np.array(rows[0], np.uint64),
            texts=np.array(rows[1], np.uint64),
            days=np.array(rows[2], np.int32),
            minutes=np.array(rows[3], np.int16),
            sites=np.array(rows[4], np.uint16),
            sections=np.array(rows[5], np.uint32),
            media=np.array(rows[6], np.uint8),
            status=np.array(rows[7], np.uint8),
            stored_at=_numbers(self._stored_at, np.int64),
            stored_sums=_numbers(self._stored_sums, np.uint32),
            grams=grams,
            gram_at=gram_at,
            gram_counts=gram_counts,
            **dict(zip(KEYWORD_ARRAYS, keywords, strict=True)),
            checks=Checks(),
            meta={"sites": [list(site) for site in self._sites], "sections": list(self._sections)},
        )
        return segment, bytes(self._stored)

    def _sorted_words(self) -> tuple[list[bytes], Array]:
        """Keys of the words in order, and each word's place among them by its number."""
        keyed = sorted(
            (f"{fold_key(word)}\0{word}".encode("utf-8", "replace"), number)
            for word, number in self._chunks.words.items()
        )
        ranks = np.zeros(len(keyed), np.uint32)
        ranks[[number for _, number in keyed]] = np.arange(len(keyed), dtype=np.uint32)
        return [key for key, _ in keyed], ranks

    def _packed_grams(self) -> tuple[Array, Array, Array]:
        least = 2 if len(self._rows) >= _GRAM_PRUNE else 1
        merged: dict[bytes, int] = {}
        for gram, count in self._grams.items():
            if count >= least:
                text = " ".join(gram)
                key = f"{fold(text)}\0{text.lower()}".encode("utf-8", "replace")
                merged[key] = merged.get(key, 0) + count
        return pack_grams(merged)


def pack_grams(counts: dict[bytes, int]) -> tuple[Array, Array, Array]:
    """Phrases in the order of their keys."""
    ordered = sorted(counts)
    blob, at = pack(ordered)
    return blob, at, np.array([counts[key] for key in ordered], np.uint32)


def keyword_key(kind: str, name: str) -> bytes:
    """How a keyword is filed: `kind NUL folded form NUL name`; empty for a name without letters or digits."""
    name = " ".join(name.replace("\0", " ").split())
    folded = keyword_form(name)
    return f"{kind}\0{folded}\0{name}".encode("utf-8", "replace") if folded else b""


def pack_keywords(documents: dict[bytes, Array]) -> tuple[Array, Array, Array, Array]:
    """Keywords in the order of their keys, and their documents one list after another."""
    ordered = sorted(documents)
    blob, at = pack(ordered)
    lists = [distinct(documents[key].copy()) for key in ordered]
    document_at = np.zeros(len(ordered) + 1, np.uint32)
    np.cumsum([len(item) for item in lists], out=document_at[1:])
    return blob, at, document_at, np.concatenate(lists) if lists else np.zeros(0, np.uint32)


def _postings(word: Array, codes: Array) -> tuple[Array, Array]:
    """Where each posting begins among the sorted tokens, and how many tokens it has."""
    first = np.ones(len(word), bool)
    first[1:] = (word[1:] != word[:-1]) | (codes[1:] != codes[:-1])
    starts = np.flatnonzero(first)
    return starts, np.diff(starts, append=len(word))


def _numbers(values: array[int], dtype: type[np.generic]) -> Array:
    return np.frombuffer(values, dtype) if values else np.zeros(0, dtype)


def _minute(published_text: str) -> int:
    """Minute of the day of an ISO date-time; 0 for a date."""
    if len(published_text) < 16:
        return 0
    try:
        time = dt.datetime.fromisoformat(published_text)
    except ValueError:
        return 0
    return time.hour * 60 + time.minute
