"""Changing a capture file, which only an order to destroy does: nothing else ever changes one."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from archive.errors import WarcError
from archive.warc.files import CaptureFile, ObjectStore

_CHUNK = 1 << 20


def patch(file: CaptureFile, changes: Mapping[int, bytes]) -> int:
    """Overwrite stretches of a file, wherever it stands; durable when this returns. Safe to repeat.

    In the folder the bytes are written over. An object cannot be changed: a changed copy takes its place.

    :param changes: offset → bytes.
    :returns: how many of them did not stand there already.
    :raises FileNotFoundError: the file is nowhere.
    :raises WarcError: it is too short, or cannot be written.
    """
    remote = file.files.remote
    is_local = file.path.exists()
    is_remote = remote is not None and remote.size(file.name) is not None
    if not is_local and not is_remote:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(file))
    done = _in_place(file.path, changes) if is_local else 0
    if remote is not None and is_remote:
        done = max(done, _by_copy(remote, file, changes))
    return done


def _in_place(path: Path, changes: Mapping[int, bytes]) -> int:
    done = 0
    try:
        with path.open("r+b") as file:
            for offset, data in changes.items():
                file.seek(offset)
                present = file.read(len(data))
                if len(present) < len(data):
                    raise WarcError(f"{path} ends before the record at {offset}.", "Run `archive verify`.")
                if present != data:
                    file.seek(offset)
                    file.write(data)
                    done += 1
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WarcError(
            f"Records in {path} cannot be destroyed: {error.strerror}.",
            "Give this user the right to write there and start the same command again.",
        ) from error
    return done


def _by_copy(remote: ObjectStore, file: CaptureFile, changes: Mapping[int, bytes]) -> int:
    stale = {
        offset: data for offset, data in changes.items() if remote.read(file.name, offset, len(data)) != data
    }
    if not stale:
        return 0
    folder = file.files.folder
    copy = folder / f".{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with remote.open(file.name) as source, copy.open("wb") as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
        _in_place(copy, stale)
        with copy.open("rb") as changed:
            digest = hashlib.file_digest(changed, "sha256").hexdigest()
        remote.put(file.name, copy, digest, replace=True)
    except OSError as error:
        raise WarcError(
            f"A changed copy of {file} could not be made in {folder}: {error.strerror}.",
            "Make room there and start the same command again.",
        ) from error
    finally:
        copy.unlink(missing_ok=True)
    return len(stale)
