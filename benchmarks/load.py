"""Requests at a given rate, whatever becomes of them: how readers behave, who do not wait for each other.

A load that keeps a fixed number of connections busy slows down with the server and so hides its queue
("coordinated omission"). Here each request has its moment; what it took counts from that moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 0.01
"""Seconds that a quiet median counts as at least."""
TIMEOUT = 30.0
"""Seconds after which a request counts as failed."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request."""

    kind: str
    at: float
    """Its moment, seconds of the monotonic clock."""
    seconds: float
    """From that moment until the whole answer was here."""
    status: int
    """0: no answer."""
    retry_after: bool
    late: float
    """Seconds that the load itself was late: its own processor time, not the server's."""

    @property
    def good(self) -> bool:
        """Whether a reader got what he wanted: the page, or where it now stands under another title."""
        return self.status in (200, 301)


class Load:
    """One server, asked over as many connections as the rate needs."""

    def __init__(
        self, port: int, paths: Mapping[str, Sequence[str]], shares: Mapping[str, float], seed: int = 1
    ):
        """
        :param paths: addresses by kind of request.
        :param shares: how often each kind is asked for, in parts of the whole.
        """
        self._port = port
        self._paths = paths
        self._kinds, self._weights = list(shares), list(shares.values())
        self._draw = random.Random(seed)
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    def run(self, rate: float, seconds: float) -> list[Shot]:
        """Ask at a rate for a while; gives what became of every request."""
        return asyncio.run(self._run(rate, seconds))

    async def _run(self, rate: float, seconds: float) -> list[Shot]:
        self._idle.clear()
        begin, moment, tasks = time.monotonic(), 0.0, []
        while moment < seconds:
            # Readers come independently of each other (a Poisson process).
            moment += self._draw.expovariate(rate)
            await asyncio.sleep(max(0.0, begin + moment - time.monotonic()))
            kind = self._draw.choices(self._kinds, self._weights)[0]
            path = self._draw.choice(self._paths[kind])
            tasks.append(asyncio.create_task(self._ask(kind, path, begin + moment)))
        shots = await asyncio.gather(*tasks)
        for _, writer in self._idle:
            writer.close()
        return list(shots)

    async def _ask(self, kind: str, path: str, due: float) -> Shot:
        late = time.monotonic() - due
        status, told = 0, False
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            async with asyncio.timeout(TIMEOUT):
                status, told = await self._once(path)
        return Shot(kind, due, time.monotonic() - due, status, told, late)

    async def _once(self, path: str) -> tuple[int, bool]:
        while True:
            used = bool(self._idle)
            reader, writer = self._idle.pop() if used else await self._connect()
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
            except (OSError, asyncio.IncompleteReadError):
                writer.close()
                if used:
                    # Closed by the server while it lay idle: the request was never looked at.
                    continue
                raise
            break
        first, _, rest = head.decode("latin-1").partition("\r\n")
        status = int(first.split(" ", 2)[1])
        fields = dict(line.lower().split(": ", 1) for line in rest.split("\r\n") if ": " in line)
        if "chunked" in fields.get("transfer-encoding", ""):
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        elif status not in (204, 304):
            await reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return status, "retry-after" in fields

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def medians(shots: Sequence[Shot]) -> dict[str, float]:
    """Median seconds of each kind."""
    kinds = {shot.kind for shot in shots}
    return {kind: quantile([shot.seconds for shot in shots if shot.kind == kind], 0.5) for kind in kinds}


def slowdown(shots: Sequence[Shot], quiet: Mapping[str, float]) -> float:
    """95th percentile of how many times longer than its kind's quiet median a request took.

    A median below `LEAST` counts as that: five times one millisecond is a turn of another thread, which
    nobody notices.
    """
    ratios = [shot.seconds / max(LEAST, quiet[shot.kind]) for shot in shots if shot.kind in quiet]
    return quantile(ratios, 0.95)
