"""Pairs are counted as the articles have them, and lead to these."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from archive.preserve import takedown
from archive.store.takedowns import Scope
from archive.web import create_app
from tests.web.library import Library, article, on

SVG = "{http://www.w3.org/2000/svg}"
COUNT = 24


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Mơ is always at Quảng Tân, An at Quảng Lợi but once; half of each speak of one matter."""
    library = Library.at(tmp_path_factory.mktemp("pairs"))
    for number in range(COUNT):
        first = number % 2 == 0
        person = "Lê Thị Mơ, Bí thư Huyện ủy" if first else "Trần Văn An, Chủ tịch UBND huyện"
        place = "xã Quảng Tân" if first or number == 1 else "xã Quảng Lợi"
        matter = ("thi đua", "nông thôn mới", "giao thông")[number % 3]
        verb = ("bàn", "nói rõ", "nghe kể", "hỏi", "dặn")[number % 5]
        end = ("xanh", "tốt", "nhanh", "đẹp")[number % 4]
        library.add(
            f"/{number}.html",
            article(
                f"Tin số {number}",
                f"Sáng ngày {1 + number}/3, tại {place}, huyện Đầm Hà tổ chức hội nghị lần {number}.",
                f"Đồng chí {person} dự hội nghị; {verb} {matter} {end}.",
                published=on(2020 + number % 3, 3, 1 + number),
            ),
        )
    library.index()
    yield library
    library.store.close()


@pytest.fixture(scope="module")
def client(made: Library) -> FlaskClient:
    return create_app(made.settings).test_client()


def pairs(client: FlaskClient, asked: str = "") -> dict[tuple[str, str], dict[str, object]]:
    body = client.get(f"/api/v1/cooccurrence?limit=100&{asked}").get_json()
    return {(row["first"], row["second"]): row for row in body["results"]}


def test_people_and_places_are_counted_by_article(client: FlaskClient) -> None:
    found = pairs(client)
    row = found["Lê Thị Mơ", "xã Quảng Tân"]
    assert (row["first_count"], row["second_count"], row["together"]) == (12, 13, 12)
    assert row["expected"] == 12 * 13 / COUNT
    assert float(str(row["g2"])) > 20
    assert ("Trần Văn An", "xã Quảng Tân") not in found, "once is chance"
    huyen = found["Lê Thị Mơ", "huyện Đầm Hà"]
    assert huyen["g2"] == huyen["pmi"] == 0, "what is everywhere goes with nothing"
    values = [float(str(row["g2"])) for row in found.values()]
    assert values == sorted(values, reverse=True)


def test_by_paragraph_only_what_stands_in_one_counts(client: FlaskClient) -> None:
    by_article = pairs(client, "rows=person&cols=word")
    assert ("Lê Thị Mơ", "hội nghị") in by_article
    body = client.get("/api/v1/cooccurrence?unit=paragraph").get_json()
    assert body["count"] == 0, "who and where are in paragraphs of their own"
    assert body["units"] > 2 * COUNT
    assert ("Lê Thị Mơ", "hội nghị") in pairs(client, "rows=person&cols=word&unit=paragraph")


def test_words_are_whole_and_names_are_not_words(client: FlaskClient) -> None:
    words = {second for _, second in pairs(client, "rows=place&cols=word")}
    assert {"nông thôn mới", "thi đua", "giao thông"} <= words
    assert not words & {"quảng tân", "đầm hà", "thị mơ", "nông thôn"}


def test_a_pair_leads_to_its_articles(client: FlaskClient) -> None:
    for asked in (
        "rows=person&cols=place",
        "rows=person&cols=word",
        "q=hội+OR+tin&rows=place&cols=word&year=2020",
    ):
        for row in pairs(client, asked).values():
            parts = urlsplit(str(row["link"]))
            found = client.get(f"/api/v1/search?{parts.query}").get_json()
            assert found["count"] == row["together"], row


