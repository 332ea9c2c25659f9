"""Attached files: read aside, shown and found with their article, whenever they come in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from archive.config import Settings
from archive.documents import READER
from archive.ingest import Decision
from archive.model import ArticleView
from archive.preserve import reextract, replay
from archive.search import indexer, open_backend
from archive.search.backend import SearchRequest
from archive.store import Store, attachments
from tests.documents.examples import docx, xls
from tests.portal.pictures import pdf
from tests.postgresql import lose_database
from tests.store.scene import BASE, BODY, Scene, article_html

FILE = "/tep/ke-hoach-208.pdf"
PDF = "application/pdf"


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()


def article(*files: str, title: str = "Huyện ban hành kế hoạch phát triển kinh tế năm 2020") -> str:
    links = "".join(f'<p><a href="{file}">Kế hoạch của huyện {n}</a></p>' for n, file in enumerate(files, 1))
    return article_html(title, [*BODY, "Văn bản kèm theo:"]).replace(
        "</div></article>", f"{links}</div></article>"
    )


def attach(scene: Scene, path: str, body: bytes, *, kind: str = PDF) -> None:
    scene.get(path, body, content_type=kind, hops="LE", via=f"{BASE}/a.html")


def only(scene: Scene) -> ArticleView:
    (found,) = scene.store.newest(10)
    return found


def test_a_file_that_comes_after_its_article_is_shown_with_it(scene: Scene) -> None:
    outcome = scene.get("/a.html", article(FILE))
    assert only(scene).attachments == ()
    since = scene.store.last_change()
    attach(scene, FILE, pdf("Plan 208 of the district"))
    (file,) = only(scene).attachments
    assert (file.name, file.kind, file.text, file.problem) == (
        "Kế hoạch của huyện 1", "pdf", "Plan 208 of the district", "",
    )  # fmt: skip
    assert file.capture.url == BASE + FILE
    assert [change.article for change in scene.store.changes(since, 10)] == [outcome.article]
    assert only(scene).versions == 1, "that the file came in is no edit"


def test_a_file_that_two_articles_share_is_known_to_both(scene: Scene) -> None:
    first = scene.get("/a.html", article(FILE))
    second = scene.get("/b.html", article(FILE, title="Thông báo về kế hoạch năm 2020 của huyện nhà"))
    since = scene.store.last_change()
    attach(scene, FILE, pdf("Plan 208"))
    assert {item.article for item in scene.store.changes(since, 10)} == {first.article, second.article}


def test_a_replaced_file_is_no_edit_and_each_version_keeps_the_nearest(scene: Scene) -> None:
    """The page did not change; what the file said before stays with its capture."""
    scene.get("/a.html", article(FILE))
    attach(scene, FILE, pdf("Plan 208"))
    attach(scene, FILE, pdf("Plan 208, corrected"))
    assert only(scene).versions == 1
    assert [file.text for file in only(scene).attachments] == ["Plan 208"]
    edited = scene.get("/a.html", article(FILE).replace("nhân dân", "toàn dân"))
    assert edited.version == 2
    assert [file.text for file in only(scene).attachments] == ["Plan 208, corrected"]


def test_another_file_under_another_address_is_an_edit(scene: Scene) -> None:
    scene.get("/a.html", article(FILE))
    assert scene.get("/a.html", article("/tep/ke-hoach-209.pdf")).decision is Decision.CHANGED


def test_what_a_file_is_is_told_by_its_bytes(scene: Scene) -> None:
    names = ("/1.pdf", "/2.doc", "/3.xls", "/4.pdf")
    scene.get("/a.html", article(*names))
    attach(scene, "/1.pdf", docx(), kind=PDF)
    attach(scene, "/2.doc", xls(), kind="application/msword")
    attach(scene, "/3.xls", b"<html><body>Khong tim thay</body></html>", kind="application/vnd.ms-excel")
    attach(scene, "/4.pdf", b"%PDF-1.4 and no more", kind="application/octet-stream")
    found = {file.url.rpartition("/")[2]: file for file in only(scene).attachments}
    assert {name: (file.kind, bool(file.text)) for name, file in found.items()} == {
        "1.pdf": ("docx", True), "2.doc": ("xls", True), "3.xls": ("", False), "4.pdf": ("pdf", False),
    }  # fmt: skip
    assert "web page" in found["3.xls"].problem
    assert "damaged" in found["4.pdf"].problem


def test_a_file_is_read_once_whatever_its_addresses(scene: Scene) -> None:
    scene.get("/a.html", article("/1.pdf", "/2.pdf"))
    attach(scene, "/1.pdf", pdf("Plan"))
    held = only(scene).attachments[0].capture
    scene.get("/2.pdf", pdf("Plan"), content_type=PDF, hops="LE", revisit=held)
    assert [file.text for file in only(scene).attachments] == ["Plan", "Plan"]


def test_the_words_of_a_file_find_its_article(scene: Scene) -> None:
    scene.get("/a.html", article(FILE))
    attach(scene, FILE, pdf("Unheard zeppelin of the district"))
    indexer.rebuild(scene.store, scene.settings)
    with closing(open_backend(scene.settings)) as backend:
        page = backend.search(SearchRequest("zeppelin"))
    assert [hit.id for hit in page.hits] == [only(scene).article.id]


def test_what_was_read_in_files_comes_back_in_a_replay(scene: Scene) -> None:
    scene.get("/a.html", article(FILE, "/bieu.xls"))
    attach(scene, FILE, pdf("Plan 208"))
    attach(scene, "/bieu.xls", xls(), kind="application/vnd.ms-excel")
    before = only(scene).attachments
    assert len(before) == 2
    scene.close()
    lose_database(scene.settings)
    replay(scene.settings)
    with closing(Store.open(scene.settings.database_url)) as store:
        (found,) = store.newest(10)
        assert found.attachments == before


def test_files_that_an_older_reader_read_or_none_are_read_again(scene: Scene) -> None:
    scene.get("/a.html", article(FILE, "/2.pdf"))
    attach(scene, FILE, pdf("Plan 208"))
    attach(scene, "/2.pdf", pdf("Another"))
    one, other = (file.capture.payload_digest for file in only(scene).attachments)
    with scene.store.begin() as connection:
        older = attachments.DocumentRow(one, "documents-0", "pdf", "Plan 20B", "")
        attachments.put_document(connection, older)
        connection.execute(attachments.documents.delete().where(attachments.documents.c.digest == other))
    since = scene.store.last_change()
    assert reextract(scene.store, scene.warcs).documents == 2
    assert [file.text for file in only(scene).attachments] == ["Plan 208", "Another"]
    assert {change.article for change in scene.store.changes(since, 10)} == {only(scene).article.id}
    with scene.store.read() as connection:
        assert attachments.to_read(connection, READER, "", 10) == []
    assert reextract(scene.store, scene.warcs).documents == 0
