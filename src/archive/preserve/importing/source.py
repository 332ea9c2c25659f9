"""What an import reads from: a file or folder that others saved, item by item, in an order that repeats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from archive.model import Exchange

MAX_RECORD = 1 << 28
"""Bytes of one record at most; what states more is passed over."""
EARLIEST = dt.datetime(1991, 8, 6, tzinfo=dt.UTC)
"""Before it there was no web: a date that is wrong."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a revisit record says of the record that holds its payload."""

    capture_id: str
    """Hex of its UUID, or ""."""
    url: str
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """One exchange, as somebody else saved it."""

    place: str
    """Where in the source, for a person: "record 12", "huyen.vn/tin/a.html"."""
    exchange: Exchange
    """Transfer-coding removed; a revisit has no payload."""
    capture_id: str = ""
    """Hex of the UUID of its record; "" when it has none that lasts."""
    original: Original | None = None
    """For a revisit."""
    site: dict[str, Any] | None = None
    """The site's entry, when one of the archive's own files tells it."""
    sample: bool = False
    note: str = ""
    """What was made of it on the way in: where its date is from, links that were restored."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not taken in."""

    place: str
    reason: str
    """One clause for a person."""
    is_damage: bool = True
    """False for what is no capture at all, and is not to alarm anybody."""


class Source(Protocol):
    """A file or folder to import."""

    name: str
    """Name without path."""
    kind: str
    """"warc", "wacz" or "folder"."""
    size: int
    """Bytes."""

    def items(self) -> Iterator[Item | Skipped]:
        """All that is in it; the same in the same order at each call, so that an import can go on.

        Memory stays flat. What cannot be read is a `Skipped`, never an exception.
        """

    def fingerprint(self) -> str:
        """Hex SHA-256 over its bytes; of a folder over the list of its files with their hashes."""


def sound_moment(moment: dt.datetime) -> str:
    """Why a capture date cannot be; "" for one that can."""
    if moment < EARLIEST:
        return f"its date {moment:%d/%m/%Y} lies before the first web page"
    if moment > dt.datetime.now(dt.UTC) + dt.timedelta(days=1):
        return f"its date {moment:%d/%m/%Y} lies in the future"
    return ""
