"""Token buckets in memory that processes share over a fork: who may ask now, and who has to wait.

The algorithm is GCRA, the leaky bucket of ITU-T I.371 as a meter: of each client one number is kept, the
moment at which its bucket would be whole again. One request moves it on by a step; a client whose moment lies
further ahead than a whole bucket has to wait. What waits is not counted, so that one who keeps asking is let
in at the stated rate all the same.

The table has a fixed size, so that no number of clients makes it grow. It is written without a lock between
processes: two workers that answer one client within the same microsecond may let one request too many
through, which is cheaper than a lock at each request, and no worker can die holding it.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import threading
import time
from typing import NamedTuple

from archive.config import Rate

_WAYS = 8
"""Clients that share a row; the one that has waited longest for nothing gives up its place."""
_NANO = 1_000_000_000


class Taken(NamedTuple):
    """What became of one request."""

    allowed: bool
    left: int
    """Requests that would be let through at once after this one."""
    seconds: float
    """Until the next is let through, when none is left; else until the bucket is whole again."""


class Buckets:
    """Safe to share between threads, and between the processes forked after it was made."""

    def __init__(self, rows: int = 32_768) -> None:
        """
        :param rows: of eight clients each, 128 bytes a row: 4 MB with 262,144 clients.
        """
        self._rows = rows
        # Anonymous and shared: workers forked later write into the same pages, and nothing is left over.
        self._memory = mmap.mmap(-1, rows * _WAYS * 16)
        self._cells = memoryview(self._memory).cast("Q")
        # Keyed, so that nobody can choose addresses that fall upon each other's place.
        self._secret = os.urandom(16)
        self._lock = threading.Lock()

    def take(self, policy: str, client: bytes, rate: Rate, now: int | None = None) -> Taken:
        """Count one request of a client.

        :param policy: name of the limit; each has buckets of its own.
        :param client: who asks: bytes of an address or of a key's id.
        :param rate: so many requests at once, and so many in each span of seconds after that.
        :param now: nanoseconds of the monotonic clock, which all processes of a machine share; for tests.
        """
        now = time.monotonic_ns() if now is None else now
        step = rate.seconds * _NANO // rate.requests
        whole = step * rate.requests
        digest = hashlib.blake2b(client, digest_size=16, key=self._secret, person=policy.encode()[:16])
        number = int.from_bytes(digest.digest(), "little")
        name = number >> 64 or 1
        begin = (number & 0xFFFFFFFF) % self._rows * _WAYS * 2
        cells = self._cells
        with self._lock:
            place, moment = self._find(begin, name, now)
            over = moment + step - now - whole
            if over > 0:
                return Taken(False, 0, over / _NANO)
            # The name first: whoever reads in between finds a moment that is past, never another's.
            cells[place] = name
            cells[place + 1] = moment + step
        left = (whole - (moment + step - now)) // step
        return Taken(True, left, (moment + step - now if left else moment + 2 * step - now - whole) / _NANO)

    def _find(self, begin: int, name: int, now: int) -> tuple[int, int]:
        """Where a client is or may be put, and its moment; a new one's is now."""
        cells, free, oldest = self._cells, begin, 1 << 64
        for place in range(begin, begin + _WAYS * 2, 2):
            moment = cells[place + 1]
            if cells[place] == name:
                return place, max(moment, now)
            if moment < oldest:
                free, oldest = place, moment
        return free, now
