"""Trends count what the search counts, and show what there was to count."""

from __future__ import annotations

import csv
import io
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from flask.testing import FlaskClient

from tests.research.conftest import COUNT

SVG = "{http://www.w3.org/2000/svg}"


def test_the_numbers_are_those_of_the_searches_they_lead_to(client: FlaskClient) -> None:
    body = client.get("/xu-huong.json?w=nong+thon+moi&w=%22kinh+te%22&by=month").get_json()
    first = body["lines"][0]
    assert first["total"] == COUNT + 1
    assert sum(point["count"] for point in first["points"]) == COUNT, "one is undated"
    point = next(point for point in first["points"] if point["count"])
    year, month = point["period"].split("-")
    page = client.get(
        f"/api/v1/search?q=nong+thon+moi&from={year}-{month}-01&to={year}-{month}-31"
    ).get_json()
    assert page["count"] == point["count"]
    periods = [point["period"] for point in first["points"]]
    assert periods == sorted(set(periods))
    assert len(periods) > 40, "months without an article stand there with 0"


def test_a_share_is_of_what_was_captured_then(client: FlaskClient) -> None:
    body = client.get("/xu-huong.json?w=%22vi%E1%BB%87c+7%22").get_json()
    (hit,) = [point for point in body["lines"][0]["points"] if point["count"]]
    assert hit["of"] > 5
    assert hit["share"] == 1 / hit["of"]


def test_the_page_has_picture_table_and_links(client: FlaskClient) -> None:
    page = client.get("/xu-huong?w=nong+thon&w=hoi+nghi&share=1").text
    assert page.count("<polyline") == 4, "two lines and two keys"
    assert "%)" in page
    start = page.index('<tr><th scope="row">2020')
    href = page[start:].split('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(href).query) == {
        "q": ["nong thon"],
        "from": ["2020-01-01"],
        "to": ["2020-12-31"],
    }
    assert client.get("/xu-huong").status_code == 200


def test_csv_and_svg_are_for_other_programs(client: FlaskClient) -> None:
    data = client.get("/xu-huong.csv?w=%3D1%2B1&w=nong+thon").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert {row["term"] for row in rows} == {"'=1+1", "nong thon"}
    root = ElementTree.fromstring(client.get("/xu-huong.svg?w=nong+%3Cthon%3E").data)  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == "nong <thon>"


def test_whatever_is_typed_is_answered(client: FlaskClient) -> None:
    for asked in ("w=%00", "w=" + "a" * 5000, "w=%22&by=x&share=x&site=%2F", "w=(((&w=NOT&w=*"):
        assert client.get(f"/xu-huong?{asked}").status_code == 200


def test_the_filters_of_a_search_hold_for_the_share_too(client: FlaskClient) -> None:
    filters = "section=Kinh+t%E1%BA%BF&from=2020-03-01&to=2022-06-30"
    body = client.get(f"/xu-huong.json?w=%22vi%E1%BB%87c+5%22&{filters}").get_json()
    (line,) = body["lines"]
    assert [point["period"] for point in line["points"]] == ["2020", "2021", "2022"]
    assert line["total"] == 1
    for point in line["points"]:
        year = point["period"]
        first, last = max(f"{year}-01-01", "2020-03-01"), min(f"{year}-12-31", "2022-06-30")
        asked = f"section=Kinh+t%E1%BA%BF&from={first}&to={last}"
        assert client.get(f"/api/v1/search?{asked}").get_json()["count"] == point["of"]
        if point["count"]:
            assert (
                f"from={first}&amp;to={last}"
                in client.get(f"/xu-huong?w=%22vi%E1%BB%87c+5%22&{filters}").text
            )
