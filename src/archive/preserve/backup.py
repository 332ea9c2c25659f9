"""A copy of all that cannot be made again, while the archive runs, and the way back.

A backup is a folder `<UTC time>` with `manifest.json`, which has size and SHA-256 of every file. It is
written aside and renamed when whole. The database is copied first, of one moment, by SQLite's own means or
PostgreSQL's; then the WARC files, each as far as that database knows them: what a row names was on disk
before the row. The journal comes last, so that it is never older than the rest. A WARC file that has not
changed since the last backup is linked to its copy there and takes no room.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from archive import __version__
from archive.config import Settings
from archive.durable import fsync_folder, make_folder
from archive.errors import BusyError, ConfigError, StoreError
from archive.search import in_folder
from archive.search.lock import write_lock
from archive.store import Store, dialect, ledger, on_server
from archive.store.address import sqlite_path
from archive.warc import capture_files

MANIFEST = "manifest.json"
DATABASE, DUMP = "archive.db", "archive.dump"
"""Of SQLite, and of PostgreSQL."""
FORMAT = 1
_PARTIAL = ".partial"
_LEFT_OUT = ("cache", "secret", "warc")
"""Folders of `var` that are made again, hold keys, or are copied in a way of their own."""
_STEP = 1 << 20
_SPARE = 50_000_000
"""Bytes that stay free on the disk of the backups."""

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One file of a backup."""

    path: str
    """Within the backup."""
    size: int
    sha256: str
    mtime_ns: int = 0
    """Of the file that was copied: tells whether it has changed since."""


