"""Asking again what a cluster may take a little later: it is overloaded, chooses a leader, or lost a node."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from archive.search.opensearch.connection import RefusedError, UnansweredError

PATIENCE = 120.0
"""Seconds after which it is given up."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0

_T = TypeVar("_T")


def patiently(work: Callable[[], _T]) -> _T:
    """Do something that may be done again, until it works.

    :raises SearchError: the engine will never take it, or did not for `PATIENCE`.
    """
    deadline, pause = time.monotonic() + PATIENCE, _FIRST_PAUSE
    while True:
        try:
            return work()
        except (UnansweredError, RefusedError) as error:
            later = isinstance(error, UnansweredError) or error.again
            if not later or time.monotonic() > deadline:
                raise
        # Spread, so that several writers do not come back all at once.
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
        pause = min(pause * 2, _LONGEST_PAUSE)
