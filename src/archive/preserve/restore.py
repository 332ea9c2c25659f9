"""A backup, brought back to a fresh place: on this machine or another, at this path or another."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from archive.config import Settings
from archive.durable import fsync_folder, make_folder, move, sync_tree
from archive.errors import BusyError, ConfigError, StoreError
from archive.preserve.backup import DATABASE, DUMP, Copied, Progress, find_backup, read_manifest
from archive.preserve.destroy import enforce
from archive.preserve.files import replace_file
from archive.search import in_folder
from archive.store import Store, journal, on_server
from archive.store.address import sqlite_path, without_password
from archive.store.dialect import translated
from archive.store.journal import FILE, Journal

_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was brought back."""

    backup: str
    """The backup that was taken."""
    files: int
    size: int
    takedowns: int
    """In force now."""
    index: bool
    """The index that the setting `search_engine` names was in the backup; else it is to be built."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def restore(
    settings: Settings, folder: Path, *, newer_journal: Path | None = None, progress: Progress | None = None
) -> RestoreReport:
    """Bring a backup back into `var` (and `index`), which must be new or empty.

    Every file is checked against the manifest while it is copied; what was taken down is withheld, and what
    was destroyed is destroyed, before anything is at its place. Interrupted, the same call goes on.

    :param folder: a backup, or a folder of backups, of which the newest is taken.
    :param newer_journal: the `takedowns.jsonl` of the lost archive, if it survived: it may know of takedowns
        that were ordered after the backup.
    :raises ConfigError: there is no backup, or the place is not empty.
    :raises BusyError: another process restores to the same place.
    :raises StoreError: a file of the backup is missing or damaged, or the disk is full; nothing is left at
        the place, unless it says so.
    """
    source = find_backup(folder)
    database = sqlite_path(settings.database_url)
    files = read_manifest(source)
    _check_kind(files, database)
    work = _Restore(settings, source, database)
    with work.alone():
        if not work.is_ready():
            _check_empty(settings, database, begun=work.is_begun())
            work.copy(files, newer_journal, progress)
        return work.move()


class _Restore:
    """One backup on its way back: copied and made ready beside the archive's place, then moved there.

    From a mark on, which says that everything is ready, an interrupted restore is gone on with.
    """

    def __init__(self, settings: Settings, source: Path, database: Path | None) -> None:
        self._settings, self._source, self._database = settings, source, database
        var, index = settings.var, settings.index
        self._aside = var.with_name(f"{var.name}.restore")
        self._index_aside = index.with_name(f"{index.name}.restore")
        self._mark = var.with_name(f"{var.name}.restore.ready")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """:raises BusyError: another process restores to the same place."""
        try:
            make_folder(self._aside)
            fd = os.open(self._aside, os.O_RDONLY)
        except OSError as error:
            raise _unwritable(self._aside, error) from error
        try:
            self._lock(fd)
            try:
                yield
            finally:
                # The folder was moved, or is half a copy: of no use to anybody.
                if not self._mark.exists():
                    shutil.rmtree(self._aside, ignore_errors=True)
                    shutil.rmtree(self._index_aside, ignore_errors=True)
        finally:
            os.close(fd)

    def _lock(self, fd: int) -> None:
        with suppress(OSError):  # held by another, or moved to its place by it meanwhile
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), self._aside.stat()):
                return
        place = self._settings.var
        raise BusyError(f"Another process restores to {place}.", "Wait for it to end.")

    def is_ready(self) -> bool:
        """Whether an earlier restore of this backup was interrupted while it moved things to their place."""
        return "report" in self._told()

    def is_begun(self) -> bool:
        """Whether an earlier restore of this backup was interrupted while it filled a server's database."""
        return bool(self._told())

    def _told(self) -> dict[str, Any]:
        """What the mark says, when it is of this backup."""
        try:
            told = json.loads(self._mark.read_text("utf-8"))
            return dict(told) if told["backup"] == str(self._source.resolve()) else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _tell(self, **told: Any) -> None:
        replace_file(self._mark, json.dumps({"backup": str(self._source.resolve()), **told}).encode())

    def copy(self, files: Sequence[Copied], newer_journal: Path | None, progress: Progress | None) -> None:
        """Bring everything beside its place, and do there what the journal says."""
        for place in (self._aside, self._index_aside):
            _empty(place)
        total, done = sum(item.size for item in files), 0
        for item in files:
            _copy(self._source, item, _target(item.path, self._aside, self._index_aside))
            done += item.size
            if progress is not None:
                progress(done, total)
        if newer_journal is not None:
            _take_journal(newer_journal, self._aside / "journal" / FILE)
        there = self._filled()
        with closing(Store.open(there.database_url)) as store:
            journal.catch_up(store, there.journal_dir)
            enforce(store, there)
            in_force = len(store.takedowns(active=True))
        index = in_folder(self._settings) and _is_filled(self._index_aside)
        report = RestoreReport(str(self._source), len(files), total, in_force, index)
        try:
            for place in (self._aside, self._index_aside):
                if place.exists():
                    sync_tree(place)
        except OSError as error:
            raise _unwritable(self._aside, error) from error
        self._tell(report=report.to_dict())

    def _filled(self) -> Settings:
        """Where the database now is: beside its place, or on its server."""
        if self._database is None:
            self._tell()
            on_server.load(self._settings.database_url, self._aside / DUMP)
            (self._aside / DUMP).unlink()
            return replace(self._settings, var=self._aside)
        place = self._aside / DATABASE
        with translated(str(place)), closing(sqlite3.connect(place)) as raw:
            # In a backup it is one file; here readers and a writer work side by side again.
            raw.execute("PRAGMA journal_mode = WAL")
        return replace(self._settings, var=self._aside, database="")

    def move(self) -> RestoreReport:
        """Put everything into its place; the mark goes last."""
        told = json.loads(self._mark.read_text("utf-8"))["report"]
        steps = [(self._index_aside, self._settings.index), (self._aside, self._settings.var)]
        if self._database is not None and self._database != self._settings.var / DATABASE:
            steps.insert(0, (self._aside / DATABASE, self._database))
        try:
            for source, target in steps:
                if source.is_file() or _is_filled(source):
                    move(source, target)
            self._mark.unlink()
            fsync_folder(self._mark.parent)
        except OSError as error:
            raise StoreError(
                f"The backup cannot be moved to {self._settings.var}: {error.strerror}.",
                "Make room, or give this user the right to write there, and start the same command again: "
                "it goes on where it was.",
            ) from error
        return RestoreReport(**told)


