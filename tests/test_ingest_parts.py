"""An article on several pages is one: joined as they come in, edited page by page, the same in a replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from archive.config import Settings
from archive.ingest import Decision, Outcome
from archive.model import ArticleState, ArticleView
from archive.preserve import reextract, replay
from archive.store import Store
from tests.portal.grammar import article
from tests.postgresql import lose_database
from tests.store.scene import NOT_FOUND, Scene, article_html

TITLE = "Bài dài về phong trào xây dựng nông thôn mới ở huyện Đầm Hà"
TEXTS = [article(3, 40 + 3 * number).paragraphs for number in range(4)]
"""The texts of pages 1 to 4."""
PICTURE = ("/anh/le.jpg", "Quang cảnh buổi lễ ở trang hai")


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()


def address(number: int) -> str:
    return "/bai-dai.html" if number == 1 else f"/bai-dai.html?page={number}"


def page(
    number: int,
    *,
    last: int = 3,
    texts: Sequence[str] = (),
    title: str = TITLE,
    pictures: Sequence[tuple[str, str]] = (),
) -> str:
    links = "".join(f' <a href="{address(n)}">{n}</a>' for n in range(1, last + 1) if n != number)
    text = article_html(title, texts or TEXTS[number - 1], pictures=pictures)
    return text.replace("</article>", f'</article><p class="pages">{links}</p>')


def get(scene: Scene, number: int, **about: object) -> Outcome:
    return scene.get(address(number), page(number, **about))  # type: ignore[arg-type]


def only(scene: Scene) -> ArticleView:
    """The archive's only article."""
    (found,) = scene.store.newest(10)
    return found


def body(*numbers: int) -> list[str]:
    return [text for number in numbers for text in TEXTS[number - 1]]


def read(found: ArticleView) -> list[str]:
    """Its text, and the lead, which is page 1's first paragraph or not, as the extractor has it."""
    return [text for text in (found.extraction.lead, *found.extraction.body()) if text]


@pytest.mark.parametrize("order", [(1, 2, 3), (1, 3, 2), (3, 2, 1), (2, 1, 3)])
def test_the_pages_are_one_article_in_whatever_order_they_come(scene: Scene, order: tuple[int, ...]) -> None:
    outcomes = {number: get(scene, number, pictures=[PICTURE] if number == 2 else []) for number in order}
    found = only(scene)
    assert found.article.id == outcomes[1].article
    assert found.article.url.endswith("/bai-dai.html")
    assert read(found) == body(1, 2, 3)
    assert list(found.extraction.captions()) == [PICTURE[1]]
    assert (found.versions, found.article.state) == (1, ArticleState.LIVE)
    assert [item.id for item in found.pages] == [outcomes[number].capture.id for number in (1, 2, 3)]
    assert scene.store.article_id_by_url(outcomes[3].capture.url) == found.article.id


def test_the_index_follows_as_pages_come_in(scene: Scene) -> None:
    get(scene, 1)
    since = scene.store.last_change()
    get(scene, 2)
    assert [item.article for item in scene.store.changes(since, 10)] == [only(scene).article.id]


def test_an_unchanged_article_of_three_pages_gains_no_version(scene: Scene) -> None:
    for number in (1, 2, 3, 1, 2, 3):
        outcome = get(scene, number)
    frame = page(2).replace("<body>", "<body><!-- 17 -->")
    assert scene.get(address(2), frame).decision is Decision.SAME
    assert (outcome.decision, only(scene).versions) == (Decision.SAME, 1)


def test_an_edit_of_a_later_page_is_an_edit_of_the_article(scene: Scene) -> None:
    for number in (1, 2, 3):
        get(scene, number)
    edited = [*TEXTS[1][:-1], TEXTS[1][-1] + " Huyện sẽ tổng kết vào cuối năm."]
    outcome = get(scene, 2, texts=edited)
    assert (outcome.decision, outcome.version, outcome.article) == (
        Decision.CHANGED, 2, only(scene).article.id,
    )  # fmt: skip
    assert read(only(scene)) == [*body(1), *edited, *body(3)]
    first = scene.store.article_version(only(scene).article.id, 1)
    assert first is not None
    assert read(first) == body(1, 2, 3), "the first version says what it said"


def test_an_edit_of_page_one_carries_the_others(scene: Scene) -> None:
    for number in (1, 2, 3):
        get(scene, number)
    edited = [*TEXTS[0], "Bài viết đã được bổ sung số liệu đến hết tháng 9 năm 2022."]
    assert get(scene, 1, texts=edited).version == 2
    assert read(only(scene)) == [*edited, *body(2, 3)]
    assert get(scene, 2, texts=TEXTS[3]).decision is Decision.SAME, "seen right after, it is the same edit"
    assert read(only(scene)) == [*edited, *body(4, 3)]
    assert only(scene).versions == 2


