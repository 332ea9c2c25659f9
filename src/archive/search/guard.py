"""Search results without what was taken down, also while the index still has it.

A takedown is in force with its commit; the index follows within the same command, or, when another process
writes it just then, some time later. In between the engine is told what to leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from archive.search.backend import Completion, SearchBackend, SearchHit, SearchPage, SearchRequest
from archive.store import Store

_T = TypeVar("_T")
_TRIES = 5
"""Times that a question is asked again because the index moved on beneath it."""


class Guarded:
    """The reading half of a backend. Not for several threads at once."""

    def __init__(self, backend: SearchBackend, store: Store) -> None:
        self._backend = backend
        self._store = store

    def cursor(self) -> int:
        """See `SearchBackend`."""
        return self._backend.cursor()

    def generation(self) -> str:
        """See `SearchBackend`."""
        return self._backend.generation()

    def search(self, request: SearchRequest) -> SearchPage:
        """See `SearchBackend`."""
        return self._ask(lambda: self._backend.search(request))

    def ids(self, request: SearchRequest) -> Sequence[str]:
        """See `SearchBackend`."""
        return self._ask(lambda: self._backend.ids(request))

    def complete(self, prefix: str, limit: int) -> list[Completion]:
        """See `SearchBackend`."""
        return self._ask(lambda: self._backend.complete(prefix, limit))

    def related(self, article_id: str, limit: int) -> list[SearchHit]:
        """See `SearchBackend`."""
        return self._ask(lambda: self._backend.related(article_id, limit))

    def count(self) -> int:
        """See `SearchBackend`."""
        return self._ask(self._backend.count)

    def close(self) -> None:
        """Close the backend; the store stays open."""
        self._backend.close()

    def _ask(self, question: Callable[[], _T]) -> _T:
        """Ask with what is withheld hidden. A rebuilt index that is swapped in between stands at an earlier
        place of the change log than the one before it: then the question is asked again."""
        for _ in range(_TRIES):
            cursor = self._backend.cursor()
            self._backend.hide(self._store.unindexed_takedowns(cursor))
            answer = question()
            if self._backend.cursor() == cursor:
                break
        return answer
