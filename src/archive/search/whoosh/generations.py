"""Which folder is served: `CURRENT` in the index folder names a generation, and is replaced atomically.

A *generation* is one whole Whoosh index in a folder of its own. Updates are commits within it; a rebuild
fills the next one beside it and then swaps the pointer.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from archive.durable import fsync_folder
from archive.errors import IndexMismatchError, IndexMissingError
from archive.search import document
from archive.search.lock import unwritable, write_lock
from archive.search.whoosh import segment
from archive.search.whoosh.arrays import DamagedArraysError

FINGERPRINT = f"{document.FINGERPRINT}|whoosh-arrays-{segment.FORMAT}"
"""What an index must have been written with to be readable."""

POINTER = "CURRENT"
_CHECKSUM = struct.Struct("<I")
_NAME = re.compile(r"generation-(\d{6})")


class DurableStorage(FileStorage):  # type: ignore[misc]
    """Whoosh's storage, whose renames last: file and folder are fsynced.

    Whoosh renames a new table of contents into place without that, so that a power cut could leave an
    empty one.
    """

    _written: StructFile | None = None

    def create_file(self, name: str, *args: Any, **kwargs: Any) -> StructFile:
        """A new file; Whoosh leaves it open when the disk is full, so it is remembered for `abandon`."""
        self._written = super().create_file(name, *args, **kwargs)
        return self._written

    def abandon(self) -> None:
        """Take away the file that could not be written."""
        if self._written is not None:
            with suppress(OSError):
                if not self._written.is_closed:
                    self._written.close()
            with suppress(OSError):
                (Path(self.folder) / self._written._name).unlink(missing_ok=True)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Put a table of contents in its place. A checksum is added, which Whoosh itself never reads."""
        written = Path(self.folder) / oldname
        with written.open("r+b") as file:
            checksum = zlib.crc32(file.read())
            file.write(_CHECKSUM.pack(checksum))
        replace_durably(written, Path(self.folder) / newname)

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """A table of contents, read at once: Whoosh leaves one open that it cannot read.

        :raises DamagedArraysError: it is not what was written. Unpickling that could do anything.
        """
        path = Path(self.folder) / name
        data = path.read_bytes()
        written, checksum = data[: -_CHECKSUM.size], data[-_CHECKSUM.size :]
        if _CHECKSUM.pack(zlib.crc32(written)) != checksum:
            raise DamagedArraysError(path, "has not the bytes that were written")
        return StructFile(io.BytesIO(written), name=name, **kwargs)


def replace_durably(source: Path, target: Path) -> None:
    """Rename, replacing the target, such that after a power cut one of the two is there whole."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.replace(target)
    fsync_folder(target.parent)


@dataclass(frozen=True, slots=True)
class Pointer:
    """The contents of `CURRENT`."""

    generation: str
    fingerprint: str

    @property
    def checksum(self) -> int:
        """CRC-32 of what else there is."""
        return zlib.crc32(f"{self.generation} {self.fingerprint}".encode())

    def folder(self, root: Path) -> Path:
        """Where the generation is."""
        return root / self.generation


def read_pointer(root: Path) -> Pointer:
    """What `CURRENT` says.

    :raises IndexMissingError: there is none.
    :raises SearchError: it is damaged.
    """
    path = root / POINTER
    try:
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        pointer = Pointer(str(data["generation"]), str(data["fingerprint"]))
        checksum = data.get("checksum")
        # That of an older program has none, and is told by its fingerprint.
        older = checksum is None and pointer.fingerprint != FINGERPRINT
        if checksum != pointer.checksum and not older:
            raise ValueError("it has not the bytes that were written")
        return pointer
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError(
            f"There is no search index in {root}.", "Build it with `archive index update`."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexMissingError(
            f"{path} is damaged ({error}).", "Build the index anew with `archive index rebuild`."
        ) from error


def read_matching_pointer(root: Path) -> Pointer:
    """As `read_pointer`, for an index that this program can read.

    :raises IndexMismatchError: it was written with another schema or analysis.
    """
    pointer = read_pointer(root)
    if pointer.fingerprint != FINGERPRINT:
        raise IndexMismatchError(
            f"The search index in {root} was written with another schema or analysis "
            f"({pointer.fingerprint!r}, this program has {FINGERPRINT!r}).",
            "Build it anew with `archive index rebuild`; articles stay readable meanwhile.",
        )
    return pointer


def write_pointer(root: Path, pointer: Pointer) -> None:
    """Swap: from here on, readers open the other generation."""
    temporary = root / f"{POINTER}.new"
    temporary.write_text(
        json.dumps(
            {
                "generation": pointer.generation,
                "fingerprint": pointer.fingerprint,
                "checksum": pointer.checksum,
            }
        ),
        "utf-8",
    )
    replace_durably(temporary, root / POINTER)


def discard(root: Path) -> None:
    """Put the index out of use: the next update builds it anew.

    :raises IndexBusyError: another process writes it.
    :raises SearchError: the folder cannot be written to.
    """
    if not (root / POINTER).exists():
        return
    with write_lock(root):
        try:
            (root / POINTER).unlink(missing_ok=True)
            fsync_folder(root)
        except OSError as error:
            raise unwritable(root, error) from error


def new_generation(root: Path) -> Pointer:
    """A fresh, empty folder for the next generation; a half-built one of an interrupted rebuild goes."""
    numbers = [int(match[1]) for path in root.iterdir() if (match := _NAME.fullmatch(path.name))]
    pointer = Pointer(f"generation-{max(numbers, default=0) + 1:06}", FINGERPRINT)
    pointer.folder(root).mkdir()
    fsync_folder(root)  # before `CURRENT` can name it
    return pointer


@contextmanager
def building(root: Path) -> Iterator[Pointer]:
    """A new generation that is taken away again when it cannot be finished: on a full disk it would stay and
    take the room that the next attempt needs."""
    pointer = new_generation(root)
    try:
        yield pointer
    except BaseException:
        shutil.rmtree(pointer.folder(root), ignore_errors=True)
        raise


def remove_others(root: Path, keep: Pointer) -> None:
    """Delete every generation but one. Readers that still have files mapped keep them until they close."""
    for path in root.iterdir():
        if _NAME.fullmatch(path.name) and path.name != keep.generation:
            shutil.rmtree(path, ignore_errors=True)


def damaged(root: Path, error: Exception) -> IndexMissingError:
    """A table of contents or a segment that cannot be read."""
    return IndexMissingError(
        f"The search index in {root} is damaged: {error}.",
        "Build it anew with `archive index rebuild`; articles stay readable meanwhile.",
    )
