"""How Whoosh itself reads our segments: a codec over the mapped arrays.

Through it Whoosh's own index, readers, searcher and tools work on an archive's index. Two Whoosh fields stand
for each of ours: `body` holds the folded words, `body_exact` the words with accents.

Writing goes through `writer`, in bulk: Whoosh's token-by-token writing makes 220 articles a second.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.base import Codec, PerDocumentReader, Segment, TermsReader
from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo

from archive.search.hits import SHOWN
from archive.search.query import DEFAULT_FIELDS
from archive.search.whoosh.arrays import Array, DamagedArraysError
from archive.search.whoosh.segment import (
    FIELD_BITS,
    FIELD_NUMBERS,
    FIELD_SLOTS,
    STORED_EXT,
    SegmentArrays,
    load,
)

_EXACT = "_exact"
_DECODER = json.JSONDecoder()


class ArchiveSchema(Schema):  # type: ignore[misc]
    """The schema, and what else a table of contents must carry to be written in one step with it."""

    cursor: int = 0
    """Position in the change log that the table of contents stands at."""

    @classmethod
    def make(cls) -> ArchiveSchema:
        """The fields of an archive's index."""
        fields: dict[str, Any] = {name: STORED() for name in SHOWN if name not in DEFAULT_FIELDS}
        for name in DEFAULT_FIELDS:
            fields[name] = TEXT(stored=name in SHOWN)
            fields[name + _EXACT] = TEXT()
        fields["id"] = ID(stored=True, unique=True)
        return cls(**fields)


class ArraySegment(Segment):  # type: ignore[misc]
    """A segment's entry in the table of contents."""

    def __init__(self, indexname: str, documents: int) -> None:
        super().__init__(indexname)
        self._documents = documents
        self._deleted: set[int] = set()

    def codec(self) -> ArrayCodec:
        return ArrayCodec()

    def doc_count_all(self) -> int:
        return self._documents

    def deleted_count(self) -> int:
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self._deleted

    def should_assemble(self) -> bool:
        return False

    def alive(self) -> Array:
        """bool by document: not deleted."""
        result = np.ones(self._documents, bool)
        if self._deleted:
            result[list(self._deleted)] = False
        return result


class StoredFile:
    """The stored documents of a segment, mapped."""

    def __init__(self, folder: Path, name: str, arrays: SegmentArrays) -> None:
        """
        :raises FileNotFoundError: the segment has been merged away.
        :raises DamagedArraysError: the file has not the length that was written.
        """
        self._at, self._sums = arrays.stored_at, arrays.stored_sums
        self._path = folder / f"{name}{STORED_EXT}"
        size = int(self._at[-1])
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno()).st_size
            if found != size:
                raise DamagedArraysError(self._path, f"has {found} bytes instead of {size}")
            self.data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")

    def __getitem__(self, number: int) -> dict[str, Any]:
        """:raises DamagedArraysError: the document's bytes are not what was written."""
        return dict(zip(SHOWN, json.loads(self._text(number)), strict=True))

    def id(self, number: int) -> str:
        """A document's id, which stands first, without decoding the rest.

        :raises DamagedArraysError: the document's bytes are not what was written.
        """
        return str(_DECODER.raw_decode(self._text(number), 1)[0])

    def all(self) -> None:
        """Compare all documents with their checksums.

        :raises DamagedArraysError: some are not what was written.
        """
        for number in range(len(self._sums)):
            self._bytes(number)

    def _text(self, number: int) -> str:
        return bytes(self._bytes(number)).decode("utf-8", "surrogatepass")

    def _bytes(self, number: int) -> memoryview:
        data = self.data[self._at[number] : self._at[number + 1]]
        if zlib.crc32(data) != self._sums[number]:
            raise DamagedArraysError(self._path, f"has not the bytes that were written (document {number})")
        return data


class ArrayCodec(Codec):  # type: ignore[misc]
    """Reads segments of arrays."""

    length_stats = False

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> _Documents:
        return _Documents(Path(storage.folder), segment)

    def terms_reader(self, storage: Any, segment: ArraySegment) -> _Terms:
        arrays = load(Path(storage.folder), segment.segment_id())
        arrays.checks.all()
        return _Terms(arrays)

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(indexname, 0)


