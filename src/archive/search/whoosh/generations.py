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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from archive.durable import fsync_folder, make_folder
from archive.errors import IndexBusyError, IndexMismatchError, IndexMissingError, SearchError
from archive.search import document
from archive.search.whoosh import segment

FINGERPRINT = f"{document.FINGERPRINT}|whoosh-arrays-{segment.FORMAT}"
"""What an index must have been written with to be readable."""

POINTER = "CURRENT"
_NAME = re.compile(r"generation-(\d{6})")
_LOCK = "WRITELOCK"


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
        replace_durably(Path(self.folder) / oldname, Path(self.folder) / newname)

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """A file's contents, read at once: Whoosh leaves a table of contents open that it cannot read."""
        return StructFile(io.BytesIO((Path(self.folder) / name).read_bytes()), name=name, **kwargs)


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
        return Pointer(str(data["generation"]), str(data["fingerprint"]))
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError(
            f"There is no search index in {root}.", "Build it with `archive index update`."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
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
        json.dumps({"generation": pointer.generation, "fingerprint": pointer.fingerprint}), "utf-8"
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


@contextmanager
def write_lock(root: Path) -> Iterator[None]:
    """Hold the one right to write to an index.

    :raises IndexBusyError: another process, or thread, holds it.
    :raises SearchError: the folder cannot be written to.
    """
    try:
        make_folder(root)
        lock = FileStorage(str(root)).lock(_LOCK)
        acquired = lock.acquire()
    except OSError as error:
        raise unwritable(root, error) from error
    if not acquired:
        raise IndexBusyError(
            f"Another process is writing the search index in {root}.",
            "Wait until it has finished; what it leaves out is indexed by the next `archive index update`.",
        )
    try:
        yield
    finally:
        lock.release()


def unwritable(root: Path, error: OSError) -> SearchError:
    """A full disk, a read-only folder."""
    return SearchError(
        f"The search index in {root} cannot be written: {error.strerror or error}.",
        "Make room or mend the permissions, then run `archive index update`; searches go on meanwhile.",
    )


def damaged(root: Path, error: Exception) -> IndexMissingError:
    """A table of contents or a segment that cannot be read."""
    return IndexMissingError(
        f"The search index in {root} is damaged: {error}.",
        "Build it anew with `archive index rebuild`; articles stay readable meanwhile.",
    )
