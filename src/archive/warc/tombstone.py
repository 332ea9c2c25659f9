"""Destroying a record's bytes by order, in place: no other record of the file moves.

What stood there is overwritten (`archive.warc.patching`) by one gzip member of exactly the same length. It
holds a WARC `metadata` record with the id, date and address of the record that it replaces, and says by which
order that was destroyed. The member is filled up with empty stored blocks of deflate (RFC 1951, 3.2.4), five
bytes each, and, for what is left over, with a comment in its header (RFC 1952, 2.3.1): readers of gzip pass
over both.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import WarcError
from archive.warc import record
from archive.warc.scan import Record

MARK = "destroyed-by-order"
"""The field of the block that names the takedown."""
_EMPTY = b"\x00\x00\x00\xff\xff"
_LAST = b"\x01\x00\x00\xff\xff"
_TRAILER = 8
_HEADER = struct.pack("<4BIBB", 0x1F, 0x8B, 8, 0, 0, 0, 255)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a tombstone tells."""

    takedown: str
    facts: dict[str, str]
    """What else the block says."""


def read(item: Record) -> Destroyed | None:
    """What a record tells as a tombstone; None when it is none."""
    if item.kind != "metadata" or MARK.encode() not in item.block[:200]:
        return None
    facts = dict(record.parse_warc_fields(item.block))
    takedown = facts.pop(MARK, "")
    return Destroyed(takedown, facts) if takedown else None


def make(
    identity: str, date: str, url: str, facts: Sequence[tuple[str, str]], takedown: str, length: int
) -> bytes:
    """A tombstone of a given length. The same input gives the same bytes.

    :param identity: WARC-Record-ID of the record that it replaces.
    :param date: its WARC-Date.
    :param url: its WARC-Target-URI.
    :param facts: what a replay needs to know, the most important first: left out from the end on, where the
        place is too small.
    :param takedown: id of the order.
    :raises WarcError: not even the bare tombstone fits.
    """
    for number in range(len(facts), -1, -1):
        block = record.warc_fields([(MARK, takedown), *facts[:number]])
        fields = [("WARC-Record-ID", identity), ("WARC-Date", date), ("WARC-Target-URI", url)]
        member = _filled(record.plain("metadata", fields, block, record.FIELDS), length)
        if member is not None:
            return member
    raise WarcError(f"A record of {length} bytes has no room for a tombstone.", "Tell the developers of it.")


def sha256_of(tombstone: bytes) -> str:
    """Hex over the gzip member: what `WarcRef.sha256` becomes."""
    return hashlib.sha256(tombstone).hexdigest()


def _filled(data: bytes, length: int) -> bytes | None:
    """A gzip member of exactly `length` bytes that holds `data`; None when it does not fit."""
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    room = length - len(_HEADER) - len(packed) - len(_LAST) - _TRAILER
    if room < 0:
        return None
    blocks, left = divmod(room, len(_EMPTY))
    header, comment = _HEADER, b""
    if left:
        # A comment is zero-terminated; its flag is bit 4.
        header, comment = _HEADER[:3] + b"\x10" + _HEADER[4:], b" " * (left - 1) + b"\0"
    trailer = struct.pack("<2I", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return header + comment + packed + _EMPTY * blocks + _LAST + trailer