def _check_kind(files: Sequence[Copied], database: Path | None) -> None:
    """Whether the setting `database` names the kind of database that the backup holds."""
    is_dump = any(item.path == DUMP for item in files)
    if is_dump and database is not None:
        raise ConfigError(
            "The backup holds a PostgreSQL database.",
            "Let the setting `database` name an empty one (createdb --template=template0 --encoding=UTF8).",
        )
    if not is_dump and database is None:
        raise ConfigError(
            "The backup holds an SQLite database, and the setting `database` names another.",
            "Leave that empty; docs/postgresql.md says how an archive moves from one to the other.",
        )


def _check_empty(settings: Settings, database: Path | None, *, begun: bool) -> None:
    """:param begun: an interrupted restore of the same backup may have filled the server's database."""
    holds = [path for path in (settings.var, settings.index) if path.is_dir() and _content(path)]
    if database is None and not begun and on_server.is_filled(settings.database_url):
        raise ConfigError(
            f"The database {without_password(settings.database_url)} holds something already.",
            "Make a new one: createdb --template=template0 --encoding=UTF8 NAME",
        )
    if (database is not None and database.exists()) or holds:
        place = database if database is not None and database.exists() else holds[0]
        raise ConfigError(
            f"{place} holds something already; a backup is only brought back to a fresh place.",
            "Move it away, or give other folders: archive --var NEW --index NEW restore …",
        )


def _content(folder: Path) -> bool:
    """Whether a folder holds more than the files that the project itself puts there."""
    return any(path.name not in (".gitignore", "README.md") for path in folder.iterdir())


def _target(name: str, var: Path, index: Path) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts or "\\" in name or "\0" in name:
        raise StoreError(
            f"The manifest names {name!r}, which leads out of the backup.", "Nothing was restored."
        )
    if parts[0] == "index":
        return index.joinpath(*parts[1:])
    return var.joinpath(*parts[1:]) if parts[0] == "var" else var.joinpath(*parts)


def _copy(source: Path, item: Copied, target: Path) -> None:
    digest, size = hashlib.sha256(), 0
    place = source / item.path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with place.open("rb") as file, target.open("xb") as copy:
            while data := file.read(_STEP):
                copy.write(data)
                digest.update(data)
                size += len(data)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError as error:
        raise StoreError(f"{place} is missing.", "Nothing was restored: take another backup.") from error
    except OSError as error:
        raise _unwritable(target, error) from error
    if (size, digest.hexdigest()) != (item.size, item.sha256):
        raise StoreError(
            f"{place} is not as it was when the backup was made.",
            "Nothing was restored: take another backup.",
        )


def _take_journal(newer: Path, target: Path) -> None:
    """Put a surviving journal in place of the backup's, of which it must be a continuation."""
    try:
        data = newer.read_bytes()
    except OSError as error:
        raise ConfigError(f"{newer} cannot be read: {error.strerror}.", "Check the path.") from error
    old = target.read_bytes() if target.exists() else b""
    if not data.startswith(old):
        raise ConfigError(
            f"{newer} is no continuation of the journal in the backup.", "Leave --journal out, or check it."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, data)
    Journal(target.parent).lines()


def _is_filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _empty(folder: Path) -> None:
    """Take away what an interrupted restore left, but not the folder, on which the lock is."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _unwritable(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{place} cannot be written: {error.strerror}.", "Nothing was restored: make room and try again."
    )
