"""A large archive in the database and engine that are chosen, beside SQLite and Whoosh.

::

    .venv/bin/python -m benchmarks.scale --articles 20000
    .venv/bin/python -m benchmarks.scale --articles 50000 --bulk-after 2000 --peer 5000 --servers /var/tmp/s
    .venv/bin/python -m benchmarks.scale --articles 20000 --database postgresql+psycopg://archive@/scale \
        --engine opensearch+http://127.0.0.1:9200/scale --watch $(pgrep -o postgres) $(pgrep -f OpenSearch)

Synthetic articles, the same for the same number: parts of the sample portal's articles put together anew,
each with a title of its own. They go into the database by the way of a crawl (`Ingest.record`), from there
into the index (`indexer.rebuild`), each step in a process of its own; then one process asks. The peer, SQLite
and Whoosh, is measured in the same run, and ratios to it are given. Times are by the clock: say under what
load they were taken (it is printed).

`--bulk-after N` has only the first N go by the way of a crawl, whose rate is told, and events and people read
of these; the others are filled in bulk (`scale_fill`), which the report says. `--servers DIR` starts both
servers with their data in DIR, which stays: a second run with the same number of articles takes up what is
done and asks anew; `--again index` indexes anew too. `--peer N` gives the peer fewer articles; 0 leaves it
out.

The model at the end goes by these figures in proportion, and by the prices and paces given as options: it is
arithmetic, no measurement. `--model FILE` writes it as Markdown; `--report FILE` writes the whole, and the
figures as JSON beside it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import os
import platform
import resource
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive import chronicle
from archive.config import Settings
from archive.search import indexer, open_backend
from archive.search.backend import HintKind, SearchRequest
from archive.store import Chronicle, Store
from benchmarks import scale_fill
from benchmarks.scale_articles import CLASSES, questions
from benchmarks.scale_model import Measured, Prices, model
from benchmarks.scale_pages import pages
from benchmarks.scale_report import report
from benchmarks.scale_servers import Servers

STEPS = ("fill", "index", "ask", "pages")

# ------------------------------------------------------------------------------------------ steps


def _fill(settings: Settings, count: int, crawled: int) -> dict[str, Any]:
    with closing(Store.open(settings.database_url)) as store:
        if store.totals().captures:
            raise SystemExit(f"{store.place} is not empty: an earlier run was ended; give another one.")
        began, used = time.monotonic(), time.process_time()
        scale_fill.record(store, settings.warc_dir, 0, crawled)
        stored, writing = time.monotonic() - began, time.process_time() - used
        began, used = time.monotonic(), time.process_time()
        chronicle.follow(store, settings)
        chronicled, reading = time.monotonic() - began, time.process_time() - used
        began = time.monotonic()
        if count > crawled:
            scale_fill.copy(settings.database_url, crawled, count, os.cpu_count() or 1)
            # As if the others had been read and told of nothing.
            events = Chronicle(store)
            events.put((), (), events.state()[0], store.last_change())
        return {
            "seconds": stored,
            "chronicle_seconds": chronicled,
            "bulk_seconds": time.monotonic() - began,
            "processor": {"storing": writing / crawled, "events": reading / crawled},
        }


def _index(settings: Settings, count: int) -> dict[str, Any]:
    moments = [time.monotonic()]

    def progress(done: int, of: int) -> None:
        if done * 10 >= of * len(moments):
            moments.append(time.monotonic())
            print(f"\r{done:,} articles indexed", end="", file=sys.stderr, flush=True)

    with closing(Store.open(settings.database_url)) as store:
        began, used = time.monotonic(), time.process_time()
        done = indexer.rebuild(store, settings, progress)
        assert done.articles == count, done
        print(file=sys.stderr)
        return {
            "seconds": time.monotonic() - began,
            "paces": [count / 10 / (end - start) for start, end in pairwise(moments)],
            "processor": {"indexing": (time.process_time() - used) / count},
        }


def _ask(settings: Settings, each: int) -> dict[str, Any]:
    asked = questions(each)
    times: dict[str, list[float]] = {name: [] for name in CLASSES}
    totals, cut_off = [], 0
    with closing(open_backend(settings)) as backend:
        backend.search(SearchRequest("huyện"))
        for kind, request in asked:
            began = time.perf_counter()
            page = backend.search(request)
            times[kind].append(time.perf_counter() - began)
            totals.append(page.total)
            cut_off += any(hint.kind is HintKind.CUT_OFF for hint in page.hints)
    return {"times": times, "totals": totals, "cut_off": cut_off}


def _in_process(step: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """A step in a fresh process, with the most memory that it took (MB)."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_send, args=(theirs, step, arguments))
    child.start()
    theirs.close()
    try:
        found: dict[str, Any] = ours.recv()
    except EOFError:
        raise SystemExit(f"{step.__name__} failed; see above.") from None
    child.join()
    return found


