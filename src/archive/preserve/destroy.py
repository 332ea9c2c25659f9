"""Destroying, by order, the bytes of what is withheld: a tombstone in place of each record.

The journal names the records before the first is touched. `enforce` then does what it says, in the files and
in the database, wherever it is not done yet: after a crash, after a restore of older files, after a replay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.config import Settings
from archive.durable import make_folder
from archive.errors import SearchError, StoreError
from archive.model import Capture
from archive.preserve import takedown
from archive.preserve.files import replace_file
from archive.search import indexer, open_backend
from archive.store import Store, destruction, journal
from archive.store.destruction import Doomed
from archive.store.journal import Journal
from archive.store.takedowns import Bytes, Scope, Takedown
from archive.warc import capture_files, patching, record, tombstone


@dataclass(frozen=True, slots=True)
class Destruction:
    """What was destroyed."""

    takedown: str
    records: int
    size: int
    """Bytes of these records."""


def destroy(store: Store, settings: Settings, takedown_id: str, *, by: str) -> Destruction:
    """Destroy the bytes of what a takedown in force withholds. Cannot be undone.

    Backups made before still hold them; the index is built anew, since its files keep deleted documents.

    :raises StoreError: there is no such takedown, it is lifted, or it is of a name.
    :raises WarcError: a file cannot be written; start the same command again.
    """
    with takedown.one_at_a_time(settings):
        item = takedown.find(store, takedown_id)
        _check(item)
        with store.read() as connection:
            doomed = destruction.doomed(connection, item)
        _owe_rebuild(settings)
        if not _is_ordered(settings, item, doomed):
            line = {
                "act": journal.DESTROY,
                "id": item.id,
                "by": by,
                "at": dt.datetime.now(dt.UTC).isoformat(),
                "records": [_facts(found) for found in doomed],
            }
            Journal(settings.journal_dir).append(line)
    finish(store, settings)
    return Destruction(item.id, len(doomed), sum(found.capture.ref.length for found in doomed))


def _is_ordered(settings: Settings, item: Takedown, doomed: Sequence[Doomed]) -> bool:
    """Whether the journal orders all of this already: another process has, and is still at it."""
    lines = [line for line in _orders(settings) if line["id"] == item.id]
    ordered = {record["capture"] for line in lines for record in line["records"]}
    return bool(lines) and all(found.capture.id in ordered for found in doomed)


def finish(store: Store, settings: Settings) -> int:
    """Do all that the journal orders destroyed, in files, database and index, also what a killed process
    left. Returns how many records were still there.

    :raises WarcError: a file cannot be written.
    :raises SearchError: the index cannot be built anew; its files may still hold the words.
    """
    count = enforce(store, settings)
    if not indexer.status(settings, store).problem:
        takedown.patiently(lambda: indexer.rebuild(store, settings))
        _owed(settings).unlink(missing_ok=True)
    return count


def owes_rebuild(settings: Settings) -> bool:
    """Whether the index in use is still the one from before a destruction that was interrupted. Nothing of
    what was destroyed is found in it, but its files keep the words of deleted documents."""
    path = _owed(settings)
    try:
        before = path.read_text("utf-8")
    except FileNotFoundError:
        return False
    if _generation(settings) == before:
        return True
    path.unlink(missing_ok=True)
    return False


def _owe_rebuild(settings: Settings) -> None:
    """Note which index holds what is about to be destroyed: a killed process cannot say it any more."""
    generation = _generation(settings)
    if generation:
        path = _owed(settings)
        make_folder(path.parent)
        replace_file(path, generation.encode())


def _owed(settings: Settings) -> Path:
    return settings.var / "locks" / "index-before-destruction"


def _generation(settings: Settings) -> str:
    """The index in use; "" when there is none that this program reads."""
    with closing(open_backend(settings)) as backend, suppress(SearchError):
        return backend.generation()
    return ""


def enforce(store: Store, settings: Settings) -> int:
    """See that all that the journal orders destroyed is. Returns how many records were still there.

    :raises WarcError: a file cannot be written.
    """
    overwritten = enforce_files(settings)
    lines = _orders(settings)
    hashes = {
        item["capture"]: tombstone.sha256_of(_tombstone(line, item))
        for line in lines
        for item in line["records"]
    }
    with store.read() as connection:
        present = destruction.hashes(connection, hashes)
    stale = {key: value for key, value in hashes.items() if present.get(key, value) != value}
    known = {item.id: item for item in store.takedowns()}
    unmarked = [line for line in lines if not journal.is_done(known, line)]
    if stale or unmarked:
        with store.begin() as connection:
            destruction.note(connection, stale)
            for line in unmarked:
                journal.apply(connection, line)
        store.checkpoint()
    return overwritten


def enforce_files(settings: Settings) -> int:
    """As `enforce`, in the capture files alone: before a replay reads them.

    A file that is not there holds nothing to destroy.
    """
    ordered: dict[str, dict[int, bytes]] = {}
    for line in _orders(settings):
        for item in line["records"]:
            ordered.setdefault(item["file"], {})[item["offset"]] = _tombstone(line, item)
    count = 0
    files = capture_files(settings)
    for name, changes in ordered.items():
        # By file: one that is in a bucket is changed by a copy of the whole.
        with suppress(FileNotFoundError):
            count += patching.patch(files.file(name), changes)
    return count


def _orders(settings: Settings) -> list[journal.Line]:
    return [line for line in Journal(settings.journal_dir).lines() if line["act"] == journal.DESTROY]


def _check(item: Takedown) -> None:
    if not item.active:
        raise StoreError(f"Takedown {item.id} is not in force.", "Order a new one first.")
    if item.scope is Scope.NAME:
        raise StoreError(
            "A name cannot be cut out of captured bytes.",
            "Take the articles down in which it stands, and destroy these.",
        )
    if item.bytes is Bytes.DESTROYED:
        raise StoreError(f"The bytes of takedown {item.id} are destroyed already.")


def _facts(found: Doomed) -> dict[str, Any]:
    """What the journal keeps of a record: where it stood, what it was, nothing of what it said."""
    capture: Capture = found.capture
    return {
        "capture": capture.id,
        "file": capture.ref.file,
        "offset": capture.ref.offset,
        "length": capture.ref.length,
        "url": capture.url,
        "date": record.date(capture.at),
        "article": found.article,
        "version": found.version,
        "content": found.content,
        "kind": found.kind,
        "status": capture.status,
        "mime": capture.mime,
        "payload": capture.payload_digest,
        "size": capture.size,
    }


_TOLD = ("article", "version", "kind", "status", "content", "payload", "mime", "size")
"""What a tombstone says of the record, the most important first."""


def _tombstone(line: Mapping[str, Any], item: Mapping[str, Any]) -> bytes:
    facts = [(name, str(item[name])) for name in _TOLD if item[name]]
    return tombstone.make(
        record.record_id(item["capture"]), item["date"], item["url"], facts, line["id"], item["length"]
    )


def destroyed_at(settings: Settings) -> Iterator[tuple[str, int, str]]:
    """File, offset and takedown of each record that was destroyed by order."""
    for line in _orders(settings):
        for item in line["records"]:
            yield item["file"], item["offset"], line["id"]
