"""Attached files on an article's page: what they are, the kept bytes, how they begin, why one is not read."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from lxml.html import HtmlElement, fromstring

from archive.config import Settings
from archive.preserve import takedown
from archive.preserve.takedown import Order
from archive.store.takedowns import Scope
from archive.web import create_app
from tests.documents.examples import docx
from tests.portal.pictures import pdf
from tests.store.scene import BASE, BODY, Scene, article_html

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()


def client(scene: Scene) -> FlaskClient:
    return create_app(scene.settings).test_client()


def shown(scene: Scene, *files: tuple[str, bytes | None]) -> tuple[FlaskClient, list[HtmlElement]]:
    """The blocks of attached files on the page of an article with these."""
    links = "".join(f'<p><a href="/tep/{name}">Văn bản {html.escape(name)}</a></p>' for name, _ in files)
    page = article_html(body=[*BODY, "Văn bản kèm theo:"])
    outcome = scene.get("/a.html", page.replace("</div></article>", f"{links}</div></article>"))
    for name, body in files:
        if body is not None:
            path = f"/tep/{name}"
            scene.get(path, body, content_type="application/msword", hops="LE", via=f"{BASE}/a.html")
    browser = client(scene)
    answer = browser.get(f"/a/{outcome.article}", follow_redirects=True)
    assert answer.status_code == 200
    tree: HtmlElement = fromstring(answer.text)
    return browser, tree.cssselect("div.file")


def test_a_file_is_named_with_its_kind_and_size_and_leads_to_the_kept_bytes(scene: Scene) -> None:
    body = pdf("Plan 208 of the district")
    browser, (block,) = shown(scene, ("ke-hoach.doc", body))
    link = block.cssselect("a")[0]
    assert link.text_content() == "Văn bản ke-hoach.doc"
    assert "(PDF, 1\u00a0KB)" in block.text_content()
    assert [line.text_content() for line in block.cssselect("details p")] == ["Plan 208 of the district"]
    answer = browser.get(link.get("href"))
    assert answer.data == body
    assert answer.headers["Content-Disposition"].endswith('.pdf"')
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_the_line_that_only_links_to_a_file_is_not_said_twice(scene: Scene) -> None:
    _, (block,) = shown(scene, ("a.docx", docx()))
    whole = block.getroottree().getroot().cssselect("article")[0].text_content()
    assert whole.count("Văn bản a.docx") == 1


def test_what_a_file_says_is_text(scene: Scene) -> None:
    from docx import Document

    from tests.documents.examples import saved

    made = Document()
    made.add_paragraph(EVIL)
    for number in range(40):
        made.add_paragraph(f"Dòng {number}")
    _, (block,) = shown(scene, ("a.docx", saved(made.save)))
    lines = [line.text_content() for line in block.cssselect("details p")]
    assert (len(lines), lines[0]) == (8, EVIL)
    assert lines[-1].endswith("…")


def test_a_file_that_cannot_be_read_and_one_that_is_not_captured_say_so(scene: Scene) -> None:
    _, blocks = shown(scene, ("hong.pdf", b"%PDF-1.4 broken"), ("thieu.pdf", None))
    assert "Không đọc được chữ trong tệp" in blocks[0].text_content()
    assert "chưa lưu được" in blocks[1].text_content()
    assert blocks[1].cssselect("a")[0].get("href") == f"{BASE}/tep/thieu.pdf"


def test_a_withheld_file_is_nowhere(scene: Scene) -> None:
    browser, (block,) = shown(scene, ("a.pdf", pdf("Secret plan")))
    (view,) = scene.store.newest(10)
    digest = view.attachments[0].capture.payload_digest
    address = block.cssselect("a")[0].get("href")
    order = Order(Scope.PICTURE, digest, "Theo yêu cầu.", "quản trị")
    takedown.withhold(scene.store, scene.settings, order, index=False)
    page = browser.get(f"/a/{view.article.id}", follow_redirects=True).text
    assert "Secret plan" not in page
    assert digest.removeprefix("sha256:") not in page
    assert browser.get(address).status_code in (410, 451)
