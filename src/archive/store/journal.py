"""The journal of editorial acts, `<var>/journal/takedowns.jsonl`: what no capture file can tell again.

Each act is one line of JSON, appended and fsynced before anything else happens; lines are never changed. The
rows in the database are made from it: `catch_up` brings a database that lacks some (a fresh one, a restored
one, one whose writer was killed between the two) up to date, and is safe to repeat.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from archive.durable import fsync_folder, make_folder
from archive.errors import StoreError
from archive.model import ChangeKind
from archive.store import affected, log, takedowns
from archive.store.happenings import write as happenings
from archive.store.store import Store
from archive.store.takedowns import Bytes, Scope, Takedown

FILE = "takedowns.jsonl"

WITHHOLD, LIFT, DESTROY = "withhold", "lift", "destroy"
"""Values of `act`; `destroy` names the records, before the first of them is overwritten."""

Line = Mapping[str, Any]


class Journal:
    """The file of one archive. Any number of processes may append."""

    def __init__(self, folder: Path, file: str = FILE) -> None:
        """
        :param folder: `Settings.journal_dir`; made at the first act.
        :param file: another file than that of the takedowns, for acts of another kind.
        """
        self.path = folder / file

    def lines(self) -> list[Line]:
        """All acts, the first first. A line that a crash cut off was never acted upon and is left out.

        :raises StoreError: a line in the middle cannot be read: the file was changed by hand, or damaged.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(
                f"The journal {self.path} cannot be read: {error.strerror}.", "Give this user the right to."
            ) from error
        whole = data[: data.rfind(b"\n") + 1]
        result = []
        for number, text in enumerate(whole.splitlines(), 1):
            try:
                line = json.loads(text)
                line["act"], line["id"]
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"Line {number} of the journal {self.path} cannot be read.",
                    "Take the file from a backup: without it, what was taken down could be shown again.",
                ) from error
            result.append(line)
        return result

    def append(self, line: Line) -> None:
        """Add one act; on disk when this returns.

        :raises StoreError: the disk is full or read-only; the act has not happened.
        """
        data = json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"
        try:
            with self._locked() as file:
                file.seek(0)
                before = file.read()
                end = before.rfind(b"\n") + 1
                file.truncate(end)  # half a line of a writer that was killed
                try:
                    left = memoryview(data)
                    while left:
                        left = left[file.write(left) :]
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(end)
                    raise
        except OSError as error:
            raise StoreError(
                f"The journal {self.path} cannot be written: {error.strerror}.",
                "Nothing was changed: make room, or give this user the right to write there, and try again.",
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[Any]:
        make_folder(self.path.parent)
        # Unbuffered: what could not be written must not be written after all when the file is closed.
        with self.path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.fstat(file.fileno()).st_size:
                fsync_folder(self.path.parent)
            yield file


def line_of(item: Takedown) -> Line:
    """The line that orders a takedown."""
    return {
        "act": WITHHOLD,
        "id": item.id,
        "scope": item.scope.value,
        "target": item.target,
        "reason": item.reason,
        "reference": item.reference,
        "status": item.status,
        "blocked_by": item.blocked_by,
        "bytes": item.bytes.value,
        "by": item.ordered_by,
        "at": item.at.isoformat(),
        "pictures": list(item.pictures),
    }


def takedown_of(line: Line) -> Takedown:
    """The takedown that a line orders."""
    return Takedown(
        id=line["id"],
        scope=Scope(line["scope"]),
        target=line["target"],
        reason=line["reason"],
        reference=line["reference"],
        status=line["status"],
        blocked_by=line["blocked_by"],
        bytes=Bytes(line["bytes"]),
        ordered_by=line["by"],
        at=dt.datetime.fromisoformat(line["at"]),
        pictures=tuple(line["pictures"]),
    )


def catch_up(store: Store, folder: Path) -> int:
    """Give a database all takedowns of the journal. Returns how many lines it lacked.

    :raises StoreError: the journal cannot be read: nothing may be shown or ingested without it.
    """
    lines = Journal(folder).lines()
    if not lines:
        return 0
    known = {item.id: item for item in store.takedowns()}
    lacking = [line for line in lines if not is_done(known, line)]
    if lacking:
        with store.begin() as connection:
            for line in lacking:
                apply(connection, line)
    return len(lacking)


def is_done(known: Mapping[str, Takedown], line: Line) -> bool:
    """Whether the database has what a line says.

    :param known: all takedowns of the database, by id.
    """
    item = known.get(line["id"])
    match line["act"]:
        case "withhold":
            return item is not None
        case "lift":
            return item is not None and not item.active
        case "destroy":
            return item is not None and item.bytes is Bytes.DESTROYED
        case _:
            return True


def apply(connection: Connection, line: Line, touched: set[str] | None = None) -> None:
    """Do in the database what a line says: rows, and the change log that the index follows.

    :param touched: the articles that it concerns, where the caller knows them already.
    """
    match line["act"]:
        case "withhold":
            item = takedown_of(line)
            takedowns.put(connection, item)
            touched = _note(connection, item, ChangeKind.WITHHOLD, item.at, touched)
            if item.scope in (Scope.VERSION, Scope.ADDRESS):
                # What was read out of a version that is gone goes at once; the version left is read next.
                happenings.forget(connection, touched)
        case "lift":
            found = takedowns.get(connection, line["id"])
            if found is None:
                return
            at = dt.datetime.fromisoformat(line["at"])
            takedowns.lift(connection, found.id, at, line["by"], line["why"])
            _note(connection, found, ChangeKind.UPSERT, at, touched)
        case "destroy":
            takedowns.mark_destroyed(connection, line["id"])


def _note(
    connection: Connection, item: Takedown, kind: ChangeKind, at: dt.datetime, touched: set[str] | None
) -> set[str]:
    found = affected.articles_of(connection, item) if touched is None else touched
    for article in sorted(found):
        log.append(connection, article, kind, at)
    return found
