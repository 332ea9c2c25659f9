"""A portal that goes on living: what it adds, edits, loses, and where it falls silent, seen by crawls."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from rich.console import Console

import crawler
from archive.config import Settings
from archive.model import ArticleState, ArticleView, Extraction
from archive.store import Store
from tests.portal import Portal, SampleArticle
from tests.portal.grammar import BASE_DAY

TWO_WEEKS_ON = BASE_DAY + dt.timedelta(days=15)


class Watch:
    """An archive of the sample portal, crawled again and again."""

    def __init__(self, portal: Portal, settings: Settings) -> None:
        self.portal, self.settings = portal, settings
        self.store = Store.open(settings.database_url)
        sites = settings.var / "sites.toml"
        sites.write_text(portal.sites_toml(), "utf-8")
        self.sites = crawler.load_sites(sites)

    def crawl(self, *, recheck: bool = False) -> list[crawler.SiteResult]:
        reporter = crawler.LogReporter(Console(quiet=True))
        return crawler.crawl(
            self.settings,
            self.sites,
            store=self.store,
            reporter=reporter,
            recheck=recheck,
            stop=threading.Event(),
        )

    def articles(self) -> dict[str, ArticleView]:
        return {view.article.id: view for view in self.store.newest(10_000)}

    def titles(self) -> set[str]:
        return {view.extraction.title for view in self.articles().values()}

    def truth(self) -> list[SampleArticle]:
        return [sample for site in self.portal.sites for _, sample in self.portal.truth(site)]


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    var = tmp_path_factory.mktemp("watch") / "var"
    var.mkdir()
    with Portal(articles=120) as portal:
        watch = Watch(portal, Settings(var=var, index=var / "index", sample=True))
        watch.crawl()
        yield watch
        watch.store.close()


def test_the_archive_says_what_the_portal_said(watch: Watch) -> None:
    """Each article once, with title, lead, body, captions, authors and date word for word."""
    found = {_key(view.extraction): view.extraction for view in watch.articles().values()}
    truth = watch.truth()
    assert len(watch.articles()) == len(found) == len(truth)
    for sample in truth:
        extraction = found[sample.title, sample.published.isoformat()[:16]]
        body, captions = list(extraction.body()), list(extraction.captions())
        said = (extraction.lead, body, captions, extraction.byline.authors)
        assert said == (sample.lead, sample.body(), sample.captions, sample.authors)


def _key(extraction: Extraction) -> tuple[str, str]:
    """Titles recur from year to year; title and minute of publication do not."""
    return extraction.title, extraction.published.iso()[:16] if extraction.published else ""


def test_every_picture_is_kept(watch: Watch) -> None:
    kept = sum(len(view.pictures) for view in watch.articles().values())
    assert kept == sum(len(sample.figures) for sample in watch.truth())


def test_a_crawl_of_an_unchanged_portal_adds_no_version(watch: Watch) -> None:
    before = watch.store.totals()
    results = watch.crawl(recheck=True)
    after = watch.store.totals()
    assert (after.articles, after.versions) == (before.articles, before.versions)
    assert sum(result.same for result in results) >= before.articles


def test_two_weeks_later_new_edited_and_vanished_articles_are_exactly_that(watch: Watch) -> None:
    before = watch.articles()
    online = {sample.index: sample for sample in watch.truth()}
    watch.portal.today = TWO_WEEKS_ON
    later = {sample.index: sample for sample in watch.truth()}
    edited = [index for index in online.keys() & later.keys() if online[index] != later[index]]
    gone, new = online.keys() - later.keys(), later.keys() - online.keys()
    assert edited
    assert gone
    assert new

    watch.crawl(recheck=True)

    after = watch.articles()
    assert len(after) == len(before) + len(new)
    states = [view.article.state for view in after.values()]
    assert states.count(ArticleState.GONE) == len(gone)
    assert states.count(ArticleState.CHANGED) == len(edited)
    assert {view.versions for view in after.values() if view.article.state is ArticleState.CHANGED} == {2}
    assert watch.store.totals().versions == len(before) + len(new) + len(edited)
    assert {online[index].title for index in gone} <= watch.titles()


def test_a_dark_site_loses_nothing(watch: Watch) -> None:
    before = {key: view.article.state for key, view in watch.articles().items()}
    watch.portal.dark = {site.id for site in watch.portal.sites}
    try:
        results = watch.crawl(recheck=True)
    finally:
        watch.portal.dark = set()
    assert all(result.failures.total() for result in results)
    assert {key: view.article.state for key, view in watch.articles().items()} == before
