"""The projection from article to document, through a real page."""

from __future__ import annotations

import datetime as dt

from archive.config import Settings
from archive.search.document import document, field_texts, id_key, text_key
from tests.search.samples import doc
from tests.store.scene import BODY, TITLE, Scene, article_html


def test_an_article_becomes_a_document(settings: Settings) -> None:
    scene = Scene(settings)
    try:
        outcome = scene.get(
            "/bai-1.html", article_html(pictures=[("/anh/1.jpg", "Đại biểu dự Lễ phát động")])
        )
        assert outcome.article is not None
        view = scene.store.article(outcome.article)
        assert view is not None
        made = document(view)
    finally:
        scene.close()
    assert made.id == outcome.article
    assert made.title == TITLE
    assert all(text in f"{made.lead}\n{made.body}" for text in BODY)
    assert made.captions == ("Đại biểu dự Lễ phát động",)
    assert (made.site, made.site_name) == (scene.site.id, scene.site.name)
    assert made.published == dt.date(2022, 9, 28)
    assert made.has_pictures
    assert made.picture == ""  # its address was found, but it has not been captured
    assert made.status == "live"
    assert made.slug.startswith("dam-ha-phat-dong")


def test_captions_and_paragraphs_are_pieces_of_their_own() -> None:
    texts = {f.field: f.pieces for f in field_texts(doc("a", "T", body="một\nhai", captions=("ba", "bốn")))}
    assert texts["body"] == ("một", "hai")
    assert texts["caption"] == ("ba", "bốn")


def test_copies_share_a_key_and_short_texts_have_none() -> None:
    text = "Ủy ban nhân dân huyện thông báo " * 5
    assert text_key(doc("a", "Một", body=text)) == text_key(doc("b", "Hai", body=text.upper() + "\n"))
    assert text_key(doc("a", body=text)) != text_key(doc("a", body=text + "khác"))
    assert text_key(doc("a", body="Xem chi tiết tại đây")) == 0


def test_keys_of_ids_differ() -> None:
    assert len({id_key(f"a{number}") for number in range(1000)}) == 1000
