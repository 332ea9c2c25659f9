"""Building the index of both engines from the same articles, and a few questions to each.

::

    make opensearch
    .venv/bin/python -m benchmarks.index_engines --articles 20000

The articles are the sample portal's, made beforehand. A node of OpenSearch is started for the run and warmed
up with a tenth of them, for Java compiles what it runs often. Processor time is given beside the clock's, of
this process and of the node, so that other work on the machine counts as little as may be. The largest memory
of this process is taken in a process for each engine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive.search.backend import DocumentWriter, IndexDocument, SearchBackend, SearchRequest
from archive.search.opensearch import OpenSearchBackend, parse
from archive.search.whoosh import WhooshBackend
from tests.opensearch.node import Node
from tests.search.samples import sample

QUESTIONS = ("thi dua dam ha", "thi đua đầm hà", '"nông thôn mới"', "ủy ban nhân dân huyện", "nông*", "")
REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--heap", default="1g", help="Java's memory for objects")
    options = parser.parse_args()
    node = Node(heap=options.heap, whole_compiler=True)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        try:
            node.start()
            results = {}
            for engine in ("whoosh", "opensearch"):
                with context.Pool(1) as pool:
                    told = (engine, options.articles, node.setting("bench"), node.pid, folder)
                    results[engine] = pool.apply(measure, told)
            results["opensearch"]["size"] = _size_of(node)
        finally:
            node.stop()
    _show(results, options.articles)


def measure(engine: str, articles: int, setting: str, node: int, folder: str) -> dict[str, Any]:
    """Build and ask one engine, in this process."""
    docs = [sample(number, articles, 7) for number in range(articles)]
    backend: SearchBackend
    if engine == "opensearch":
        backend = OpenSearchBackend(parse(setting), Path(folder) / "lock", seconds=20)
        backend.rebuild(_filling(docs[: articles // 10]), _ignore)
    else:
        backend = WhooshBackend(Path(folder) / "whoosh")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock, own, java = time.monotonic(), time.process_time(), _processor_time(node)
    backend.rebuild(_filling(docs), _ignore)
    result: dict[str, Any] = {
        "clock": articles / (time.monotonic() - clock),
        "own": articles / (time.process_time() - own),
        "java": articles / max(_processor_time(node) - java, 1e-9) if engine == "opensearch" else None,
        "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }
    if engine == "whoosh":
        result["size"] = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    result["questions"] = {q: _ask(backend, q) for q in QUESTIONS}
    backend.close()
    return result


def _filling(docs: list[IndexDocument]) -> Callable[[DocumentWriter], int]:
    def fill(writer: DocumentWriter) -> int:
        for doc in docs:
            writer.add(doc)
        return 1

    return fill


def _ignore(count: int) -> None:
    pass


def _ask(backend: SearchBackend, q: str) -> tuple[int, float]:
    """Total, and median milliseconds of the whole page on the clock, the first time left out."""
    total = backend.search(SearchRequest(q=q)).total
    times = []
    for _ in range(REPEATS):
        began = time.monotonic()
        backend.search(SearchRequest(q=q))
        times.append((time.monotonic() - began) * 1000)
    return total, statistics.median(times)


def _processor_time(process: int) -> float:
    """Seconds, of all threads (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _size_of(node: Node) -> int:
    node.ask("POST", "/bench-*/_forcemerge?max_num_segments=1")
    stats = node.ask("GET", "/bench-*/_stats/store")
    size: int = stats["_all"]["primaries"]["store"]["size_in_bytes"]
    return size


def _show(results: dict[str, dict[str, Any]], articles: int) -> None:
    one, other = results["whoosh"], results["opensearch"]
    load = os.getloadavg()[0]
    print(
        f"{articles:,} articles, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.0f}"
    )
    print("\n| | Whoosh | OpenSearch | ratio |\n|---|---|---|---|")
    rows = (
        ("articles a second, clock", "clock", 1.0),
        ("articles a second of this process", "own", 1.0),
        ("index, MB", "size", 1e-6),
        ("memory of building in this process, MB", "memory", 1.0),
    )
    for title, name, scale in rows:
        left, right = one[name] * scale, other[name] * scale
        print(f"| {title} | {left:,.0f} | {right:,.0f} | {right / left:.2f} |")
    print(f"| articles a second of the node's processor time | | {other['java']:,.0f} | |")
    print("\n| whole page, ms | Whoosh | OpenSearch | ratio | totals agree |\n|---|---|---|---|---|")
    for q in QUESTIONS:
        (left, a), (right, b) = one["questions"][q], other["questions"][q]
        asked = json.dumps(q, ensure_ascii=False)
        print(f"| {asked} | {a:.1f} | {b:.1f} | {b / a:.1f} | {left == right} ({left:,}) |")


if __name__ == "__main__":
    sys.exit(main())
