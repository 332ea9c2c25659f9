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


class _BombError(Exception):
    """A stream unpacks to more than anything honest would."""


class _Unpacked(io.RawIOBase):
    """The decompressed bytes of a gzip stream, within bounds. Not seekable, so that nothing is read twice."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._plain = gzip.GzipFile(fileobj=packed, mode="rb")
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._plain.read1(len(buffer))
        self._given += len(data)
        if self._given > FREE_BYTES and self._given > MAX_RATIO * max(1, self._packed.tell()):
            raise _BombError
        buffer[: len(data)] = data
        return len(data)


@dataclass(frozen=True, slots=True)
class Read:
    """A record with its place among the others, from 1."""

    number: int
    record: Record


def read_records(stream: BinaryIO) -> Iterator[Read | Skipped]:
    """The records of a WARC or ARC file, packed or not.

    What is whole before a damage comes first; the last item says where and why reading ended early.

    :param stream: at its beginning; `tell` gives bytes consumed.
    """
    number = 0
    try:
        plain = _plain(stream)
        for found in ArchiveIterator(
            plain, no_record_parse=True, arc2warc=True, verify_http=False, block_size=_STEP
        ):
            number += 1
            yield _checked(number, found)
    except _CutError as error:
        yield Skipped(f"record {number}", str(error))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        text = "the file is cut off within a record" if isinstance(error, EOFError) else f"gzip: {error}"
        yield Skipped(f"record {number + 1}", f"{text}; nothing behind it can be read")
    except _BombError:
        text = f"it unpacks to more than {MAX_RATIO} times its size; nothing behind it is read"
        yield Skipped(f"record {number + 1}", text)
    except (ArchiveLoadFailed, ValueError, OSError) as error:
        first = str(error).strip().split("\n")[0][:120]
        yield Skipped(f"record {number + 1}", f"no record follows ({first}); nothing behind it can be read")


class _CutError(Exception):
    """The stream ended within a record."""


def _plain(stream: BinaryIO) -> BinaryIO:
    """:raises ValueError: gzip in gzip."""
    head = stream.read(2)
    stream.seek(0)
    if head != _GZIP:
        return stream
    plain = io.BufferedReader(_Unpacked(stream), _STEP)
    if plain.peek(2)[:2] == _GZIP:
        raise ValueError("gzip within gzip")
    return plain


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
