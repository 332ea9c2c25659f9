"""A backup, brought back to a fresh place: on this machine or another, at this path or another."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from archive.config import Settings
from archive.errors import ConfigError, StoreError
from archive.preserve.backup import DATABASE, DUMP, Copied, Progress, find_backup, read_manifest
from archive.preserve.destroy import enforce
from archive.store import Store, journal, on_server
from archive.store.address import sqlite_path, without_password
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
    """The index was in the backup; else it is to be built."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def restore(
    settings: Settings, folder: Path, *, newer_journal: Path | None = None, progress: Progress | None = None
) -> RestoreReport:
    """Bring a backup back into `var` (and `index`), which must be new or empty.

    Every file is checked against the manifest while it is copied; what was taken down is withheld, and what
    was destroyed is destroyed, before this returns.

    :param folder: a backup, or a folder of backups, of which the newest is taken.
    :param newer_journal: the `takedowns.jsonl` of the lost archive, if it survived: it may know of takedowns
        that were ordered after the backup.
    :raises ConfigError: there is no backup, or the place is not empty.
    :raises StoreError: a file of the backup is missing or damaged; nothing is left at the place.
    """
    source = find_backup(folder)
    database = sqlite_path(settings.database_url)
    files = read_manifest(source)
    _check_kind(files, database)
    _check_empty(settings, database)
    aside = settings.var.with_name(f"{settings.var.name}.restore")
    index_aside = settings.index.with_name(f"{settings.index.name}.restore")
    for place in (aside, index_aside):
        shutil.rmtree(place, ignore_errors=True)
    total, done = sum(item.size for item in files), 0
    try:
        for item in files:
            _copy(source, item, _target(item.path, aside, index_aside))
            done += item.size
            if progress is not None:
                progress(done, total)
        if newer_journal is not None:
            _take_journal(newer_journal, aside / "journal" / FILE)
        if database is None:
            on_server.load(settings.database_url, aside / DUMP)
            (aside / DUMP).unlink()
        _move(aside, settings.var)
        if database is not None and database != settings.var / DATABASE:
            database.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(settings.var / DATABASE, database)
        has_index = index_aside.exists()
        if has_index:
            _move(index_aside, settings.index)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(index_aside, ignore_errors=True)
    if database is not None:
        with closing(sqlite3.connect(database)) as raw:
            # In a backup it is one file; here readers and a writer work side by side again.
            raw.execute("PRAGMA journal_mode = WAL")
    with closing(Store.open(settings.database_url)) as store:
        journal.catch_up(store, settings.journal_dir)
        enforce(store, settings)
        in_force = len(store.takedowns(active=True))
    return RestoreReport(str(source), len(files), total, in_force, has_index)


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


def _check_empty(settings: Settings, database: Path | None) -> None:
    holds = [path for path in (settings.var, settings.index) if path.is_dir() and _content(path)]
    if database is None and on_server.is_filled(settings.database_url):
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
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    place = source / item.path
    try:
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
        raise StoreError(
            f"{target} cannot be written: {error.strerror}.", "Nothing was restored: make room and try again."
        ) from error
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
    target.write_bytes(data)
    Journal(target.parent).lines()


def _move(source: Path, target: Path) -> None:
    """Into place; a folder that is there already (a mount point, the tracked `index/`) is filled."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        return
    for path in source.iterdir():
        shutil.move(path, target / path.name)
