"""Whether the site holds out: mixed readers for minutes beside crawl and index, then three times too many.

::

    .venv/bin/python -m benchmarks.soak                      # ten minutes, about a quarter of an hour in all
    .venv/bin/python -m benchmarks.soak --minutes 1 --articles 1000 --keep /tmp/soak

In this order, against one `archive serve` of two workers on loopback:

1. few requests: the quiet median of each kind;
2. the rate that is sustained beside a crawl of the sample portal, and the index being brought up to date: the
   highest at which every answer is a good one and 95 % take less than five times their kind's quiet median
   (of 10 ms at least);
3. four fifths of that rate for the time asked for: no error, memory flat, the same bound on the time;
4. three times that rate: what is too much is refused quickly with `Retry-After`, health and the admin's pages
   answer; and how long it takes afterwards until answers are as quick as before.

The load comes from this very machine and takes its share of the processors, so the rates are low and the
ratios are what counts. Each line ends in a verdict; the exit code is 1 when one of them is bad.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote_plus

import requests

from archive.config import Settings
from archive.store import Store, admins
from archive.web.admin import keys
from benchmarks.load import Load, Shot, medians, quantile, slowdown
from benchmarks.web import addresses
from benchmarks.web_store import fill

SHARES = {
    "article": 0.52,
    "picture": 0.12,
    "search": 0.15,
    "replay": 0.06,
    "api search": 0.07,
    "api article": 0.06,
    "export": 0.02,
}
_BOUND = 5.0
"""Times the quiet median."""
_QUIET_RATE = 4.0
"""Requests a second, so few that none waits for another."""
_STEP_SECONDS = 8.0
_FLAT = 1.05
"""Memory at the end, as a multiple of that after the first third."""
_QUICK = 1.0
"""Seconds within which 95 % of the refusals come."""
_RECOVERED = 5.0
"""Seconds after which everything is as before."""


class Verdicts:
    """Prints a line each, and remembers whether one was bad."""

    def __init__(self) -> None:
        self.failed = False

    def say(self, what: str, found: str, good: bool) -> None:
        """One line."""
        self.failed |= not good
        print(f"{what:30}{found:66} {'good' if good else 'BAD'}", flush=True)


class Beside:
    """The work beside the readers: the portal's clock moves on, it is crawled, the index follows."""

    def __init__(self, root: Path, settings: Settings, portal_articles: int) -> None:
        self._root = root
        self._environ = os.environ | settings.to_environment()
        self._portal = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.portal", "serve"),
                *("--articles", str(portal_articles), "--var", str(root / "portal")),
            ],
            stdout=subprocess.DEVNULL,
        )
        self._day = dt.date(2025, 7, 1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.rounds = 0
        self.faults: list[str] = []
        sites = root / "portal" / "sites.toml"
        deadline = time.monotonic() + 60
        while not sites.is_file() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.round()

    def begin(self) -> None:
        """Go on with it until `end`."""
        self._thread.start()

    def end(self) -> None:
        """Finish the round under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._portal.terminate()
        self._portal.wait()

    def round(self) -> None:
        """A day of the portals."""
        self._day += dt.timedelta(days=1)
        var = str(self._root / "portal")
        clock = ["-m", "tests.portal", "clock", "--var", var, "--today", self._day.isoformat()]
        sites = f"{var}/sites.toml"
        for command in (
            clock,
            ["-m", "archive.cli", "crawl", "--sites", sites, "--recheck"],
            ["-m", "archive.cli", "index", "update"],
        ):
            done = subprocess.run(
                [sys.executable, *command], env=self._environ, capture_output=True, text=True, check=False
            )
            if done.returncode:
                self.faults.append(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
        self.rounds += 1

    def _work(self) -> None:
        while not self._stop.is_set():
            self.round()


class Memory:
    """Resident memory of a server and its workers, looked at each second."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seen: list[tuple[float, float]] = []
        """Seconds, megabytes of all processes together."""

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        begin = time.monotonic()
        while not self._stop.wait(1.0):
            self.seen.append((time.monotonic() - begin, self.now()))

    def now(self) -> float:
        """Megabytes: each process with its share of what it has in common with others."""
        total = 0
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if self._server in (parent, int(folder.name)):
                    found = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                    total += int(found[1]) if found else 0
        return total / 1024

    def growth(self) -> tuple[float, float]:
        """Last third over the second third (medians), and the slope over both, megabytes an hour."""
        third = max(1, len(self.seen) // 3)
        rest = self.seen[third:]
        first = quantile([size for _, size in self.seen[third : 2 * third]], 0.5)
        last = quantile([size for _, size in self.seen[2 * third :]], 0.5)
        middle = sum(at for at, _ in rest) / len(rest)
        mean = sum(size for _, size in rest) / len(rest)
        spread = sum((at - middle) ** 2 for at, _ in rest) or 1.0
        slope = sum((at - middle) * (size - mean) for at, size in rest) / spread
        return last / (first or 1.0), slope * 3600


@contextlib.contextmanager
def served(settings: Settings, port: int) -> Iterator[int]:
    """`archive serve`; gives its process id once it answers."""
    command = [sys.executable, "-m", "archive.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=os.environ | settings.to_environment(), stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=30).status_code == 200:
                    break
            time.sleep(0.1)
        else:
            raise SystemExit("archive serve does not answer, or search is not ready.")
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def paths(settings: Settings, base: str, count: int, seed: int = 5) -> dict[str, list[str]]:
    """Addresses by kind of request, drawn from what the archive holds."""
    draw = random.Random(seed)
    found = addresses(settings, count)
    store = Store.open(settings.database_url, migrate=False)
    ids = draw.sample(store.article_ids(limit=1_000_000), count)
    crawled = [
        view.article.url
        for view in store.articles(store.article_ids(limit=1_000_000))
        if "://127.0.0.1" in view.article.url
    ]
    pictures = {
        path
        for path in draw.sample(found["article, any of all"], min(60, count))
        for path in re.findall(r'src="(/media/[^"]+)"', requests.get(base + path, timeout=60).text)
    }
    replayed = []
    for url in draw.sample(crawled, min(40, len(crawled))):
        # Where the redirect to the exact time leads.
        answer = requests.get(f"{base}/web/2026/{url}", timeout=60)
        if answer.status_code == 200:
            replayed.append(answer.url.removeprefix(base))
    store.close()
    questions = [path.partition("q=")[2] for path in found["results, three words"]]
    return {
        "article": found["article, as readers choose"],
        "picture": sorted(pictures),
        "search": found["results, three words"] + found["results, one year"],
        "replay": replayed,
        "api search": [f"/api/v1/search?q={asked}" for asked in questions],
        "api article": [f"/api/v1/articles/{identity}" for identity in ids],
        "export": [f"/search.csv?q={quote_plus(chr(34))}{asked}{quote_plus(chr(34))}" for asked in questions],
    }


def sustained(load: Load, quiet: dict[str, float]) -> float:
    """Requests a second: doubled while they are sustained, then closed in on.

    A load that was itself late tells of a machine that is full, be it with other people's work.
    """
    low, high, rate = 0.0, 0.0, 8.0
    while not (low and high and high / low < 1.15):
        shots = load.run(rate, _STEP_SECONDS)
        failed = sum(not shot.good for shot in shots)
        slow = slowdown(shots, quiet)
        holds = not failed and slow < _BOUND
        late = quantile([shot.late for shot in shots], 0.95)
        print(
            f"  {rate:6.1f}/s: {failed} not answered, 95 % under {slow:.1f} quiet medians, the load itself "
            f"{late * 1e3:.0f} ms late: {'held' if holds else 'not held'}",
            flush=True,
        )
        low, high = (rate, high) if holds else (low, rate)
        if not low and high < 1:
            raise SystemExit("Not even one request a second is sustained.")
        rate = high / 2 if not low else low * 2 if not high else (low + high) / 2
    return low


def hold(
    load: Load, rate: float, minutes: float, quiet: dict[str, float], memory: Memory, tell: Verdicts
) -> None:
    """Four fifths of what is sustained, for long."""
    with memory:
        shots = load.run(rate, minutes * 60)
    wrong = Counter(shot.status for shot in shots if not shot.good)
    tell.say("errors", f"{sum(wrong.values())} of {len(shots):,} {dict(wrong) or ''}", not wrong)
    ratio, slope = memory.growth()
    sizes = f"{memory.seen[0][1]:.0f} MB, then {memory.seen[-1][1]:.0f} MB"
    tell.say("memory", f"{sizes}; last third {ratio:.3f} of the second, {slope:+.0f} MB/h", ratio < _FLAT)
    slow = slowdown(shots, quiet)
    tell.say("95 % of all", f"{slow:.1f} quiet medians (bound {_BOUND:.0f})", slow < _BOUND)
    for kind in SHARES:
        times = [shot.seconds for shot in shots if shot.kind == kind]
        if times and kind in quiet:
            print(
                f"  {kind:14}{len(times):7,} median {quantile(times, 0.5) / quiet[kind]:5.2f} of the quiet "
                f"{quiet[kind] * 1e3:6.1f} ms, 95 % {quantile(times, 0.95) / quiet[kind]:5.2f}"
            )


def flood(load: Load, rate: float, seconds: float, base: str, tell: Verdicts) -> None:
    """Three times what is sustained."""
    watched: list[tuple[str, int, float]] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            for path in ("/healthz", "/readyz", "/admin/login"):
                begin, status = time.monotonic(), 0
                with contextlib.suppress(requests.RequestException):
                    status = requests.get(base + path, timeout=10).status_code
                watched.append((path, status, time.monotonic() - begin))

    thread = threading.Thread(target=watch)
    thread.start()
    shots = load.run(rate, seconds)
    stop.set()
    thread.join()
    told = Counter(shot.status for shot in shots)
    served_ = [shot for shot in shots if shot.good]
    refused = [shot for shot in shots if shot.status == 503]
    strange = sum(number for status, number in told.items() if status not in (200, 301, 503))
    tell.say("answered or refused", f"{dict(told)}", not strange)
    tell.say("served meanwhile", f"{len(served_) / seconds:.0f}/s of {rate:.0f}/s asked", bool(served_))
    if refused:
        slow = quantile([shot.seconds for shot in refused], 0.95)
        half = quantile([shot.seconds for shot in refused], 0.5)
        some = f"median {half * 1e3:.0f} ms, 95 % {slow * 1e3:.0f} ms"
        tell.say("refusals are quick", some, slow < _QUICK)
        tell.say("… and say when to come back", "", all(shot.retry_after for shot in refused))
    statuses = Counter(status for _, status, _ in watched)
    slow = quantile([took for _, _, took in watched], 0.95)
    found = f"{len(watched)} asked, {dict(statuses)}, 95 % {slow * 1e3:.0f} ms"
    tell.say("health and admin", found, set(statuses) == {200})


def recovery(load: Load, quiet: dict[str, float], tell: Verdicts) -> None:
    """Until a second of few requests is as quick as it was."""
    begin = time.monotonic()
    while time.monotonic() - begin < 60:
        at = time.monotonic() - begin
        shots: Sequence[Shot] = load.run(_QUIET_RATE * 2, 1)
        if all(shot.good for shot in shots) and slowdown(shots, quiet) < _BOUND:
            break
    tell.say("as before after", f"{at:.0f} s", at <= _RECOVERED)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="of the soak itself")
    parser.add_argument("--articles", type=int, default=5_000, help="in the archive, besides the portals'")
    parser.add_argument("--portal", type=int, default=150, help="articles of the sample portals")
    parser.add_argument("--keep", type=Path, help="folder of the archive, used again when it is there")
    parser.add_argument("--port", type=int, default=8766)
    asked = parser.parse_args()
    tell = Verdicts()
    with contextlib.ExitStack() as stack:
        root = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base = f"http://127.0.0.1:{asked.port}"
        settings = replace(fill(root, asked.articles), public_base=base)
        keys.ensure_key(settings.var)
        store = Store.open(settings.database_url)
        with store.begin() as connection:
            admins.put(connection, "soak", keys.hashed("a password of nobody"))
        store.close()
        print(
            f"{asked.articles:,} articles, Python {platform.python_version()}, {os.cpu_count()} cores, "
            f"load of the machine before: {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        beside = Beside(root, settings, asked.portal)
        stack.callback(beside.end)
        server = stack.enter_context(served(settings, asked.port))
        found = paths(settings, base, min(2_000, asked.articles))
        load = Load(asked.port, found, {kind: part for kind, part in SHARES.items() if found[kind]})
        # Both workers open what they need before anything is timed.
        load.run(_QUIET_RATE * 2, 10)
        shots = load.run(_QUIET_RATE, 30)
        quiet = medians(shots)
        wrong = sum(not shot.good for shot in shots)
        tell.say("quiet", f"{len(shots)} requests, {wrong} errors", not wrong)
        beside.begin()
        rate = sustained(load, quiet)
        print(f"sustained beside the crawl: {rate:.0f}/s; now {rate * 0.8:.0f}/s for {asked.minutes:g} min")
        hold(load, rate * 0.8, asked.minutes, quiet, Memory(server), tell)
        print(f"three times the sustained rate: {rate * 3:.0f}/s")
        flood(load, rate * 3, min(30.0, 60 * asked.minutes), base, tell)
        recovery(load, quiet, tell)
        faults = f"{beside.rounds} rounds, {len(beside.faults)} failed {beside.faults[:1] or ''}"
        tell.say("crawl and index beside it", faults, beside.rounds > 1 and not beside.faults)
    return int(tell.failed)


if __name__ == "__main__":
    sys.exit(main())
