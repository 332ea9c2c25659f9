"""Writing files that are either whole or not there, and their hashes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.durable import fsync_folder, sync_tree
from archive.errors import ArchiveError, BusyError, ConfigError

_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """One file of an export."""

    path: str
    """Within the export."""
    sha256: str
    size: int


class Hashing:
    """Writes to a file and hashes what it writes. The file is closed by whoever opened it."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._file.flush()

    def close(self) -> None:
        """Nothing: libraries that write to it close what they are given."""

    def written(self, path: str) -> Written:
        """What was written so far."""
        return Written(path, self._digest.hexdigest(), self.size)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when the block ends well, fsynced, and not at all when it does not.

    :raises ConfigError: it is there already, or its folder is not.
    :raises BusyError: another process writes it.
    :raises ArchiveError: the disk is full, read-only …
    """
    _check(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        # Not with a mode that appends: writers of zip files go back to fill in lengths.
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            _hold(file.fileno(), path)
            file.truncate(0)  # what a killed export left there
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                beside.replace(path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
        fsync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """As `new_file`, for a folder: gives the place to write to meanwhile.

    :raises ConfigError: it is there already, or its parent is not.
    :raises ArchiveError: the disk is full, read-only …
    """
    _check(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.mkdir(exist_ok=True)
        fd = os.open(beside, os.O_RDONLY)
        try:
            _hold(fd, path)
            _empty(beside)  # of what a killed export left there
            try:
                yield beside
                sync_tree(beside)
                beside.replace(path)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
        finally:
            os.close(fd)
        fsync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def replace_file(path: Path, data: bytes) -> None:
    """Write a small file in one step, over one that may be there. One process at a time.

    :raises ArchiveError: the disk is full, read-only …
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def sha256_of(path: Path) -> str:
    """Hex SHA-256 over a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_STEP):
            digest.update(chunk)
    return digest.hexdigest()


def _hold(fd: int, path: Path) -> None:
    """:raises BusyError: another process writes this export."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError(f"{path} is being written by another process.", "Wait, or name another.") from None


def _empty(folder: Path) -> None:
    for item in folder.iterdir():
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink()


def _check(path: Path) -> None:
    if path.exists():
        raise ConfigError(f"{path} is there already.", "Name another, or move it away first.")
    if not path.parent.is_dir():
        raise ConfigError(f"There is no folder {path.parent}.", "Make it first.")


def cannot_write(path: Path, error: OSError) -> ArchiveError:
    """What is told when a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ArchiveError(f"The disk is full: {path} was not written.", "Make room and start again.")
    return ArchiveError(f"{path} could not be written: {error.strerror}.", "Check the folder and its rights.")
