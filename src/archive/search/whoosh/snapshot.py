"""One committed state of an index, opened for reading. Immutable; a newer state is another snapshot.

Documents of all segments are numbered through: `base of the segment + number within it`. The big arrays stay
mapped; what is kept in memory is some 80 bytes a document (columns, orders, lengths).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archive.errors import IndexMissingError
from archive.search.ranking import K1, B
from archive.search.whoosh.arrays import Array
from archive.search.whoosh.codec import ArraySegment, StoredFile
from archive.search.whoosh.generations import POINTER, Pointer, damaged, read_matching_pointer, read_pointer
from archive.search.whoosh.segment import FIELD_SLOTS, STATUSES, SegmentArrays, load
from archive.search.whoosh.writer import read_toc, toc_generation

_TRIES = 12
_PAUSE = 0.002
"""Seconds: the n-th try waits n times so long, 0.13 s in all."""
_SETTLED = 2_000_000_000
"""Nanoseconds after which a changed file's time tells it from a later change, on any file system."""
UNDATED_MONTH = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """One segment within a snapshot."""

    name: str
    base: int
    arrays: SegmentArrays
    stored: StoredFile


class Snapshot:
    """See the module."""

    def __init__(self, segments: list[Opened], entries: list[ArraySegment], cursor: int) -> None:
        self.segments = segments
        self.cursor = cursor
        self.size = sum(item.arrays.documents for item in segments)
        """Documents, deleted ones included: every document number is below it."""
        self.alive = _joined([entry.alive() for entry in entries], np.bool_)
        self.count = int(self.alive.sum())
        self.ids = self._column("ids", np.uint64)
        self.texts = self._column("texts", np.uint64)
        self.days = self._column("days", np.int32)
        self.media = self._column("media", np.uint8)
        self.status = self._column("status", np.uint8)
        self.site_names: list[tuple[str, str]] = []
        """Id and name by the codes in `sites`; a portal that changed its name has several."""
        self.section_names: list[str] = []
        self.sites = self._dictionary("sites", self.site_names)
        self.sections = self._dictionary("sections", self.section_names)
        self.years, self.months = _calendar(self.days)
        self._order()
        self._lengths()
        self._copies()
        for item in segments:
            item.arrays.warm()

    def _column(self, name: str, dtype: type[np.generic]) -> Array:
        return _joined([getattr(item.arrays, name) for item in self.segments], dtype)

    def _dictionary(self, name: str, values: list[Any]) -> Array:
        """A column of codes, made common to all segments."""
        numbers: dict[Any, int] = {}
        columns = []
        for item in self.segments:
            local = [tuple(v) if isinstance(v, list) else v for v in item.arrays.meta[name]]
            codes = np.array([numbers.setdefault(value, len(numbers)) for value in local] or [0], np.int64)
            columns.append(codes[getattr(item.arrays, name)])
        values.extend(numbers)
        return _joined(columns, np.int64)

    def _order(self) -> None:
        """Each document's place in the order of newest and oldest first; undated ones come last in both."""
        minutes = self._column("minutes", np.int16)
        moments = self.days.astype(np.int64) * 1440 + minutes
        self.newest = _ranks(np.lexsort((self.ids, -moments)))
        undated = self.days == 0
        self.oldest = _ranks(np.lexsort((self.ids, moments, undated)))

    def _lengths(self) -> None:
        """The part of BM25's denominator that belongs to the document, by code."""
        lengths = self._column("lengths", np.uint32).reshape(-1, FIELD_SLOTS)
        total = lengths[self.alive].sum(axis=0, dtype=np.int64)
        average = np.maximum(total / max(self.count, 1), 1e-9)
        self.norms = (K1 * ((1 - B) + B * lengths / average)).astype(np.float32).ravel()

    def _copies(self) -> None:
        """Number the texts that several live articles share; -1 elsewhere."""
        self.copies = np.full(self.size, -1, np.int32)
        dated = np.flatnonzero(self.alive & (self.texts != 0))
        _, inverse, counts = np.unique(self.texts[dated], return_inverse=True, return_counts=True)
        shared = counts[inverse] > 1
        self.copies[dated[shared]] = np.unique(inverse[shared], return_inverse=True)[1]
        self.copy_groups = int(self.copies.max(initial=-1)) + 1

    def without(self, keys: Sequence[int]) -> Snapshot:
        """The same state, documents with these `id_key`s as if deleted; itself when it has none of them."""
        hidden = np.isin(self.ids, np.array(keys, np.uint64)) & self.alive
        if not hidden.any():
            return self
        other = copy.copy(self)
        other.alive = self.alive & ~hidden
        other.count = int(other.alive.sum())
        other._copies()
        return other

    def number(self, key: int) -> int | None:
        """The live document with an `id_key`."""
        found = np.flatnonzero((self.ids == np.uint64(key)) & self.alive)
        return int(found[0]) if len(found) else None

    def stored(self, number: int) -> dict[str, Any]:
        """A document as it was given."""
        item = self._segment(number)
        return item.stored[number - item.base]

    def article(self, number: int) -> str:
        """A document's article id, several times faster than by `stored`."""
        item = self._segment(number)
        return item.stored.id(number - item.base)

    def _segment(self, number: int) -> Opened:
        for item in reversed(self.segments):
            if number >= item.base:
                return item
        raise IndexError(number)

    def status_code(self, name: str) -> int:
        """-1 for a name that is no status."""
        return STATUSES.index(name) if name in STATUSES else -1


