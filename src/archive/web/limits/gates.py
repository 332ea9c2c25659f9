"""No more at once than the machine can do: a few requests inside, some that wait, the rest refused at once.

Without a bound everybody waits behind everybody: the queue grows until each answer comes after its reader has
gone. So each kind of work has a gate of its own in each worker, and a search that takes long keeps no article
from being read. What watches over the site and the admin's pages pass no gate; `archive serve` has more
threads than all gates let in and keep waiting, so that there is always one for these, and one to refuse.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, request

from archive.web.limits.policies import ADMIN, EXPORTS, SEARCH, name_of_request
from archive.web.limits.refused import BusyError

PATIENCE: Final = 1.5
"""Seconds that a request may be expected to wait; who would wait longer is refused at once."""
_LONGEST = 10.0
"""Seconds after which one that waits is refused, when it took longer than was expected."""
_TRY_AGAIN = (2, 5)
"""Seconds of `Retry-After`, drawn between these, so that not all come back at the same moment."""
_FREE = frozenset(("static", "machines.health", "machines.ready", "machines.robots", "metrics.show"))
_LEAVE = "archive.leave"
"""Key of the environment: what makes room again."""
_HEAVY = frozenset(
    ("api.search", "api.concordance", "api.pairs", "memento.web", "compare.show", "oai.answer")
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many a gate lets in, and how many may wait."""

    inside: int
    waiting: int


HEAVY: Final = Size(2, 24)
"""Searches, trends, replayed pages: tens of milliseconds of the processor each."""
LIGHT: Final = Size(4, 96)
"""Everything else: a millisecond or a few each."""
STREAMS: Final = Size(2, 8)
"""Exports: from a tenth of a second to minutes. While they take long, who comes third is told so."""
MOST: Final = sum(size.inside + size.waiting for size in (HEAVY, LIGHT, STREAMS))
"""Threads that the gates together can hold."""


class Gate:
    """Lets some in at once and some wait; safe to share between threads."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._free = threading.Semaphore(size.inside)
        self._waiting = 0
        self._took = 0.0
        """Seconds that a request is inside, a moving mean: how quick the machine is now."""
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Go in, perhaps after a moment; False when there is no room and would be none soon."""
        # Those who wait go first.
        if self._waiting == 0 and self._free.acquire(blocking=False):
            return True
        with self._lock:
            expected = (self._waiting + 1) * self._took / self._size.inside
            if self._waiting >= self._size.waiting or expected > PATIENCE:
                return False
            self._waiting += 1
        try:
            return self._free.acquire(timeout=_LONGEST)
        finally:
            with self._lock:
                self._waiting -= 1

    def leave(self, took: float) -> None:
        """Make room; once for each time that `enter` let in.

        :param took: seconds inside.
        """
        with self._lock:
            self._took += (took - self._took) / 10
        self._free.release()


class Gates:
    """The gates of one worker."""

    def __init__(self) -> None:
        self.heavy = Gate(HEAVY)
        self.light = Gate(LIGHT)
        self.streams = Gate(STREAMS)

    def of_request(self) -> Gate | None:
        """The gate that the current request has to pass; None for none."""
        endpoint, policy = request.endpoint or "", name_of_request()
        if endpoint in _FREE or policy == ADMIN:
            return None
        if policy == EXPORTS:
            return self.streams
        return self.heavy if policy == SEARCH or endpoint in _HEAVY else self.light


def init(app: Flask) -> None:
    """Put the gates up; after what counts requests, so that who is over the limit takes no place."""
    gates = app.extensions["archive.gates"] = Gates()

    @app.before_request
    def _enter() -> None:
        gate = gates.of_request()
        if gate is None:
            return
        if not gate.enter():
            raise BusyError(random.randint(*_TRY_AGAIN))  # noqa: S311 - only to spread the load
        begin = time.monotonic()
        request.environ[_LEAVE] = lambda: gate.leave(time.monotonic() - begin)

    @app.after_request
    def _keep(response: Response) -> Response:
        # An answer that is made while it is sent keeps its place until then; any other only until it stands,
        # so that who reads slowly holds none.
        # A file that is passed through as it lies costs nothing while it is sent, and is closed without us.
        if response.is_streamed and not response.direct_passthrough and _LEAVE in request.environ:
            response.call_on_close(request.environ.pop(_LEAVE))
        return response

    @app.teardown_request
    def _leave(_error: BaseException | None) -> None:
        leave: Callable[[], None] | None = request.environ.pop(_LEAVE, None)
        if leave is not None:
            leave()
