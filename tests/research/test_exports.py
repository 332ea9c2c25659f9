"""A result set as a file equals the screen, in order and number, for a reader of each format."""

from __future__ import annotations

import csv
import io
import json
import re

import pyarrow.parquet as pq
import pytest
import rispy  # type: ignore[import-untyped]
from flask.testing import FlaskClient

from archive.preserve import takedown
from archive.store.takedowns import Scope
from tests.research.conftest import COUNT
from tests.web.library import Library

ASKED = "q=nong+thon+moi&sort=oldest"


def on_screen(client: FlaskClient, asked: str = ASKED) -> list[str]:
    found: list[str] = []
    for number in range(1, 9):
        html = client.get(f"/search?{asked}&page={number}").text
        ids = re.findall(r'class="item-title"><a href="/a/([a-z0-9]+)', html)
        if not ids:
            break
        found += ids
    return found


def exported(client: FlaskClient, form: str, asked: str = ASKED) -> list[str]:
    answer = client.get(f"/search.{form}?{asked}")
    assert answer.status_code == 200
    data = answer.data
    match form:
        case "csv":
            return [row["id"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]
        case "jsonl":
            return [json.loads(line)["id"] for line in data.splitlines()]
        case "parquet":
            return [str(value) for value in pq.read_table(io.BytesIO(data))["id"].to_pylist()]
        case _:
            return [entry["accession_number"].rsplit("v", 1)[0] for entry in rispy.loads(data.decode())]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "ris"])
@pytest.mark.parametrize("asked", [ASKED, "q=nong+thon+moi&section=Kinh+t%E1%BA%BF&year=2020", "q=", "q=zzz"])
def test_the_file_has_what_the_screen_has_in_its_order(client: FlaskClient, form: str, asked: str) -> None:
    assert exported(client, form, asked) == on_screen(client, asked)


def test_a_spreadsheet_reads_accents_and_runs_no_formula(client: FlaskClient) -> None:
    data = client.get("/search.csv?q=").data
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == COUNT + 1
    titles = {row["title"] for row in rows}
    assert "Tin nông thôn mới số 7" in titles
    assert '\'=HYPERLINK("http://x")' in titles
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_columns_have_types(client: FlaskClient) -> None:
    table = pq.read_table(io.BytesIO(client.get("/search.parquet?q=").data))
    assert str(table.schema.field("version").type) == "int64"
    assert table.num_rows == COUNT + 1
    assert len(set(table["content_hash"].to_pylist())) == COUNT + 1


def test_what_is_withheld_is_in_no_file(client: FlaskClient, library: Library) -> None:
    target = on_screen(client)[0]
    order = takedown.Order(Scope.ARTICLE, target, reason="theo đơn", by="thử")
    given = takedown.withhold(library.store, library.settings, order).takedown
    try:
        for form in ("csv", "jsonl", "parquet", "ris"):
            assert target not in exported(client, form)
        assert client.get(f"/api/v1/articles/{target}").status_code == 410
        assert target not in client.get("/api/v1/search?q=nong+thon+moi&limit=100").text
        assert target not in client.get("/api/v1/events?limit=100").text
    finally:
        takedown.lift(library.store, library.settings, given.id, by="thử", why="xong")
    assert target in exported(client, "csv")
