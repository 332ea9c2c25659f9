"""The ledger of silent edits: what is listed, how it is filtered, what a feed is given."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from archive.model import Byline
from archive.store.edits import Event, Wanted
from archive.text.edits import Kind
from archive.web import create_app, edits
from tests.web.conftest import EVIL
from tests.web.library import Library, article, on

FIRST = article("Trao quà", "Huyện trao 12 suất quà cho xã Quảng An.", published=on(2022, 1, 5))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.at(tmp_path_factory.mktemp("edits"))
    library.add("/so.html", FIRST)
    library.add(
        "/so.html", article("Trao quà", "Huyện trao 15 suất quà cho xã Quảng An.", published=on(2022, 1, 5))
    )
    library.add("/ten.html", article("Tên bài cũ", "Thân bài của bài này.", byline=Byline(text="Mai Thắm")))
    library.add(
        "/ten.html", article("Tên bài mới hẳn", "Thân bài của bài này.", byline=Byline(text="Mai Thắm"))
    )
    library.add("/xau.html", article("Xấu", f"Trước là {EVIL} và 12 điều."))
    library.add("/xau.html", article("Xấu", f"Trước là {EVIL} và 13 điều."))
    library.add("/nho.html", article("Nhỏ", "Một câu , có dấu sai."))
    library.add("/nho.html", article("Nhỏ", "Một câu, có dấu sai."))
    library.add("/mat.html", article("Sẽ mất", "Một bài khác nữa."))
    library.put("/mat.html", b"gone", status=404)
    library.add("/mat.html", article("Sẽ mất", "Một bài khác nữa."))
    return library


@pytest.fixture
def client(library: Library) -> FlaskClient:
    app = create_app(library.settings)
    app.testing = True
    return app.test_client()


def titles(html: str) -> list[str]:
    return re.findall(r'<h3><a href="[^"]+" rel="nofollow" dir="auto" lang="vi">(.*?)</a>', html)


def test_what_was_edited_is_listed_newest_first_and_minor_edits_apart(client: FlaskClient) -> None:
    assert titles(client.get("/sua-doi").text) == ["Sẽ mất", "Sẽ mất", "Xấu", "Tên bài mới hẳn", "Trao quà"]
    assert "Nhỏ" in titles(client.get("/sua-doi?minor=1").text)
    assert titles(client.get("/sua-doi?kind=minor").text) == ["Nhỏ"]


def test_each_edit_shows_what_stood_and_what_stands(client: FlaskClient) -> None:
    html = re.sub(r'<span class="sr".*?</span>', "", client.get("/sua-doi?kind=figure").text)
    assert "Huyện trao <del>12</del><ins>15</ins> suất quà cho xã Quảng An." in html
    assert re.search(r'href="/a/\w+/diff/1/2"', html)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("kind=title", ["Tên bài mới hẳn"]),
        ("kind=gone", ["Sẽ mất"]),
        ("kind=back", ["Sẽ mất"]),
        ("kind=title&kind=figure", ["Xấu", "Tên bài mới hẳn", "Trao quà"]),
        ("kind=figure&site=dam-ha&month=2026-11", ["Xấu", "Trao quà"]),
        ("site=nix", []),
        ("month=2020-01", []),
        ("month=9999-99&kind=nix&site=<script>&page=x", None),
    ],
)
def test_filters(client: FlaskClient, asked: str, found: list[str] | None) -> None:
    whole = titles(client.get("/sua-doi").text)
    answer = client.get(f"/sua-doi?{asked}")
    assert answer.status_code == 200
    assert titles(answer.text) == (whole if found is None else found)


def test_every_filter_on_the_page_leads_somewhere_and_counts_truly(client: FlaskClient) -> None:
    html = client.get("/sua-doi").text
    choices = re.findall(
        r'<a href="(/sua-doi\?[^"]+)"[^>]*><bdi>[^<]+</bdi> <span class="count">(\d+)<', html
    )
    assert len(choices) >= 5
    for address, count in choices:
        assert len(titles(client.get(address.replace("&amp;", "&")).text)) == int(count), address


def test_markup_of_portals_is_text(client: FlaskClient) -> None:
    html = client.get("/sua-doi").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_pages_beyond_the_last_are_not_found(client: FlaskClient) -> None:
    assert client.get("/sua-doi?page=2").status_code == 404


def test_a_feed_gets_the_same_lines(library: Library) -> None:
    app = create_app(library.settings)
    with app.test_request_context("/"):
        found = edits.entries(Wanted(), 10)
        again = edits.entries(Wanted(), 10)
    assert [entry.title for entry in found][:2] == ["Sẽ mất", "Sẽ mất"]
    assert {entry.id for entry in found} == {entry.id for entry in again}
    assert len({entry.id for entry in found}) == len(found)
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    kinds = {kind for entry in found for kind in entry.kinds}
    assert {Kind.FIGURE.value, Kind.TITLE.value, Event.GONE.value, Event.BACK.value} == kinds
    for entry in found:
        assert urlsplit(entry.href).path.startswith("/a/")


def test_an_edit_undone_is_another_edit(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.at(tmp_path_factory.mktemp("undone"))
    for text in ("12 suất", "15 suất", "12 suất"):
        library.add("/so.html", replace(FIRST, blocks=article("", f"Huyện trao {text} quà.").blocks))
    client = create_app(library.settings).test_client()
    assert len(titles(client.get("/sua-doi?kind=figure").text)) == 2
