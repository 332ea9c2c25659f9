"""How quick the site is: one gunicorn as `archive serve` runs it, 50,000 articles, wrk.

::

    sudo apt-get install wrk
    .venv/bin/python -m benchmarks.web --articles 50000 --keep /tmp/web-benchmark

Every kind of page is asked for by wrk from a list of addresses drawn at random; a bare Flask page that
returns the same bytes as the article page runs under the same gunicorn, as the measure of what Python and
gunicorn cost by themselves. "a core" divides by the processor time that the workers used, so that other
work on the machine counts as little as may be; "by clock" is what wrk saw. `--settings` compares numbers
of workers and threads.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Response

from archive.cli.serve import Server, options
from archive.config import Settings
from archive.store import Store
from archive.text.vietnamese import fold, raw_words
from archive.web import create_app
from benchmarks.web_store import fill

_HOST = "127.0.0.1"
_LUA = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = 0
request = function() at = at %% #paths + 1; return wrk.format("GET", paths[at]) end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,
    latency:percentile(50), latency:percentile(95)))
end
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of page."""

    a_second: float
    """By the clock."""
    a_core: float
    """A second of the workers' processor time."""
    median: float
    """Milliseconds."""
    slow: float
    """95th percentile, milliseconds."""
    failed: int


def bare(page: bytes) -> Flask:
    """A Flask application that does nothing but return these bytes, under any address."""
    app = Flask("bare", static_folder=None)

    @app.get("/")
    @app.get("/<path:_path>")
    def show(_path: str = "") -> Response:
        return Response(page, content_type="text/html; charset=utf-8")

    return app


@contextlib.contextmanager
def served(make_app: Callable[[], Any], chosen: dict[str, Any]) -> Iterator[int]:
    """gunicorn in a process of its own; gives its process id once it answers."""
    pid = os.fork()
    if pid == 0:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="web-benchmark-")
        try:
            Server(make_app, chosen).run()
        finally:
            os._exit(0)
    try:
        _wait(chosen["bind"])
        yield pid
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def _wait(bind: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection(bind, timeout=10)
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
            return
        time.sleep(0.1)
    raise SystemExit(f"gunicorn does not answer at {bind}.")


def measure(server: int, bind: str, paths: Sequence[str], seconds: int, connections: int) -> Measured:
    """wrk over these addresses in turn."""
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder, "paths"), Path(folder, "wrk.lua")
        listed.write_text("\n".join(paths), "utf-8")
        script.write_text(_LUA % listed, "utf-8")
        before = _processor_seconds(server)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), f"http://{bind}"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        used = _processor_seconds(server) - before
    requests, micro, failed, median, slow = map(
        int, re.findall(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)[0]
    )
    return Measured(requests / micro * 1e6, requests / used, median / 1e3, slow / 1e3, failed)