def _send(pipe: Any, step: Callable[..., dict[str, Any]], arguments: tuple[Any, ...]) -> None:
    found = step(*arguments)
    pipe.send({**found, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000})


# ---------------------------------------------------------------------------------------- sizes


def _database_bytes(settings: Settings) -> int:
    if settings.database:
        from sqlalchemy import text

        with closing(Store.open(settings.database_url)) as store, store.read() as connection:
            if store.dialect_name == "postgresql":
                return int(
                    connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
                )
    return sum(path.stat().st_size for path in settings.var.glob("archive.db*"))


def _index_bytes(settings: Settings) -> int:
    engine = getattr(settings, "search_engine", "")
    if engine.startswith("opensearch"):
        parts = urlsplit(engine.removeprefix("opensearch+"))
        prefix = parts.path.strip("/").split("/")[0]
        address = f"{parts.scheme}://{parts.netloc}/{prefix}*/_stats/store"
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - the operator's own cluster
            return int(json.load(answer)["_all"]["total"]["store"]["size_in_bytes"])
    return sum(path.stat().st_size for path in settings.index.rglob("*") if path.is_file())


def _watched(pids: list[int]) -> dict[str, float]:
    """Memory of processes with all that they started: proportional set size, MB."""
    found: dict[str, float] = {}
    for pid in pids:
        total, name = 0.0, Path(f"/proc/{pid}/comm").read_text().strip()
        for each in [pid, *_descendants(pid)]:
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1000
        found[f"{name} {pid}"] = total
    return found


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children] + [
        more for child in children for more in _descendants(int(child))
    ]


