"""A strict walk over the records of a `.warc.gz`: exact places, every digest, nothing forgiven.

`warcio check` passes most truncated files, so the archive's own proof does not rest on it. Each record must
be one gzip member whose checksum holds, with the named fields that WARC 1.1 requires, a block of exactly
the stated length, two line breaks and nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.coding import TooLargeError
from archive.errors import WarcError
from archive.warc import http, record
from archive.warc.files import CaptureFile, file_at

MAX_RECORD = 1 << 30
"""Bytes of a decompressed record at most; what is larger is reported, not read."""

_CHUNK = 1 << 16
_MAGIC = b"\x1f\x8b\x08"
_REQUIRED = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")
_FIELD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record, decompressed."""

    version: str
    """"WARC/1.1" or "WARC/1.0"."""
    fields: tuple[tuple[str, str], ...]
    block: bytes

    def get(self, name: str) -> str:
        """The first value of a named field, or ""."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), "")

    @property
    def kind(self) -> str:
        """WARC-Type: response, request …"""
        return self.get("WARC-Type")

    def payload(self) -> bytes:
        """The block without its HTTP head, when it has one; content-coding kept.

        :raises ValueError: an HTTP head without end.
        """
        if self.get("Content-Type").lower().startswith("application/http"):
            return http.split_message(self.block)[2]
        return self.block

    def problems(self) -> tuple[str, ...]:
        """What contradicts the record's own statements; empty for a sound one."""
        found = []
        if not digest_holds(self.get("WARC-Block-Digest"), self.block):
            found.append("the block digest does not hold")
        # A revisit states the digest of a payload that it does not carry.
        if self.kind != "revisit" and (stated := self.get("WARC-Payload-Digest")):
            try:
                payload = self.payload()
            except ValueError as error:
                found.append(str(error))
            else:
                if not digest_holds(stated, payload):
                    found.append("the payload digest does not hold")
        try:
            record.parse_date(self.get("WARC-Date"))
        except ValueError:
            found.append("WARC-Date is no date")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ScannedRecord:
    """A record with its place."""

    offset: int
    length: int
    """Bytes of the gzip member."""
    sha256: str
    """Hex over the gzip member."""
    record: Record
    problems: tuple[str, ...]
    """What contradicts the record's own statements, although it can be read."""

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the walk had to end before the end of the file."""

    offset: int
    """End of the last good record."""
    reason: str


def scan(path: Path | CaptureFile, start: int = 0) -> Iterator[ScannedRecord | Tail]:
    """Walk the records of a file, from a record's offset on.

    The last item is a `Tail` when the file does not end with a whole record; else there is none.

    :raises WarcError: the file cannot be opened or read.
    """
    try:
        with file_at(path).open(start) as file:
            yield from _walk(file, start)
    except OSError as error:
        raise WarcError(f"{path} cannot be read: {error.strerror}.", "Check the disk.") from error


def next_member(path: Path | CaptureFile, after: int) -> int | None:
    """The offset of the first readable record at or beyond `after`; None when there is none.

    For what stands behind a damaged record: its end is unknown, so the next one is looked for.

    :raises WarcError: the file cannot be read.
    """
    try:
        with file_at(path).open(after) as file:
            data = file.read()
    except OSError as error:
        raise WarcError(f"{path} cannot be read: {error.strerror}.", "Check the disk.") from error
    place = data.find(_MAGIC)
    while place >= 0:
        try:
            raw = zlib.decompressobj(wbits=31).decompress(data[place : place + _CHUNK], 5)
        except zlib.error:
            raw = b""
        if raw == b"WARC/" and isinstance(next(scan(path, after + place), None), ScannedRecord):
            return after + place
        place = data.find(_MAGIC, place + 1)
    return None


def parse_member(data: bytes, limit: int = MAX_RECORD) -> Record:
    """The record in the bytes of one gzip member.

    :param limit: bytes that it may have.
    :raises ValueError: not exactly one whole gzip member with one whole record.
    :raises TooLargeError: it is a larger one.
    """
    decompressor = zlib.decompressobj(wbits=31)
    try:
        raw = decompressor.decompress(data, limit + 1)
    except zlib.error as error:
        raise ValueError(f"gzip: {error}") from error
    if len(raw) > limit:
        raise TooLargeError(f"The record is larger than {limit:,} bytes.")
    if not decompressor.eof or decompressor.unused_data:
        raise ValueError("not one whole gzip member")
    return parse(raw)


def parse(raw: bytes) -> Record:
    """The record in decompressed bytes.

    :raises ValueError: it is not exactly one record in the form of WARC 1.0 or 1.1.
    """
    head, found, rest = raw.partition(b"\r\n\r\n")
    if not found:
        raise ValueError("the record's head has no end")
    try:
        version, *lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError("the record's head is not UTF-8") from error
    if version not in ("WARC/1.0", "WARC/1.1"):
        raise ValueError(f"not a WARC record: it begins with {version[:20]!r}")
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon or not _FIELD.fullmatch(name):
            raise ValueError(f"not a named field: {line[:40]!r}")
        fields.append((name, value.strip()))
    result = Record(version, tuple(fields), rest[:-4])
    for name in _REQUIRED:
        if not result.get(name):
            raise ValueError(f"{name} is missing")
    stated = result.get("Content-Length")
    if not stated.isdigit() or int(stated) != len(rest) - 4 or rest[-4:] != b"\r\n\r\n":
        raise ValueError(f"Content-Length is {stated}, but {len(rest) - 4} bytes and two line breaks follow")
    return result


def digest_holds(stated: str, data: bytes) -> bool:
    """Whether data have a digest such as `sha256:<hex>` or `sha1:<base32>`.

    A digest that is absent, or of an unknown algorithm, is not contradicted.
    """
    algorithm, _, value = stated.partition(":")
    name = algorithm.lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha512"):
        return True
    actual = hashlib.new(name, data, usedforsecurity=False).digest()
    if len(value) == len(actual) * 2:
        return value.lower() == actual.hex()
    try:
        return base64.b32decode(value.upper()) == actual
    except binascii.Error:
        return False


def _walk(file: BinaryIO, start: int) -> Iterator[ScannedRecord | Tail]:
    offset = start
    buffer = b""
    while True:
        try:
            member = _member(file, buffer)
        except ValueError as error:
            yield Tail(offset, str(error))
            return
        if member is None:
            return
        raw, length, digest, buffer = member
        try:
            found = parse(raw)
        except ValueError as error:
            yield Tail(offset, str(error))
            return
        yield ScannedRecord(offset, length, digest, found, found.problems())
        offset += length


def _member(file: BinaryIO, buffer: bytes) -> tuple[bytes, int, str, bytes] | None:
    """One gzip member: its content, length and SHA-256, and the bytes read beyond it.

    :returns: None at the end of the file.
    :raises ValueError: what stands here is no whole gzip member.
    """
    decompressor = zlib.decompressobj(wbits=31)
    digest = hashlib.sha256()
    parts: list[bytes] = []
    size = length = 0
    while not decompressor.eof:
        chunk = buffer or file.read(_CHUNK)
        buffer = b""
        if not chunk:
            if length == 0:
                return None
            raise ValueError("the file ends within a record")
        try:
            part = decompressor.decompress(chunk, MAX_RECORD - size + 1)
        except zlib.error as error:
            raise ValueError(f"gzip: {error}") from error
        parts.append(part)
        size += len(part)
        if size > MAX_RECORD:
            raise ValueError(f"a record is larger than {MAX_RECORD} bytes")
        buffer = decompressor.unused_data
        used = chunk[: len(chunk) - len(buffer)]
        digest.update(used)
        length += len(used)
    return b"".join(parts), length, digest.hexdigest(), buffer
