from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from archive import wire
from archive.config import Settings
from archive.extract import EXTRACTOR, SiteKnowledge, extract
from archive.ingest import Decision, Outcome, page_of, reading
from archive.model import Article, ArticleState, Extraction, Page
from archive.store import schema
from tests.store.scene import (
    BASE,
    BODY,
    NOT_FOUND,
    OTHER_BODY,
    OTHER_TITLE,
    SITE,
    TITLE,
    Scene,
    article_html,
    digest_of,
    list_html,
)


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()


def _article(scene: Scene, outcome: Outcome) -> Article:
    assert outcome.article is not None
    view = scene.store.article(outcome.article)
    assert view is not None
    return view.article


def _edited() -> str:
    return article_html(body=[BODY[0], BODY[1], BODY[2].replace("500", "5.000")])


# -------------------------------------------------------------------------------- one article in time


def test_a_new_page_is_an_article_with_one_version(scene: Scene) -> None:
    outcome = scene.get("/a.html", article_html())
    assert (outcome.decision, outcome.version) == (Decision.NEW, 1)
    article = _article(scene, outcome)
    assert (article.url, article.state, article.first_seen) == (
        f"{BASE}/a.html",
        ArticleState.LIVE,
        scene.now,
    )
    view = scene.store.article(article.id)
    assert view is not None
    assert (view.extraction.title, view.capture) == (TITLE, outcome.capture)
    assert view.capture.urlkey == "example,dam-ha)/a.html"