@dataclass(slots=True)
class BackupReport:
    """What was made."""

    folder: str
    """The backup."""
    files: int = 0
    size: int = 0
    """Bytes in all."""
    linked: int = 0
    """Files that the backup before had already."""
    index: bool = False
    """The search index is in it."""
    removed: list[str] = field(default_factory=list)
    """Older backups that were removed."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def backup(
    store: Store,
    settings: Settings,
    folder: Path,
    *,
    index: bool = False,
    keep: int = 0,
    progress: Progress | None = None,
) -> BackupReport:
    """Make a backup below a folder; crawls, takedowns and readers go on meanwhile.

    :param index: copy the search index as well, which can be built anew; that of a cluster is not copied.
    :param keep: so many backups stay, this one among them; 0 for all.
    :raises BusyError: another backup is being made there.
    :raises ConfigError: the database is PostgreSQL, and its `pg_dump` is not installed.
    :raises StoreError: the disk is full or the copied database is damaged; older backups are untouched.
    """
    with _locked(folder), _disk_errors(folder):
        for stale in folder.glob(f"*{_PARTIAL}"):
            shutil.rmtree(stale)
        made_at = dt.datetime.now(dt.UTC)
        name = _free_name(folder, made_at)
        partial = folder / f"{name}{_PARTIAL}"
        partial.mkdir()
        work = _Backup(settings, partial, _latest(folder), progress)
        if index and in_folder(settings):
            # Before the database: an index that is behind catches up, one that is ahead misses changes.
            work.index()
        work.database(store)
        work.captures()
        work.rest()
        work.close(made_at)
        partial.rename(folder / name)
        fsync_folder(folder)
        has_index = any(item.path.startswith("index/") for item in work.files)
        report = BackupReport(str(folder / name), len(work.files), work.done, work.linked, has_index)
        if keep:
            for old in _complete(folder)[:-keep]:
                # Without its name first: half of it must not be taken for a backup.
                going = old.rename(folder / f"{old.name}{_PARTIAL}")
                fsync_folder(folder)
                shutil.rmtree(going)
                report.removed.append(old.name)
            fsync_folder(folder)
        return report


class _Backup:
    """One backup being made."""

    def __init__(
        self, settings: Settings, target: Path, before: Path | None, progress: Progress | None
    ) -> None:
        self._settings = settings
        self._target = target
        self._before = before
        self._known = {item.path: item for item in read_manifest(before)} if before is not None else {}
        self._progress = progress
        self._committed: Mapping[str, int] = {}
        self._expected = 0
        self._began = time.time()
        self.files: list[Copied] = []
        self.done = 0
        self.linked = 0

    def database(self, store: Store) -> None:
        """The database of one moment, whole and checked."""
        path = sqlite_path(self._settings.database_url)
        self._expected = _size_of(self._settings)
        if path is None:
            with store.read() as connection:
                size = dialect.file_size(connection) or 0
            _check_room(self._target, size)
            target = self._target / DUMP
            self._committed = on_server.dump(store, self._settings.database_url, target)
            dumped = self._hashed(target, DUMP, target)
            self.files.append(dumped)
            self._tell(dumped.size)
            return
        _check_room(self._target, path.stat().st_size)
        target = self._target / DATABASE
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            problems = [row[0] for row in copy.execute("PRAGMA quick_check(5)") if row[0] != "ok"]
        if problems:
            raise StoreError(
                f"The database is damaged: {problems[0]}.",
                "The backups made before are untouched; move the database away and run `archive replay`.",
            )
        with closing(Store.open(f"sqlite:///{target}", migrate=False)) as copied, copied.read() as connection:
            self._committed = ledger.committed(connection)
        self._leave_no_log(target)
        copied_file = self._hashed(target, DATABASE, path)
        self.files.append(copied_file)
        self._tell(copied_file.size)

    def captures(self) -> None:
        """The WARC files, as far as the copied database knows them."""
        (self._target / "warc").mkdir()
        files = capture_files(self._settings)
        for name, size in files.sizes().items():
            file, known = files.file(name), self._committed.get(name)
            modified = file.modified_ns()
            # One that the database does not know was begun after its copy was made, and belongs to the next
            # backup; or it lies there from before, and nobody has taken it in yet.
            if known is not None or modified < self._began * 1e9:
                size = min(size, known) if known is not None else size
                self._take(f"warc/{name}", size, modified, file.open)

    def index(self) -> None:
        """The index, between two of its commits."""
        root = self._settings.index
        if not root.is_dir():
            return
        with write_lock(root):
            for path in sorted(item for item in root.rglob("*") if item.is_file()):
                if path.suffix not in (".lock",) and "LOCK" not in path.name:
                    self._copy(path, f"index/{path.relative_to(root)}")

    def rest(self) -> None:
        """Everything else that is kept in `var`; the journal last."""
        var = self._settings.var
        found = [path for path in sorted(var.rglob("*")) if self._is_kept(path)]
        for path in sorted(found, key=lambda item: "journal" in item.parts):
            self._copy(path, f"var/{path.relative_to(var)}")

    def _is_kept(self, path: Path) -> bool:
        inside = path.relative_to(self._settings.var)
        database = sqlite_path(self._settings.database_url)
        return (
            path.is_file()
            and not path.is_symlink()
            and path.suffix != ".lock"
            and (inside.parts[0] not in _LEFT_OUT or inside.parts[:2] == ("warc", "damaged"))
            and (database is None or not path.name.startswith(database.name))
            # Backups below `var` are not copied into themselves.
            and self._target.parent.resolve() not in path.resolve().parents
        )

    def close(self, made_at: dt.datetime) -> None:
        """Write the manifest, which makes the folder a backup."""
        told = {
            "format": FORMAT,
            "made_at": made_at.isoformat(timespec="seconds"),
            "program": __version__,
            "files": [asdict(item) for item in self.files],
        }
        path = self._target / MANIFEST
        with path.open("w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        for folder in sorted({path.parent for path in self._target.rglob("*")}):
            fsync_folder(folder)

    # ------------------------------------------------------------------------------------- one file

    def _copy(self, path: Path, name: str) -> None:
        """Copy a file; link it when the backup before has just that."""
        stat = path.stat()
        self._take(name, stat.st_size, stat.st_mtime_ns, lambda: path.open("rb"))

    def _take(self, name: str, size: int, modified_ns: int, opened: Callable[[], BinaryIO]) -> None:
        """Copy the first `size` bytes of something; link them when the backup before has just these."""
        target = self._target / name
        target.parent.mkdir(parents=True, exist_ok=True)
        known = self._known.get(name)
        same = known is not None and (known.size, known.mtime_ns) == (size, modified_ns)
        if known is not None and same and self._before is not None and _link(self._before / name, target):
            self.files.append(known)
            self.linked += 1
            self._tell(size)
            return
        _check_room(self._target, size)
        digest, left = hashlib.sha256(), size
        with opened() as source, target.open("xb") as copy:
            while left and (data := source.read(min(_STEP, left))):
                copy.write(data)
                digest.update(data)
                left -= len(data)
                self._tell(len(data))
            copy.flush()
            os.fsync(copy.fileno())
        self.files.append(Copied(name, size - left, digest.hexdigest(), modified_ns))

    @staticmethod
    def _hashed(target: Path, name: str, source: Path) -> Copied:
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        return Copied(name, target.stat().st_size, digest, source.stat().st_mtime_ns)

    @staticmethod
    def _leave_no_log(target: Path) -> None:
        """Reading the copy may have put it into WAL mode again: one file is easier to keep than three."""
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)

    def _tell(self, size: int) -> None:
        self.done += size
        if self._progress is not None:
            self._progress(self.done, max(self._expected, self.done))


def read_manifest(folder: Path) -> list[Copied]:
    """The files of a backup.

    :raises ConfigError: there is no manifest, or one of a later program.
    """
    path = folder / MANIFEST
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["format"] > FORMAT:
            raise ConfigError(f"{path} was written by a newer program.", "Restore with that one.")
        return [Copied(**item) for item in told["files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{folder} is no backup: {path.name} is missing or cannot be read.",
            "Give a folder that `archive backup` made, or the folder that holds several.",
        ) from error


def find_backup(folder: Path) -> Path:
    """The backup that a folder is, or the newest of those that it holds.

    :raises ConfigError: it is none and holds none.
    """
    if (folder / MANIFEST).is_file():
        return folder
    found = _latest(folder) if folder.is_dir() else None
    if found is None:
        read_manifest(folder)
        raise AssertionError("unreachable")
    return found


def _complete(folder: Path) -> list[Path]:
    """The whole backups in a folder, the oldest first."""
    found = (path.parent for path in folder.glob(f"*/{MANIFEST}"))
    return sorted(path for path in found if not path.name.endswith(_PARTIAL))


def _latest(folder: Path) -> Path | None:
    return next(iter(reversed(_complete(folder))), None)


def _free_name(folder: Path, at: dt.datetime) -> str:
    name, number = at.strftime("%Y%m%dT%H%M%SZ"), 1
    while (folder / (name if number == 1 else f"{name}-{number:02}")).exists():
        number += 1
    return name if number == 1 else f"{name}-{number:02}"


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False  # another file system, or one without links
    return True


def _size_of(settings: Settings) -> int:
    return sum(path.stat().st_size for path in settings.var.rglob("*") if path.is_file())


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise StoreError(
            f"The disk of {folder} has {free:,} bytes left, {size:,} are needed.",
            "Older backups are untouched: make room, or back up to another disk.",
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        make_folder(folder)
        lock = (folder / "backup.lock").open("w")
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written: {error.strerror}.", "Give a folder that this user may write."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(f"Another backup to {folder} is being made.", "Wait for it to end.") from error
        yield


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The backup to {folder} could not be written: {error}.",
            "Older backups are untouched: make room there, or choose another disk.",
        ) from error
