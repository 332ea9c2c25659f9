"""The page that says what the archive would know, and the sentence below an empty search."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import feedparser
import pytest
from flask.testing import FlaskClient

from archive.preserve import takedown
from archive.store import alarms
from archive.store.alarms import Finding
from archive.store.takedowns import Scope
from archive.web import create_app
from tests.web.conftest import Filled
from tests.web.library import START, Library, article, on

TOKEN = "mot-bi-mat"  # noqa: S105 - of this test alone


def test_the_page_counts_portals_and_years(client: FlaskClient, filled: Filled) -> None:
    html = client.get("/pham-vi").text
    total = filled.store.article_count()
    assert f"{total} bài được biết tới" in html
    assert 'href="/pham-vi/dam-ha"' in html
    assert 'href="/pham-vi"' in client.get("/").text
    assert 'href="/pham-vi/dam-ha"' in client.get("/site/dam-ha").text


def test_a_portal_is_told_by_year_and_month(client: FlaskClient) -> None:
    html = client.get("/pham-vi/dam-ha").text
    assert 'href="/site/dam-ha/2022"' in html
    assert 'href="/site/dam-ha/2022/9"' in html
    assert "không rõ" in html
    assert client.get("/pham-vi/nowhere").status_code == 404
    assert client.get("/pham-vi/%3Cb%3E").status_code == 404


def test_the_numbers_can_be_taken_along(client: FlaskClient, filled: Filled) -> None:
    answer = client.get("/pham-vi.json")
    rows = answer.get_json()["results"]
    assert sum(row["extracted"] for row in rows) == filled.store.article_count()
    table = list(csv.DictReader(io.StringIO(client.get("/pham-vi.csv").text)))
    assert [int(row["known"]) for row in table] == [row["known"] for row in rows]


def test_an_empty_search_says_whether_the_archive_would_know(client: FlaskClient) -> None:
    html = client.get("/search?q=zzzzqqq&site=dam-ha&year=2019").text
    assert "2019:" in html
    assert "bài đã lưu, 0 không lấy được" in html
    nothing = client.get("/search?q=zzzzqqq&site=dam-ha&year=1999").text
    assert "1999: kho không biết bài nào" in nothing
    assert 'href="/pham-vi"' in client.get("/search?q=zzzzqqq").text


def test_what_is_taken_down_leaves_the_count_at_once(tmp_path: Path) -> None:
    library = Library.at(tmp_path)
    library.add("/tin/1.html", article("Bài một", "Nội dung một.", published=on(2019, 7, 1)))
    hidden = library.add("/tin/2.html", article("Bài hai", "Nội dung hai.", published=on(2019, 7, 2)))
    library.index()
    app = create_app(library.settings)
    client = app.test_client()
    assert client.get("/pham-vi.json").get_json()["results"][0]["extracted"] == 2
    order = takedown.Order(Scope.ARTICLE, hidden, "Theo yêu cầu.", by="lan")
    done = takedown.withhold(library.store, library.settings, order)
    assert [row["extracted"] for row in client.get("/pham-vi.json").get_json()["results"]] == [1]
    takedown.lift(library.store, library.settings, done.takedown.id, by="lan", why="nhầm")
    assert client.get("/pham-vi.json").get_json()["results"][0]["extracted"] == 2
    library.store.close()


@pytest.fixture
def watched(tmp_path: Path) -> Library:
    library = Library.at(tmp_path, alarm_token=TOKEN)
    finding = Finding("date", 1.0, 0.0, 39, "nukeviet", examples=("http://portal.example/tin/<1>.html",))
    with library.store.begin() as connection:
        first = alarms.open_one(connection, "dam-ha", finding, 1, START)
        alarms.open_one(connection, "dam-ha", dataclasses.replace(finding, field="title"), 1, START)
        alarms.close(connection, first.id, START)
    return library


def test_alarms_are_a_feed_for_those_who_know_its_address(watched: Library) -> None:
    client = create_app(watched.settings).test_client()
    answer = client.get(f"/alarms/{TOKEN}.atom")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["dam-ha: title", "dam-ha: date (over)"]
    assert "usual is 100 %" in feed.entries[1].content[0].value
    assert "tin/<1>.html" in feed.entries[1].content[0].value
    assert len({entry.id for entry in feed.entries}) == 2
    watched.store.close()


def test_nobody_else_learns_of_the_feed(watched: Library, client: FlaskClient) -> None:
    assert create_app(watched.settings).test_client().get("/alarms/falsch.atom").status_code == 404
    assert client.get("/alarms/.atom").status_code == 404
    assert client.get(f"/alarms/{TOKEN}.atom").status_code == 404
    watched.store.close()
