"""A portal that edits, deletes, moves, goes dark and is bought shows as exactly that, in the site's words."""

from __future__ import annotations

import re
import urllib.parse

import pytest
from flask.testing import FlaskClient

from archive.config import Settings
from archive.model import ArticleState, ArticleView
from archive.store import standing
from archive.store.standing import SiteState
from archive.web import create_app
from tests.portal import Portal
from tests.portal.fates import NEW_FOLDER
from tests.test_portal_over_time import TWO_WEEKS_ON, Watch

RENAMED, MOVED, BOUGHT = "dam-ha", "cam-xuyen", "tien-yen"
ELSEWHERE = "http://127.0.0.1:9"


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
        html = self.client.get(f"/a/{article_id}", follow_redirects=True).text
        found = re.search(r"<dt>Bản gốc</dt>\s*<dd>(.*?)</dd>", html, re.DOTALL)
        assert found
        return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())

    def site(self, site_id: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", self.client.get(f"/site/{site_id}").text).split())


def test_each_fate_is_told_as_what_it_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    var = tmp_path_factory.mktemp("fates") / "var"
    var.mkdir()
    with Portal(articles=75) as portal:
        watch = Watch(portal, Settings(var=var, index=var / "index", sample=True))
        watch.crawl()
        reader = Reader(watch)
        live = reader.of(RENAMED, ArticleState.LIVE)
        assert reader.facts(live.article.id).startswith("Bản gốc còn trên mạng Xem lần cuối ngày")
        assert "Trang nguồn còn hoạt động." in reader.site(RENAMED)

        _edits_and_deletions(portal, watch, reader)
        _renamed_moved_and_dark(portal, watch, reader)
        _bought_and_brought_back(portal, watch, reader)
        watch.store.close()


def _edits_and_deletions(portal: Portal, watch: Watch, reader: Reader) -> None:
    portal.today = TWO_WEEKS_ON
    watch.crawl(recheck=True)
    changed, gone = reader.of(MOVED, ArticleState.CHANGED), reader.of(MOVED, ArticleState.GONE)
    assert "Bản gốc đã đổi Trang nguồn đã sửa bài" in reader.facts(changed.article.id)
    assert re.search(r"Bản gốc đã mất Còn thấy ngày \S+, không còn ngày", reader.facts(gone.article.id))
    ledger = reader.client.get("/sua-doi").text
    assert changed.extraction.title in ledger.replace("&#34;", '"')
    assert "Bài bị gỡ" in reader.client.get(f"/sua-doi?kind=gone&site={MOVED}").text
    for view in (changed, gone):
        replayed = reader.client.get(f"/web/{view.article.url}", follow_redirects=True)
        assert replayed.status_code == 200
        assert "Memento-Datetime" in replayed.headers
    newest = reader.client.get(f"/timemap/cdxj/{gone.article.url}").text.splitlines()[-1]
    assert '"status": "404"' in newest, "that it is gone is a capture too"


def _renamed_moved_and_dark(portal: Portal, watch: Watch, reader: Reader) -> None:
    known = len(watch.articles())
    portal.fates.renamed, portal.fates.moved = {RENAMED}, {MOVED: ELSEWHERE}
    portal.dark = {BOUGHT}
    watch.crawl(recheck=True)
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
    watch.crawl(recheck=True)
    assert len(watch.articles()) == known, "what the buyer shows is not the portal's news"
    bought = reader.of(BOUGHT, ArticleState.GONE)
    assert reader.facts(bought.article.id).startswith("Tên miền đã đổi chủ")
    page = reader.client.get(f"/a/{bought.article.id}", follow_redirects=True).text
    assert f'href="{bought.article.url}"' not in page, "no reader is sent to the buyer"
    assert "kho không lưu nội dung ấy như tin của trang" in reader.site(BOUGHT)

    portal.fates.taken_over = set()
    watch.crawl(recheck=True)
    with watch.store.read() as connection:
        states = [item.state for item in standing.history(connection, BOUGHT)]
    assert states == [SiteState.DARK, SiteState.TAKEN_OVER, SiteState.LIVE]
    assert "Bản gốc" in reader.facts(bought.article.id)
    assert "Trang nguồn còn hoạt động." in reader.site(BOUGHT)
