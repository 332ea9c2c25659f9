"""Finished pages, kept in a worker's memory for as long as nothing in the archive changed.

Before a kept page is given out the database is asked whether anything was committed since (`Store.state`,
some microseconds), by whichever process. One commit empties the whole cache: so a takedown acts on the very
next request, and no list of what a page depends on can ever be wrong. `archive.web.front` keeps them and
gives them out.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from flask import request

from archive.web.anniversaries import today
from archive.web.limits.policies import name_of_request
from archive.web.resources import Resources, resources

LIMIT: Final = 64_000_000
"""Bytes of packed pages in a worker at most: some 6,500 articles."""
_LEVEL: Final = 1
"""Of packing: 26 kB of an article's page become 7, and are unpacked in some 70 µs."""
_OVERHEAD: Final = 1_000
"""Bytes that a page takes beside its body and its fields' values."""
WISH: Final = "archive.keep"
"""Key of a request's environment: the `Wish` of the view that answered it."""
_CONDITION = "HTTP_IF_NONE_MATCH"
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, ready to be sent."""

    body: bytes
    headers: tuple[tuple[str, str], ...]
    """All but those of one answer."""
    endpoint: str
    """What made it."""
    policy: str
    """Name of the limit that asking for it counts under; "" for none."""


@dataclass(frozen=True, slots=True)
class Wish:
    """That an answer be kept."""

    state: object
    """The archive's, from before the page was begun."""
    endpoint: str
    policy: str
    condition: str
    """`If-None-Match` of the request, "" for none: taken off it, so that there is a whole page to keep."""


class Pages:
    """Safe to share between threads. Bodies are kept packed: more than twice as many find room."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._state: object = None
        self._pages: OrderedDict[object, Page] = OrderedDict()
        self._bytes = 0

    def __contains__(self, key: object) -> bool:
        """Whether there is a page, perhaps one of an earlier state."""
        return key in self._pages

    def get(self, state: object, key: object) -> Page | None:
        """The page as it was made in this very state."""
        with self._lock:
            self._turn(state)
            if (found := self._pages.get(key)) is None:
                return None
            self._pages.move_to_end(key)
        return replace(found, body=zlib.decompress(found.body))

    def put(self, state: object, key: object, page: Page) -> None:
        """Keep a page that was made in this state."""
        packed = replace(page, body=zlib.compress(page.body, _LEVEL))
        with self._lock:
            self._turn(state)
            if key in self._pages:
                return
            self._pages[key] = packed
            self._bytes += _size(packed)
            while self._bytes > self._limit:
                self._bytes -= _size(self._pages.popitem(last=False)[1])

    def _turn(self, state: object) -> None:
        if state != self._state:
            self._state = state
            self._pages.clear()
            self._bytes = 0


def _size(page: Page) -> int:
    return len(page.body) + sum(len(value) for _, value in page.headers) + _OVERHEAD


def state(opened: Resources) -> object:
    """What every kept page hangs on beside its address and language.

    :raises StoreError: the database is missing, busy or of another schema.
    """
    return (*opened.state(), today())


def kept(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """For views whose answer hangs on the store, the index, the day, the address and the language alone."""

    @wraps(view)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        environ = request.environ
        if request.method == "GET":
            environ[WISH] = Wish(
                state(resources()),
                request.endpoint or "",
                name_of_request(),
                environ.pop(_CONDITION, ""),
            )
        return view(*args, **kwargs)

    return answer
