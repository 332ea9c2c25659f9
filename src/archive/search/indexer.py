"""The index follows the store's change log; or is built anew beside the one in use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archive import chronicle
from archive.config import Settings
from archive.errors import IndexMismatchError, IndexMissingError, SearchError
from archive.model import ArticleView
from archive.search import in_folder, open_backend
from archive.search.backend import Batch, DocumentWriter, IndexDocument, SearchBackend
from archive.search.document import document
from archive.store import Store

BATCH = 2_000
"""Changes that are committed together."""
_READ = 200
"""Articles read from the store at once: bounds memory."""

Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update or a rebuild did."""

    articles: int
    """In the index now."""
    indexed: int
    """Written, new ones and changed ones."""
    deleted: int
    seconds: float


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How the index stands to the store."""

    articles: int
    behind: int
    """Changes that are not indexed yet."""
    problem: str = ""
    """Why it cannot be searched, with what mends it; "" when it can."""


def update(store: Store, settings: Settings, progress: Progress | None = None) -> IndexReport:
    """Index what the change log holds beyond the index's cursor; makes the index when there is none.

    Each batch is committed with its cursor: interrupted, the next update goes on from there.

    :raises IndexBusyError: another process is writing the index.
    :raises IndexMismatchError: it was written with another schema or analysis, or from another database.
    """
    began = time.monotonic()
    chronicle.follow(store, settings)
    backend = open_backend(settings)
    indexed = deleted = 0
    try:
        cursor = _cursor_or_none(backend)
        first, last = cursor or 0, store.last_change()
        _check_follows(settings, first, last)
        if cursor is None and first == last:
            backend.apply(Batch((), (), 0))
        while first < last:
            changes = store.changes(first, BATCH)
            if not changes:
                break
            ids = list(dict.fromkeys(change.article for change in changes))
            views = [view for part in _parts(ids) for view in store.articles(part)]
            gone = set(ids) - {view.article.id for view in views}
            first = changes[-1].seq
            backend.apply(Batch(list(_documents(views, store, settings)), sorted(gone), first))
            indexed, deleted = indexed + len(views), deleted + len(gone)
            if progress is not None:
                progress(first - (cursor or 0), last - (cursor or 0))
        return IndexReport(backend.count(), indexed, deleted, time.monotonic() - began)
    finally:
        backend.close()


def _documents(views: Sequence[ArticleView], store: Store, settings: Settings) -> Iterator[IndexDocument]:
    named = chronicle.keywords(store, settings, [view.article.id for view in views])
    for view in views:
        yield document(view, named.get(view.article.id, ()))


def _cursor_or_none(backend: SearchBackend) -> int | None:
    try:
        return backend.cursor()
    except IndexMissingError:
        return None


def rebuild(store: Store, settings: Settings, progress: Progress | None = None) -> IndexReport:
    """Build a new index beside the one in use, compare its count with the store's, then swap.

    :raises IndexBusyError: another process is writing the index.
    :raises SearchError: the counts differ; the old index stays in use.
    """
    began = time.monotonic()
    chronicle.follow(store, settings)
    backend = open_backend(settings)
    total = store.article_count()
    written = 0

    def fill(writer: DocumentWriter) -> int:
        nonlocal written
        # What changes from here on is indexed again by the next update.
        cursor = store.last_change()
        for views in _all(store):
            for doc in _documents(views, store, settings):
                writer.add(doc)
            written += len(views)
            if progress is not None:
                progress(written, max(total, written))
        return cursor

    def check(count: int) -> None:
        if count != written:
            raise SearchError(
                f"The new index has {count} articles, {written} were read from the store.",
                "The old index stays in use; run `archive verify`, then `archive index rebuild` again.",
            )

    try:
        backend.rebuild(fill, check)
        return IndexReport(backend.count(), written, 0, time.monotonic() - began)
    finally:
        backend.close()


def status(settings: Settings, store: Store) -> IndexStatus:
    """How far the index is behind the store. Never raises: what is wrong is told as `problem`."""
    last = store.last_change()
    backend = open_backend(settings)
    try:
        cursor = backend.cursor()
        _check_follows(settings, cursor, last)
        return IndexStatus(backend.count(), last - cursor)
    except SearchError as error:
        return IndexStatus(0, last, str(error))
    finally:
        backend.close()


def _check_follows(settings: Settings, cursor: int, last: int) -> None:
    """:raises IndexMismatchError: the index has seen more changes than this database has."""
    if cursor > last:
        where = f"in {settings.index}" if in_folder(settings) else "of the cluster"
        raise IndexMismatchError(
            f"The search index {where} was made from another database: it is at change {cursor}, "
            f"the last one here is {last}.",
            "Build it anew with `archive index rebuild`; articles stay readable meanwhile.",
        )


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _READ):
        yield ids[start : start + _READ]


def _all(store: Store) -> Iterator[list[ArticleView]]:
    after = ""
    while ids := store.article_ids(after, _READ):
        yield store.articles(ids)
        after = ids[-1]
