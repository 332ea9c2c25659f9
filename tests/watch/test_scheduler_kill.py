"""SIGKILL over the scheduler at any moment: nothing is lost, nothing is done twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive.config import Settings
from archive.preserve import verify
from archive.search import indexer
from archive.store import Store
from archive.store.jobs import JobKind, JobState
from tests.crawler.crawling import contents
from tests.portal import Portal

ROOT = Path(__file__).parents[2]
YEARLY = 'schedule = "0 0 1 1 *"\n'
"""Whatever the hour at which the test runs, a site has one turn in it: the first."""


def start(settings: Settings, sites: Path, *options: str) -> subprocess.Popen[bytes]:
    """A scheduler in a session of its own, with the commands that it runs."""
    command = [sys.executable, "-m", "archive.cli", "scheduler", "--sites", str(sites), *options]
    environment = {**os.environ, **settings.to_environment()}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )


def kill_at_random(child: subprocess.Popen[bytes], portal: Portal, dice: random.Random) -> None:
    """After some more requests to the portal, or some time when there are none; the commands go with it."""
    goal = sum(portal.requests.values()) + dice.randint(0, 12)
    end = time.monotonic() + dice.uniform(0.8, 4.0)
    while sum(portal.requests.values()) < goal and time.monotonic() < end:
        assert child.poll() is None, "the scheduler ended by itself"
        time.sleep(0.002)
    time.sleep(dice.random() * 0.05)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def interrupted(folder: Path, articles: int, kills: int, seed: int) -> None:
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
        assert start(whole, sites, "--once").wait() == 0
        for _ in range(kills):
            kill_at_random(start(broken, sites), portal, dice)
        assert start(broken, sites, "--once").wait() == 0
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


def test_three_kills(tmp_path: Path) -> None:
    interrupted(tmp_path, articles=12, kills=3, seed=11)


@pytest.mark.long
def test_fifty_kills(tmp_path: Path) -> None:
    interrupted(tmp_path, articles=90, kills=50, seed=5)


def test_sigterm_ends_it_in_order_and_a_second_one_is_told(tmp_path: Path) -> None:
    with Portal(articles=6) as portal:
        sites = tmp_path / "sites.toml"
        sites.write_text(portal.sites_toml())
        settings = Settings(var=tmp_path / "var", index=tmp_path / "index", verify_minutes=0)
        first = start(settings, sites)
        try:
            end = time.monotonic() + 60
            while not portal.requests:
                assert first.poll() is None
                assert time.monotonic() < end
                time.sleep(0.01)
            second = start(settings, sites)
            assert second.wait() == 3
        finally:
            first.send_signal(signal.SIGTERM)
        assert first.wait() == 0
    plan = subprocess.run(
        [sys.executable, "-m", "archive.cli", "scheduler", "--sites", str(sites), "--plan", "--json"],
        cwd=ROOT, env={**os.environ, **settings.to_environment()}, capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(plan.stdout)["running"] is False
