"""Records copied as they stand, byte for byte, out of our capture files: nothing is packed anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from archive.errors import StorageError, WarcError
from archive.model import Capture
from archive.store.exports import Selected
from archive.warc import Folder, ScannedRecord, files_in, read_record, scan

_LOG = logging.getLogger(__name__)

Withheld = Callable[[Capture, bytes, str], bool]
"""Whether a page must not be handed out as it is: capture, decoded body, content type."""


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one capture: response or revisit, and the request and metadata records of its own."""

    selected: Selected
    records: tuple[bytes, ...]
    """Gzip members, the answer first."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A capture that could not be copied."""

    capture: Capture
    reason: str


def copied(folder: Folder, items: Iterable[Selected]) -> Iterator[Group | Lost]:
    """The records of captures, each checked against the hash that the database has of it.

    :param items: by file and place.
    :raises StorageError: a file is in a bucket that does not serve.
    """
    for item in items:
        try:
            yield _group(folder, item)
        except StorageError:
            raise  # not lost: the bucket does not serve now
        except WarcError as error:
            _LOG.warning("Left out of the export: %s", error)
            yield Lost(item.capture, str(error))


def warcinfo(folder: Folder, file: str) -> bytes | None:
    """The warcinfo record that a capture file begins with; None when it is damaged."""
    path = files_in(folder).file(file)
    first = next(scan(path), None)
    if not isinstance(first, ScannedRecord) or first.record.kind != "warcinfo":
        return None
    return path.read(first.offset, first.length)


def _group(folder: Folder, item: Selected) -> Group:
    ref = item.capture.ref
    answer = read_record(folder, ref)
    mine = answer.get("WARC-Record-ID")
    path = files_in(folder).file(ref.file)
    records = [path.read(ref.offset, ref.length)]
    for found in scan(path, ref.offset + ref.length):
        if not isinstance(found, ScannedRecord):
            break
        record = found.record
        belongs = (record.kind == "request" and record.get("WARC-Concurrent-To") == mine) or (
            record.kind in ("metadata", "conversion") and record.get("WARC-Refers-To") == mine
        )
        if not belongs:
            break
        records.append(path.read(found.offset, found.length))
    return Group(item, tuple(records))
