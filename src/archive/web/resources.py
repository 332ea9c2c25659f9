"""What a worker holds open: the store and the search backend, each opened at first use.

Opening late has two reasons: a server may fork after `create_app`, and an index that is missing when the
site starts is picked up once it has been built, without a restart.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import current_app

from archive.config import Settings
from archive.errors import SearchError
from archive.model import Capture
from archive.search import open_backend
from archive.search.backend import Completion, SearchHit, SearchPage, SearchRequest
from archive.search.guard import Guarded
from archive.store import Store
from archive.warc import HEAD, Record, capture_files, read_payload, read_record

_T = TypeVar("_T")

MOST_SHOWN = 1 << 25
"""Bytes of a body that the site unfolds to show it: more than a crawl takes by default (`max_body`). What is
imported may be larger, or become so when it is unfolded, and others wait for the memory and time of it."""


class Resources:
    """Store, index and capture files, read-only."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._pid = 0
        self._store: Store | None = None
        self._idle: list[Guarded] = []

    @property
    def store(self) -> Store:
        """The store.

        :raises StoreError: the database is missing, busy or of another schema.
        """
        with self._lock:
            self._forget_parent()
            if self._store is None:
                self._store = Store.open(self.settings.database_url, migrate=False)
            return self._store

    def state(self) -> tuple[object, ...]:
        """A value that differs from an earlier one when store or index changed in between.

        :raises StoreError: as `store`.
        """
        try:
            # Built anew with another ranking it stands at the same place of the change log.
            indexed = self._with_backend(lambda backend: (backend.cursor(), backend.generation()))
        except SearchError:
            indexed = (-1, "")
        return (*self.store.state(), *indexed)

    def search(self, request: SearchRequest) -> SearchPage:
        """Answer a question.

        :raises SearchError: the index is missing, damaged or of another analysis.
        """
        return self._with_backend(lambda backend: backend.search(request))

    def ids(self, request: SearchRequest) -> Sequence[str]:
        """Ids of all that a question finds, in order.

        :raises SearchError: as `search`.
        """
        return self._with_backend(lambda backend: backend.ids(request))

    def count(self) -> int:
        """Number of articles in the index.

        :raises SearchError: as `search`.
        """
        return self._with_backend(lambda backend: backend.count())

    def related(self, article_id: str, limit: int) -> Sequence[SearchHit]:
        """Articles like one; none when there is no usable index: the article itself is still served."""
        try:
            return self._with_backend(lambda backend: backend.related(article_id, limit))
        except SearchError:
            return ()

    def complete(self, typed: str, limit: int) -> Sequence[Completion]:
        """How what was typed could go on; nothing when there is no usable index."""
        try:
            return self._with_backend(lambda backend: backend.complete(typed, limit))
        except SearchError:
            return ()

    def payload(self, capture: Capture) -> bytes:
        """The decoded body of a capture.

        :raises WarcError: the record is missing or damaged.
        :raises ContentError: its content-coding cannot be undone.
        :raises TooLargeError: it has more than `MOST_SHOWN` bytes.
        """
        return read_payload(capture_files(self.settings), capture, self.store.capture, MOST_SHOWN)

    def record(self, capture: Capture) -> Record:
        """The record that holds a capture's header fields.

        :raises WarcError: it is missing or damaged.
        :raises TooLargeError: its body has more than `MOST_SHOWN` bytes.
        """
        return read_record(capture_files(self.settings), capture.ref, MOST_SHOWN + HEAD)

    def _with_backend(self, ask: Callable[[Guarded], _T]) -> _T:
        """Ask a backend that no other thread is asking: one that is idle, else a new one."""
        store = self.store
        with self._lock:
            self._forget_parent()
            backend = self._idle.pop() if self._idle else Guarded(open_backend(self.settings), store)
        try:
            answer = ask(backend)
        except BaseException:
            # Whatever state it was left in, the next request opens the index anew, perhaps mended.
            backend.close()
            raise
        with self._lock:
            self._idle.append(backend)
        return answer

    def _forget_parent(self) -> None:
        """Connections and files must not be shared over a fork."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._store = None
            self._idle = []


def resources() -> Resources:
    """The current application's."""
    found: Resources = current_app.extensions["archive"]
    return found


def settings() -> Settings:
    """The current application's settings."""
    return resources().settings
