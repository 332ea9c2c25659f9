"""WACZ 1.1.1: a package that plays by itself in a browser (ReplayWeb.page).

https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from archive import __version__
from archive.model import ArticleView
from archive.preserve.exporting import cdxj
from archive.preserve.exporting.manifest import Tally, now
from archive.preserve.exporting.select import Selection, captures, views
from archive.preserve.exporting.warcs import write_records
from archive.preserve.files import Hashing, new_file
from archive.store import Store
from archive.warc import Folder

VERSION = "1.1.1"
_ZIP64 = 1 << 31
_LINE = 2000
"""Bytes of a line of index or pages, generously and on average."""
_TEXT = 20_000
"""Characters of an article's text that go into the package's own search."""


class ZipSink:
    """Files of a zip, stored as they are: players read parts of them in place."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package

    @contextmanager
    def file(self, name: str, most: int = 0) -> Iterator[Hashing]:
        """A file of the package."""
        moment = now()
        entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
        entry.external_attr = 0o644 << 16
        # ZIP64 only where it is needed: ReplayWeb.page takes the local header to be as long as the central
        # entry says, which it is not with a ZIP64 field for a small file.
        with self._package.open(entry, "w", force_zip64=most >= _ZIP64) as file:
            yield Hashing(cast(BinaryIO, file))

    def add(self, name: str, data: bytes, tally: Tally) -> None:
        """A small file."""
        with self.file(name) as output:
            output.write(data)
        tally.files.append(output.written(name))


def export_wacz(
    store: Store, warc_dir: Folder, selection: Selection, target: Path, *, operator: str, title: str
) -> Tally:
    """Write a WACZ.

    :param title: of the package, for whoever opens it.
    :raises ConfigError: the target is there already.
    """
    tally = Tally()
    with (
        new_file(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as package,
        store.read() as connection,
        closing(cdxj.Sorter()) as index,
    ):
        sink = ZipSink(package)
        items = captures(connection, store, selection)
        for placed in write_records(connection, warc_dir, items, sink, tally, "archive/"):
            if (text := cdxj.line(placed)) is not None:
                index.add(text)
        with sink.file("indexes/index.cdx", tally.counts["captures"] * _LINE) as output:
            for text in index:
                output.write(f"{text}\n".encode())
        tally.files.append(output.written("indexes/index.cdx"))
        with sink.file("pages/pages.jsonl", tally.counts["captures"] * _LINE) as output:
            for row in _pages(store, selection, title, tally):
                output.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        tally.files.append(output.written("pages/pages.jsonl"))
        description = _package(selection, tally, operator, title)
        digest = Tally()
        sink.add("datapackage.json", description, digest)
        facts = {"path": "datapackage.json", "hash": f"sha256:{digest.files[0].sha256}"}
        sink.add("datapackage-digest.json", json.dumps(facts).encode(), digest)
    return tally


def _pages(store: Store, selection: Selection, title: str, tally: Tally) -> Iterator[dict[str, Any]]:
    yield {"format": "json-pages-1.0", "id": "pages", "title": title, "hasText": True}
    for view in views(store, selection, all_versions=True):
        tally.counts["versions"] += 1
        tally.counts["articles"] += view.version.number == view.current
        yield page_row(view)


def page_row(view: ArticleView) -> dict[str, Any]:
    """A line of `pages.jsonl`."""
    extraction = view.extraction
    text = "\n".join(part for part in (extraction.lead, *extraction.body(), *extraction.captions()) if part)
    return {
        "id": f"{view.article.id}v{view.version.number}",
        "url": view.capture.url,
        "ts": view.capture.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "title": extraction.title,
        "text": text[:_TEXT],
    }


def _package(selection: Selection, tally: Tally, operator: str, title: str) -> bytes:
    content: dict[str, Any] = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "description": json.dumps(selection.to_dict(), ensure_ascii=False),
        "created": now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "software": f"district-archive/{__version__}",
        "resources": [
            {
                "name": item.path.rpartition("/")[2],
                "path": item.path,
                "hash": f"sha256:{item.sha256}",
                "bytes": item.size,
            }
            for item in tally.files
        ],
    }
    if operator:
        content["contributors"] = [{"title": operator, "role": "publisher"}]
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