def test_an_unchanged_page_adds_no_version_however_it_is_answered(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    again = [
        scene.get("/a.html", article_html()),
        scene.get("/a.html", article_html(), compressed=True),
        scene.get("/a.html", article_html(), revisit=first.capture),
        scene.get("/a.html", status=304, revisit=first.capture),
    ]
    assert {(item.decision, item.article, item.version) for item in again} == {
        (Decision.SAME, first.article, None)
    }
    assert len(scene.store.versions(str(first.article))) == 1
    assert _article(scene, first).last_seen == scene.now


def test_a_page_whose_frame_changed_is_not_edited(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    again = scene.get("/a.html", article_html().replace("<body>", "<body><!-- visits: 17 -->"))
    assert (again.decision, again.article) == (Decision.SAME, first.article)


def test_an_edit_adds_exactly_one_version_and_an_edit_back_another(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    second = scene.get("/a.html", _edited())
    assert (second.decision, second.version, second.article) == (Decision.CHANGED, 2, first.article)
    assert _article(scene, first).state is ArticleState.CHANGED
    assert scene.get("/a.html", _edited()).decision is Decision.SAME
    third = scene.get("/a.html", article_html(), revisit=first.capture)
    assert (third.decision, third.version) == (Decision.CHANGED, 3)
    versions = scene.store.versions(str(first.article))
    assert [item.number for item in versions] == [1, 2, 3]
    assert versions[0].content_hash == versions[2].content_hash != versions[1].content_hash


@pytest.mark.parametrize("status", [404, 410])
def test_a_deleted_page_is_gone_with_the_date_and_stays(scene: Scene, status: int) -> None:
    first = scene.get("/a.html", article_html())
    gone = scene.get("/a.html", NOT_FOUND, status=status)
    assert (gone.decision, gone.article) == (Decision.GONE, first.article)
    article = _article(scene, first)
    assert (article.state, article.gone_at) == (ArticleState.GONE, scene.now)
    since = article.gone_at
    scene.get("/a.html", NOT_FOUND, status=status)
    assert _article(scene, first).gone_at == since, "it is gone since it was first found missing"
    view = scene.store.article(article.id)
    assert view is not None
    assert view.extraction.title == TITLE


def test_a_page_that_only_says_so_is_gone_too(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    text = "<html><head><title>Không tìm thấy trang</title></head><body><h1>404</h1>" \
        "<p>Không tìm thấy trang bạn yêu cầu.</p></body></html>"  # fmt: skip
    gone = scene.get("/a.html", text)
    assert (gone.decision, _article(scene, first).state) == (Decision.GONE, ArticleState.GONE)
    again = scene.get("/a.html", text)
    assert again.decision is Decision.GONE


def test_back_again_it_is_live_or_edited_as_before(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    scene.get("/a.html", NOT_FOUND, status=404)
    back = scene.get("/a.html", article_html())
    assert (back.decision, back.version) == (Decision.SAME, None)
    article = _article(scene, first)
    assert (article.state, article.gone_at) == (ArticleState.LIVE, None)
    scene.get("/a.html", NOT_FOUND, status=404)
    assert scene.get("/a.html", _edited()).version == 2
    scene.get("/a.html", NOT_FOUND, status=404)
    scene.get("/a.html", _edited())
    assert _article(scene, first).state is ArticleState.CHANGED


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_server_in_trouble_says_nothing_of_the_article(scene: Scene, status: int) -> None:
    first = scene.get("/a.html", article_html())
    seen = _article(scene, first).last_seen
    outcome = scene.get("/a.html", "busy", status=status)
    assert (outcome.decision, outcome.article) == (Decision.NOT_ARTICLE, None)
    article = _article(scene, first)
    assert (article.state, article.last_seen) == (ArticleState.LIVE, seen)


def test_a_posted_form_is_no_article(scene: Scene) -> None:
    exchange = dataclasses.replace(scene.exchange("/a.html", article_html()), method="POST")
    outcome = scene.record(exchange, scene.writer.write(exchange, digest=digest_of(exchange)))
    assert (outcome.decision, scene.store.article_count()) == (Decision.NOT_ARTICLE, 0)


# ------------------------------------------------------------------------- several addresses, one article


def test_the_same_article_under_other_addresses_is_one(scene: Scene) -> None:
    page = article_html(canonical=f"{BASE}/bai-viet/a.html")
    first = scene.get("/?p=17", page)
    others = [
        scene.get("/bai-viet/a.html", page),
        scene.get("/a.html?print=1", page.replace("</body>", "<p>In trang</p></body>")),
        scene.get("/m/a.html", article_html()),
    ]
    assert {(item.decision, item.article) for item in others} == {(Decision.SAME, first.article)}
    for path in ("/?p=17", "/bai-viet/a.html", "/m/a.html"):
        assert scene.store.article_id_by_url(BASE + path) == first.article


def test_a_print_view_that_differs_a_little_makes_no_versions(scene: Scene) -> None:
    page = article_html(canonical=f"{BASE}/a.html")
    shorter = article_html(body=BODY[:2], canonical=f"{BASE}/a.html")
    first = scene.get("/a.html", page)
    for _ in range(2):
        assert scene.get("/a.html?print=1", shorter).article == first.article
        assert scene.get("/a.html", page).article == first.article
    assert len(scene.store.versions(str(first.article))) == 1


def test_one_dead_address_of_two_does_not_make_it_gone(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    scene.get("/b.html", article_html())
    scene.get("/a.html", NOT_FOUND, status=404)
    assert _article(scene, first).state is ArticleState.LIVE
    scene.get("/b.html", NOT_FOUND, status=404)
    assert _article(scene, first).state is ArticleState.GONE


def test_a_careless_canonical_joins_nothing(scene: Scene) -> None:
    """Portals name one address, often the front page, as the canonical one of all their pages."""
    one = scene.get("/a.html", article_html(canonical=f"{BASE}/tin.html"))
    two = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY, canonical=f"{BASE}/tin.html"))
    three = scene.get("/c.html", article_html("Ba", ["Một bài khác hẳn. " * 20], canonical=f"{BASE}/"))
    assert len({one.article, two.article, three.article}) == 3
    assert scene.get("/tin.html", list_html()).decision is Decision.NOT_ARTICLE
    assert scene.get("/tin.html", NOT_FOUND, status=404).decision is Decision.NOT_ARTICLE
    assert _article(scene, one).state is ArticleState.LIVE


def test_a_canonical_of_another_site_is_not_believed(scene: Scene) -> None:
    first = scene.get("/a.html", article_html(canonical="http://evil.example/a.html"))
    assert scene.store.article_id_by_url("http://evil.example/a.html") is None
    assert _article(scene, first).url == f"{BASE}/a.html"


def test_two_pages_with_next_to_nothing_in_common_text_stay_two(scene: Scene) -> None:
    one = scene.get("/a.html", article_html("Thông báo", ["Xem tệp đính kèm."]))
    two = scene.get("/b.html", article_html("Thông báo", ["Xem tệp đính kèm."]))
    assert one.article != two.article or one.article is None


# ------------------------------------------------------------------------ one address, several articles


def test_another_article_at_an_old_address_is_a_new_one_and_the_old_is_kept(scene: Scene) -> None:
    old = scene.get("/a.html", article_html())
    new = scene.get("/a.html", article_html(OTHER_TITLE, OTHER_BODY, published="2023-10-15"))
    assert (new.decision, new.version) == (Decision.NEW, 1)
    assert new.article != old.article
    assert (_article(scene, old).state, _article(scene, new).state) == (ArticleState.GONE, ArticleState.LIVE)
    assert scene.store.article_id_by_url(f"{BASE}/a.html") == new.article
    back = scene.get("/a.html", article_html())
    assert (back.decision, back.article) == (Decision.SAME, old.article)
    assert (_article(scene, old).state, _article(scene, new).state) == (ArticleState.LIVE, ArticleState.GONE)


# ------------------------------------------------------------------------------------------- redirects


def test_a_moved_article_stays_one_and_can_be_edited_at_its_new_place(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    scene.get("/a.html", status=301, location="/moi/a.html")
    moved = scene.get("/moi/a.html", _edited(), hops="LR")
    assert (moved.decision, moved.article, moved.version) == (Decision.CHANGED, first.article, 2)
    assert _article(scene, first).state is ArticleState.MOVED
    scene.get("/a.html", NOT_FOUND, status=404)
    assert _article(scene, first).state is ArticleState.MOVED, "its old address is not missed"
    scene.get("/moi/a.html", NOT_FOUND, status=404)
    assert _article(scene, first).state is ArticleState.GONE


def test_a_site_that_moves_to_https_keeps_its_articles(scene: Scene) -> None:
    one = scene.get("/a.html", article_html())
    two = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY))
    for path, page in (("/a.html", article_html()), ("/b.html", article_html(OTHER_TITLE, OTHER_BODY))):
        target = f"https://dam-ha.example{path}"
        scene.get(path, status=301, location=target)
        assert scene.get(target, page, hops="LR").decision is Decision.SAME
    assert scene.store.article_count() == 2
    assert {_article(scene, item).state for item in (one, two)} == {ArticleState.LIVE}


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("known", [True, False])
def test_an_article_that_redirects_to_the_front_page_is_gone(scene: Scene, status: int, known: bool) -> None:
    if known:
        scene.get("/", list_html())
    first = scene.get("/a.html", article_html())
    scene.get("/a.html", status=status, location="/")
    if not known:
        scene.get("/", list_html(), hops="LR")
    article = _article(scene, first)
    assert article.state is ArticleState.GONE


def test_a_redirect_to_a_login_or_for_maintenance_proves_nothing(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    scene.get("/a.html", status=302, location="/bao-tri.html")
    scene.get("/bao-tri.html", "<html><body><p>Hệ thống đang bảo trì.</p></body></html>", hops="LR")
    assert _article(scene, first).state is ArticleState.LIVE
    scene.get("/a.html", article_html())
    assert _article(scene, first).state is ArticleState.LIVE


def test_a_redirect_to_what_is_missing_is_gone(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    scene.get("/a.html", status=302, location="/404.html")
    scene.get("/404.html", NOT_FOUND, status=404, hops="LR")
    assert _article(scene, first).state is ArticleState.GONE


# ------------------------------------------------------------------------------- a better extractor


def test_a_better_extractor_is_no_edit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scene.get("/a.html", article_html())
    before = scene.store.last_change()

    def better(
        page: Page, *, profile: str | None = None, knowledge: SiteKnowledge | None = None
    ) -> Extraction:
        found = extract(page, profile=profile, knowledge=knowledge)
        return dataclasses.replace(found, extractor="better-2", title=found.title.upper())

    monkeypatch.setattr(reading, "extract", better)
    exchange = scene.exchange("/a.html", article_html().replace("<body>", "<body><!-- 2 -->"))
    written = scene.writer.write(exchange, digest=digest_of(exchange))
    page = page_of(exchange)
    assert page is not None
    with scene.begin() as connection:
        again = scene.ingest.record(
            connection, exchange, written, digest_of(exchange), better(page), site=SITE
        )
    assert (again.decision, again.version) == (Decision.SAME, None)
    (version,) = scene.store.versions(str(first.article))
    assert version.extractor == EXTRACTOR, "the version is cited as it was found"
    view = scene.store.article(str(first.article))
    assert view is not None
    assert (view.extraction.title, view.extraction.extractor) == (TITLE.upper(), "better-2")
    assert [item.article for item in scene.store.changes(before, 10)] == [first.article]
    with scene.store.read() as connection:
        rows = connection.execute(select(schema.extractions)).all()
    assert {(row.extractor, row.content_hash) for row in rows} == {
        (EXTRACTOR, version.content_hash), ("better-2", wire.content_hash(view.extraction)),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------- captures


def test_a_capture_says_what_was_asked_and_answered(scene: Scene) -> None:
    outcome = scene.get("/A.html?utm_source=x#top", article_html(), compressed=True, via=f"{BASE}/")
    capture = outcome.capture
    assert (capture.url, capture.mime, capture.size) == (
        f"{BASE}/A.html", "text/html", len(article_html().encode()),
    )  # fmt: skip
    assert scene.store.capture(capture.id) == capture
    redirect = scene.get("/b", status=302, location="//dam-ha.example:80/c d").capture
    assert redirect.redirect_to == f"{BASE}/c%20d"
    assert scene.get("/b", status=302, location="mailto:x@y").capture.redirect_to is None


@pytest.mark.parametrize(
    ("hops", "content_type", "status", "is_page"),
    [
        ("L", "text/html", 200, True),
        ("L", "application/xhtml+xml; charset=utf-8", 200, True),
        ("L", "", 200, True),
        ("LR", "text/html", 200, True),
        ("LE", "text/html", 200, False),
        ("LER", "text/html", 200, False),
        ("P", "text/html", 200, False),
        ("L", "image/jpeg", 200, False),
        ("L", "application/rss+xml", 200, False),
        ("L", "text/html", 404, False),
    ],
)
def test_which_exchanges_are_pages(
    scene: Scene, hops: str, content_type: str, status: int, is_page: bool
) -> None:
    exchange = scene.exchange("/a", article_html(), hops=hops, content_type=content_type, status=status)
    assert (page_of(exchange) is not None) is is_page


def test_a_body_cut_off_or_not_decodable_is_no_page(scene: Scene) -> None:
    whole = scene.exchange("/a", article_html(), compressed=True)
    assert page_of(dataclasses.replace(whole, payload=whole.payload[:-9])) is None
    assert page_of(dataclasses.replace(whole, truncated="length")) is None
    outcome = scene.record(
        cut := dataclasses.replace(whole, truncated="length"),
        scene.writer.write(cut, digest=digest_of(cut)),
    )
    assert outcome.capture.truncated == "length"
    assert scene.store.capture_by_digest(outcome.capture.payload_digest) is None
