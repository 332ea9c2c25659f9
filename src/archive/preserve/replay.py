"""A fresh database from the WARC files alone: the same ids, versions and states as the crawl gave."""

from __future__ import annotations

import datetime as dt
import heapq
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from archive.config import Settings
from archive.durable import fsync_folder
from archive.errors import StoreError
from archive.ingest import Ingest, take
from archive.ingest.recover import FoundExchange, read_exchanges
from archive.model import Site
from archive.preserve.destroy import enforce, enforce_files
from archive.preserve.reextract import catch_up
from archive.search import open_backend
from archive.store import Store, address, audit, imports, on_server
from archive.store import sites as site_rows
from archive.store.address import sqlite_path
from archive.store.imports import Import
from archive.store.rows import site_from_settings
from archive.warc import (
    CaptureFile,
    CaptureFiles,
    FileName,
    ScannedRecord,
    Tail,
    capture_files,
    next_member,
    scan,
)
from archive.warc.lock import held
from archive.warc.record import parse_warc_fields

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""

_BATCH = 200
"""Exchanges a transaction: the database is made aside, so a crash loses nothing but time."""


@dataclass(slots=True)
class ReplayReport:
    """What was made."""

    files: int = 0
    captures: int = 0
    articles: int = 0
    versions: int = 0
    skipped: list[str] = field(default_factory=list)
    """Files and stretches that could not be read, with the reason."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def replay(settings: Settings, progress: Progress | None = None) -> ReplayReport:
    """Make the database of `settings` from its WARC files.

    Sites are taken side by side in order of time, each site's own files in the order in which they were
    written, so that a clock that jumped does not matter. The database is made beside its place and moved
    there when complete: as a file, or as a schema of the same PostgreSQL database.

    An index that is there follows another change log, and is put out of use.

    :raises BusyError: another process replays already.
    :raises StoreError: the database holds captures already.
    """
    with held(settings.var / "locks" / ".replay.lock", "The captures are being replayed by another process."):
        _refuse_if_filled(settings.database_url)
        enforce_files(settings)
        report = ReplayReport()
        place = sqlite_path(settings.database_url)
        if place is None:
            with on_server.beside(settings.database_url) as url, closing(Store.open(url)) as store:
                _replay(store, settings, report, progress)
            _put_out_of_use(settings)
            return report
        beside = place.with_name(f"{place.name}.replay")
        _remove(beside)
        with closing(Store.open(f"sqlite:///{beside}")) as store:
            _replay(store, settings, report, progress)
        _put_out_of_use(settings)
        # A log of the empty database that was here would be taken for one of the new database.
        _remove(place)
        fsync_folder(place.parent)
        beside.replace(place)
        fsync_folder(place.parent)
        return report


def _put_out_of_use(settings: Settings) -> None:
    with closing(open_backend(settings)) as backend:
        backend.discard()


def _refuse_if_filled(url: str) -> None:
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return
    with closing(Store.open(url)) as store, store.read() as connection:
        number = audit.capture_count(connection)
    if number:
        raise StoreError(
            f"The database {path or address.without_password(url)} holds {number} captures.",
            "Move it away first (or name a new one); `archive replay` never writes over one.",
        )


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _replay(store: Store, settings: Settings, report: ReplayReport, progress: Progress | None) -> None:
    captures = capture_files(settings)
    sizes = captures.sizes()
    files = _files(captures, sizes, report)
    total = sum(sizes.values())
    streams = [_stream(paths, report) for paths in files.values()]
    merged = _in_order_of_time(streams)
    ingest = Ingest(store, captures)
    with store.begin() as connection:
        for paths in files.values():
            for path in paths:
                if (told := _import_of(path)) is not None:
                    imports.put(connection, told)
    known: set[tuple[str, Site]] = set()
    done: dict[str, int] = {}
    more = True
    while more:
        more = False
        with store.begin() as connection:
            for count, (found, site, sample) in enumerate(merged, 1):
                if (site.id, site) not in known:
                    site_rows.write(connection, site, sample)
                    known.add((site.id, site))
                take(connection, ingest, captures, found, site)
                done[found.written.ref.file] = found.written.end
                if count == _BATCH:
                    more = True
                    break
        if progress is not None:
            progress(sum(done.values()), total)
    enforce(store, settings)
    for name in sorted({name for name, _ in known}):
        catch_up(store, captures, name)
    totals = store.totals()
    report.captures, report.articles, report.versions = totals.captures, totals.articles, totals.versions


def _files(
    captures: CaptureFiles, sizes: dict[str, int], report: ReplayReport
) -> dict[str, list[CaptureFile]]:
    """The capture files of each site in order of acquisition."""
    named: dict[str, list[FileName]] = {}
    for present, size in sizes.items():
        name = FileName.parse(present)
        if name is None:
            report.skipped.append(f"{present}: not a file that the archive wrote")
        elif size:
            named.setdefault(name.site, []).append(name)
            report.files += 1
    return {
        site: [captures.file(item.name) for item in sorted(items, key=lambda item: (item.serial, item.name))]
        for site, items in sorted(named.items())
    }


_Item = tuple[FoundExchange, Site, bool]


def _stream(paths: list[CaptureFile], report: ReplayReport) -> Iterator[_Item]:
    """The exchanges of one site; what is damaged is passed over and told."""
    for path in paths:
        site, sample = _site_of(path)
        start: int | None = 0
        while start is not None:
            broken: Tail | None = None
            for found in read_exchanges(path, start):
                if isinstance(found, Tail):
                    broken = found
                else:
                    yield found, site, sample
            start = None
            if broken is not None:
                report.skipped.append(f"{path.name} at byte {broken.offset}: {broken.reason}")
                start = next_member(path, broken.offset + 1)


def _in_order_of_time(streams: list[Iterator[_Item]]) -> Iterator[_Item]:
    """Merge the streams by time, without changing the order within one."""
    heap: list[tuple[Any, int, _Item]] = []
    for index, stream in enumerate(streams):
        if (item := next(stream, None)) is not None:
            heap.append((item[0].exchange.at, index, item))
    heapq.heapify(heap)
    while heap:
        _, index, item = heap[0]
        yield item
        if (following := next(streams[index], None)) is not None:
            heapq.heapreplace(heap, (following[0].exchange.at, index, following))
        else:
            heapq.heappop(heap)


def _facts(path: CaptureFile) -> dict[str, str]:
    """What a file's warcinfo record tells."""
    first = next(scan(path), None)
    is_told = isinstance(first, ScannedRecord) and first.record.kind == "warcinfo"
    return dict(parse_warc_fields(first.record.block)) if is_told else {}  # type: ignore[union-attr]


def _import_of(path: CaptureFile) -> Import | None:
    """The import that made a file, without its figures; None for a file of a crawl."""
    try:
        told = json.loads(_facts(path)["archive-import"])
        began_at = dt.datetime.fromisoformat(told["at"])
        return Import(
            told["sha256"], told["target"], told["name"], told["kind"], int(told["size"]), told["by"],
            began_at, ended_at=began_at,
        )  # fmt: skip
    except (KeyError, ValueError, TypeError):
        return None


def _site_of(path: CaptureFile) -> tuple[Site, bool]:
    """The site that a file's warcinfo record tells of, and whether it is a sample."""
    facts = _facts(path)
    try:
        site = site_from_settings(json.loads(facts["archive-site"]))
        return site, facts.get("archive-sample") == "yes"
    except (KeyError, ValueError, TypeError):
        pass
    name = FileName.parse(path.name)
    identity = name.site if name is not None else path.name
    return Site(identity, identity, ()), False
