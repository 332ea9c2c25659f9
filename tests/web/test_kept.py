"""Pages that are kept in memory: given out again only while nothing was committed, by any process."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace

import flask
import pytest
from bs4 import BeautifulSoup
from flask import Flask, request, session

from archive.config import Rate
from archive.store import Store
from archive.web import create_app, kept, metrics
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
    assert again.headers["ETag"] == tag
    assert "Content-Length" not in again.headers
    other = client.get("/", headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.headers["ETag"]) == (200, tag)


def test_a_304_makes_the_next_reader_wait_no_longer(
    app: Flask, rendered: list[str], library: Library
) -> None:
    tag = app.test_client().get("/").headers["ETag"]
    anew = create_app(library.settings)
    assert anew.test_client().get("/", headers={"If-None-Match": tag}).status_code == 304
    assert anew.test_client().get("/").status_code == 200
    assert len(rendered) == 2


def page(size: int) -> kept.Page:
    return kept.Page(secrets.token_bytes(size), (), "", "")


def test_the_oldest_go_when_there_is_no_room() -> None:
    pages = kept.Pages(limit=200_000)
    for key in "abc":
        pages.put("s", key, page(80_000))
    assert pages.get("s", "a") is None
    assert pages.get("s", "b") is not None
    pages.put("s", "d", page(80_000))
    assert pages.get("s", "c") is None, "b was asked for since"
    pages.put("s", "e", page(500_000))
    assert [pages.get("s", key) for key in "abcde"] == [None] * 5, "one that is too large for all"


def test_a_page_during_which_something_was_committed_is_not_kept(
    app: Flask, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., str] = flask.render_template

    def commits_meanwhile(name: str, **context: object) -> str:
        made = real(name, **context)
        other = Store.open(library.settings.database_url)
        with contextlib.closing(other), other.begin() as connection:
            connection.exec_driver_sql("UPDATE sites SET name = name || '!'")
        return made

    with monkeypatch.context() as patched:
        patched.setattr("archive.web.site.render_template", commits_meanwhile)
        assert "!" not in title(app.test_client().get("/site/dam-ha").text)
    assert "!" in title(app.test_client().get("/site/dam-ha").text)


def title(html: str) -> str:
    found = BeautifulSoup(html, "html.parser").title
    assert found is not None
    return found.text


@pytest.fixture
def limited(library: Library) -> Flask:
    return create_app(replace(library.settings, limit_loopback=True, limit_pages=Rate(3, 60)))


def test_who_asks_for_kept_pages_is_counted(limited: Flask) -> None:
    client = limited.test_client()
    answers = [client.get("/site/dam-ha") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    left = [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers[:3]]
    assert left == ['"pages";r=2', '"pages";r=1', '"pages";r=0']


def test_kept_pages_stand_among_the_counts(app: Flask) -> None:
    client = app.test_client()
    counted = metrics.REQUESTS.labels("site.show", "200")._value
    before = counted.get()
    for _ in range(3):
        client.get("/site/dam-ha")
    assert counted.get() == before + 3


def test_an_admins_session_is_never_kept_for_others(app: Flask) -> None:
    """A session that lasts is sent anew with every page that its admin reads."""
    app.secret_key = secrets.token_hex()

    @app.before_request
    def last() -> None:
        if "X-Admin" in request.headers:
            session.permanent = True

    of_admin = app.test_client().get("/site/dam-ha", headers={"X-Admin": "1"})
    assert "archive_admin=" in of_admin.headers["Set-Cookie"]
    assert "Set-Cookie" not in app.test_client().get("/site/dam-ha").headers


def test_a_head_of_a_kept_page_has_its_fields_and_no_body(app: Flask) -> None:
    client = app.test_client()
    asked_first = client.head("/site/dam-ha")
    whole = client.get("/site/dam-ha")
    kept_now = client.head("/site/dam-ha")
    assert asked_first.data == kept_now.data == b""
    assert kept_now.headers["Content-Length"] == str(len(whole.data)) != "0"
    assert kept_now.headers["ETag"] == whole.headers["ETag"]


def test_another_host_gets_no_page_that_was_kept_for_ours(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/site/dam-ha").status_code == 200
    assert client.get("/site/dam-ha", headers={"Host": "evil.example"}).status_code == 400