class Reader:
    """Keeps the newest snapshot of an index folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._state: tuple[Pointer, int] | None = None
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int] | None = None
        """When the pointer and the folder of the generation were last changed, as the snapshot saw them; None
        while that was so recent that another change could bear the same time."""
        self._pointer = root / POINTER
        self._folder = root
        self._opened: dict[tuple[str, str], tuple[SegmentArrays, StoredFile]] = {}

    def snapshot(self) -> Snapshot:
        """The newest committed state.

        :raises IndexMissingError: there is no index.
        :raises IndexMismatchError: it was written with another schema or analysis.
        :raises DamagedArraysError: a file is not what was written.
        """
        if self._snapshot is not None and self._seen is not None and self._seen == self._stamp():
            return self._snapshot
        self._seen = None
        for attempt in range(_TRIES):
            # When they last changed is looked at before each is read: a change after that shows next time.
            pointed = _changed(self._pointer)
            pointer = read_matching_pointer(self._root)
            self._folder = pointer.folder(self._root)
            try:
                filled = _changed(self._folder)
                generation = toc_generation(pointer.folder(self._root))
                if self._snapshot is None or self._state != (pointer, generation):
                    self._snapshot = self._open(pointer)
                    self._state = (pointer, generation)
                if time.time_ns() - max(pointed, filled) > _SETTLED:
                    self._seen = (pointed, filled)
                return self._snapshot
            except OSError as error:
                # A commit or a swap removed files between two of our steps: the next try sees its result.
                if attempt == _TRIES - 1:
                    raise damaged(self._root, error) from error
                time.sleep(attempt * _PAUSE)
        raise AssertionError("unreachable")

    def pointer(self) -> Pointer:
        """The generation that is in force.

        :raises IndexMissingError: there is no index.
        :raises IndexMismatchError: it was written with another schema or analysis.
        """
        if self._state is not None and self._seen is not None and self._seen[0] == _changed(self._pointer):
            return self._state[0]
        return read_matching_pointer(self._root)

    def _stamp(self) -> tuple[int, int]:
        return _changed(self._pointer), _changed(self._folder)

    def _open(self, pointer: Pointer) -> Snapshot:
        folder = pointer.folder(self._root)
        toc = read_toc(folder)
        opened = {}
        segments = []
        base = 0
        for entry in toc.segments:
            name = entry.segment_id()
            key = (pointer.generation, name)
            if key in self._opened:
                arrays, stored = self._opened[key]
            else:
                arrays = load(folder, name)
                stored = StoredFile(folder, name, arrays)
            opened[key] = arrays, stored
            segments.append(Opened(name, base, arrays, stored))
            base += arrays.documents
        snapshot = Snapshot(segments, toc.segments, int(toc.schema.cursor))
        self._opened = opened
        return snapshot

    def close(self) -> None:
        """Let go of all maps."""
        self._snapshot = self._state = self._seen = None
        self._opened = {}


def _changed(path: Path) -> int:
    """When a file or folder was last changed, in nanoseconds; 0 when it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def index_exists(root: Path) -> bool:
    """Whether a pointer stands, readable by this program or not."""
    try:
        read_pointer(root)
    except IndexMissingError:
        return False
    return True


def _joined(columns: list[Array], dtype: type[np.generic]) -> Array:
    if len(columns) == 1:
        return columns[0].astype(dtype, copy=False)
    return np.concatenate(columns).astype(dtype, copy=False) if columns else np.zeros(0, dtype)


def _ranks(order: Array) -> Array:
    ranks = np.empty(len(order), np.uint32)
    ranks[order] = np.arange(len(order), dtype=np.uint32)
    return ranks


def _calendar(days: Array) -> tuple[Array, Array]:
    """Year, and month as year × 12 + month − 1, of each day; 0 for undated."""
    # NumPy counts days from 1970-01-01, whose proleptic ordinal is 719163.
    dates = (days.astype(np.int64) - 719_163).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    months[days == 0] = UNDATED_MONTH
    return months // 12, months