def test_one_kind_with_itself_has_each_pair_once(client: FlaskClient) -> None:
    found = pairs(client, "rows=word&cols=word&by=count")
    assert not any((second, first) in found for first, second in found)
    counts = [int(str(row["together"])) for row in found.values()]
    assert counts == sorted(counts, reverse=True)


def test_page_table_picture_and_files_tell_the_same(client: FlaskClient) -> None:
    asked = "q=hoi+nghi&rows=person&cols=place"
    told = list(pairs(client, asked).values())
    rows = list(csv.DictReader(io.StringIO(client.get(f"/di-cung.csv?{asked}").data.decode("utf-8-sig"))))
    assert [(row["first"], row["second"], int(row["together"]), float(row["g2"])) for row in rows] == [
        (row["first"], row["second"], row["together"], row["g2"]) for row in told
    ]
    assert client.get(f"/di-cung.json?{asked}").get_json()["pairs"] == told
    page = client.get(f"/di-cung?{asked}").text
    assert page.count('<th scope="row">') == len(told)
    root = ElementTree.fromstring(client.get(f"/di-cung.svg?{asked}").data)  # noqa: S314 - our own
    assert root.findtext(f"{SVG}title") == "Người và nơi chốn cùng một bài"
    cells = root.findall(f"{SVG}a")
    assert len(cells) == len(told)
    assert {cell.get("href") for cell in cells} == {row["link"] for row in told}


def test_what_is_withheld_is_in_no_pair(client: FlaskClient, made: Library) -> None:
    order = takedown.Order(Scope.NAME, "Lê Thị Mơ", reason="theo đơn", by="thử")
    given = takedown.withhold(made.store, made.settings, order).takedown
    try:
        for address in ("/di-cung?q=", "/di-cung.csv", "/di-cung.svg", "/api/v1/cooccurrence"):
            for asked in ("", "rows=person&cols=word", "rows=word&cols=word&unit=paragraph"):
                text = client.get(f"{address}{'&' if '?' in address else '?'}{asked}").text.lower()
                assert "thị mơ" not in text, (address, asked)
    finally:
        takedown.lift(made.store, made.settings, given.id, by="thử", why="xong")
    assert "Lê Thị Mơ" in client.get("/di-cung?q=").text
    assert "Lê Thị Mơ" not in client.get("/di-cung").text, "the bare page asks"


def test_a_sample_says_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.web.research.together.MOST", 9)
    body = client.get("/api/v1/cooccurrence").get_json()
    assert (body["articles_found"], body["articles_read"], body["complete"]) == (COUNT, 9, False)
    assert f"có {COUNT} bài" in client.get("/di-cung?x=1").text


def test_whatever_is_typed_is_answered(client: FlaskClient) -> None:
    for asked in ("q=%00", "q=" + "a" * 9000, "q=%22&rows=x&cols=y&unit=z&by=w&every=2", "q=zzz", "site=nix"):
        for form in ("", ".csv", ".json", ".svg"):
            assert client.get(f"/di-cung{form}?{asked}").status_code == 200
    answer = client.get("/api/v1/cooccurrence?rows=thing")
    assert [item["name"] for item in answer.get_json()["errors"]] == ["rows"]


def test_the_four_pages_of_a_question_lead_to_each_other(client: FlaskClient) -> None:
    asked = f"q={quote('hội nghị')}&year=2020&person={quote('Lê Thị Mơ')}"
    page = client.get(f"/search?{asked}").text
    for _ in range(2):
        start = page.index('<nav class="ways"')
        nav = page[start : page.index("</nav>", start)]
        hrefs = [part.split('"')[0].replace("&amp;", "&") for part in nav.split('href="')[1:]]
        assert len(hrefs) == 3
        for href in hrefs:
            assert "year=2020" in href
            assert quote("Lê Thị Mơ").replace("%20", "+") in href
            page = client.get(href).text
            assert 'aria-current="page"' in page[page.index('<nav class="ways"') :]
    assert client.get(hrefs[0]).status_code == 200
