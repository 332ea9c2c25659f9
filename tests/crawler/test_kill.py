"""SIGKILL over a crawl of several sites: a restart goes on, and asks nothing twice that was captured.

That each single command survives a kill is shown in tests/faults/storage.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from archive.config import Settings
from archive.preserve import verify
from archive.store import Store
from tests.crawler.crawling import contents
from tests.faults.storage.machine import Machine, Running
from tests.portal import Portal


def kill_after(crawl: Running, portal: Portal, requests: int, grain: float) -> bool:
    """Kill a crawl when it has made some requests more, and a moment later; False when it ended before."""
    goal = sum(portal.requests.values()) + requests
    while sum(portal.requests.values()) < goal and not crawl.is_over():
        time.sleep(0.001)
    time.sleep(grain)  # anywhere between two requests: before, within and after the writes
    crawl.kill()
    return crawl.wait().killed


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_ten_kills(machine: Machine, tmp_path: Path, seed: int) -> None:
    kills, articles, dice = 10, 90, random.Random(seed)
    whole, broken = (
        Settings(
            var=tmp_path / name, index=tmp_path / name / "index", contact="a@example.org", warc_size=200_000
        )
        for name in ("whole", "broken")
    )
    with Portal(articles, seed=seed) as portal:
        sites = tmp_path / "sites.toml"
        sites.write_text(portal.sites_toml())
        words = ["crawl", "--sites", str(sites)]
        machine.done(whole, *words)
        undisturbed = Counter(portal.requests)
        for number in range(kills):
            most = max(4, sum(undisturbed.values()) // (kills + 2) * 2)
            crawl = machine.start(broken, words)
            assert kill_after(crawl, portal, dice.randint(1, most), dice.random() * 0.03) or number > 0
        machine.done(broken, *words)
        again = Counter(portal.requests) - undisturbed
    once = {url for url in undisturbed if not url.endswith(("/robots.txt", "/sitemap.xml"))}
    repeated = sum(max(0, number - undisturbed[url]) for url, number in again.items() if url in once)
    assert len(contents(whole)) >= articles
    assert contents(broken) == contents(whole)
    # At most the exchange that each of the three sites had under way is made again after a kill.
    assert repeated <= 3 * kills
    store = Store.open(broken.database_url)
    report = verify(store, broken.warc_dir)
    store.close()
    assert (report.findings, report.pending) == ([], [])
    assert report.captures > articles