def test_a_page_that_is_taken_away_and_comes_back(scene: Scene) -> None:
    for number in (1, 2, 3, 1):
        get(scene, number)
    gone = scene.get(address(3), NOT_FOUND, status=404)
    assert (gone.decision, gone.version) == (Decision.CHANGED, 2)
    assert read(only(scene)) == body(1, 2)
    assert scene.get(address(3), NOT_FOUND, status=404).version is None
    assert get(scene, 3).version == 3
    assert read(only(scene)) == body(1, 2, 3)
    assert only(scene).article.state is ArticleState.CHANGED


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1)])
def test_an_article_that_is_taken_away_with_all_its_pages_is_gone_and_not_edited(
    scene: Scene, order: tuple[int, ...]
) -> None:
    for number in (1, 2, 3):
        get(scene, number)
    for number in order:
        scene.get(address(number), NOT_FOUND, status=404)
    assert (only(scene).article.state, only(scene).versions) == (ArticleState.GONE, 1)


def test_a_page_found_missing_before_page_one_was_seen_is_dropped_once_that_stands(scene: Scene) -> None:
    for number in (1, 2):
        get(scene, number, last=2)
    assert scene.get(address(2), NOT_FOUND, status=404).version is None
    assert get(scene, 1, last=2).version == 2
    assert read(only(scene)) == body(1)


def test_a_page_that_is_added_later_joins_the_article(scene: Scene) -> None:
    for number in (1, 2):
        get(scene, number, last=2)
    get(scene, 1, last=3)
    get(scene, 3)
    assert read(only(scene)) == body(1, 2, 3)


def test_pages_of_comments_are_no_pages_of_the_article(scene: Scene) -> None:
    get(scene, 1, last=2)
    comments = page(2, last=2, texts=TEXTS[0])
    assert scene.get(address(2), comments).decision is Decision.SAME
    assert read(only(scene)) == body(1)
    assert only(scene).pages == ()


def test_another_article_under_the_address_of_a_page_is_its_own(scene: Scene) -> None:
    get(scene, 1, last=2)
    other = page(2, last=2, title="Thông báo lịch tiếp công dân tháng mười của huyện")
    outcome = scene.get(address(2), other.replace(f'<a href="{address(1)}">1</a>', ""))
    assert outcome.decision is Decision.NEW
    assert len(scene.store.newest(10)) == 2


def test_a_print_view_of_the_whole_is_the_same_article(scene: Scene) -> None:
    for number in (1, 2, 3):
        get(scene, number)
    whole = article_html(TITLE, body(1, 2, 3), published="2024-01-01")
    outcome = scene.get("/in/bai-dai.html", whole)
    assert (outcome.decision, outcome.article) == (Decision.SAME, only(scene).article.id)
    assert only(scene).versions == 1


def test_another_address_of_the_same_text_is_the_same_article(scene: Scene) -> None:
    """`?p=6600` and the slug, without a canonical link, the one with a line more than the other."""
    first = scene.get("/?p=6600", article_html(TITLE, TEXTS[0]))
    again = scene.get("/bai-dai/", article_html(TITLE, [*TEXTS[0], "Lượt xem: 17"]))
    assert (again.decision, again.article) == (Decision.SAME, first.article)
    assert only(scene).versions == 1


def test_two_articles_of_one_title_on_other_days_stay_two(scene: Scene) -> None:
    scene.get("/1.html", article_html("Thông báo", TEXTS[0], published="2022-09-28"))
    other = scene.get("/2.html", article_html("Thông báo", TEXTS[0], published="2022-10-28"))
    assert other.decision is Decision.NEW


def test_a_replay_and_a_better_reading_give_the_same(scene: Scene) -> None:
    for number in (2, 1, 3):
        get(scene, number)
    scene.next_crawl()
    get(scene, 1)
    get(scene, 2, texts=TEXTS[3])
    scene.get(address(3), NOT_FOUND, status=404)
    scene.get("/in/bai-dai.html", article_html(TITLE, body(1, 4)))
    before = _content(scene.store)
    assert len(before) == 3
    assert reextract(scene.store, scene.warcs).changed == 0
    scene.close()
    lose_database(scene.settings)
    replay(scene.settings)
    with closing(Store.open(scene.settings.database_url)) as store:
        assert _content(store) == before


def _content(store: Store) -> list[tuple[object, ...]]:
    (article_id,) = store.article_ids()
    found: list[tuple[object, ...]] = []
    for version in store.versions(article_id):
        view = store.article_version(article_id, version.number)
        assert view is not None
        found.append((view.article, view.version, view.extraction, [page.id for page in view.pages]))
    return found


def test_pages_that_move_with_their_article_stay_its_pages(scene: Scene) -> None:
    for number in (1, 2):
        get(scene, number, last=2)
    for number in (1, 2):
        moved = f"/moi{address(number)}"
        scene.get(address(number), status=301, location=moved)
        text = page(number, last=2).replace('href="/bai', 'href="/moi/bai')
        assert scene.get(moved, text, hops="LR").decision is Decision.SAME
    assert read(only(scene)) == body(1, 2)
    assert only(scene).versions == 1
