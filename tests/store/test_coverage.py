"""The ledger of coverage: each address counted once, under what became of it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert

from archive.store import Store, coverage
from archive.store.coverage import Coverage
from archive.store.schema import frontier
from tests.store.scene import SITE, Scene, article_html


def known(
    store: Store, path: str, state: str, *, published: str | None = None, reason: str | None = None
) -> None:
    """An address in the queue."""
    url = f"http://huyen.example{path}"
    with store.begin() as connection:
        connection.execute(
            insert(frontier).values(
                site=SITE.id, key=url, url=url, kind="article", depth=1, section="", priority=1.0,
                state=state, attempts=0, via="", hops="L", published=published, reason=reason,
            )
        )  # fmt: skip


def test_each_address_counts_once_and_under_its_month(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    (key, row), *rest = scene.store.coverage().items()
    assert (key[0], rest) == (SITE.id, [])
    assert row == Coverage(extracted=1)
    month = key[1]
    known(scene.store, "/f.html", "failed", published=f"{month}-03", reason="timeout")
    known(scene.store, "/b.html", "failed", published=f"{month}-03", reason="bot-check")
    known(scene.store, "/g.html", "gone", published="2019-05-01")
    known(scene.store, "/r.html", "excluded", reason="robots")
    known(scene.store, "/q.html", "queued")
    assert scene.store.coverage(SITE.id) == {
        (SITE.id, ""): Coverage(failed=1, waiting=1),
        (SITE.id, "2019-05"): Coverage(lost=1),
        (SITE.id, month): Coverage(extracted=1, failed=1, unread=1),
    }
    total = Coverage.total(scene.store.coverage().values())
    assert (total.known, total.captured, total.missed) == (6, 2, 4)
    assert scene.store.coverage("nowhere") == {}


def test_an_article_that_is_asked_for_again_is_not_counted_twice(scene: Scene) -> None:
    capture = scene.get("/a.html", article_html())
    assert capture is not None
    view = scene.store.newest(1)[0]
    for state in ("queued", "failed", "gone"):
        url = view.article.url
        with scene.store.begin() as connection:
            connection.execute(frontier.delete())
            connection.execute(
                insert(frontier).values(
                    site=SITE.id, key=url, url=url, kind="article", depth=1, section="", priority=1.0,
                    state=state, attempts=0, via="", hops="L",
                )
            )  # fmt: skip
        assert Coverage.total(scene.store.coverage().values()) == Coverage(extracted=1)


def test_an_original_that_is_gone_stays_readable_and_is_told(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    scene.get("/a.html", b"nicht da", status=404)
    assert Coverage.total(scene.store.coverage().values()) == Coverage(extracted=1, gone=1)


def test_new_articles_appear_on_their_day_of_publication(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    published = scene.store.newest(1)[0].extraction.published
    assert published is not None
    with scene.store.read() as connection:
        found = coverage.appeared(connection, SITE.id, published.day - dt.timedelta(days=7))
        later = coverage.appeared(connection, SITE.id, published.day + dt.timedelta(days=1))
    assert found == {published.day: 1}
    assert later == {}