class _Memory:
    """The most that each of some processes takes while a `with` lasts."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self.most: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            with suppress(OSError):  # one of a server's processes has just ended
                for name, value in _watched(self._pids).items():
                    self.most[name] = max(self.most.get(name, 0.0), value)
            if self._over.wait(5.0):
                return


# ----------------------------------------------------------------------------------------- one side


@dataclass(frozen=True, slots=True)
class Side:
    name: str
    settings: Settings
    articles: int
    crawled: int
    """Of these, by the way of a crawl."""
    watch: list[int]
    """Process ids of servers."""
    kept: Path | None = None
    """Where what each step found is kept for the next run."""


def _measure(side: Side, each: int, again: list[str]) -> tuple[Measured, list[int]]:
    print(f"{side.name}:", file=sys.stderr)
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "fill": lambda: _in_process(_fill, side.settings, side.articles, side.crawled),
        "index": lambda: _in_process(_index, side.settings, side.articles),
        "ask": lambda: _in_process(_ask, side.settings, each),
        "pages": lambda: _in_process(pages, side.settings, side.articles),
    }
    found: dict[str, Any] = {}
    if side.kept is not None and side.kept.exists():
        found = json.loads(side.kept.read_text("utf-8"))
        if found["articles"] != [side.articles, side.crawled]:
            raise SystemExit(f"{side.kept} tells of other numbers; give the same, or another folder.")
    found["articles"] = [side.articles, side.crawled]
    for number, (name, step) in enumerate(steps.items()):
        if name in found and name not in again:
            continue
        for later in STEPS[number + 1 :]:
            found.pop(later, None)
        with _Memory(side.watch) as memory:
            found[name] = step() | {"memory": memory.most}
        if side.kept is not None:
            side.kept.write_text(json.dumps(found), "utf-8")
    filled, indexed, asked, shown = (found[name] for name in STEPS)
    told = {"storing": filled, "indexing": indexed, "asking": asked, "the site": shown}
    memory_of = {
        f"{doing}{who and f' ({who})'}": value
        for doing, step in told.items()
        for who, value in {"": step["mb"], **step["memory"]}.items()
    }
    measured = Measured(
        side.name, side.articles, side.crawled, filled["seconds"], filled["bulk_seconds"], side.crawled,
        filled["chronicle_seconds"], indexed["seconds"], indexed["paces"],
        {name: sorted(times) for name, times in asked["times"].items()}, asked["cut_off"], shown["pages"],
        shown["wrong"], memory_of,
        _database_bytes(side.settings), _index_bytes(side.settings),
        filled["processor"] | indexed["processor"],
    )  # fmt: skip
    return measured, asked["totals"]


def _sides(given: argparse.Namespace, root: Path, servers: Servers | None) -> list[Side]:
    sides = []
    database, engine = given.database, given.engine
    if servers is not None:
        database, engine = servers.database, servers.engine
    if database or engine:
        folder = given.servers or root
        chosen = Settings(
            var=folder / "var", index=folder / "index", database=database, contact="benchmark@example.org"
        )
        if engine:
            chosen = dataclasses.replace(chosen, search_engine=engine)
        watch = [*given.watch, *(servers.watch if servers is not None else [])]
        crawled = min(given.bulk_after or given.articles, given.articles)
        name = " + ".join(item.partition(":")[0] for item in (database or "SQLite", engine or "Whoosh"))
        kept = folder / "scale.json" if servers is not None else None
        sides.append(Side(name, chosen, given.articles, crawled, watch, kept))
    count = given.articles if given.peer is None else given.peer
    if count or not sides:
        peer = Settings(var=root / "peer", index=root / "peer-index", contact="benchmark@example.org")
        sides.append(Side("SQLite + Whoosh", peer, count, count, []))
    return sides


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--bulk-after", type=int, help="so many as a crawl does, the others in bulk [all]")
    parser.add_argument("--peer", type=int, help="articles of the peer, 0 for none [as many]")
    parser.add_argument("--each", type=int, default=40, help="questions of each class")
    parser.add_argument("--database", default="", help="SQLAlchemy URL of an empty database [SQLite]")
    parser.add_argument("--engine", default="", help="setting search_engine [Whoosh]")
    parser.add_argument("--watch", type=int, nargs="*", default=[], help="process ids of servers")
    parser.add_argument("--servers", type=Path, help="start both servers, their data kept in this folder")
    parser.add_argument("--heap", default="4g", help="Java's memory for objects, of that node")
    parser.add_argument(
        "--again", nargs="*", choices=STEPS, default=["ask", "pages"], help="steps to do anew [ask]"
    )
    parser.add_argument("--folder", type=Path, help="where to work; removed at the end [a temporary one]")
    parser.add_argument("--model", type=Path, help="write the model as Markdown to this file as well")
    parser.add_argument("--report", type=Path, help="write all of it as Markdown, and as JSON beside it")
    for field in dataclasses.fields(Prices):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=float, default=field.default)
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix="scale-", dir=given.folder))
        stack.callback(shutil.rmtree, root)
        begin = f"{os.cpu_count()} cores, Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}"
        servers = stack.enter_context(Servers(given.servers, heap=given.heap)) if given.servers else None
        results = [_measure(side, given.each, given.again) for side in _sides(given, root, servers)]
    measured = [item for item, _ in results]
    agreeing = ""
    if len({item.articles for item in measured}) < len(measured):
        same = sum(mine == theirs for mine, theirs in zip(results[0][1], results[-1][1], strict=True))
        agreeing = f"Totals that agree: {same} of {len(results[0][1])} questions."
    prices = Prices(**{field.name: getattr(given, field.name) for field in dataclasses.fields(Prices)})
    reckoned = model(measured[0], prices)
    told = report(measured, agreeing)
    text = f"{begin} at the begin, {os.getloadavg()[0]:.1f} at the end\n{told}\n{reckoned}"
    print(text)
    if given.model is not None:
        given.model.write_text(reckoned, "utf-8")
    if given.report is not None:
        given.report.write_text(text, "utf-8")
        figures = json.dumps([dataclasses.asdict(item) for item in measured], indent=1)
        given.report.with_suffix(".json").write_text(figures, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
