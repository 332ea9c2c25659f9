"""SIGKILL at any moment: a restart goes on, asks nothing twice that was captured, and ends with the same."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from archive.config import Settings
from archive.preserve import verify
from archive.store import Store
from tests.crawler.crawling import contents
from tests.portal import Portal

ROOT = Path(__file__).parents[2]


def start(var: Path, sites: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "tests.crawler.crawl_once", str(var), str(sites)]
    return subprocess.Popen(command, cwd=ROOT)


def kill_after(child: subprocess.Popen[bytes], portal: Portal, requests: int, grain: float) -> bool:
    """Kill a crawl when it has made some requests more, and a moment later; False when it ended before."""
    goal = sum(portal.requests.values()) + requests
    while sum(portal.requests.values()) < goal:
        if child.poll() is not None:
            return False
        time.sleep(0.001)
    time.sleep(grain)  # anywhere between two requests: before, within and after the writes
    child.send_signal(signal.SIGKILL)
    child.wait()
    return True


def interrupted(folder: Path, articles: int, kills: int, seed: int) -> None:
    dice = random.Random(seed)
    with Portal(articles, seed=seed) as portal:
        sites = folder / "sites.toml"
        sites.write_text(portal.sites_toml())
        whole, broken = folder / "whole", folder / "broken"
        assert start(whole, sites).wait() == 0
        undisturbed = Counter(portal.requests)
        for number in range(kills):
            most = max(4, sum(undisturbed.values()) // (kills + 2) * 2)
            killed = kill_after(start(broken, sites), portal, dice.randint(1, most), dice.random() * 0.03)
            assert killed or number > 0
        assert start(broken, sites).wait() == 0
        again = Counter(portal.requests) - undisturbed
        once = {url for url in undisturbed if not url.endswith(("/robots.txt", "/sitemap.xml"))}
        repeated = Counter({url: number - undisturbed[url] for url, number in again.items() if url in once})
    expected = contents(Settings(var=whole))
    assert len(expected) >= articles
    assert contents(Settings(var=broken)) == expected
    # At most the exchange that each of the three sites had under way is made again after a kill.
    assert sum(number for number in repeated.values() if number > 0) <= 3 * kills
    store = Store.open(Settings(var=broken).database_url)
    report = verify(store, broken / "warc")
    store.close()
    assert report.findings == []
    assert report.pending == []
    assert report.captures > articles


def test_three_kills(tmp_path: Path) -> None:
    interrupted(tmp_path, articles=24, kills=3, seed=7)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_ten_kills(tmp_path: Path, seed: int) -> None:
    interrupted(tmp_path, articles=90, kills=10, seed=seed)
