"""The sample portal, crawled whole: three families of portals, and what becomes of them as days go by."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.config import Settings
from archive.model import Site
from archive.store import Store
from crawler import load_sites
from tests.crawler.crawling import Ran, contents, run
from tests.portal import Portal
from tests.portal.grammar import BASE_DAY

ARTICLES = 120


class World:
    """A portal, an archive of it, and the crawl that made it."""

    def __init__(self, portal: Portal, settings: Settings, sites: list[Site]) -> None:
        self.portal, self.settings, self.sites = portal, settings, sites
        self.first = run(settings, sites)
        self.asked = dict(portal.requests)
        self.articles = contents(settings)

    def crawl(self, *, recheck: bool = False) -> tuple[Ran, dict[str, int]]:
        """Crawl again; gives what was asked for."""
        before = dict(self.portal.requests)
        ran = run(self.settings, self.sites, recheck=recheck)
        asked = {
            url: n - before.get(url, 0) for url, n in self.portal.requests.items() if n > before.get(url, 0)
        }
        return ran, asked


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("portal")
    with Portal(ARTICLES, seed=1) as portal:
        path = folder / "sites.toml"
        path.write_text(portal.sites_toml())
        settings = Settings(
            var=folder / "var", index=folder / "index", contact="test@example.org", sample=True
        )
        yield World(portal, settings, load_sites(path))


def plain(url: str) -> str:
    """What the portals' several addresses of an article have in common: NukeViet's category and SharePoint's
    title may differ."""
    return re.sub(r"/vi/news/[^/]+/", "/vi/news/", url.partition("&title=")[0])


def test_every_article_is_found_once_with_its_pictures(world: World) -> None:
    truth = {plain(url): sample for site in world.portal.sites for url, sample in world.portal.truth(site)}
    assert sum(result.new for result in world.first.results) == ARTICLES == len(truth)
    assert {plain(url) for url in world.articles} == set(truth)
    for url, (_, versions, state, pictures) in world.articles.items():
        assert (versions, state) == (1, "live")
        assert pictures == len({figure.picture for figure in truth[plain(url)].figures})


def test_no_address_was_asked_for_twice(world: World) -> None:
    twice = {url: number for url, number in world.asked.items() if number > 1 and "POST " not in url}
    assert twice == {}


def test_what_was_left_out_is_told(world: World) -> None:
    paths = {item.url.split("/", 3)[3]: item.reason.value for item in world.first.failures}
    assert paths["quan-tri/"] == "robots"
    assert paths["page-not-here/"] == "soft-404"
    assert any(reason == "trap" and path.startswith("lich/") for path, reason in paths.items())
    assert not any(url.endswith("/quan-tri/") for url in world.asked)


def test_newest_come_first(world: World) -> None:
    """Of each section the order of the list, and no list's end before the beginning of another."""
    site = world.portal.site("wordpress")
    days = {url: sample.published for url, sample in world.portal.truth(site)}
    order = [days[url] for url, what in world.first.visits if url in days]
    newest, oldest = sorted(order)[-5:], sorted(order)[:5]
    assert max(order.index(day) for day in newest) < min(order.index(day) for day in oldest)


def test_days_go_by(world: World) -> None:
    """A second crawl finds nothing; a month later there are new articles, edits and losses, each once."""
    ran, asked = world.crawl()
    assert [(r.new, r.changed, r.gone) for r in ran.results] == [(0, 0, 0)] * 3
    assert len(asked) < len(world.asked) / 4

    world.portal.today = BASE_DAY + dt.timedelta(days=30)
    truth = {plain(url) for site in world.portal.sites for url, _ in world.portal.truth(site)}
    ran, _ = world.crawl()
    known = {plain(url) for url in world.articles}
    assert sum(result.new for result in ran.results) == len(truth - known)

    ran, _ = world.crawl(recheck=True)
    now = contents(world.settings)
    assert {plain(url) for url in now} == truth | known
    assert {plain(url) for url, (_, _, state, _) in now.items() if state == "gone"} == known - truth
    edited = {
        plain(site.base_url + site.family.url(i))
        for site in world.portal.sites
        for i in site.family.room.indexes()
        if i < ARTICLES and site.family.room.is_edited(i)
    }
    assert {plain(url) for url, (_, versions, _, _) in now.items() if versions == 2} == edited
    assert max(versions for _, versions, _, _ in now.values()) == 2


def test_a_site_goes_dark_and_nothing_is_lost(world: World) -> None:
    before = contents(world.settings)
    world.portal.dark = {world.portal.sites[0].id}
    ran, _ = world.crawl(recheck=True)
    world.portal.dark = set()
    dark = next(result for result in ran.results if result.site == world.portal.sites[0].id)
    assert dark.failures.total() > 0
    assert sum(result.gone for result in ran.results) == 0
    assert contents(world.settings) == before


def test_the_captures_say_how_they_came_about(world: World) -> None:
    store = Store.open(world.settings.database_url)
    views = store.newest(ARTICLES)
    store.close()
    for view in views:
        assert view.capture.robots == "allowed"
        assert view.capture.via.startswith("http://127.0.0.1:")
    assert Path(world.settings.warc_dir).is_dir()
