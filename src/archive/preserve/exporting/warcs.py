"""WARC files of an export: names and warcinfo records of our own, and the chosen records as they stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.errors import ContentError, DamagedRecordError
from archive.model import Capture
from archive.preserve.exporting.manifest import Tally, manifest
from archive.preserve.exporting.records import Group, Lost, copied, warcinfo
from archive.preserve.exporting.select import Names, Selection, captures
from archive.preserve.files import Hashing, new_folder
from archive.store import Connection, Store, queries
from archive.store.exports import Selected
from archive.warc import Folder, files_in, read_payload

_TEXT = ("text/", "application/json", "application/xml", "application/xhtml+xml", "application/rss+xml")


class Sink(Protocol):
    """Where the files of an export go, one after the other."""

    def file(self, name: str, most: int = 0) -> AbstractContextManager[Hashing]:
        """A new file; complete when the block ends.

        :param most: bytes that it may come to; 0 for a small one.
        """


@dataclass(frozen=True, slots=True)
class Placed:
    """A capture with its place in the export."""

    selected: Selected
    file: str
    offset: int
    length: int


def write_records(
    connection: Connection,
    folder: Folder,
    items: Iterable[Selected],
    sink: Sink,
    tally: Tally,
    prefix: str = "",
) -> Iterator[Placed]:
    """Copy the records of captures into files of the names that they stand in; gives each one's place.

    :param items: by file and place.
    :param prefix: folder of the files within the export.
    """
    groups = _kept(connection, folder, items, tally)
    for name, of_file in itertools.groupby(groups, lambda group: group.selected.capture.ref.file):
        with sink.file(prefix + name, files_in(folder).file(name).size() or 0) as output:
            if (info := warcinfo(folder, name)) is not None:
                output.write(info)
            for group in of_file:
                yield Placed(group.selected, prefix + name, output.size, len(group.records[0]))
                for record in group.records:
                    output.write(record)
                tally.counts["captures"] += 1
                tally.counts["records"] += len(group.records)
        tally.files.append(output.written(prefix + name))


def _kept(connection: Connection, folder: Folder, items: Iterable[Selected], tally: Tally) -> Iterator[Group]:
    """The records that can be handed out; what is damaged is told."""
    names = Names(connection)
    for group in copied(folder, items):
        if isinstance(group, Lost):
            tally.lost.append(group)
        elif not (names.is_needed and _hidden(connection, folder, names, group.selected.capture)):
            yield group


def _hidden(connection: Connection, folder: Folder, names: Names, capture: Capture) -> bool:
    """Whether a withheld name stands in a page; bytes that prove something are never edited."""
    if not capture.mime.startswith(_TEXT) and capture.mime:
        return False
    try:
        body = read_payload(folder, capture, lambda item: queries.capture(connection, item))
    except (DamagedRecordError, ContentError):
        return True  # what cannot be looked at is not handed out
    return names.hides(body, capture.mime)


class FolderSink:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def file(self, name: str, most: int = 0) -> Iterator[Hashing]:
        """A file of the folder."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield Hashing(file)


def export_warc(
    store: Store, warc_dir: Folder, selection: Selection, target: Path, *, operator: str
) -> Tally:
    """Write a folder of WARC files with `manifest.json`.

    The files have the names that they have in the archive, so the folder can be imported, or put in place of
    a lost `var/warc` and replayed.

    :raises ConfigError: the target is there already.
    """
    tally = Tally()
    with new_folder(target) as folder, store.read() as connection:
        items = captures(connection, store, selection)
        for _ in write_records(connection, warc_dir, items, FolderSink(folder), tally):
            pass
        content = manifest(selection, tally, kind="warc", operator=operator)
        (folder / "manifest.json").write_bytes(content)
    return tally
