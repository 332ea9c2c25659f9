"""After a crash: take up what was captured but has no rows, set aside what was half written."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.durable import fsync_folder, make_folder
from archive.errors import WarcError
from archive.model import Exchange, Site, WarcRef
from archive.store import Store, ledger
from archive.warc import (
    CaptureFile,
    Folder,
    Record,
    ScannedRecord,
    Tail,
    Written,
    file_at,
    files_in,
    scan,
    site_files,
    tombstone,
)
from archive.warc.read import exchange_of
from archive.warc.record import uuid_of
from archive.warc.tombstone import Destroyed

_LOG = logging.getLogger(__name__)
_ANSWERS = ("response", "revisit")


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found at the start of a crawl."""

    adopted: int
    """Whole exchanges without rows, handed on."""
    set_aside: int
    """Bytes of half-written exchanges, moved to `damaged`."""


@dataclass(frozen=True, slots=True)
class FoundExchange:
    """An exchange as it stands in a file."""

    exchange: Exchange
    written: Written
    is_revisit: bool = False
    """Its payload stands in another record."""
    stated_digest: str = ""
    """WARC-Payload-Digest of its response or revisit record."""
    destroyed: Destroyed | None = None
    """What stands in place of its response record, when that was destroyed by order."""


def recover(store: Store, warc_dir: Folder, site: Site, take: Callable[[FoundExchange], None]) -> Recovery:
    """Mend the capture files of a site; to be called under the crawl's lock, before its first request.

    Exchanges that stand whole in a file beyond what the database has committed are handed to `take`, which
    processes them as if just fetched (and commits each). What follows the last whole exchange was never
    acknowledged: it is moved to `<warc_dir>/damaged`, and will be fetched again.

    :raises WarcError: a file cannot be read or mended.
    """
    with store.read() as connection:
        known = ledger.committed(connection, site.id)
    adopted = set_aside = 0
    files = files_in(warc_dir)
    sizes = files.sizes(site.id)
    for named in site_files(files, site.id):
        file = files.file(named.name)
        start, size = known.get(file.name, 0), sizes.get(file.name, 0)
        if size <= start:
            continue
        end = start
        for found in read_exchanges(file, start):
            if isinstance(found, Tail):
                break
            take(found)
            adopted += 1
            end = found.written.end
        # Only whole files go to a bucket, and nothing is cut off there: `archive verify` tells of damage.
        if end < size and file.path.exists():
            _set_aside(file.path, end)
            set_aside += size - end
    return Recovery(adopted, set_aside)


def read_exchanges(path: Path | CaptureFile, start: int = 0) -> Iterator[FoundExchange | Tail]:
    """The exchanges in a file from a record's offset on, each with its place.

    An exchange is a response or revisit record with the request and metadata records of its own that
    follow it. The last item is a `Tail` when the file does not end with a whole exchange.

    :raises WarcError: the file cannot be read.
    """
    path = file_at(path)
    group: list[ScannedRecord] = []
    for item in scan(path, start):
        if isinstance(item, Tail):
            # The writer ends each exchange with its metadata record: one without may lack its request too.
            if group and group[-1].record.kind == "metadata":
                yield from _exchange(path, group)
            yield Tail(
                group[0].offset if group and group[-1].record.kind != "metadata" else item.offset, item.reason
            )
            return
        if item.record.kind in _ANSWERS or tombstone.read(item.record) is not None:
            if group:
                yield from _exchange(path, group)
            group = [item]
        elif group and _belongs(item.record, group[0].record):
            group.append(item)
        elif group:
            yield from _exchange(path, group)
            group = []
    if not group:
        return
    if group[-1].record.kind == "metadata":
        yield from _exchange(path, group)
    else:
        yield Tail(group[0].offset, "the file ends within an exchange")


def _exchange(path: CaptureFile, group: list[ScannedRecord]) -> Iterator[FoundExchange]:
    answer = group[0]
    others = {item.record.kind: item.record for item in group[1:]}
    destroyed = tombstone.read(answer.record)
    try:
        shown = answer.record if destroyed is None else _hollow(answer.record, destroyed)
        exchange = exchange_of(shown, others.get("request"), others.get("metadata"))
    except ValueError as error:
        _LOG.warning("%s at %d holds no HTTP exchange: %s", path, answer.offset, error)
        return
    refers_to = answer.record.get("WARC-Refers-To") if answer.record.kind == "revisit" else ""
    written = Written(
        capture_id=uuid_of(answer.record.get("WARC-Record-ID")),
        ref=WarcRef(path.name, answer.offset, answer.length, answer.sha256),
        end=group[-1].end,
        revisit_of=uuid_of(refers_to) if refers_to else None,
    )
    yield FoundExchange(
        exchange,
        written,
        answer.record.kind == "revisit",
        answer.record.get("WARC-Payload-Digest"),
        destroyed,
    )


def _hollow(record: Record, destroyed: Destroyed) -> Record:
    """The response that a tombstone stands for, without anything in it."""
    block = f"HTTP/1.1 {destroyed.facts.get('status', '200')}\r\n\r\n".encode()
    return Record(record.version, record.fields, block)


def _belongs(item: Record, answer: Record) -> bool:
    mine = answer.get("WARC-Record-ID")
    return (item.kind == "request" and item.get("WARC-Concurrent-To") == mine) or (
        item.kind == "metadata" and item.get("WARC-Refers-To") == mine
    )


def _set_aside(path: Path, end: int) -> None:
    """Move the bytes beyond `end` to a file of their own: durable there before they are cut off here."""
    folder = path.parent / "damaged"
    target = folder / f"{path.name}.{end}"
    try:
        make_folder(folder)
        with path.open("rb") as source, target.open("wb") as copy:
            source.seek(end)
            while chunk := source.read(1 << 20):
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        fsync_folder(folder)
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())
    except OSError as error:
        raise WarcError(
            f"The half-written end of {path} cannot be set aside: {error.strerror}.",
            "Make room and give this user the right to write there, then start again.",
        ) from error
    _LOG.warning("The half-written end of %s (from byte %d) was moved to %s", path, end, target)
