"""Pages that are kept in memory: given out again only while nothing was committed, by any process."""

from __future__ import annotations

import pytest
from flask import Flask

from archive.store import Store
from archive.web import create_app, kept
from tests.web.library import Library, article, on


@pytest.fixture
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = Library.at(tmp_path_factory.mktemp("kept"))
    made.add("/a.html", article("Nông thôn mới", "Một bài.", published=on(2022, 9, 28)))
    made.index()
    return made


@pytest.fixture
def app(library: Library) -> Flask:
    return create_app(library.settings)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the templates that were rendered, in order."""
    from archive.web import article as article_page
    from archive.web import search, site

    names: list[str] = []
    for module in (article_page, search, site):
        real = module.render_template

        def spy(name: str, real: object = real, **context: object) -> str:
            names.append(name)
            return real(name, **context)  # type: ignore[operator, no-any-return]

        monkeypatch.setattr(module, "render_template", spy)
    return names


@pytest.mark.parametrize("path", ["/", "/search?q=nong+thon", "/site/dam-ha"])
def test_the_second_reader_gets_the_same_page_unmade(app: Flask, rendered: list[str], path: str) -> None:
    first, second = app.test_client().get(path), app.test_client().get(path)
    assert len(rendered) == 1
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_each_language_has_its_page(app: Flask, rendered: list[str]) -> None:
    english = app.test_client()
    english.set_cookie("lang", "en")
    assert '<html lang="vi">' in app.test_client().get("/").text
    assert '<html lang="en">' in english.get("/").text
    assert '<html lang="vi">' in app.test_client().get("/").text
    assert len(rendered) == 2
    assert "lang=en" in app.test_client().get("/?lang=en").headers["Set-Cookie"]
    assert "lang=en" in app.test_client().get("/?lang=en").headers["Set-Cookie"], "also of a kept page"


def test_what_any_process_commits_is_seen_by_the_next_reader(app: Flask, library: Library) -> None:
    client = app.test_client()
    assert "<dd>1</dd>" in client.get("/").text
    other = Store.open(library.settings.database_url)
    with other.begin() as connection:
        connection.exec_driver_sql("UPDATE sites SET name = 'Cổng khác'")
    other.close()
    assert "Cổng khác" in client.get("/").text
    library.add("/b.html", article("Cầu mới", "Hai bài."))
    assert "<dd>2</dd>" in client.get("/").text


def test_a_new_index_is_seen_though_the_database_is_the_same(app: Flask, library: Library) -> None:
    library.add("/b.html", article("Cầu đường xã Quảng An", "Hai bài."))
    client = app.test_client()
    assert "Quảng An" not in client.get("/search?q=cau+duong").text
    library.index()
    assert "Quảng An" in client.get("/search?q=cau+duong").text


def test_a_reader_who_has_it_gets_a_304_of_a_kept_page(app: Flask) -> None:
    client = app.test_client()
    client.get("/")
    tag = client.get("/").headers["ETag"]
    again = client.get("/", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def page(size: int) -> kept.Page:
    return kept.Page(b"x" * size, ())


def test_the_oldest_go_when_there_is_no_room() -> None:
    pages = kept.Pages(limit=100)
    pages.get("s", "")
    for key in "abc":
        pages.put("s", key, page(40))
    assert pages.get("s", "a") is None
    assert pages.get("s", "b") is not None
    pages.put("s", "d", page(40))
    assert pages.get("s", "c") is None, "b was asked for since"
    pages.put("s", "e", page(500))
    assert [pages.get("s", key) for key in "abcde"] == [None] * 5, "one that is too large for all"


def test_a_page_begun_before_a_commit_is_not_kept() -> None:
    pages = kept.Pages()
    pages.get("before", "a")
    pages.get("after", "b")
    pages.put("before", "a", page(1))
    assert pages.get("after", "a") is None
