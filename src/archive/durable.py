"""What makes a change of files survive a power cut."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing, such that they last: the name of each new one
    is brought to the disk in the one above.

    :raises OSError: there is a file of that name, or no right to make it.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    fsync_folder(folder.parent)


def fsync_folder(folder: Path) -> None:
    """Make names created in or removed from a folder last, as fsync(2) asks for.

    :raises OSError: the folder is missing, or the disk fails.
    """
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_tree(folder: Path) -> None:
    """Bring everything below a folder to the disk, names and contents.

    :raises OSError: the disk fails.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        elif path.is_dir():
            fsync_folder(path)
    fsync_folder(folder)


def move(source: Path, target: Path) -> None:
    """Move a file or a folder, such that it lasts. Into a folder that is there, as a mount point is, it is
    moved piece by piece; interrupted, the same call goes on.

    :raises OSError: the disk fails or is full; what was moved stays moved.
    """
    make_folder(target.parent)
    if not target.is_dir():
        try:
            source.replace(target)
            fsync_folder(target.parent)
            fsync_folder(source.parent)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
    if not source.is_dir():
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        fsync_folder(target.parent)
        source.unlink()
        return
    make_folder(target)
    for path in sorted(source.iterdir()):
        move(path, target / path.name)
    source.rmdir()
