"""What it costs to count a request, in shared memory, in SQLite, and in the library `limits`.

::

    .venv/bin/pip install -e .[bench]
    .venv/bin/python -m benchmarks.limits

Two processes count at once, as the workers of a host do. `limits` counts in the memory of one process only:
it is the measure of what a library costs by itself. The slowest of a thousand says how long a worker waits
for another.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from archive.buckets import Buckets
from archive.config import Rate

_CLIENTS = 5_000
_RATE = Rate(1_000_000, 1)

Count = Callable[[int], None]


def in_sqlite(path: Path) -> Count:
    """One row a client, one statement a request, as quick as SQLite can be without losing its file."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE IF NOT EXISTS buckets (client INTEGER PRIMARY KEY, moment INTEGER)")
    statement = (
        "INSERT INTO buckets VALUES (?1, ?2 + 1000) ON CONFLICT DO UPDATE "
        "SET moment = max(moment, ?2) + 1000 RETURNING moment"
    )

    def count(client: int) -> None:
        connection.execute(statement, (client, time.monotonic_ns())).fetchone()

    return count


def in_memory(buckets: Buckets) -> Count:
    """As the site counts."""
    return lambda client: void(buckets.take("pages", client.to_bytes(8), _RATE))


def in_library() -> Count:
    """`limits`, moving window, memory of this process."""
    import limits

    window = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
    rate = limits.parse("1000 per second")
    return lambda client: void(window.hit(rate, str(client)))


def void(_: object) -> None:
    """Nothing."""


def timed(make: Callable[[], Count], times: int) -> tuple[float, float]:
    """Microseconds of the processor for one count, and of the clock for the slowest of a thousand."""
    queue: multiprocessing.Queue[tuple[float, float]] = multiprocessing.get_context("fork").Queue()

    def work() -> None:
        count, took = make(), []
        begin = time.process_time()
        for number in range(times):
            moment = time.perf_counter()
            count(number % _CLIENTS)
            took.append(time.perf_counter() - moment)
        used = (time.process_time() - begin) / times
        queue.put((used * 1e6, sorted(took)[int(times * 0.999)] * 1e6))

    workers = [multiprocessing.get_context("fork").Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    found = [queue.get() for _ in workers]
    for worker in workers:
        worker.join()
    return sum(used for used, _ in found) / len(found), max(slowest for _, slowest in found)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=50_000)
    times = parser.parse_args().times
    buckets = Buckets()
    own = timed(lambda: in_memory(buckets), times)
    tell("shared memory", own, own)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "buckets.db")
        in_sqlite(path)
        tell("SQLite", timed(lambda: in_sqlite(path), times), own)
    try:
        import limits.strategies  # noqa: F401
    except ImportError:
        print("limits is not installed: pip install limits")
        return
    tell("limits, one process", timed(in_library, times), own)


def tell(name: str, found: tuple[float, float], own: tuple[float, float]) -> None:
    """One line."""
    ratios = f"{found[0] / own[0]:6.1f} times {found[1] / own[1]:8.1f} times"
    print(f"{name:24}{found[0]:8.1f} µs, slowest of 1,000 {found[1]:10.0f} µs  {ratios}")


if __name__ == "__main__":
    main()
