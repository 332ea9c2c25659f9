"""Every file of the index in use, compared with its checksums."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from archive.errors import IndexMissingError
from archive.search.backend import Damage
from archive.search.whoosh.arrays import DamagedArraysError, give_back
from archive.search.whoosh.codec import ArraySegment, StoredFile
from archive.search.whoosh.generations import FINGERPRINT, POINTER, Pointer, read_pointer
from archive.search.whoosh.segment import load
from archive.search.whoosh.writer import read_toc, toc_generation

_TRIES = 5
"""Times that the check begins anew because a commit or a rebuild took files away under it."""


def damage(root: Path) -> list[Damage]:
    """What is damaged of the index in a folder; nothing where there is none, or one of another program."""
    found: list[Damage] = []
    for _ in range(_TRIES):
        try:
            pointer = read_pointer(root)
        except IndexMissingError as error:
            path = root / POINTER
            return [Damage(str(path), error.message.rstrip("."))] if path.exists() else []
        except OSError as error:
            return [Damage(str(root), f"it cannot be read: {error.strerror}")]
        if pointer.fingerprint != FINGERPRINT:
            return []
        before = _state(root)
        found = []
        _of_generation(pointer.folder(root), found)
        if not found or before == _state(root):
            break
    return found


def _state(root: Path) -> tuple[Pointer, int] | None:
    """What a commit or a rebuild changes."""
    try:
        pointer = read_pointer(root)
        return pointer, toc_generation(pointer.folder(root))
    except (IndexMissingError, OSError):
        return None


def _of_generation(folder: Path, found: list[Damage]) -> None:
    entries: list[ArraySegment] = []
    _told(found, lambda: entries.extend(read_toc(folder).segments), folder)
    for entry in entries:
        _told(found, partial(_of_segment, folder, entry.segment_id(), found))


def _of_segment(folder: Path, name: str, found: list[Damage]) -> None:
    arrays = load(folder, name)
    _told(found, arrays.checks.all)
    stored = StoredFile(folder, name, arrays)
    _told(found, stored.all)
    give_back(arrays.terms)
    give_back(stored.data)


def _told(found: list[Damage], look: Callable[[], None], path: Path = Path()) -> None:
    """Look at a file; what is wrong with it is added.

    :param path: what it is, for errors that do not say.
    """
    try:
        look()
    except DamagedArraysError as error:
        found.append(Damage(str(error.path), f"the file {error.what}"))
    except OSError as error:
        found.append(Damage(str(error.filename or path), f"it cannot be read: {error.strerror or error}"))