def _processor_seconds(parent: int) -> float:
    """Of all living children of a process: the workers."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == parent:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def addresses(settings: Settings, count: int, seed: int = 3) -> dict[str, list[str]]:
    """Kind of page → addresses drawn from the archive."""
    draw = random.Random(seed)
    store = Store.open(settings.database_url, migrate=False)
    ids = draw.sample(store.article_ids(limit=1_000_000), count)
    views = [view for start in range(0, count, 500) for view in store.articles(ids[start : start + 500])]
    sites = [site.id for site in store.sites()]
    store.close()
    with create_app(settings).test_request_context():
        from archive.web import links

        articles = [links.view_path(view) for view in views]
    words = [raw_words(fold(view.extraction.title)) for view in views]
    asked = [
        " ".join(title[at : at + 3]) for title in words for at in (draw.randrange(max(1, len(title) - 2)),)
    ]
    # Readers do not draw evenly: the n-th article is asked for 1/n times as often as the first (Zipf).
    often = draw.choices(articles, weights=[1 / (rank + 1) for rank in range(count)], k=20_000)
    return {
        "article, any of all": articles,
        "article, as readers choose": often,
        "one article again and again": articles[:1],
        "results, three words": [f"/search?q={quote_plus(text)}" for text in asked],
        "results, one year": [
            f"/search?q={quote_plus(text)}&year={draw.randrange(2012, 2025)}" for text in asked
        ],
        "first page": ["/"],
        "portal, a year": [f"/site/{draw.choice(sites)}/{draw.randrange(2012, 2025)}" for _ in range(200)],
    }


def weight(bind: str) -> tuple[int, int]:
    """Bytes and number of requests of the first page with what it needs but pictures, nothing packed."""
    found = [_get(bind, "/")]
    needed = re.findall(rb'<(?:link rel="(?:stylesheet|icon)" href|script src)="([^"]+)"', found[0])
    found += [_get(bind, path.decode()) for path in needed]
    return sum(map(len, found)), len(found)


def _get(bind: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(bind, timeout=30)
    connection.request("GET", path)
    return connection.getresponse().read()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--keep", type=Path, help="folder of the filled archive, used again when it is there")
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--settings", action="store_true", help="compare workers × threads instead")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        parser.error("wrk is not installed: apt-get install wrk")
    with contextlib.ExitStack() as stack:
        root = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = replace(fill(root, asked.articles), public_base=f"http://{_HOST}:{asked.port}")
        paths = addresses(settings, min(5_000, asked.articles))
        print(f"{asked.articles:,} articles, {platform.python_version()}, {os.cpu_count()} cores", flush=True)
        if asked.settings:
            compare(settings, asked, paths)
        else:
            pages(settings, asked, paths)


def pages(settings: Settings, asked: argparse.Namespace, paths: dict[str, list[str]]) -> None:
    """One worker, so that "a core" is one; the bare page between the others."""
    chosen = options(replace(settings, workers=1), _HOST, asked.port)
    bind = chosen["bind"]
    found: dict[str, Measured] = {}
    with served(lambda: create_app(settings), chosen) as server:
        page = _get(bind, paths["article, any of all"][0])
        for name, listed in paths.items():
            measure(server, bind, listed, 2, 4)
            found[name] = measure(server, bind, listed, asked.seconds, 4)
        size, requests = weight(bind)
    with served(lambda: bare(page), chosen) as server:
        found["bare Flask page"] = measure(server, bind, ["/"], asked.seconds, 4)
    base = found["bare Flask page"]
    print(f"{'page':28}{'a core':>9}{'of bare':>9}{'by clock':>10}{'median':>9}{'95 %':>9}")
    for name, item in found.items():
        print(
            f"{name:28}{item.a_core:7.0f}/s{item.a_core / base.a_core:9.0%}{item.a_second:8.0f}/s"
            f"{item.median:6.1f} ms{item.slow:6.1f} ms" + (f"  {item.failed} failed" if item.failed else "")
        )
    print(f"The bare page has {len(page):,} bytes. First page: {size:,} bytes, {requests} requests.")


def compare(settings: Settings, asked: argparse.Namespace, paths: dict[str, list[str]]) -> None:
    """The same readers under other numbers of workers and threads."""
    mixed = [
        path
        for trio in zip(
            paths["article, as readers choose"],
            paths["article, any of all"],
            paths["results, three words"],
            strict=False,
        )
        for path in trio
    ]
    for workers, threads in ((1, 1), (1, 4), (2, 1), (2, 2), (2, 4), (2, 8), (4, 2), (4, 4)):
        chosen = options(replace(settings, workers=workers), _HOST, asked.port) | {"threads": threads}
        with served(lambda: create_app(settings), chosen) as server:
            measure(server, chosen["bind"], mixed, 3, 16)
            item = measure(server, chosen["bind"], mixed, asked.seconds, 16)
        print(
            f"{workers} workers × {threads} threads: {item.a_second:6.0f}/s, median {item.median:6.1f} ms, "
            f"95 % {item.slow:6.1f} ms, {item.failed} failed",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
