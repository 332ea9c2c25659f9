"""Writing one generation: collect documents and deletions, then commit all of it at once.

Order of a commit: files of new segments, fsynced; then Whoosh's table of contents, fsynced and renamed into
place, which carries segments, deletions and cursor together; then files no longer named are removed. Killed
at any point, the last table of contents is whole, and the next commit removes what was left over.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from whoosh.index import TOC, EmptyIndexError, clean_files

from archive.durable import fsync_folder
from archive.search.backend import IndexDocument
from archive.search.document import id_key
from archive.search.whoosh.arrays import ArraysFile, DamagedArraysError, give_back, write_arrays
from archive.search.whoosh.build import SegmentBuilder
from archive.search.whoosh.codec import ArchiveSchema, ArraySegment, StoredFile
from archive.search.whoosh.generations import DurableStorage
from archive.search.whoosh.merge import Part, merge
from archive.search.whoosh.segment import ARRAYS_EXT, MAX_ADDRESS, STORED_EXT, SegmentArrays, load

INDEX_NAME = "MAIN"
_TOC_NAME = TOC._pattern(INDEX_NAME)
SPILL_TOKENS = 2_500_000
"""Tokens in memory after which a segment is written: bounds the memory of building (about 150 MB)."""
MERGE_AT = 8
"""So many segments of one order of size are merged into one."""
MERGE_DOCUMENTS = 16_000
"""Documents that one commit merges at most: bounds the time that an update takes (about 2 s)."""
SEGMENT_DOCUMENTS = 65_536
"""Documents of a segment at most, when a whole index is built."""


def create(folder: Path) -> None:
    """An empty index in a folder."""
    _write_toc(DurableStorage(str(folder)), TOC(ArchiveSchema.make(), [], 0))


def _write_toc(storage: DurableStorage, toc: TOC) -> None:
    try:
        toc.write(storage, INDEX_NAME)
    except OSError:
        storage.abandon()
        raise


def read_toc(folder: Path) -> TOC:
    """The newest table of contents.

    :raises FileNotFoundError: a commit has just replaced it, or a rebuild removed the folder: try again.
    :raises DamagedArraysError: it cannot be read.
    """
    try:
        return TOC.read(DurableStorage(str(folder)), INDEX_NAME)
    except (OSError, DamagedArraysError):
        raise
    except EmptyIndexError as error:
        raise FileNotFoundError(f"{folder} has no table of contents") from error
    except Exception as error:  # unpickling damaged bytes can raise anything
        raise DamagedArraysError(folder, f"has a table of contents that cannot be read: {error}") from error


def toc_generation(folder: Path) -> int:
    """Number of the newest table of contents; -1 when there is none."""
    names = (match for path in folder.iterdir() if (match := _TOC_NAME.fullmatch(path.name)))
    return max((int(match[1]) for match in names), default=-1)


@dataclass(slots=True, eq=False)
class _Open:
    """A segment named by the table of contents, opened when needed."""

    entry: ArraySegment
    arrays: SegmentArrays

    @property
    def live(self) -> int:
        return int(self.entry.doc_count())

    def fits(self, group: Sequence[_Open], documents: int) -> bool:
        """Whether a segment of a group and this one has at most so many documents, and addresses for all."""
        return (
            sum(other.live for other in group) + self.live <= documents
            and sum(other.arrays.space for other in group) + self.arrays.space <= MAX_ADDRESS
        )


@dataclass(slots=True)
class IndexWriter:
    """One commit's worth of changes. The caller holds the write lock."""

    folder: Path
    _storage: DurableStorage = field(init=False)
    _toc: TOC = field(init=False)
    _segments: list[_Open] = field(init=False)
    _builder: SegmentBuilder = field(default_factory=SegmentBuilder, init=False)
    _deleted: set[int] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._storage = DurableStorage(str(self.folder))
        self._toc = read_toc(self.folder)
        # What commits left behind that a full disk or a kill ended: each attempt would need more room.
        for half in self.folder.glob(f"_{INDEX_NAME}_*.toc.*"):
            half.unlink()
        clean_files(self._storage, INDEX_NAME, self._toc.generation, self._toc.segments)
        self._segments = [_Open(entry, load(self.folder, entry.segment_id())) for entry in self._toc.segments]

    @property
    def cursor(self) -> int:
        """Of the last commit."""
        return int(self._toc.schema.cursor)

    @property
    def count(self) -> int:
        """Documents that the last commit left."""
        return sum(item.live for item in self._segments)

    def add(self, doc: IndexDocument) -> None:
        """Index a document, in place of an earlier one with its id.

        An id may be added once in a commit: a batch holds each article in its newest form.
        """
        self._builder.add(doc)
        self._deleted.add(id_key(doc.id))
        if self._builder.tokens >= SPILL_TOKENS:
            self._spill()

    def delete(self, article_id: str) -> None:
        """Remove a document; harmless when it is not there."""
        self._deleted.add(id_key(article_id))

    def commit(self, cursor: int, *, whole: bool = False) -> None:
        """Make everything visible to readers at once.

        :param whole: merge as far as `SEGMENT_DOCUMENTS` allows: at the end of building an index.
        """
        before = len(self._toc.segments)
        if len(self._builder):
            self._spill()
        self._delete(self._segments[:before])
        self._segments = [item for item in self._segments if item.live]
        groups = _all_small(self._segments) if whole else _due(self._segments)
        for group in groups:
            self._merge(group)
        self._toc.schema.cursor = cursor
        generation = self._toc.generation + 1
        entries = [item.entry for item in self._segments]
        fsync_folder(self.folder)
        _write_toc(self._storage, TOC(self._toc.schema, entries, generation))
        clean_files(self._storage, INDEX_NAME, generation, entries)

    def _delete(self, segments: Iterable[_Open]) -> None:
        if not self._deleted:
            return
        keys = np.fromiter(self._deleted, np.uint64, len(self._deleted))
        for item in segments:
            for number in np.flatnonzero(np.isin(item.arrays.ids, keys)).tolist():
                item.entry.delete_document(number)

    def _spill(self) -> None:
        arrays, stored = self._builder.finish()
        self._builder = SegmentBuilder()
        self._segments.append(self._write(arrays, stored))

    def _write(self, arrays: SegmentArrays, stored: bytes) -> _Open:
        entry = ArraySegment(INDEX_NAME, arrays.documents)
        write_arrays(self._path(entry, ARRAYS_EXT), arrays.arrays(), arrays.meta)
        return self._written(entry, [memoryview(stored)])

    def _merge(self, group: Sequence[_Open]) -> None:
        parts = [self._part(item) for item in group]
        entry = ArraySegment(INDEX_NAME, sum(item.live for item in group))
        with ArraysFile(self._path(entry, ARRAYS_EXT)) as file:
            meta, stored = merge(parts, file.put)
            file.finish(meta)
        merged = self._written(entry, stored)
        place = self._segments.index(group[0])
        self._segments = [item for item in self._segments if item not in group]
        self._segments.insert(min(place, len(self._segments)), merged)

    def _part(self, item: _Open) -> Part:
        """A segment to merge. Damage must not go on into the new one, where its checksums would be right."""
        stored = StoredFile(self.folder, item.entry.segment_id(), item.arrays)
        item.arrays.checks.all()
        stored.all()
        give_back(item.arrays.terms)
        give_back(stored.data)
        return Part(item.arrays, stored.data, item.entry.alive())

    def _path(self, entry: ArraySegment, extension: str) -> Path:
        return self.folder / f"{entry.segment_id()}{extension}"

    def _written(self, entry: ArraySegment, stored: Iterable[memoryview]) -> _Open:
        """A segment whose arrays are written: write its stored documents, and open it."""
        with self._path(entry, STORED_EXT).open("xb") as file:
            for piece in stored:
                file.write(piece)
                give_back(piece)
            file.flush()
            os.fsync(file.fileno())
        return _Open(entry, load(self.folder, entry.segment_id()))


def _order(item: _Open) -> int:
    """Order of size: 0 up to 1,000 documents, 1 up to 8,000, 2 beyond."""
    return 0 if item.live <= 1_000 else 1 if item.live <= 8_000 else 2


def _due(segments: Sequence[_Open]) -> list[list[_Open]]:
    """What an update should merge: eight segments of one order of size, or one that is mostly deleted."""
    for order in range(3):
        same = sorted((item for item in segments if _order(item) == order), key=lambda item: item.live)
        if len(same) < MERGE_AT:
            continue
        group: list[_Open] = []
        for item in same:
            if item.fits(group, MERGE_DOCUMENTS):
                group.append(item)
        if len(group) > 1:
            return [group]
    for item in segments:
        if item.entry.deleted_count() > item.live and item.live <= MERGE_DOCUMENTS:
            return [[item]]
    return []


def _all_small(segments: Sequence[_Open]) -> list[list[_Open]]:
    """Neighbours, as many as fit into one segment."""
    groups: list[list[_Open]] = [[]]
    for item in segments:
        if not item.fits(groups[-1], SEGMENT_DOCUMENTS):
            groups.append([])
        groups[-1].append(item)
    return [group for group in groups if len(group) > 1 or any(item.entry.has_deletions() for item in group)]
