"""Finished capture files go to the bucket, when one is set: sent, read back, noted, then gone from here.

A file is finished when no writer has it open and the database knows all of it; the caller holds the site's
lock, so that none is begun meanwhile. Killed at any moment, the next time goes on: what is in the bucket but
not noted is compared with the file here, what is noted but still here goes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from archive.config import Settings
from archive.durable import fsync_folder
from archive.errors import BusyError, StorageError, WarcError
from archive.preserve.files import sha256_of
from archive.store import Store, ledger
from archive.warc import FileName, capture_files
from archive.warc.files import ObjectStore
from archive.warc.lock import site_lock

NOTES = "stored.jsonl"
"""In `var`: a line for each file that was found whole in a bucket. Can be made again."""

Told = Callable[[str, int], None]
"""Called with a file's name and bytes when it is done."""


@dataclass(slots=True)
class PutAway:
    """What was done."""

    sent: int = 0
    """Files that are in the bucket now, and of which that is noted."""
    size: int = 0
    """Bytes of these."""
    unfinished: list[str] = field(default_factory=list)
    """Files that stay here: being written, or not taken in by the database."""
    busy: list[str] = field(default_factory=list)
    """Sites that another process holds; their files go when it ends."""


class Notes:
    """The files that were read back from a bucket and found whole."""

    def __init__(self, var: Path) -> None:
        self._path = var / NOTES

    def known(self, place: str) -> dict[str, tuple[int, str]]:
        """Name → bytes and SHA-256 of what was found whole at a place."""
        found: dict[str, tuple[int, str]] = {}
        if not self._path.exists():
            return found
        for line in self._path.read_text("utf-8").splitlines():
            try:
                told = json.loads(line)
                if told["place"] == place:
                    found[told["file"]] = (int(told["size"]), str(told["sha256"]))
            except (ValueError, KeyError, TypeError):
                continue  # cut by a crash: that file is compared again
        return found

    def add(self, place: str, name: str, size: int, sha256: str) -> None:
        """Note a file; on disk when this returns.

        :raises WarcError: the disk is full …
        """
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        told = {"file": name, "size": size, "sha256": sha256, "place": place, "at": at}
        # A line break first as well: what a crash cut stays a line of its own.
        data = f"\n{json.dumps(told)}\n".encode()
        try:
            is_new = not self._path.exists()
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            if is_new:
                fsync_folder(self._path.parent)
        except OSError as error:
            raise WarcError(f"{self._path} could not be written: {error.strerror}.", "Make room.") from error


def put_away(
    settings: Settings, store: Store, site: str, *, keep: bool = False, told: Told | None = None
) -> PutAway:
    """Send a site's finished files to the bucket of the settings; without one, nothing happens.

    To be called under the site's lock, with no writer open.

    :param keep: leave the files here as well.
    :raises StorageError: the bucket does not serve, or has other content under a name; what is here stays.
    """
    report, files = PutAway(), capture_files(settings)
    if files.remote is None:
        return report
    with store.read() as connection:
        committed = ledger.committed(connection, site)
    notes = Notes(settings.var)
    known = notes.known(files.remote.place)
    for name, size in files.local(site).items():
        parsed = FileName.parse(name)
        if parsed is None or parsed.site != site:
            continue
        if committed.get(name) != size:
            report.unfinished.append(name)
            continue
        path = files.folder / name
        _send(files.remote, notes, known, path, size)
        if not keep:
            path.unlink()
            fsync_folder(files.folder)
        report.sent, report.size = report.sent + 1, report.size + size
        if told is not None:
            told(name, size)
    return report


def _send(
    remote: ObjectStore, notes: Notes, known: dict[str, tuple[int, str]], path: Path, size: int
) -> None:
    digest = sha256_of(path)
    if known.get(path.name) == (size, digest) and remote.size(path.name) == size:
        return
    remote.put(path.name, path, digest)
    notes.add(remote.place, path.name, size, digest)


def put_away_all(
    settings: Settings, store: Store, *, keep: bool = False, told: Told | None = None
) -> PutAway:
    """As `put_away`, for all sites; one that is being crawled is passed over.

    :raises StorageError: as `put_away`.
    """
    report = PutAway()
    named = (FileName.parse(name) for name in capture_files(settings).local())
    for site in sorted({item.site for item in named if item is not None}):
        try:
            with site_lock(settings.var / "locks", site):
                one = put_away(settings, store, site, keep=keep, told=told)
        except BusyError:
            report.busy.append(site)
            continue
        report.sent, report.size = report.sent + one.sent, report.size + one.size
        report.unfinished += one.unfinished
    return report


def put_away_after_work(settings: Settings, store: Store, sites: Iterable[str]) -> str:
    """At the end of a crawl or import, under the sites' locks. A bucket that does not serve fails neither.

    :returns: what went wrong, as sentences; "" when all is well.
    """
    try:
        for site in sites:
            put_away(settings, store, site)
    except StorageError as error:
        return str(error)
    return ""
