"""A portal that edits, deletes, moves, goes dark and is bought shows as exactly that, in the site's words."""

from __future__ import annotations

import datetime as dt
import html
import re
import urllib.parse

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from archive.config import Settings
from archive.model import ArticleState, ArticleView
from archive.store import Store, standing
from archive.store.standing import SiteState
from archive.web import create_app
from crawler import load_sites
from tests.crawler.crawling import run
from tests.portal import Portal
from tests.portal.fates import NEW_FOLDER
from tests.portal.grammar import BASE_DAY

RENAMED, MOVED, BOUGHT = "cam-xuyen", "tien-yen", "dam-ha"
ELSEWHERE = "http://127.0.0.1:9"
WITH_DELETIONS = 75
"""Articles of the sample portal from which its clock takes one down on each site."""
TWO_WEEKS_ON = BASE_DAY + dt.timedelta(days=15)


class Watch:
    """An archive of the sample portal, crawled again and again."""

    def __init__(self, portal: Portal, settings: Settings) -> None:
        self.settings = settings
        self.store = Store.open(settings.database_url)
        path = settings.var / "sites.toml"
        path.write_text(portal.sites_toml(), "utf-8")
        self.sites = load_sites(path)

    def crawl(self) -> None:
        run(self.settings, self.sites, recheck=True)

    def articles(self) -> dict[str, ArticleView]:
        return {view.article.id: view for view in self.store.newest(10_000)}


