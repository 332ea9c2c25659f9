"""What other people wrote is shown as text, and what they served is never run."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from archive.model import Figure
from archive.web import create_app
from tests.web.conftest import EVIL, Filled
from tests.web.library import Library, article, jpeg


class Elements(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def pages(filled: Filled) -> list[str]:
    return [
        "/",
        "/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/search?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&section=%3Cscript%3E&from=%3Cscript%3E",
        f"/a/{filled.evil}",
        f"/a/{filled.evil}/v/1",
        "/site/dam-ha?page=3",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
    ]


def test_markup_from_outside_is_text(client: FlaskClient, filled: Filled) -> None:
    for path in pages(filled):
        html = client.get(path, follow_redirects=True).text
        elements = Elements()
        elements.feed(html)
        for tag, attributes in elements.found:
            # Data, which is never run, or our own file.
            ours = str(attributes.get("src")).startswith("/static/site.js?v=")
            assert tag != "script" or ours or attributes == {"type": "application/ld+json"}, path
            assert not [name for name in attributes if name.startswith("on") or name == "style"], path
            for name in ("href", "src", "action"):
                assert not re.match(
                    r"\s*(javascript|data|vbscript):", attributes.get(name) or "", re.IGNORECASE
                )


def test_the_evil_title_stands_as_it_is(client: FlaskClient, filled: Filled) -> None:
    html = client.get(f"/a/{filled.evil}/v/1").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} &lt;/title&gt;" in html
    head = html.split("</title>")[0]
    assert "\u202e" not in head, "a title cannot isolate a change of direction"
    assert html.count("<title>") == 1
    assert EVIL not in html


def test_links_in_a_text_are_web_addresses_only(client: FlaskClient, filled: Filled) -> None:
    html = client.get(f"/a/{filled.evil}/v/1").text
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener external">' in html
    assert "javascript:" not in html
    assert "bẫy" in html


def test_every_answer_carries_the_headers(client: FlaskClient, filled: Filled) -> None:
    digest = hashlib.sha256(jpeg()).hexdigest()
    for path in (
        "/",
        "/search",
        f"/a/{filled.real}",
        "/nix",
        "/healthz",
        "/static/site.css",
        f"/media/{digest}",
    ):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_media_has_the_type_of_its_bytes(client: FlaskClient, filled: Filled) -> None:
    body = jpeg()
    digest = hashlib.sha256(body).hexdigest()
    answer = client.get(f"/media/{digest}.jpg")
    assert answer.data == body
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    again = client.get(f"/media/{digest}.jpg", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    small = client.get(f"/media/{digest}/240")
    assert small.headers["Content-Type"] == "image/webp"
    assert len(small.data) < len(body)
    assert client.get(f"/media/{digest}/241").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF8<script>alert(1)</script>",
        b"%PDF-1.4",
    ],
)
def test_what_is_no_picture_is_only_a_download(body: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.at(tmp_path_factory.mktemp("media"))
    library.picture("/x.jpg", body, "image/jpeg")
    client = create_app(library.settings).test_client()
    digest = hashlib.sha256(body).hexdigest()
    answer = client.get(f"/media/{digest}.jpg")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"/media/{digest}/240").status_code == 404


def test_a_picture_with_a_damaged_record_does_not_break_its_article(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    library = Library.at(tmp_path_factory.mktemp("damaged"))
    picture = library.picture("/a.jpg", jpeg())
    found = library.add("/a.html", article("Bài có ảnh", blocks=(Figure((picture,), "Ảnh hỏng"),)))
    for path in library.settings.warc_dir.glob("*.warc.gz"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    app = create_app(library.settings)
    html = app.test_client().get(f"/a/{found}", follow_redirects=True)
    assert html.status_code == 200
    assert "Ảnh này chưa lưu được" in html.text
    digest = hashlib.sha256(jpeg()).hexdigest()
    assert app.test_client().get(f"/media/{digest}").status_code == 503


def test_bytes_that_only_begin_like_a_picture_are_said_to_be_damaged(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    library = Library.at(tmp_path_factory.mktemp("broken"))
    broken, cut = b"\xff\xd8\xff" + b"x" * 500, jpeg(1000, 800)[:3000]
    figures = (
        Figure((library.picture("/a.jpg", broken),), "Ảnh hỏng"),
        Figure((library.picture("/b.jpg", cut),), "Ảnh bị cắt"),
    )
    found = library.add("/a.html", article("Bài có ảnh", blocks=figures))
    client = create_app(library.settings).test_client()
    html = client.get(f"/a/{found}", follow_redirects=True).text
    assert html.count("Ảnh này đã lưu nhưng hỏng") == 1
    assert "Ảnh hỏng" in html, "the caption stands all the same"
    for form in ("240", "800", "card.jpg"):
        assert client.get(f"/media/{hashlib.sha256(cut).hexdigest()}/{form}").status_code == 200
        assert client.get(f"/media/{hashlib.sha256(broken).hexdigest()}/{form}").status_code == 404


@pytest.mark.parametrize("size", [9_000, 60_000])
def test_a_question_of_death_is_answered(client: FlaskClient, size: int) -> None:
    for query in ("(" * size, "a* " * (size // 3), '"' + "thi đua " * (size // 16), "[ TO " * (size // 5)):
        assert client.get("/search", query_string={"q": query[:size]}).status_code in (200, 414)
