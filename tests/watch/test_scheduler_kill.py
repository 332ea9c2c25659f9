"""SIGKILL over the scheduler at any moment: nothing is lost, nothing is done twice."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from archive.config import Settings
from archive.preserve import verify
from archive.search import indexer
from archive.store import Store
from archive.store.jobs import JobKind, JobState
from tests.crawler.crawling import contents
from tests.faults.storage.machine import Machine, Running
from tests.portal import Portal

YEARLY = 'schedule = "0 0 1 1 *"\n'
"""Whatever the hour at which the test runs, a site has one turn in it: the first."""


def start(machine: Machine, settings: Settings, sites: Path, *options: str) -> Running:
    """A scheduler in a session of its own, with the commands that it runs."""
    return machine.start(settings, ["scheduler", "--sites", str(sites), *options])


def kill_at_random(child: Running, portal: Portal, dice: random.Random) -> None:
    """After some more requests to the portal, or some time when there are none; the commands go with it."""
    goal = sum(portal.requests.values()) + dice.randint(0, 12)
    end = time.monotonic() + dice.uniform(0.8, 4.0)
    while sum(portal.requests.values()) < goal and time.monotonic() < end:
        assert not child.is_over(), "the scheduler ended by itself"
        time.sleep(0.002)
    time.sleep(dice.random() * 0.05)
    child.kill()
    assert child.wait().killed


@pytest.mark.long
def test_fifty_kills(machine: Machine, tmp_path: Path) -> None:
    folder, articles, kills, seed = tmp_path, 90, 50, 5
    dice = random.Random(seed)
    with Portal(articles, seed=seed) as portal:
        sites = folder / "sites.toml"
        sites.write_text(
            "\n".join(f"{part.rstrip()}\n{YEARLY}" for part in portal.sites_toml().split("\n\n"))
        )
        whole, broken = (
            Settings(
                var=folder / name, index=folder / name / "index", contact="a@example.org", verify_minutes=0
            )
            for name in ("whole", "broken")
        )
        assert start(machine, whole, sites, "--once").wait().code == 0
        for _ in range(kills):
            kill_at_random(start(machine, broken, sites), portal, dice)
        assert start(machine, broken, sites, "--once").wait().code == 0
    expected = contents(whole)
    assert len(expected) >= articles
    assert contents(broken) == expected
    store = Store.open(broken.database_url)
    try:
        report = verify(store, broken.warc_dir)
        assert (report.findings, report.pending) == ([], [])
        found = store.jobs(1000)
        crawls = [(job.site, job.state) for job in found if job.kind is JobKind.CRAWL]
        done = [(site, JobState.DONE) for site in ("cam-xuyen", "dam-ha", "tien-yen")]
        assert sorted(crawls) == done
        assert {job.state for job in found} == {JobState.DONE}
        status = indexer.status(broken, store)
        assert (status.articles, status.behind, status.problem) == (len(expected), 0, "")
    finally:
        store.close()


def test_sigterm_ends_it_in_order_and_a_second_one_is_told(machine: Machine, tmp_path: Path) -> None:
    with Portal(articles=6) as portal:
        sites = tmp_path / "sites.toml"
        sites.write_text(portal.sites_toml())
        settings = Settings(var=tmp_path / "var", index=tmp_path / "index", verify_minutes=0)
        first = start(machine, settings, sites)
        try:
            end = time.monotonic() + 60
            while not portal.requests:
                assert not first.is_over()
                assert time.monotonic() < end
                time.sleep(0.01)
            assert start(machine, settings, sites).wait().code == 3
        finally:
            first.terminate()
        assert first.wait().code == 0
    plan = machine.done(settings, "scheduler", "--sites", sites, "--plan", "--json")
    assert json.loads(plan.out)["running"] is False