class Reader:
    """Reads the pages of the archive as they are now."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        app = create_app(watch.settings)
        app.testing = True
        self.client: FlaskClient = app.test_client()

    def of(self, site: str, state: ArticleState) -> ArticleView:
        views = self._watch.articles().values()
        return next(view for view in views if (view.article.site, view.article.state) == (site, state))

    def facts(self, article_id: str) -> str:
        """What the article's page says of its original."""
        page = self.client.get(f"/a/{article_id}", follow_redirects=True).text
        found = re.search(r"<dt>Bản gốc</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
        assert found
        return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())

    def replay(self, url: str) -> TestResponse:
        """The newest capture of an address."""
        led = self.client.get(f"/web/{url}")
        assert led.status_code == 302, url
        return self.client.get(led.headers["Location"])

    def site(self, site_id: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", self.client.get(f"/site/{site_id}").text).split())


@pytest.mark.parametrize("articles", [24, pytest.param(75, marks=pytest.mark.long)])
def test_each_fate_is_told_as_what_it_is(tmp_path_factory: pytest.TempPathFactory, articles: int) -> None:
    """With 75 articles the clock takes some down too; a small portal only edits."""
    var = tmp_path_factory.mktemp("fates") / "var"
    var.mkdir()
    with Portal(articles=articles) as portal:
        watch = Watch(portal, Settings(var=var, index=var / "index", sample=True))
        watch.crawl()
        reader = Reader(watch)
        live = reader.of(RENAMED, ArticleState.LIVE)
        assert reader.facts(live.article.id).startswith("Bản gốc còn trên mạng Xem lần cuối ngày")
        assert "Trang nguồn còn hoạt động." in reader.site(RENAMED)

        _replayed_as_it_looked(reader, live.article.url)
        _edits_and_deletions(portal, watch, reader)
        _renamed_moved_and_dark(portal, watch, reader)
        _bought_and_brought_back(portal, watch, reader)
        watch.store.close()


def _replayed_as_it_looked(reader: Reader, url: str) -> None:
    """What the crawl captured is enough to show the page dressed."""
    page = reader.replay(url).text
    sheet = re.search(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert sheet
    style = reader.client.get(sheet[1])
    assert (style.status_code, style.mimetype) == (200, "text/css")
    ground = re.search(r'url\("([^"]+)"\)', style.text)
    assert ground
    assert reader.client.get(ground[1]).headers["Content-Type"] == "image/gif"
    for picture in re.findall(r'<img[^>]+src="(/web/[^"]+)"', page):
        assert reader.client.get(picture).status_code == 200, picture


def _edits_and_deletions(portal: Portal, watch: Watch, reader: Reader) -> None:
    portal.today = TWO_WEEKS_ON
    watch.crawl()
    changed = reader.of(MOVED, ArticleState.CHANGED)
    assert "Bản gốc đã đổi Trang nguồn đã sửa bài" in reader.facts(changed.article.id)
    assert changed.extraction.title in html.unescape(reader.client.get("/sua-doi").text)
    assert "Memento-Datetime" in reader.replay(changed.article.url).headers
    if portal.articles < WITH_DELETIONS:
        return
    gone = reader.of(MOVED, ArticleState.GONE)
    assert re.search(r"Bản gốc đã mất Còn thấy ngày \S+, không còn ngày", reader.facts(gone.article.id))
    assert "Bài bị gỡ" in reader.client.get(f"/sua-doi?kind=gone&site={MOVED}").text
    assert reader.replay(gone.article.url).status_code == 200
    newest = reader.client.get(f"/timemap/cdxj/{gone.article.url}").text.splitlines()[-1]
    assert '"status": "404"' in newest, "that it is gone is a capture too"


def _renamed_moved_and_dark(portal: Portal, watch: Watch, reader: Reader) -> None:
    known = len(watch.articles())
    portal.fates.renamed, portal.fates.moved = {RENAMED}, {MOVED: ELSEWHERE}
    portal.dark = {BOUGHT}
    watch.crawl()
    assert len(watch.articles()) == known, "no address makes a second article of one"

    renamed = reader.of(RENAMED, ArticleState.MOVED)
    assert "Bản gốc đã chuyển chỗ Từ ngày" in reader.facts(renamed.article.id)
    assert NEW_FOLDER in reader.facts(renamed.article.id)
    assert "Trang nguồn còn hoạt động." in reader.site(RENAMED)
    old = urllib.parse.quote(renamed.article.url)
    assert (
        reader.client.get(f"/tim?go=1&url={old}").headers["Location"].startswith(f"/a/{renamed.article.id}")
    )

    moved = reader.of(MOVED, ArticleState.MOVED)
    assert ELSEWHERE in reader.facts(moved.article.id)
    assert "Trang nguồn đã chuyển chỗ." in reader.site(MOVED)
    assert f"{ELSEWHERE}/" in reader.site(MOVED)

    dark = reader.of(BOUGHT, ArticleState.LIVE)
    assert reader.facts(dark.article.id).startswith(
        "Trang nguồn không trả lời Trang nguồn không trả lời từ ngày"
    )
    assert "Lần cuối còn trả lời: ngày" in reader.site(BOUGHT)


def _bought_and_brought_back(portal: Portal, watch: Watch, reader: Reader) -> None:
    known = len(watch.articles())
    watch.sites = [site for site in watch.sites if site.id == BOUGHT]
    portal.dark, portal.fates.taken_over = set(), {BOUGHT}
    watch.crawl()
    assert len(watch.articles()) == known, "what the buyer shows is not the portal's news"
    bought = reader.of(BOUGHT, ArticleState.GONE)
    assert reader.facts(bought.article.id).startswith("Tên miền đã đổi chủ")
    page = reader.client.get(f"/a/{bought.article.id}", follow_redirects=True).text
    assert f'href="{bought.article.url}"' not in page, "no reader is sent to the buyer"
    assert "kho không lưu nội dung ấy như tin của trang" in reader.site(BOUGHT)

    portal.fates.taken_over = set()
    watch.crawl()
    with watch.store.read() as connection:
        states = [item.state for item in standing.history(connection, BOUGHT)]
    assert states == [SiteState.DARK, SiteState.TAKEN_OVER, SiteState.LIVE]
    assert "Bản gốc" in reader.facts(bought.article.id)
    assert "Trang nguồn còn hoạt động." in reader.site(BOUGHT)
