"""The sample portal crawled whole, and again as days go by: three families, and what becomes of each article.

What it adds, edits, loses, where it falls silent; articles on two pages, print views, attached files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from archive.config import Settings
from archive.model import ArticleState, ArticleView, Attachment, Extraction, Site
from archive.preserve import replay
from archive.store import Store
from archive.store.rows import Totals
from crawler import load_sites
from tests.crawler.crawling import Ran, run
from tests.portal import Portal, SampleArticle
from tests.portal.grammar import BASE_DAY
from tests.postgresql import lose_database

ARTICLES = 120
TWO_WEEKS_ON = BASE_DAY + dt.timedelta(days=15)
A_MONTH_ON = BASE_DAY + dt.timedelta(days=30)


class World:
    """A portal, an archive of it, and the crawl that made it."""

    def __init__(self, portal: Portal, settings: Settings, sites: list[Site]) -> None:
        self.portal, self.settings, self.sites = portal, settings, sites
        self.first = run(settings, sites)
        self.asked = dict(portal.requests)

    def crawl(self, *, recheck: bool = False) -> tuple[Ran, dict[str, int]]:
        """Crawl again; gives what was asked for."""
        before = dict(self.portal.requests)
        ran = run(self.settings, self.sites, recheck=recheck)
        asked = {
            url: n - before.get(url, 0) for url, n in self.portal.requests.items() if n > before.get(url, 0)
        }
        return ran, asked

    def articles(self) -> dict[str, ArticleView]:
        with closing(Store.open(self.settings.database_url)) as store:
            return {view.article.id: view for view in store.newest(10_000)}

    def totals(self) -> Totals:
        with closing(Store.open(self.settings.database_url)) as store:
            return store.totals()

    def truth(self) -> dict[str, SampleArticle]:
        """What is on line today, by its plain address."""
        return {plain(url): sample for site in self.portal.sites for url, sample in self.portal.truth(site)}

    def edited(self) -> set[str]:
        """Plain addresses of the articles of the first day that were edited by today."""
        return {
            plain(site.base_url + site.family.url(i))
            for site in self.portal.sites
            for i in site.family.room.indexes()
            if i < ARTICLES and site.family.room.is_edited(i)
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("portal")
    with Portal(ARTICLES, seed=1) as portal:
        path = folder / "sites.toml"
        path.write_text(portal.sites_toml(), "utf-8")
        settings = Settings(
            var=folder / "var", index=folder / "index", contact="test@example.org", sample=True
        )
        yield World(portal, settings, load_sites(path))


def plain(url: str) -> str:
    """What the portals' several addresses of an article have in common: NukeViet's category and SharePoint's
    title may differ."""
    return re.sub(r"/vi/news/[^/]+/", "/vi/news/", url.partition("&title=")[0])


def _key(extraction: Extraction) -> tuple[str, str]:
    """Titles recur from year to year; title and minute of publication do not."""
    return extraction.title, extraction.published.iso()[:16] if extraction.published else ""


def _said(extraction: Extraction) -> tuple[object, ...]:
    """The text, without the names of attached files, which stand in it as links."""
    files = [block.name for block in extraction.blocks if isinstance(block, Attachment)]
    body = [text for text in extraction.body() if text not in files]
    return extraction.lead, body, list(extraction.captions()), extraction.byline.authors


# ---------------------------------------------------------------------------------------- the first day


def test_the_archive_says_what_the_portal_said(world: World) -> None:
    """Each article once, with title, lead, body, captions, authors and date word for word."""
    views, truth = world.articles(), world.truth()
    assert sum(result.new for result in world.first.results) == ARTICLES == len(truth) == len(views)
    assert {plain(view.article.url) for view in views.values()} == set(truth)
    found = {_key(view.extraction): view.extraction for view in views.values()}
    assert len(found) == len(views)
    for sample in truth.values():
        extraction = found[sample.title, sample.published.isoformat()[:16]]
        assert _said(extraction) == (sample.lead, sample.body(), sample.captions, sample.authors)
    assert {(view.versions, view.article.state) for view in views.values()} == {(1, ArticleState.LIVE)}


def test_every_picture_is_kept(world: World) -> None:
    truth = world.truth()
    for view in world.articles().values():
        wanted = {figure.picture for figure in truth[plain(view.article.url)].figures}
        assert len(view.pictures) == len(wanted)


def test_an_article_on_two_pages_is_one_with_both_as_evidence(world: World) -> None:
    long = [view for view in world.articles().values() if view.pages]
    assert len(long) >= 3
    for view in long:
        assert [page.url for page in view.pages] == [view.article.url, f"{view.article.url}2/"]
        assert len({page.payload_digest for page in view.pages}) == 2


def test_print_views_were_asked_for_and_are_no_articles_of_their_own(world: World) -> None:
    assert sum(url.endswith("/print/") for url in world.asked) >= 5


def test_attached_files_are_kept_with_their_text(world: World) -> None:
    files = [file for view in world.articles().values() for file in view.attachments]
    assert len(files) >= 3
    for file in files:
        number = re.search(r"ke-hoach-(\d+)\.pdf", file.url)
        assert number is not None
        assert (file.kind, file.text, file.problem) == ("pdf", f"Ke hoach so {number[1]} cua huyen", "")


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


def test_the_captures_say_how_they_came_about(world: World) -> None:
    for view in world.articles().values():
        assert view.capture.robots == "allowed"
        assert view.capture.via.startswith("http://127.0.0.1:")
    assert world.settings.warc_dir.is_dir()


# ---------------------------------------------------------------------------------------- days go by


def test_a_second_crawl_asks_for_little_and_finds_nothing(world: World) -> None:
    ran, asked = world.crawl()
    assert [(r.new, r.changed, r.gone) for r in ran.results] == [(0, 0, 0)] * 3
    assert len(asked) < len(world.asked) / 4


def test_a_crawl_of_all_of_an_unchanged_portal_adds_no_version(world: World) -> None:
    before = world.totals()
    ran, _ = world.crawl(recheck=True)
    after = world.totals()
    assert (after.articles, after.versions) == (before.articles, before.versions)
    assert sum(result.same for result in ran.results) >= before.articles


def test_two_weeks_later_new_edited_and_vanished_articles_are_exactly_that(world: World) -> None:
    before, online = world.articles(), world.truth()
    world.portal.today = TWO_WEEKS_ON
    later = world.truth()
    edited = {url for url in online.keys() & later.keys() if online[url] != later[url]}
    gone, new = online.keys() - later.keys(), later.keys() - online.keys()
    assert edited
    assert edited == world.edited()
    assert gone
    assert new

    ran, _ = world.crawl(recheck=True)

    after = world.articles()
    assert len(after) == len(before) + len(new) == len(before) + sum(result.new for result in ran.results)
    states = {plain(view.article.url): view.article.state for view in after.values()}
    assert {url for url, state in states.items() if state is ArticleState.GONE} == gone
    assert {url for url, state in states.items() if state is ArticleState.CHANGED} == edited
    assert {plain(view.article.url) for view in after.values() if view.versions == 2} == edited
    assert world.totals().versions == len(before) + len(new) + len(edited)
    assert {online[url].title for url in gone} <= {view.extraction.title for view in after.values()}


def test_a_month_later_new_articles_are_found_without_asking_for_all(world: World) -> None:
    known = {plain(view.article.url) for view in world.articles().values()}
    world.portal.today = A_MONTH_ON
    ran, _ = world.crawl()
    new = world.truth().keys() - known
    assert sum(result.new for result in ran.results) == len(new)
    assert {plain(view.article.url) for view in world.articles().values()} == known | new


def test_a_site_goes_dark_and_nothing_is_lost(world: World) -> None:
    before = {key: view.article.state for key, view in world.articles().items()}
    world.portal.dark = {world.portal.sites[0].id}
    try:
        one, _ = world.crawl(recheck=True)
        world.portal.dark = {site.id for site in world.portal.sites}
        all_, _ = world.crawl(recheck=True)
    finally:
        world.portal.dark = set()
    dark = next(result for result in one.results if result.site == world.portal.sites[0].id)
    assert dark.failures.total() > 0
    assert all(result.failures.total() for result in all_.results)
    assert sum(result.gone for result in (*one.results, *all_.results)) == 0
    assert {key: view.article.state for key, view in world.articles().items()} == before


# ---------------------------------------------------------------------------------------- all of it again


def test_a_replay_gives_the_same_articles_versions_pages_and_files(world: World) -> None:
    before = world.articles()
    lose_database(world.settings)
    replay(world.settings)
    after = world.articles()
    assert after.keys() == before.keys()
    for key, view in before.items():
        again = after[key]
        assert (again.article.url, again.article.state) == (view.article.url, view.article.state)
        assert (again.version, again.versions) == (view.version, view.versions)
        assert (again.extraction, again.pages) == (view.extraction, view.pages)
        assert again.attachments == view.attachments
