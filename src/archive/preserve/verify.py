"""Every record of every file, and every row against its record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from archive.coding import decode_content
from archive.errors import ContentError, StorageError, UrlError, WarcError
from archive.model import Capture
from archive.store import Connection, Store, audit, ledger
from archive.urls import canonical
from archive.warc import (
    CaptureFile,
    Folder,
    Record,
    ScannedRecord,
    Tail,
    files_in,
    http,
    next_member,
    scan,
    tombstone,
)
from archive.warc.read import MAX_PAYLOAD, content_encoding
from archive.warc.record import parse_date, sha256, uuid_of

Progress = Callable[[int, int], None]
"""Called with what is done and the expected total."""

_SHOWN = 10


class FindingKind(StrEnum):
    """What kind of damage it is."""

    MISSING_FILE = "missing-file"
    UNREADABLE_FILE = "unreadable-file"
    CUT_FILE = "cut-file"
    DAMAGED_RECORD = "damaged-record"
    ROW_WITHOUT_RECORD = "row-without-record"
    RECORD_WITHOUT_ROW = "record-without-row"
    MISMATCH = "mismatch"
    UNDONE = "undone"
    LOST_PAYLOAD = "lost-payload"
    DATABASE = "database"
    MANIFEST = "manifest"
    INDEX = "index"


_FROM_BACKUP = (
    "archive mend BACKUP: brings capture files back from a backup. Without one, `archive crawl --recheck` "
    "fetches again what the portal still has, as new captures"
)
_REPLAY = (
    "move the database away (archive.db, archive.db-wal, archive.db-shm in the folder `var`), then run "
    "`archive replay` and `archive index rebuild`: both are made again from the capture files"
)
_MENDS = {
    FindingKind.MISSING_FILE: _FROM_BACKUP,
    FindingKind.CUT_FILE: _FROM_BACKUP,
    FindingKind.DAMAGED_RECORD: _FROM_BACKUP,
    FindingKind.ROW_WITHOUT_RECORD: _FROM_BACKUP,
    FindingKind.MISMATCH: _FROM_BACKUP,
    FindingKind.UNDONE: "archive takedown destroy ID: does to the end what a takedown ordered",
    FindingKind.UNREADABLE_FILE: "give this user the right to read it, or check the disk",
    FindingKind.RECORD_WITHOUT_ROW: _REPLAY,
    FindingKind.LOST_PAYLOAD: _REPLAY,
    FindingKind.DATABASE: _REPLAY,
    FindingKind.INDEX: "archive index rebuild: makes the index anew; articles stay readable meanwhile",
    FindingKind.MANIFEST: "copy the file of that name from the folder var/manifests of a backup",
}
"""What an operator does about each kind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage, with what depends on it."""

    kind: FindingKind
    file: str
    """Name of the WARC file, or path of a file of the index; "" for the database."""
    offset: int | None
    what: str
    """A sentence without its full stop."""
    captures: tuple[str, ...] = ()
    """Ids of the captures that are affected."""
    dependants: tuple[str, ...] = ()
    """Versions of articles that rest on them, in words."""

    @property
    def mend(self) -> str:
        """What mends it: a command, or what to do with which file."""
        return _MENDS[self.kind]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "kind": self.kind.value,
            "file": self.file,
            "offset": self.offset,
            "what": self.what,
            "mend": self.mend,
            "captures": list(self.captures),
            "dependants": list(self.dependants),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """What `to_dict` gave."""
        captures, dependants = tuple(data["captures"]), tuple(data["dependants"])
        return cls(
            FindingKind(data["kind"]), data["file"], data["offset"], data["what"], captures, dependants
        )

    def __str__(self) -> str:
        place = self.file or "database"
        if self.offset is not None:
            place += f" at byte {self.offset}"
        text = f"{place}: {self.what}."
        if self.dependants:
            more = len(self.dependants) - _SHOWN
            text += f" Depends on it: {'; '.join(self.dependants[:_SHOWN])}"
            text += f"; and {more} more." if more > 0 else "."
        return text


@dataclass(slots=True)
class VerifyReport:
    """The result of a verification."""

    files: int = 0
    records: int = 0
    captures: int = 0
    findings: list[Finding] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    """What the next crawl of the site will take up or set aside: written, but never acknowledged."""
    complete: bool = True
    """False when time ran out; what was not reached comes first the next time."""
    manifests: int = 0
    """Daily manifests checked."""
    stamped: int = 0
    """Those of them with a timestamp that holds."""
    destroyed: list[str] = field(default_factory=list)
    """Records that were destroyed by order: no damage."""

    @property
    def clean(self) -> bool:
        """Whether no damage was found."""
        return not self.findings

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "clean": self.clean,
            "files": self.files,
            "records": self.records,
            "captures": self.captures,
            "manifests": self.manifests,
            "stamped": self.stamped,
            "complete": self.complete,
            "findings": [item.to_dict() for item in self.findings],
            "pending": list(self.pending),
            "destroyed": list(self.destroyed),
        }


def verify(store: Store, warc_dir: Folder, progress: Progress | None = None) -> VerifyReport:
    """Check all WARC files and the database against each other. Changes nothing.

    :raises StoreError: the database cannot be read at all.
    """
    with store.read() as connection:
        run = Verification(connection, warc_dir, progress)
        run.database()
        for name in run.names():
            run.file(name)
        return run.report


class Verification:
    """One check against one look at the database; its parts can be called one by one."""

    def __init__(self, connection: Connection, warc_dir: Folder, progress: Progress | None) -> None:
        self._connection = connection
        self._files = files_in(warc_dir)
        self._progress = progress
        self._committed = ledger.committed(connection)
        self.report = VerifyReport(captures=audit.capture_count(connection))
        # An exchange is three records, and each file begins with one more.
        self._expected = self.report.captures * 3 + len(self._committed)

    # -------------------------------------------------------------------------------- the database

    def database(self) -> None:
        """The database by itself."""
        problems = audit.database_problems(self._connection) + audit.false_tallies(self._connection)
        for problem in problems:
            self._find(FindingKind.DATABASE, "", None, problem)
        for capture, extractor in audit.broken_extractions(self._connection):
            what = f"the extraction of capture {capture} by {extractor} has not the hash stored with it"
            self._find(FindingKind.DATABASE, "", None, what, [capture])
        for lost in audit.lost_holders(self._connection):
            what = f"{lost.url} is a revisit of capture {lost.revisit_of}, which is not known"
            self._find(FindingKind.LOST_PAYLOAD, lost.ref.file, lost.ref.offset, what, [lost.id])

    # ------------------------------------------------------------------------------------- the files

    def names(self) -> list[str]:
        """The files that are there or should be, the missing ones first.

        :raises StorageError: some are in a bucket that does not serve.
        """
        present = set(self._files.sizes())
        named = audit.files_named(self._connection) | set(self._committed)
        return [*sorted(named - present), *sorted(present)]

    def file(self, name: str, start: int = 0, is_over: Callable[[], bool] = lambda: False) -> int | None:
        """One file, from a record's offset on.

        :param is_over: asked after each record; when true the check stops there.
        :returns: where it stopped; None when the file was checked to its end.
        :raises StorageError: it is in a bucket that does not serve; that is no damage.
        """
        path = self._files.file(name)
        size = path.size()
        if size is None:
            rows = audit.captures_in(self._connection, name)
            what = f"the file is missing, with {len(rows)} captures"
            self._find(FindingKind.MISSING_FILE, name, None, what, [item.id for item in rows.values()])
            return None
        self.report.files += 1
        try:
            return self._file(path, size, start, is_over)
        except StorageError:
            raise
        except WarcError as error:
            rows = audit.captures_in(self._connection, name)
            self._find(
                FindingKind.UNREADABLE_FILE, name, None, str(error), [item.id for item in rows.values()]
            )
            return None

    def _file(self, path: CaptureFile, size: int, start: int, is_over: Callable[[], bool]) -> int | None:
        name = path.name
        rows = audit.captures_in(self._connection, name)
        committed = self._committed.get(name, 0)
        told = self._cut(name, size, committed, rows) if start == 0 else set()
        met: set[int] = set()
        stopped: int | None = None
        for item in _walk(path, start):
            if isinstance(item, Tail):
                if item.offset not in told:
                    self._broken(name, item, committed, rows.get(item.offset))
                told.add(item.offset)
                continue
            self.report.records += 1
            self._tell()
            met.add(item.offset)
            self._record(name, item, rows.get(item.offset), committed)
            if is_over():
                stopped = item.end
                break
        size = path.size() or 0  # of one that is being written: more than at the beginning
        end = size if stopped is None else stopped
        for offset in sorted(set(rows) - met - told):
            # What lies beyond the end of a cut file was told with it, when its check began.
            if start <= offset < end or (stopped is None and start == 0 and offset >= size):
                what = f"there is no record of the capture of {rows[offset].url}"
                self._find(FindingKind.ROW_WITHOUT_RECORD, name, offset, what, [rows[offset].id])
        return stopped

    def _cut(self, name: str, size: int, committed: int, rows: dict[int, Capture]) -> set[int]:
        """A file shorter than what was acknowledged: one finding for all that is lost. Returns its places."""
        if size >= committed:
            return set()
        lost = {offset: row for offset, row in rows.items() if offset + row.ref.length > size}
        what = f"the file is cut off after {size} of {committed} bytes, with {len(lost)} captures"
        self._find(FindingKind.CUT_FILE, name, size, what, [row.id for row in lost.values()])
        return set(lost)

    def _broken(self, name: str, tail: Tail, committed: int, row: Capture | None) -> None:
        if tail.offset >= committed:
            self.report.pending.append(f"{name} at byte {tail.offset}: half-written ({tail.reason})")
            return
        subject = f"the record of {row.url}" if row is not None else "a record"
        what = f"{subject} is damaged ({tail.reason})"
        self._find(FindingKind.DAMAGED_RECORD, name, tail.offset, what, [row.id] if row is not None else [])

    def _record(self, name: str, item: ScannedRecord, row: Capture | None, committed: int) -> None:
        ids = [row.id] if row is not None else []
        for problem in item.problems:
            self._find(FindingKind.DAMAGED_RECORD, name, item.offset, problem, ids)
        if (gone := tombstone.read(item.record)) is not None:
            url = row.url if row is not None else item.record.get("WARC-Target-URI")
            self.report.destroyed.append(f"{name} at byte {item.offset}: {url} (takedown {gone.takedown})")
            if row is not None and item.sha256 != row.ref.sha256:
                what = (
                    f"the record of {url} was destroyed by takedown {gone.takedown}, the database lags behind"
                )
                self._find(FindingKind.UNDONE, name, item.offset, what, ids)
            return
        if item.record.kind not in ("response", "revisit"):
            if row is not None:
                what = f"a {item.record.kind} record stands where {row.url} should"
                self._find(FindingKind.MISMATCH, name, item.offset, what, ids)
            return
        if row is None:
            url = item.record.get("WARC-Target-URI")
            if item.offset >= committed:
                self.report.pending.append(f"{name} at byte {item.offset}: {url} is not in the database yet")
            else:
                what = f"the database knows nothing of this record of {url}"
                self._find(FindingKind.RECORD_WITHOUT_ROW, name, item.offset, what)
            return
        if not item.problems:
            for difference in _differences(item, row):
                self._find(FindingKind.MISMATCH, name, item.offset, difference, ids)

    # ---------------------------------------------------------------------------------------- telling

    def _find(
        self, kind: FindingKind, file: str, offset: int | None, what: str, captures: list[str] | None = None
    ) -> None:
        captures = captures or []
        dependants = tuple(map(str, audit.dependants(self._connection, captures)))
        self.report.findings.append(Finding(kind, file, offset, what, tuple(captures), dependants))

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self.report.records, max(self._expected, self.report.records))


def _walk(path: CaptureFile, start: int) -> Iterator[ScannedRecord | Tail]:
    """All records that can be read, with a `Tail` for each place where one cannot."""
    place: int | None = start
    while place is not None:
        broken: Tail | None = None
        for item in scan(path, place):
            if isinstance(item, Tail):
                broken = item
            yield item
        place = next_member(path, broken.offset + 1) if broken is not None else None


def _differences(item: ScannedRecord, row: Capture) -> Iterator[str]:
    """What a row says otherwise than its record."""
    record = item.record
    if (item.length, item.sha256) != (row.ref.length, row.ref.sha256):
        yield f"the bytes of the record of {row.url} are not those that were written"
    if uuid_of(record.get("WARC-Record-ID")) != row.id:
        yield f"the record is another one than capture {row.id}"
    if _canonical(record.get("WARC-Target-URI")) != _canonical(row.url):
        yield f"the record is of {record.get('WARC-Target-URI')}, the row of {row.url}"
    if parse_date(record.get("WARC-Date")) != row.at:
        yield f"the record is of {record.get('WARC-Date')}, the row of {row.at.isoformat()}"
    try:
        first, _, _ = http.split_message(record.block)
        if first.split(" ")[1:2] != [str(row.status)]:
            yield f"the record says {first!r}, the row status {row.status}"
        if record.kind == "response" and row.payload_digest not in _digests(record):
            yield f"the payload of {row.url} has another digest than its row"
    except ValueError as error:
        yield f"the record holds no HTTP response ({error})"


def _digests(record: Record) -> set[str]:
    """The digests that a row may have: of the decoded payload, or of what could not be decoded.

    What was cut because it unfolded without end is not unfolded again: its row has the digest of what came.
    """
    _, fields, stored = http.split_message(record.block)
    found = {sha256(stored)}
    if record.get("WARC-Truncated"):
        return found
    with suppress(ContentError):
        found.add(sha256(decode_content(stored, content_encoding(fields), MAX_PAYLOAD)))
    return found


def _canonical(url: str) -> str:
    try:
        return canonical(url.strip("<>"))
    except UrlError:
        return url
