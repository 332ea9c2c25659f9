"""A large archive in the database and engine that are chosen, beside SQLite and Whoosh.

::

    .venv/bin/python -m benchmarks.scale --articles 20000
    .venv/bin/python -m benchmarks.scale --articles 1000000 --database postgresql+psycopg://archive@/scale \
        --engine opensearch+http://127.0.0.1:9200/scale --watch $(pgrep -o postgres) $(pgrep -f OpenSearch)

Synthetic articles, the same for the same number: parts of the sample portal's articles put together anew,
each with a title of its own. They go into the database by the way of a crawl (`Ingest.record`), from there
into the index (`indexer.rebuild`), each step in a process of its own; then one process asks. The peer, SQLite
and Whoosh, is always measured in the same run, and ratios to it are printed. `--watch` names processes of
servers whose memory is told too. Times are by the clock: say under what load they were taken (it is printed).

The model at the end goes by these figures in proportion, and by the prices and paces given as options: it is
arithmetic, no measurement. `--model FILE` writes it as Markdown.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import functools
import json
import multiprocessing
import os
import platform
import random
import resource
import shutil
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive import chronicle
from archive.config import Settings
from archive.ingest import Ingest
from archive.model import Extraction, Site, WarcRef
from archive.search import indexer, open_backend
from archive.search.backend import SearchRequest
from archive.store import Store
from archive.text.vietnamese import fold, raw_words
from archive.warc import Written
from benchmarks.scale_model import Measured, Prices, model
from benchmarks.web_store import digest_of, exchange_of, extraction_of, site_of
from tests.portal import grammar

POOL = 2_000
"""Articles of the sample portal whose parts are put together anew."""
_BATCH = 500
CLASSES = ("no filter", "accents", "phrase", "facets", "date range")


# --------------------------------------------------------------------------------------- articles


@functools.cache
def _pool() -> list[tuple[Site, Extraction]]:
    made = (grammar.article(1, index, POOL) for index in range(POOL))
    return [(site_of(item.district.name), extraction_of(item, site_of(item.district.name))) for item in made]


def articles(start: int, stop: int) -> Iterator[tuple[int, Site, Extraction]]:
    """Articles by number; each is the same in every run."""
    pool = _pool()
    for index in range(start, stop):
        site, base = pool[index % POOL]
        _, other = pool[(index * 7_919 + index // POOL) % POOL]
        cut = 1 + index % max(1, len(base.blocks))
        title = f"{base.title} – kỳ {index}"
        yield (
            index,
            site,
            dataclasses.replace(base, title=title, blocks=base.blocks[:cut] + other.blocks[-cut:]),
        )


def questions(each: int, seed: int = 7) -> list[tuple[str, SearchRequest]]:
    """The mix: so many of every class, drawn from the articles."""
    draw = random.Random(seed)
    texts = ["\n".join([item.title, *item.body()]) for _, item in _pool()]
    asked: list[tuple[str, SearchRequest]] = []
    for _ in range(each):
        words = [raw_words(draw.choice(texts)) for _ in range(5)]
        run = [draw.randrange(len(found) - 4) for found in words]
        years = sorted(draw.sample(range(2016, 2024), 2))
        first, last = dt.date(years[0], 1, 1), dt.date(years[1], 12, 31)
        plain = fold(" ".join(words[0][run[0] : run[0] + 2]))
        phrase = " ".join(words[2][run[2] : run[2] + 3])
        asked += [
            ("no filter", SearchRequest(plain)),
            ("accents", SearchRequest(" ".join(words[1][run[1] : run[1] + 2]), exact=True, facets=False)),
            ("phrase", SearchRequest(f'"{phrase}"', facets=False)),
            ("facets", SearchRequest(words[3][run[3]], sites=(draw.choice(_pool())[0].id,))),
            ("date range", SearchRequest(words[4][run[4]], date_from=first, date_to=last, facets=False)),
        ]
    return asked


# ------------------------------------------------------------------------------------------ steps


def _fill(settings: Settings, count: int) -> dict[str, Any]:
    _pool()
    began, used = time.monotonic(), time.process_time()
    with (
        closing(Store.open(settings.database_url)) as store,
        closing(Ingest(store, settings.warc_dir)) as ingest,
    ):
        for site in {site.id: site for site, _ in _pool()}.values():
            store.put_site(site)
        for start in range(0, count, _BATCH):
            with store.begin() as connection:
                for index, site, extraction in articles(start, min(start + _BATCH, count)):
                    exchange = exchange_of(
                        f"{site.start[0]}tin/{index}.html", index, b"%d" % index, "text/html"
                    )
                    digest = digest_of(exchange)
                    ref = WarcRef("scale.warc.gz", index * 1_000, 1_000, digest.removeprefix("sha256:"))
                    written = Written(uuid.UUID(int=index).hex, ref, (index + 1) * 1_000)
                    ingest.record(connection, exchange, written, digest, extraction, site=site)
            print(f"\r{min(start + _BATCH, count):,} articles stored", end="", file=sys.stderr)
    print(file=sys.stderr)
    return {"seconds": time.monotonic() - began, "processor": {"storing": time.process_time() - used}}


def _index(settings: Settings, count: int) -> dict[str, Any]:
    with closing(Store.open(settings.database_url)) as store:
        began, used = time.monotonic(), time.process_time()
        chronicle.follow(store, settings)
        chronicled, read = time.monotonic() - began, time.process_time() - used
        began, used = time.monotonic(), time.process_time()
        report = indexer.rebuild(store, settings)
        assert report.articles == count, report
        return {
            "seconds": time.monotonic() - began,
            "chronicle_seconds": chronicled,
            "processor": {"events": read, "indexing": time.process_time() - used},
        }


def _ask(settings: Settings, each: int) -> dict[str, Any]:
    asked = questions(each)
    times: dict[str, list[float]] = {name: [] for name in CLASSES}
    totals = []
    with closing(open_backend(settings)) as backend:
        backend.search(SearchRequest("huyện"))
        for kind, request in asked:
            began = time.perf_counter()
            page = backend.search(request)
            times[kind].append(time.perf_counter() - began)
            totals.append(page.total)
    return {"times": times, "totals": totals}


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


# ----------------------------------------------------------------------------------------- one side


@dataclass(frozen=True, slots=True)
class Side:
    name: str
    settings: Settings


def _measure(side: Side, count: int, each: int, watch: list[int]) -> tuple[Measured, list[int]]:
    print(f"{side.name}:", file=sys.stderr)
    filled = _in_process(_fill, side.settings, count)
    indexed = _in_process(_index, side.settings, count)
    asked = _in_process(_ask, side.settings, each)
    measured = Measured(
        side.name, count, filled["seconds"], indexed["chronicle_seconds"], indexed["seconds"],
        {name: sorted(times) for name, times in asked["times"].items()},
        {"storing": filled["mb"], "indexing": indexed["mb"], "asking": asked["mb"], **_watched(watch)},
        _database_bytes(side.settings), _index_bytes(side.settings),
        filled["processor"] | indexed["processor"],
    )  # fmt: skip
    return measured, asked["totals"]


def _print(measured: list[Measured]) -> None:
    peer = measured[-1]
    for item in measured:
        print(f"\n{item.name}, {item.articles:,} articles")
        rows = [
            ("stored a second", item.articles / item.store_seconds, peer.articles / peer.store_seconds),
            (
                "events read a second",
                item.articles / item.chronicle_seconds,
                peer.articles / peer.chronicle_seconds,
            ),
            ("indexed a second", item.articles / item.index_seconds, peer.articles / peer.index_seconds),
            (
                "database, bytes an article",
                item.database_bytes / item.articles,
                peer.database_bytes / peer.articles,
            ),
            ("index, bytes an article", item.index_bytes / item.articles, peer.index_bytes / peer.articles),
        ]
        for name in CLASSES:
            for share in (0.5, 0.95, 0.99):
                mine, theirs = item.percentile(name, share) * 1000, peer.percentile(name, share) * 1000
                rows.append((f"{name}, {share:.0%} within ms", mine, theirs))
        for name, value, other in rows:
            ratio = "" if item is peer else f"  × {value / other:.2f}" if other else ""
            print(f"  {name:<32}{value:>12,.1f}{ratio}")
        used = ", ".join(
            f"{name} {value / item.articles * 1000:.1f}" for name, value in item.processor.items()
        )
        print(f"  processor of our own processes, ms an article: {used}")
        print("  memory, MB: " + ", ".join(f"{name} {value:,.0f}" for name, value in item.memory.items()))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=40, help="questions of each class")
    parser.add_argument("--database", default="", help="SQLAlchemy URL of an empty database [SQLite]")
    parser.add_argument("--engine", default="", help="setting search_engine [Whoosh]")
    parser.add_argument("--watch", type=int, nargs="*", default=[], help="process ids of servers")
    parser.add_argument("--folder", type=Path, help="where to work; removed at the end [a temporary one]")
    parser.add_argument("--model", type=Path, help="write the model as Markdown to this file as well")
    for field in dataclasses.fields(Prices):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=float, default=field.default)
    given = parser.parse_args(arguments)
    root = Path(tempfile.mkdtemp(prefix="scale-", dir=given.folder))
    peer = Side("SQLite + Whoosh", Settings(var=root / "peer", index=root / "peer-index"))
    sides = [peer]
    if given.database or given.engine:
        chosen = Settings(var=root / "chosen", index=root / "chosen-index", database=given.database)
        if given.engine:
            chosen = dataclasses.replace(chosen, search_engine=given.engine)
        names = (given.database or "SQLite", given.engine or "Whoosh")
        sides.insert(0, Side(" + ".join(name.partition(":")[0] for name in names), chosen))
    load = os.getloadavg()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}; load {load[0]:.1f}")
    try:
        results = [
            _measure(side, given.articles, given.each, given.watch if side is not peer else [])
            for side in sides
        ]
        measured = [item for item, _ in results]
        _print(measured)
        if len(results) > 1:
            same = sum(mine == theirs for mine, theirs in zip(results[0][1], results[1][1], strict=True))
            print(f"\nTotals that agree: {same} of {len(results[0][1])} questions")
        print(f"Load at the end {os.getloadavg()[0]:.1f}\n")
        prices = Prices(**{field.name: getattr(given, field.name) for field in dataclasses.fields(Prices)})
        text = model(measured[0], prices)
        print(text)
        if given.model is not None:
            given.model.write_text(text, "utf-8")
    finally:
        shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
