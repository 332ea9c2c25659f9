"""Several processes crawl together: each portal by one of them, what a killed one leaves taken over, and
every host asked as slowly as if there were one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.config import Settings
from archive.preserve import verify
from archive.store import Store
from archive.store.jobs import JobKind, JobState
from tests.crawler.crawling import Pages, article, contents, listing, path_of, served
from tests.portal import Portal
from tests.postgresql import without_everywhere

ROOT = Path(__file__).parents[2]
TERM = 3.0
LONG_TERM = 12.0
"""For the long run: a living process that a loaded machine keeps from renewing its lease is not to be taken
for dead, since what it has under way would be done again."""
pytestmark = pytest.mark.both_stores


class Hosts:
    """Starts the processes of a shared crawl: each on a host of its own, which has the folder of captures
    from a common place; or, with SQLite, all on the one host that this serves."""

    def __init__(self, settings: Settings, sites: Path, term: float = TERM) -> None:
        """:param term: seconds of a lease."""
        self.settings, self.sites, self.term = settings, sites, term
        settings.warc_dir.mkdir(parents=True)
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        var = self.settings.var
        if self.settings.database:
            var = var.with_name(f"{var.name}-host-{len(self.started)}")
            var.mkdir()
            (var / "warc").symlink_to(self.settings.warc_dir)
        url = self.settings.database_url
        command = [sys.executable, "-W", "error", "-m", "tests.crawler.share_once"]
        with (self.settings.var / f"log-{len(self.started)}").open("wb") as log:
            child = subprocess.Popen(
                [*command, str(var), str(self.sites), url, str(self.term)],
                cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log, env=without_everywhere(),
            )  # fmt: skip
        self.started.append(child)
        return child

    def end(self) -> None:
        for child in self.started:
            if child.poll() is None:
                child.kill()
                child.wait()

    def told(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.settings.var.glob("log-*")))


def _shared(
    settings: Settings, articles: int, seed: int, processes: int, kills: int, term: float = TERM
) -> None:
    dice = random.Random(seed)
    with Portal(articles, seed=seed) as portal:
        sites = settings.var.parent / "sites.toml"
        sites.write_text(portal.sites_toml())
        alone = replace(settings, var=settings.var.with_name("alone"), database="")
        whole = Hosts(alone, sites)
        assert whole.start().wait() == 0, whole.told()
        undisturbed = Counter(portal.requests)
        hosts = Hosts(settings, sites, term)
        try:
            for _ in range(processes):
                hosts.start()
            for number in range(kills):
                goal = sum(undisturbed.values()) * (1 + (number + 1) / (kills + 2))
                while sum(portal.requests.values()) < goal:
                    assert any(child.poll() is None for child in hosts.started), hosts.told()
                    time.sleep(0.001)
                time.sleep(dice.random() * 0.03)
                working = [child for child in hosts.started if child.poll() is None]
                dice.choice(working).send_signal(signal.SIGKILL)
            codes = [child.wait() for child in hosts.started]
        finally:
            hosts.end()
        assert codes.count(-signal.SIGKILL) <= kills, hosts.told()
        assert set(codes) <= {0, -signal.SIGKILL}, hosts.told()
        assert codes.count(0) >= processes - kills > 0
        again = Counter(portal.requests) - undisturbed
    once = {url for url in undisturbed if not url.endswith(("/robots.txt", "/sitemap.xml"))}
    repeated = sum(max(0, again[url] - undisturbed[url]) for url in once)
    # Each process crawls one portal at a time, so a killed one had one exchange under way.
    assert repeated <= kills
    assert contents(settings) == contents(alone)
    with closing(Store.open(settings.database_url)) as store:
        report = verify(store, settings.warc_dir)
        assert (report.findings, report.pending) == ([], [])


def test_a_killed_process_leaves_nothing_undone_and_nothing_done_twice(settings: Settings) -> None:
    _shared(settings, articles=15, seed=3, processes=3, kills=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_of_many_processes_some_are_killed(settings: Settings, seed: int) -> None:
    _shared(settings, articles=120, seed=seed, processes=5, kills=3, term=LONG_TERM)


class Timed(Pages):
    """A portal that notes when it was asked."""

    def __init__(self, pages: dict[str, Any]) -> None:
        super().__init__(pages)
        self.times: list[float] = []
        self.guard = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        with self.guard:
            self.times.append(time.monotonic())
        return super().__call__(environ, start)


def test_a_host_with_two_sites_is_asked_in_turn_by_two_processes_and_by_the_one_that_takes_over(
    settings: Settings, tmp_path: Path
) -> None:
    delay, paths = 0.3, [path_of(number) for number in range(10)]
    pages = Timed({path: article(number) for number, path in enumerate(paths)})
    pages.pages |= {"/a/": listing(paths[:5]), "/b/": listing(paths[5:])}
    with served(pages) as url:
        sites = tmp_path / "sites.toml"
        sites.write_text(
            "".join(
                f'[[site]]\nid = "{name}"\nname = "Huyện {name}"\nstart = "{url}/{name}/"\n'
                f"delay = {delay}\nallow_private = true\n"
                for name in "ab"
            )
        )
        hosts = Hosts(settings, sites)
        try:
            first, second = hosts.start(), hosts.start()
            while len(pages.times) < 12:
                assert first.poll() is None or second.poll() is None, hosts.told()
                time.sleep(0.001)
            first.kill()
            assert second.wait() == 0, hosts.told()
        finally:
            hosts.end()
    assert set(paths) <= set(pages.asked)
    both = sorted(pages.times)[:12]
    # Each by itself would have asked twice as fast; what lies between a turn and the request varies a little.
    assert both[-1] - both[0] > 0.75 * delay * (len(both) - 1)


def test_without_a_scheduler_what_is_asked_for_waits_but_for_the_portals_of_a_shared_crawl(
    settings: Settings, tmp_path: Path
) -> None:
    pages = Pages({path_of(0): article(0), "/": listing([path_of(0)])})
    with served(pages) as url, closing(Store.open(settings.database_url)) as store:
        sites = tmp_path / "sites.toml"
        sites.write_text(
            f'[[site]]\nid = "a"\nname = "Huyện a"\nstart = "{url}/"\ndelay = 0\nallow_private = true\n'
            'schedule = "daily"\n'
        )
        asked = {
            site: store.ask_job(JobKind.CRAWL, site=site, by="schedule", key=f"crawl:{site}") for site in "ab"
        }
        index = store.ask_job(JobKind.INDEX_UPDATE, by="lan", key=JobKind.INDEX_UPDATE)
        hosts = Hosts(settings, sites)
        try:
            assert hosts.start().wait() == 0, hosts.told()
        finally:
            hosts.end()
        states = {job.id: job.state for job in store.jobs()}
        assert states == {
            asked["a"]: JobState.DONE, asked["b"]: JobState.QUEUED, index: JobState.QUEUED
        }  # fmt: skip
        assert store.totals().articles == 1
