"""Finished pages, kept in a worker's memory for as long as nothing in the archive changed.

Before a kept page is given out the database is asked whether anything was committed since (`Store.state`,
some microseconds), by whichever process. One commit empties the whole cache: so a takedown acts on the very
next request, and no list of what a page depends on can ever be wrong.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from archive.web import language
from archive.web.anniversaries import today
from archive.web.resources import resources, settings

LIMIT = 64_000_000
"""Bytes of pages in a worker at most: some 3,500 articles."""
_LONGEST_QUERY = 500
"""Bytes of a query string: longer ones are hardly asked twice."""
_OF_ONE_ANSWER = ("Server-Timing",)
_P = ParamSpec("_P")
_R = TypeVar("_R", bound=AnyResponse)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, ready to be sent."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Pages:
    """Safe to share between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._state: object = None
        self._pages: OrderedDict[object, Page] = OrderedDict()
        self._bytes = 0

    def get(self, state: object, key: object) -> Page | None:
        """The page as it was made in this very state."""
        with self._lock:
            if state != self._state:
                self._state = state
                self._pages.clear()
                self._bytes = 0
                return None
            if (found := self._pages.get(key)) is not None:
                self._pages.move_to_end(key)
            return found

    def put(self, state: object, key: object, page: Page) -> None:
        """Keep a page.

        :param state: as it was before the page was begun; one that has passed since is not kept.
        """
        with self._lock:
            if state != self._state or key in self._pages:
                return
            self._pages[key] = page
            self._bytes += len(page.body)
            while self._bytes > self._limit:
                self._bytes -= len(self._pages.popitem(last=False)[1].body)


def init(app: Flask) -> None:
    """Give the application its cache."""
    app.extensions["archive.pages"] = Pages()


def kept(view: Callable[_P, _R]) -> Callable[_P, _R | Response]:
    """For views whose answer hangs on the store, the index, the day, the address and the language alone."""

    @wraps(view)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> _R | Response:
        query = request.query_string
        if len(query) > _LONGEST_QUERY:
            return view(*args, **kwargs)
        pages: Pages = current_app.extensions["archive.pages"]
        state = (resources().state(), today())
        key = (request.path, query, language.chosen(settings()))
        if (found := pages.get(state, key)) is not None:
            return Response(found.body, headers=list(found.headers))
        made = view(*args, **kwargs)
        if made.status_code == 200:
            headers = tuple(item for item in made.headers.to_wsgi_list() if item[0] not in _OF_ONE_ANSWER)
            pages.put(state, key, Page(made.get_data(), headers))
        return made

    return answer
