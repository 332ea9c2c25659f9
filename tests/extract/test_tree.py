"""From characters to a tree: nothing of a page is lost on the way."""

from __future__ import annotations

import pytest

from archive.extract import extract
from archive.extract.tree import parse, text_of
from archive.model import Page


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><p>one</p></body></html><p>two</p>three<div>four</div>",
        "<p>one</p></html><html><body class=x><p>two</p></body></html><p>three</p></html>four",
        "<html><head></head></html><body><p>one two</p></body></html>three <b>four</b>",
    ],
)
def test_what_follows_an_early_end_of_the_document_stays_in_it(markup: str) -> None:
    root = parse(markup)

    assert root is not None
    assert text_of(root) == "one two three four"


def test_an_article_after_an_early_end_is_read() -> None:
    paragraphs = [
        f"Đoạn thứ {n} của bài viết kể việc nhân dân xã {n} cùng nhau làm con đường mới." for n in range(4)
    ]
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page = Page(
        "https://example.org/tin-1.html",
        f"<html><body><h1>Làm đường ở bốn xã</h1></body></html><div class=noidung>{text}</div>".encode(),
        "text/html; charset=utf-8",
    )

    found = extract(page)

    assert found.title == "Làm đường ở bốn xã"
    assert [found.lead, *found.body()] == paragraphs
