"""What stands above every article of a site is learnt, and goes, and makes no edit: now and in a replay."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import closing

import pytest

from archive.config import Settings
from archive.extract import EXTRACTOR
from archive.ingest import Decision, Outcome
from archive.model import ArticleView
from archive.preserve import reextract, replay
from archive.store import Store
from tests.portal.grammar import article
from tests.postgresql import lose_database
from tests.store.scene import Scene

SLOGAN = "Toàn huyện chung sức xây dựng nông thôn mới, đô thị văn minh giai đoạn hiện nay."
LEARNT_AT = 12


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()


def page(number: int, *, slogan: str = SLOGAN, edited: bool = False, visits: int = 1) -> str:
    """An article of a portal that no profile describes, its slogan a paragraph of the article's own text."""
    sample = article(3, 40 + 3 * number)
    texts = [html.escape(text) for text in sample.paragraphs]
    if edited:
        texts[-1] = texts[-1].replace(" ", " đã ", 1)
    body = "".join(f"<p>{text}</p>" for text in texts)
    return (
        f'<html lang="vi"><head><title>{sample.title}</title></head><body><div class="chi-tiet">'
        f'<h1>{sample.title}</h1><span class="ngay">{sample.published:%d/%m/%Y %H:%M}</span>'
        f'<div class="noi-dung"><p>{slogan}</p>{body}</div></div>'
        f"<!-- {visits} lượt xem --></body></html>"
    )


def path(number: int) -> str:
    return f"/tin/{number}.html"


def captured(scene: Scene, count: int) -> list[Outcome]:
    return [scene.get(path(number), page(number)) for number in range(count)]


def view(scene: Scene, outcome: Outcome) -> ArticleView:
    found = scene.store.article(str(outcome.article))
    assert found is not None
    return found


def texts(found: ArticleView) -> list[str]:
    return [found.extraction.lead, *found.extraction.body()]


def test_the_slogan_goes_once_enough_articles_bore_it(scene: Scene) -> None:
    before = captured(scene, LEARNT_AT)
    assert SLOGAN in texts(view(scene, before[0])), "nothing was known yet"
    after = view(scene, scene.get(path(20), page(20)))
    assert after.extraction.extractor == f"{EXTRACTOR}+k1"
    assert SLOGAN not in texts(after)
    assert len(list(after.extraction.body())) >= 2
    assert [item.rule for item in after.extraction.dropped if item.text == SLOGAN] == [
        "stands on many pages of the site (k1)"
    ]


def test_an_unknown_line_is_not_taken_for_it(scene: Scene) -> None:
    captured(scene, LEARNT_AT)
    other = SLOGAN.replace("hiện nay", "2030")
    assert other in texts(view(scene, scene.get(path(20), page(20, slogan=other))))


def test_what_was_learnt_makes_no_edit_and_hides_none(scene: Scene) -> None:
    first = captured(scene, LEARNT_AT)[0]
    since = scene.store.last_change()
    again = scene.get(path(0), page(0, visits=2))
    assert (again.decision, again.article) == (Decision.SAME, first.article)
    assert SLOGAN not in texts(view(scene, first)), "the earlier capture was read again, to be comparable"
    assert [change.article for change in scene.store.changes(since, 10)] == [first.article]

    edited = scene.get(path(0), page(0, edited=True, visits=3))
    assert (edited.decision, edited.version) == (Decision.CHANGED, 2)
    bare = scene.get(path(1), page(1, slogan=""))
    assert bare.decision is Decision.SAME, "the slogan is no part of the article, nor is its end an edit"


def test_an_earlier_capture_that_cannot_be_read_makes_no_false_edit(scene: Scene) -> None:
    first = captured(scene, LEARNT_AT)[0]
    damaged = bytearray((scene.warcs / first.capture.ref.file).read_bytes())
    damaged[first.capture.ref.offset + 40] ^= 0xFF
    (scene.warcs / first.capture.ref.file).write_bytes(damaged)
    again = scene.get(path(0), page(0, visits=2))
    assert (again.decision, again.article) == (Decision.SAME, first.article)
    assert len(scene.store.versions(str(first.article))) == 1


def test_what_was_captured_before_is_read_again_with_it_in_steps_that_can_be_interrupted(
    scene: Scene,
) -> None:
    first = captured(scene, LEARNT_AT)
    since = scene.store.last_change()

    class Interrupted(Exception):  # noqa: N818
        pass

    def interrupt(done: int, total: int) -> None:
        assert (done, total) == (LEARNT_AT, LEARNT_AT)
        raise Interrupted

    with pytest.raises(Interrupted):
        reextract(scene.store, scene.warcs, interrupt)
    report = reextract(scene.store, scene.warcs)
    assert (report.versions, report.changed) == (0, 0), "what was committed is not read again"
    for outcome in first:
        found = view(scene, outcome)
        assert SLOGAN not in texts(found)
        assert (found.versions, found.article.state) == (1, "live")
    assert {change.article for change in scene.store.changes(since, 100)} == {o.article for o in first}


def test_a_replay_learns_the_same_at_the_same_place(scene: Scene) -> None:
    captured(scene, LEARNT_AT)
    scene.next_crawl()
    for number in (0, 3, 20, 21):
        scene.get(path(number), page(number, edited=number == 3, visits=2))
    reextract(scene.store, scene.warcs)
    before = _content(scene.store)
    scene.close()
    lose_database(scene.settings)
    replay(scene.settings)
    with closing(Store.open(scene.settings.database_url)) as store:
        assert _content(store) == before


def _content(store: Store) -> list[tuple[object, ...]]:
    views = sorted(store.newest(100), key=lambda item: item.article.id)
    return [
        (item.article, item.version, item.versions, item.extraction, store.versions(item.article.id))
        for item in views
    ]


def test_signatures_and_turns_of_phrase_are_not_learnt(scene: Scene) -> None:
    """What recurs amid the text or signs the article is the article's own."""
    phrase = "Tham dự buổi lễ có các đồng chí lãnh đạo huyện, các phòng, ban, ngành và đoàn thể."
    for number in range(LEARNT_AT + 1):
        text = f"</p><p>{phrase}</p><p>".join(page(number, slogan="").rsplit("</p><p>", 1))
        text = text.replace(
            "</div></div>", "<p><b>Tác giả: Trần Việt Dũng, Trung tâm Truyền thông</b></p></div></div>"
        )
        last = scene.get(path(number), text)
    found = view(scene, last)
    assert phrase in texts(found)
    assert found.extraction.byline.authors == ("Trần Việt Dũng",)
