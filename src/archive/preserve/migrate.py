"""Moving an archive's parts to other places while its site stays up: database, captures, index.

Each move leaves the source in force until the target is proven equal, and can be killed and started again at
any moment. Nothing is switched over here: the caller prints the setting to change.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.config import Settings
from archive.durable import fsync_folder
from archive.errors import ConfigError, SearchError, StorageError, WarcError
from archive.preserve.files import sha256_of
from archive.preserve.putaway import Notes, put_away_all
from archive.search import indexer, open_backend
from archive.search.backend import SearchRequest
from archive.store import Store, moving
from archive.store.moving import Moved
from archive.warc import capture_files
from archive.warc.files import ObjectStore

_CHUNK = 1 << 20
_IDS = 1_000
FileDone = Callable[[str, int], None]
"""Called with a file's name and bytes."""


@dataclass(slots=True)
class FilesMoved:
    """Capture files that are in both places now, compared by SHA-256."""

    source: str
    target: str
    files: int = 0
    size: int = 0
    left: list[str] = field(default_factory=list)
    """Files that are being written, or of sites that are: they go when they are finished."""


def move_database(settings: Settings, url: str, told: moving.Told | None = None) -> Moved:
    """Copy the database to another one, prove that they are equal, and seal the old one.

    :param url: SQLAlchemy URL.
    :raises StoreError: as `archive.store.moving.move`.
    """
    with (
        closing(Store.open(settings.database_url)) as source,
        closing(Store.open(url)) as target,
    ):
        return moving.move(source, target, told)


@dataclass(slots=True)
class IndexMoved:
    """An index made anew in another engine, compared with the database."""

    source: str
    target: str
    articles: int = 0
    sites: dict[str, str] = field(default_factory=dict)
    """Site → SHA-256 over the ids of its articles in order, the same in database and index."""


def move_index(settings: Settings, engine: str, progress: indexer.Progress | None = None) -> IndexMoved:
    """Fill another engine's index from the database, and prove that it has each article that may be shown.

    The index in use is not touched. What is written meanwhile follows by the change log; what is written
    later, by the next `archive index update` with the new setting. Killed, it begins anew.

    :param engine: as the setting `search_engine`.
    :raises SearchError: the cluster does not serve, or an article is missing there or too many.
    """
    there = replace(settings, search_engine=engine)
    report = IndexMoved(settings.search_engine or "whoosh", engine)
    with closing(Store.open(settings.database_url)) as store, closing(open_backend(there)) as backend:
        indexer.rebuild(store, there, progress)
        indexer.update(store, there)
        for site in (item.id for item in store.sites()):
            ids = list(_ids(store, site))
            found = sorted(backend.ids(SearchRequest(sites=(site,), facets=False, collapse=False)))
            if found != ids:
                raise SearchError(
                    f"The new index has {len(found)} articles of {site}, the database {len(ids)}.",
                    "The index in use is untouched. Start again; the database may have changed meanwhile.",
                )
            report.articles += len(ids)
            report.sites[site] = hashlib.sha256("\n".join(ids).encode()).hexdigest()
        if backend.count() != report.articles:
            raise SearchError(
                f"The new index has {backend.count()} articles, the database {report.articles}.",
                "The index in use is untouched; start again.",
            )
    return report


def _ids(store: Store, site: str) -> Iterator[str]:
    """Ids of a site's articles that may be shown, in order."""
    after = ""
    while ids := store.article_ids(after, _IDS, site):
        yield from ids
        after = ids[-1]


def reopen_database(settings: Settings) -> str:
    """Let a database that was moved away be written again. Returns where it had gone; "" when nowhere."""
    with closing(Store.open(settings.database_url)) as store:
        return moving.reopen(store)


def send_captures(settings: Settings, address: str, endpoint: str, done: FileDone) -> FilesMoved:
    """Copy the finished capture files to a bucket; they stay here until the setting is changed.

    :param address: `s3://bucket/prefix`.
    :raises StorageError: the bucket does not serve, or has other content under a name.
    """
    there = replace(settings, captures=address, captures_endpoint=endpoint or settings.captures_endpoint)
    with closing(Store.open(settings.database_url)) as store:
        report = put_away_all(there, store, keep=True, told=done)
    left = [*report.unfinished, *(f"{site}: being crawled" for site in report.busy)]
    return FilesMoved(str(settings.warc_dir), address, report.sent, report.size, left)


def _copy(remote: ObjectStore, name: str, target: Path) -> str:
    """Copy an object to a file, over what a killed copy left there; on disk when it returns its SHA-256."""
    digest = hashlib.sha256()
    try:
        with remote.open(name) as source, target.open("wb") as copy:
            while chunk := source.read(_CHUNK):
                copy.write(chunk)
                digest.update(chunk)
            copy.flush()
            os.fsync(copy.fileno())
    except OSError as error:
        raise WarcError(
            f"{target} could not be written: {error.strerror}.",
            "Make room, and start the same command again.",
        ) from error
    return digest.hexdigest()


def fetch_captures(settings: Settings, done: FileDone) -> FilesMoved:
    """Copy all capture files of the bucket to the folder; they stay in the bucket.

    A file appears under its name when it is whole, on disk, and has the SHA-256 with which it was sent.

    :raises ConfigError: no bucket is set.
    :raises StorageError: the bucket does not serve, or a file has not its hash.
    """
    files = capture_files(settings)
    if files.remote is None:
        raise ConfigError("No bucket is set: the captures are on this disk.")
    report = FilesMoved(files.remote.place, str(settings.warc_dir))
    noted = Notes(settings.var).known(files.remote.place)
    here = files.local()
    files.folder.mkdir(parents=True, exist_ok=True)
    for name, size in files.remote.sizes().items():
        stated = files.remote.sha256(name) or noted.get(name, (0, ""))[1]
        path, part = files.folder / name, files.folder / f".{name}.part"
        is_here = name in here
        digest = sha256_of(path) if is_here else _copy(files.remote, name, part)
        if (path if is_here else part).stat().st_size != size or (stated and stated != digest):
            part.unlink(missing_ok=True)
            raise StorageError(
                f"{files.remote.place}/{name} has not the SHA-256 "
                + ("of the file of that name here." if is_here else "that was noted when it was sent."),
                "It was changed: `archive verify` tells what is lost; restore it from a backup.",
            )
        if not is_here:
            part.rename(path)
            fsync_folder(files.folder)
        report.files, report.size = report.files + 1, report.size + size
        done(name, size)
    return report
