"""The last few concordances of a worker, so that the next page of one is not made anew from all its articles.

Like `archive.web.kept`, a commit to the archive by anybody empties it: what was taken down is in none.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Recent(Generic[_T]):
    """Keeps so many values, those asked for last. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        """:param most: values that are kept."""
        self._most = most
        self._lock = threading.Lock()
        self._state: object = None
        self._values: OrderedDict[Hashable, _T] = OrderedDict()

    def get(self, state: object, key: Hashable) -> _T | None:
        """The value as it was made in this very state of the archive (`Resources.state`)."""
        with self._lock:
            if state != self._state:
                self._state = state
                self._values.clear()
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, state: object, key: Hashable, value: _T) -> None:
        """Keep a value.

        :param state: as it was before the value was begun; one that has passed since is not kept.
        """
        with self._lock:
            if state == self._state:
                self._values[key] = value
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
