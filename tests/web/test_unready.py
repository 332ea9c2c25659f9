"""A missing index or database: what can be read is read, the rest says what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.config import Settings
from archive.web import create_app
from tests.web.library import Library, article


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.at(tmp_path)


def test_articles_are_served_without_an_index(library: Library) -> None:
    found = library.add("/a.html", article("Nông thôn mới", "Một bài."))
    client = create_app(library.settings).test_client()
    assert client.get(f"/a/{found}", follow_redirects=True).status_code == 200
    answer = client.get("/search?q=nong+thon")
    assert answer.status_code == 503
    assert "archive index" in answer.text
    assert f"/a/{found}/" in answer.text
    assert client.get("/healthz").get_json()["status"] == "degraded"
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)
    library.index()
    assert f"/a/{found}/" in client.get("/search?q=nong+thon").text, "picked up without a restart"
    assert client.get("/readyz").status_code == 200


def test_a_changed_index_is_seen_without_a_restart(library: Library) -> None:
    library.add("/a.html", article("Nông thôn mới", "Một bài."))
    library.index()
    client = create_app(library.settings).test_client()
    assert client.get("/search?q=cau+duong").text.count('class="item-title"') == 0
    library.add("/b.html", article("Cầu đường xã Quảng An", "Hai bài."))
    library.index()
    assert client.get("/search?q=cau+duong").text.count('class="item-title"') == 1


def test_without_a_database_every_page_says_so(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path / 'none' / 'archive.db'}"
    settings = Settings(var=tmp_path / "none", index=tmp_path / "index", database=nowhere)
    client = create_app(settings).test_client()
    for path in ("/", "/search?q=a", "/a/abcdefgh", "/site/x", "/about"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "Kho tạm thời không đọc được" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/bot").status_code == 200
    report = client.get("/healthz")
    assert report.status_code == 503
    assert report.get_json()["status"] == "down"


def test_a_bug_is_a_calm_page(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(library.settings)
    monkeypatch.setattr(type(library.store), "totals", lambda self: 1 / 0)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert "Có lỗi ở phía chúng tôi" in answer.text
    assert "ZeroDivision" not in answer.text
