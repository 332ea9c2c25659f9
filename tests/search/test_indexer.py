"""The index follows the store, through real captures, extraction and database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archive.config import Settings
from archive.errors import IndexBusyError, IndexMismatchError
from archive.search import indexer, open_backend
from archive.search.backend import SearchPage, SearchRequest
from archive.search.lock import write_lock
from archive.search.whoosh import generations
from tests.store.scene import BODY, OTHER_BODY, OTHER_TITLE, TITLE, Scene, article_html


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    made.get("/bai-1.html", article_html())
    made.get("/bai-2.html", article_html(OTHER_TITLE, OTHER_BODY, published="2022-10-15"))
    yield made
    made.close()


def search(settings: Settings, q: str) -> SearchPage:
    backend = open_backend(settings)
    try:
        return backend.search(SearchRequest(q=q))
    finally:
        backend.close()


def test_the_first_update_makes_the_index(scene: Scene, settings: Settings) -> None:
    steps: list[tuple[int, int]] = []
    report = indexer.update(scene.store, settings, lambda done, total: steps.append((done, total)))
    assert (report.articles, report.indexed, report.deleted) == (2, 2, 0)
    assert steps[-1][0] == steps[-1][1] > 0
    page = search(settings, "thi dua dam ha")
    assert [hit.title.text for hit in page.hits] == [TITLE]
    assert page.hits[0].site_name == scene.site.name
    assert page.hits[0].published.startswith("2022-09-28")


def test_an_update_indexes_what_changed_only(scene: Scene, settings: Settings) -> None:
    indexer.update(scene.store, settings)
    assert indexer.update(scene.store, settings).indexed == 0
    edited = (BODY[0], BODY[1].replace("vệ sinh môi trường", "an toàn giao thông"), BODY[2])
    scene.get("/bai-1.html", article_html(body=edited))
    assert indexer.status(settings, scene.store).behind > 0
    report = indexer.update(scene.store, settings)
    assert (report.articles, report.indexed) == (2, 1)
    assert indexer.status(settings, scene.store).behind == 0
    assert search(settings, '"an toàn giao thông"').total == 1
    assert search(settings, '"vệ sinh môi trường"').total == 0


def test_batches_go_on_from_the_last_commit(
    scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "BATCH", 1)
    assert indexer.update(scene.store, settings).indexed == 2
    assert search(settings, "").total == 2


def test_an_empty_store_gives_an_empty_index(settings: Settings) -> None:
    scene = Scene(settings)
    try:
        assert indexer.update(scene.store, settings).articles == 0
        assert search(settings, "thi đua").total == 0
        assert indexer.status(settings, scene.store).problem == ""
    finally:
        scene.close()


def test_a_rebuilt_index_answers_as_the_one_that_grew(scene: Scene, settings: Settings) -> None:
    indexer.update(scene.store, settings)
    questions = ("thi dua", "đầm hà", '"máy thở"', "nông thôn OR y tế", "", "ngay:10/2022")
    grown = [[hit.id for hit in search(settings, q).hits] for q in questions]
    steps: list[tuple[int, int]] = []
    report = indexer.rebuild(scene.store, settings, lambda done, total: steps.append((done, total)))
    assert report.articles == report.indexed == 2
    assert steps[-1] == (2, 2)
    assert [[hit.id for hit in search(settings, q).hits] for q in questions] == grown
    assert indexer.status(settings, scene.store).behind == 0


def test_status_tells_what_is_wrong_and_what_mends_it(
    scene: Scene, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = indexer.status(settings, scene.store)
    assert missing.behind == scene.store.last_change()
    assert "archive index update" in missing.problem
    indexer.update(scene.store, settings)
    monkeypatch.setattr(generations, "FINGERPRINT", "another")
    assert "archive index rebuild" in indexer.status(settings, scene.store).problem
    with pytest.raises(IndexMismatchError):
        indexer.update(scene.store, settings)
    assert indexer.rebuild(scene.store, settings).articles == 2
    assert indexer.status(settings, scene.store).problem == ""


def test_a_second_indexer_is_told_so(scene: Scene, settings: Settings) -> None:
    with write_lock(settings.index), pytest.raises(IndexBusyError):
        indexer.update(scene.store, settings)
