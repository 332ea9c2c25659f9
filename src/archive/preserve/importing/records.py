"""WARC and ARC records of any writer, as exchanges. Reading and its limits; what they mean is `exchanges`.

warcio reads the records; around it stand the limits that a file from a stranger needs, and the checks that it
does not make: that a block is as long as it says, that digests hold, that a gzip stream has its end.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive.preserve.importing.source import MAX_RECORD, Skipped
from archive.warc import Record
from archive.warc.scan import digest_holds

MAX_RATIO = 200
"""Decompressed bytes for each compressed one, beyond which (and beyond `FREE_BYTES`) a file is a bomb."""
FREE_BYTES = 1 << 28
_GZIP = b"\x1f\x8b"
_STEP = 1 << 20


class _Unpacked(io.RawIOBase):
    """The decompressed bytes of a gzip stream, within bounds. Not seekable, so that nothing is read twice."""

    def __init__(self, packed: BinaryIO) -> None:
        self.problem = ""
        """Why it ended before its end."""
        self._packed = packed
        self._plain = gzip.GzipFile(fileobj=packed, mode="rb")
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        # A stream that breaks ends here, so that what came before it is read to its end.
        try:
            data = self._plain.read1(len(buffer)) if not self.problem else b""
        except EOFError:
            self.problem, data = "the file is cut off within a record", b""
        except (gzip.BadGzipFile, zlib.error) as error:
            self.problem, data = f"gzip: {error}", b""
        self._given += len(data)
        if self._given > FREE_BYTES and self._given > MAX_RATIO * max(1, self._packed.tell()):
            self.problem, data = f"it unpacks to more than {MAX_RATIO} times its size", b""
        buffer[: len(data)] = data
        return len(data)


@dataclass(frozen=True, slots=True)
class Read:
    """A record with its place among the others, from 1."""

    number: int
    record: Record


def read_records(stream: BinaryIO, *, is_arc: bool = False) -> Iterator[Read | Skipped]:
    """The records of a WARC or ARC file, packed or not.

    What is whole before a damage comes first; the last item says where and why reading ended early.

    :param stream: at its beginning; `tell` gives bytes consumed.
    """
    number = 0
    unpacked: _Unpacked | None = None
    try:
        unpacked = _unpacked(stream)
        plain = stream if unpacked is None else io.BufferedReader(unpacked, _STEP)
        if unpacked is not None and plain.peek(2)[:2] == _GZIP:  # type: ignore[attr-defined]
            yield Skipped("record 1", "gzip within gzip")
            return
        for found in ArchiveIterator(plain, no_record_parse=True, arc2warc=True, block_size=_STEP):
            number += 1
            if is_arc and found.rec_type == "warcinfo":
                continue  # an ARC's own header, a part of which warcio has read already
            item = _checked(number, found)
            if isinstance(item, Skipped) and unpacked is not None and unpacked.problem:
                number -= 1
                break
            yield item
    except (_CutError, ArchiveLoadFailed, ValueError, OSError) as error:
        first = str(error).strip().split("\n")[0][:120]
        if unpacked is not None and unpacked.problem:
            first = unpacked.problem
        elif not isinstance(error, _CutError):
            number, first = number + 1, f"no record follows ({first})"
        yield Skipped(f"record {number}", f"{first}; nothing behind it can be read")
        return
    if unpacked is not None and unpacked.problem:
        yield Skipped(f"record {number + 1}", f"{unpacked.problem}; nothing behind it can be read")


class _CutError(Exception):
    """The stream ended within a record."""


def _unpacked(stream: BinaryIO) -> _Unpacked | None:
    """None for a file that is not packed."""
    head = stream.read(2)
    stream.seek(0)
    return _Unpacked(stream) if head == _GZIP else None


def _checked(number: int, found: object) -> Read | Skipped:
    """:raises _CutError: the stream ended within the record."""
    fields = tuple((str(name), str(value)) for name, value in found.rec_headers.headers)  # type: ignore[attr-defined]
    record = Record("WARC/1.0", fields, b"")
    place = f"record {number}"
    stated = record.get("Content-Length")
    if not stated.isdigit():
        return Skipped(place, f"its length is stated as {stated[:20]!r}")
    length = int(stated)
    if length > MAX_RECORD:
        return Skipped(place, f"it states {length} bytes, more than {MAX_RECORD}")
    block = found.raw_stream.read(length)  # type: ignore[attr-defined]
    while len(block) < length and (more := found.raw_stream.read(length - len(block))):  # type: ignore[attr-defined]
        block += more
    if len(block) < length:
        raise _CutError(f"the file ends after {len(block)} of {length} bytes of it")
    if not digest_holds(record.get("WARC-Block-Digest"), block):
        return Skipped(place, "its block digest does not hold: it was changed, or its length is a lie")
    return Read(number, Record("WARC/1.0", fields, block))
