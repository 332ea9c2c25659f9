"""WARC and ARC files, by themselves or in a WACZ, as sources; and the choice of the reader for a path."""

from __future__ import annotations

import hashlib
import heapq
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO, cast

from archive.errors import SourceError
from archive.preserve.importing.exchanges import Grouping
from archive.preserve.importing.folder import FolderSource
from archive.preserve.importing.records import FREE_BYTES, MAX_RATIO, read_records
from archive.preserve.importing.source import Item, Skipped, Source
from archive.warc import FileName

_WARC = (".warc", ".warc.gz")
_ARC = (".arc", ".arc.gz")
_MAX_ENTRIES = 100_000
_MAX_PACKAGE = 10_000_000
"""Bytes of a datapackage.json at most."""
_STEP = 1 << 20


def open_source(path: Path, *, base: str = "") -> Source:
    """The reader for a file or folder.

    :param base: for a folder that does not say where it was saved from: the address of its top.
    :raises SourceError: there is nothing, or nothing that can be imported.
    """
    if path.is_dir():
        return FolderSource(path, base)
    if not path.is_file():
        raise SourceError(f"There is no file or folder {path}.", "Check the path.")
    lower = path.name.lower()
    if lower.endswith((*_WARC, *_ARC)):
        return RecordsSource(path)
    if lower.endswith(".wacz") or zipfile.is_zipfile(path):
        return WaczSource(path)
    raise SourceError(
        f"{path} is no WARC, ARC or WACZ file by its name.",
        "Give .warc, .warc.gz, .arc, .arc.gz or .wacz files, or the folder of a HTTrack or wget mirror.",
    )


def expand(paths: Sequence[Path]) -> list[Path]:
    """Files and mirrors to import, in order: a folder of WARC or WACZ files stands for these.

    Files that an archive of ours wrote come in the order in which they were written, so that versions are
    numbered as they were there.
    """
    found: list[Path] = []
    for path in paths:
        inside = [
            item
            for item in sorted(path.iterdir() if path.is_dir() else ())
            if item.is_file() and item.name.lower().endswith((*_WARC, *_ARC, ".wacz"))
        ]
        found += inside or [path]
    named = [(path, FileName.parse(path.name)) for path in found]
    streams: dict[str, list[tuple[str, int, Path]]] = {}
    for path, name in named:
        if name is not None:
            streams.setdefault(name.site, []).append((path.name[len(name.site) :], name.serial, path))
    ordered = [sorted(items, key=lambda item: (item[1], item[0])) for items in streams.values()]
    ours = [path for *_, path in heapq.merge(*ordered, key=lambda item: item[0][:15])]
    return ours + [path for path, name in named if name is None]


class RecordsSource:
    """One WARC or ARC file."""

    kind = "warc"

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.size = path.stat().st_size
        self._path = path

    def items(self) -> Iterator[Item | Skipped]:
        with self._path.open("rb") as file:
            yield from _items(file, self.name)

    def fingerprint(self) -> str:
        return file_hash(self._path)


class WaczSource:
    """A WACZ, version 1.1.1 or 1.2.0, or any other zip that holds WARC files. Nothing of it is unpacked to
    disk, so that names in it can do no harm; those that climb are told all the same."""

    kind = "wacz"

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.size = path.stat().st_size
        self._path = path

    def fingerprint(self) -> str:
        return file_hash(self._path)

    def items(self) -> Iterator[Item | Skipped]:
        try:
            with zipfile.ZipFile(self._path) as package:
                yield from self._package(package)
        except (zipfile.BadZipFile, NotImplementedError, OSError, zlib.error, ValueError) as error:
            yield Skipped(self.name, f"it is no sound zip file ({error})")

    def _package(self, package: zipfile.ZipFile) -> Iterator[Item | Skipped]:
        entries = package.infolist()
        if len(entries) > _MAX_ENTRIES:
            yield Skipped(self.name, f"it has {len(entries)} entries, more than {_MAX_ENTRIES}")
            return
        hashes = _stated_hashes(package)
        seen: set[str] = set()
        for entry in entries:
            if reason := _objection(entry, seen):
                yield Skipped(entry.filename[:200], reason)
            elif entry.filename.lower().endswith((*_WARC, *_ARC)):
                yield from self._entry(package, entry, hashes.get(entry.filename))
            elif entry.filename.lower().endswith(".wacz"):
                yield Skipped(entry.filename[:200], "a WACZ within a WACZ; import it by itself")
            seen.add(entry.filename)

    def _entry(
        self, package: zipfile.ZipFile, entry: zipfile.ZipInfo, stated: str | None
    ) -> Iterator[Item | Skipped]:
        try:
            if stated is not None:
                with package.open(entry) as file:
                    found = _hash(file)
                if stated.removeprefix("sha256:") != found and stated.startswith("sha256:"):
                    text = "its SHA-256 is not the one that datapackage.json states"
                    yield Skipped(entry.filename, text)
                    return
            with package.open(entry) as file:
                yield from _items(cast(BinaryIO, file), entry.filename)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, RuntimeError) as error:
            yield Skipped(entry.filename, f"it cannot be unpacked ({error})")


def _objection(entry: zipfile.ZipInfo, seen: set[str]) -> str:
    """Why an entry of a zip is not read; "" for one that may be."""
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    if not parts[0] or ":" in parts[0] or ".." in parts:
        return "its name climbs out of the package"
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        return "it is a symbolic link"
    if entry.flag_bits & 1:
        return "it is encrypted"
    if entry.file_size > max(FREE_BYTES, MAX_RATIO * entry.compress_size):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    if name in seen:
        return "another entry has the same name"
    return ""


def _stated_hashes(package: zipfile.ZipFile) -> dict[str, str]:
    """Path → hash of the resources that a datapackage.json lists, in either version of the format."""
    try:
        entry = package.getinfo("datapackage.json")
        if entry.file_size > _MAX_PACKAGE:
            return {}
        data = json.loads(package.read(entry))
        resources = data.get("resources", [])
        return {str(item["path"]): str(item["hash"]) for item in resources if item.get("hash")}
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error):
        return {}


def _items(file: BinaryIO, name: str) -> Iterator[Item | Skipped]:
    is_arc = name.lower().endswith(_ARC)
    for item in Grouping(lasting_ids=not is_arc).items(read_records(file, is_arc=is_arc)):
        if isinstance(item, Skipped) and not item.place.startswith(name):
            yield Skipped(f"{name}, {item.place}", item.reason, item.is_damage)
        else:
            yield item


def file_hash(path: Path) -> str:
    """Hex SHA-256 over a file."""
    with path.open("rb") as file:
        return _hash(file)


def _hash(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_STEP):
        digest.update(chunk)
    return digest.hexdigest()
