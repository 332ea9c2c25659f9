"""What concordance and co-occurrence cost: processor time and memory, on the sample portal's articles.

::

    .venv/bin/python -m benchmarks.research --articles 10000 --keep /tmp/research-benchmark

Each question runs in a process of its own. Beside ours stand, in the same run: reading the same articles
from the store and nothing else, which is the floor of anything that looks into texts; and the same lines
sorted in a list, which is what a concordance without the sort on disk would be.
"""

from __future__ import annotations

import argparse
import os
import resource
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from archive.config import Settings
from archive.search.backend import SearchRequest
from archive.web import create_app
from archive.web.research import concordance, lines, sample, stream, together
from archive.web.resources import resources
from benchmarks.web_store import fill

QUESTIONS = {"rare": '"sản lượng thủy sản"', "common": '"nông thôn mới"', "everything": "huyện"}
_MB = 1024


def measured(work: Callable[[], int]) -> tuple[float, float, int]:
    """Processor time in seconds and memory that was added in MB, in a child; and what the work returns."""
    read, write = os.pipe()
    if not (child := os.fork()):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        count = work()
        spent = time.process_time() - began
        added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(write, struct.pack("ddq", spent, added / _MB, count))
        os._exit(0)
    os.close(write)
    data = os.read(read, 64)
    os.close(read)
    os.waitpid(child, 0)
    spent, added, count = struct.unpack("ddq", data)
    return float(spent), float(added), int(count)


def of(app: Flask, address: str) -> Callable[[], int]:
    """Asking for an address, its answer read to the end piece by piece."""

    def ask() -> int:
        answer = app.test_client().get(address, buffered=False)
        assert answer.status_code == 200
        return sum(len(part) for part in answer.iter_encoded())

    return ask


def reading(app: Flask, q: str, most: int) -> Callable[[], int]:
    """Reading the articles of a question alone."""

    def read() -> int:
        with app.app_context():
            ids = resources().ids(SearchRequest(q=q))[: most or None]
            return sum(1 for _ in stream.views(resources().store, ids))

    return read


def in_a_list(app: Flask, q: str) -> Callable[[], int]:
    """All lines of a question, sorted in memory."""

    def make() -> int:
        with app.test_request_context():
            asked = lines.read({"q": [q], "order": [lines.FOUND]})
            chosen = sample.choose(asked.request, every=False, most=0)
            found = lines.finder(asked)
            assert found is not None
            with lines.lines(asked, found, chosen.ids) as made:
                return len(sorted(made, key=lambda record: str(record[-1])))

    return make


def run(settings: Settings) -> None:
    """Measure and print."""
    app = create_app(settings)
    print(f"{'question':12}{'what':34}{'s':>8}{'MB':>8}{'count':>12}")
    for name, q in QUESTIONS.items():
        asked = q.replace('"', "%22").replace(" ", "+")
        rows = {
            f"articles of a page, {concordance.MOST} at most": reading(app, q, concordance.MOST),
            "concordance, page": of(app, f"/ngu-canh?q={asked}"),
            f"articles of a picture, {together.MOST} at most": reading(app, q, together.MOST),
            "people and places": of(app, f"/di-cung?q={asked}"),
            "places and words": of(app, f"/di-cung?q={asked}&rows=place&cols=word"),
            "all articles": reading(app, q, 0),
            "concordance, file (bytes)": of(app, f"/ngu-canh.csv?q={asked}"),
            "its lines in a list": in_a_list(app, q),
        }
        for label, work in rows.items():
            spent, added, count = measured(work)
            print(f"{name:12}{label:34}{spent:8.2f}{added:8.0f}{count:12,}", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="folder in which the filled archive stays for the next run")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="research-benchmark-") as folder:
        run(fill(chosen.keep or Path(folder), chosen.articles))


if __name__ == "__main__":
    main()