class _Documents(PerDocumentReader):  # type: ignore[misc]
    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._segment = segment
        arrays = load(folder, segment.segment_id())
        self._lengths = arrays.lengths.reshape(-1, FIELD_SLOTS)
        self._stored = StoredFile(folder, segment.segment_id(), arrays)

    def doc_count(self) -> int:
        return self._segment.doc_count()  # type: ignore[no-any-return]

    def doc_count_all(self) -> int:
        return self._segment.doc_count_all()

    def has_deletions(self) -> bool:
        return self._segment.has_deletions()  # type: ignore[no-any-return]

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._segment.deleted_docs()

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self._stored[docnum]

    def _column(self, fieldname: str) -> Array:
        number = FIELD_NUMBERS.get(fieldname.removesuffix(_EXACT))
        return np.zeros(1, np.uint32) if number is None else self._lengths[:, number]

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self._column(fieldname)[docnum])

    def field_length(self, fieldname: str) -> int:
        return int(self._column(fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        return int(self._column(fieldname).min())

    def max_field_length(self, fieldname: str) -> int:
        return int(self._column(fieldname).max())


class _Terms(TermsReader):  # type: ignore[misc]
    def __init__(self, arrays: SegmentArrays) -> None:
        self._arrays = arrays

    def indexed_field_names(self) -> list[str]:
        return [name + suffix for name in DEFAULT_FIELDS for suffix in ("", _EXACT)]

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return bool(len(self._postings(*term)[0]))

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in sorted(self.indexed_field_names()):
            yield from self.terms_from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        part = 1 if fieldname.endswith(_EXACT) else 0
        keys = {self._arrays.key(number).split(b"\0")[part] for number in range(self._arrays.words)}
        for text in sorted(keys):
            if text >= prefix and (fieldname, text) in self:
                yield fieldname, text

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for term in self.terms():
            yield term, self.term_info(*term)

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for term in self.terms_from(fieldname, prefix):
            yield term, self.term_info(*term)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """:raises KeyError: no document has the term."""
        documents, tfs, _ = self._postings(fieldname, text)
        if not len(documents):
            raise KeyError((fieldname, text))
        return TermInfo(
            weight=int(tfs.sum()),
            df=len(documents),
            minlength=1,
            maxlength=int(self._arrays.lengths.max()),
            maxweight=int(tfs.max()),
            minid=int(documents[0]),
            maxid=int(documents[-1]),
        )

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        documents, tfs, positions = self._postings(fieldname, text)
        ends = np.cumsum(tfs)
        values = [format_.encode(sorted(p.tolist())) for p in np.split(positions, ends[:-1])]
        return ListMatcher(
            documents.tolist(),
            [float(tf) for tf in tfs],
            values,
            format_,
            scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text) if len(documents) else None,
        )

    def _postings(self, fieldname: str, text: bytes) -> tuple[Array, Array, Array]:
        """Documents, occurrences in each, and their positions one document after another."""
        arrays = self._arrays
        number = FIELD_NUMBERS.get(fieldname.removesuffix(_EXACT), FIELD_SLOTS)
        if fieldname.endswith(_EXACT):
            words = [n for n in range(arrays.words) if arrays.key(n).split(b"\0")[1] == text]
            low, high = (words[0], words[0] + 1) if words else (0, 0)
        else:
            low, high = arrays.find(text + b"\0"), arrays.find(text + b"\1")
        posts = slice(arrays.post_at[low], arrays.post_at[high])
        codes = np.repeat(arrays.codes[posts], arrays.tfs[posts])
        positions = arrays.positions[arrays.pos_at[low] : arrays.pos_at[high]]
        wanted = (codes & (FIELD_SLOTS - 1)) == number
        documents, positions = codes[wanted] >> FIELD_BITS, positions[wanted]
        order = np.lexsort((positions, documents))
        unique, tfs = np.unique(documents, return_counts=True)
        return unique, tfs, positions[order]
