"""The API keeps to its own description, and its lists can be walked from end to end."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.core.result import Ok

from archive.web import create_app
from tests.research.conftest import COUNT
from tests.web.library import Library


def test_every_answer_is_as_described(library: Library) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(library.settings))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == len(schema.raw_schema["paths"])
    for operation in operations:
        modes = [schemathesis.GenerationMode.POSITIVE]
        if schema.raw_schema["paths"][operation.path]["get"]["parameters"]:
            modes.append(schemathesis.GenerationMode.NEGATIVE)
        for mode in modes:

            @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case: schemathesis.Case[Any]) -> None:
                case.call_and_validate()

            check()


def test_the_description_is_valid_openapi(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    validate(document)
    page = client.get("/api").text
    for path in document["paths"]:
        assert path in page


def walk(client: FlaskClient, address: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    back: list[str] = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        found += body["results"]
        back.append(body["previous"])
        parts = urlsplit(body["next"] or "")
        address = f"{parts.path}?{parts.query}" if parts.path else ""
    assert back[0] is None
    assert all(back[1:])
    assert len(found) == body["count"]
    return found


@pytest.mark.parametrize(
    "address", ["/api/v1/search?q=nong+thon&limit=7", "/api/v1/events?limit=4", "/api/v1/people?limit=1"]
)
def test_lists_are_walked_without_repeating_or_skipping(client: FlaskClient, address: str) -> None:
    ids = [item["id"] for item in walk(client, address)]
    assert len(ids) == len(set(ids))


def test_a_search_has_counts_and_marks_when_asked(client: FlaskClient) -> None:
    body = client.get("/api/v1/search?q=nong+thon+moi&highlight=on&limit=3").get_json()
    assert body["count"] == COUNT + 1
    assert (
        "<mark>nông thôn mới</mark>" in body["results"][0]["title"]
        or "<mark>nông</mark>" in body["results"][0]["title"]
    )
    assert {"site", "year", "section"} <= set(body["facets"])
    assert body["undated"] == 1
    assert sum(body["months"].values()) == COUNT


def test_an_article_has_text_evidence_and_what_was_read_in_it(client: FlaskClient) -> None:
    (hit,) = client.get("/api/v1/search?q=%22vi%E1%BB%87c+7%22").get_json()["results"]
    answer = client.get(f"/api/v1/articles/{hit['id']}")
    body = answer.get_json()
    assert body["title"] == "Tin nông thôn mới số 7"
    assert body["payload_digest"].startswith("sha256:")
    assert body["people"][0]["offices"] == ["Bí thư Huyện ủy"]
    assert body["events"][0]["places"] == ["xã Quảng Tân", "huyện Đầm Hà"] or body["events"][0]["places"] == [
        "xã Quảng Tân"
    ]
    again = client.get(f"/api/v1/articles/{hit['id']}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get(f"/api/v1/articles/{hit['id']}/versions/1").get_json()["version"] == 1
    assert client.get(f"/api/v1/articles/{hit['id']}/versions/2").status_code == 404


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/v1/search?sort=best", "sort"),
        ("/api/v1/search?year=later", "year"),
        ("/api/v1/search?limit=0", "limit"),
        ("/api/v1/search?format=xls", "format"),
        ("/api/v1/events?year=0", "year"),
        ("/api/v1/people?site=%2F", "site"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, address: str, name: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [item["name"] for item in answer.get_json()["errors"]] == [name]


def test_a_cursor_belongs_to_its_question(client: FlaskClient) -> None:
    after = client.get("/api/v1/search?q=nong&limit=5").get_json()["next"]
    cursor = after.split("cursor=")[1].split("&")[0]
    assert client.get(f"/api/v1/search?q=nong&limit=5&cursor={cursor}").status_code == 200
    assert client.get(f"/api/v1/search?q=thon&limit=5&cursor={cursor}").status_code == 404


def test_what_is_not_there_is_a_problem_too(client: FlaskClient) -> None:
    for address in (
        "/api/v1/articles/nothere",
        "/api/v1/events/nothere",
        "/api/v2",
        "/api/v1/people/nothere",
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
