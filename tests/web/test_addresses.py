"""Permalinks, redirects, languages, caching, and what machines are told."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from archive.web import create_app
from tests.web.conftest import Filled

SLUG = "phat-dong-dot-thi-dua-dac-biet-huyen-dam-ha"


def test_a_wrong_slug_leads_to_the_right_one(client: FlaskClient, filled: Filled) -> None:
    for path in (f"/a/{filled.real}", f"/a/{filled.real}/old-title"):
        answer = client.get(path)
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"/a/{filled.real}/{SLUG}"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_permalinks_are_built_on_the_setting_never_on_the_host(filled: Filled) -> None:
    settings = dataclasses.replace(filled.settings, public_base="https://kho.example.vn")
    client = create_app(settings).test_client()
    answer = client.get(
        f"/a/{filled.real}/{SLUG}",
        headers={"Host": "127.0.0.1:9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )
    assert f'<link rel="canonical" href="https://kho.example.vn/a/{filled.real}/{SLUG}">' in answer.text
    assert f'<https://kho.example.vn/a/{filled.real}/v/1>; rel="cite-as"' in answer.headers["Link"]
    assert "evil.example" not in answer.text + str(answer.headers)
    assert client.get("/", headers={"Host": "kho.example.vn"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a@b", "[::1", "10.0.0.1"])
def test_an_unknown_host_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text


def test_a_base_with_a_path_is_in_every_link(filled: Filled) -> None:
    settings = dataclasses.replace(filled.settings, public_base="https://example.vn/kho")
    client = create_app(settings).test_client()
    for path in (f"/kho/a/{filled.real}/{SLUG}", f"/a/{filled.real}/{SLUG}"):
        html = client.get(path, headers={"Host": "example.vn"}).text
        assert f'rel="canonical" href="https://example.vn/kho/a/{filled.real}/{SLUG}"' in html
        assert 'href="/kho/about"' in html
        assert 'href="/about"' not in html


def test_an_address_that_is_too_long_gets_a_page(client: FlaskClient) -> None:
    answer = client.get("/search?q=" + "a" * 200_000)
    assert answer.status_code == 414
    assert "Địa chỉ quá dài" in answer.text


def test_the_language_is_remembered_and_the_address_the_same(client: FlaskClient) -> None:
    first = client.get("/about?lang=en")
    assert '<html lang="en">' in first.text
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get("/about")
    assert '<html lang="en">' in again.text
    assert "Cookie" in again.headers["Vary"]
    assert "lang=vi" in again.text


def test_the_switch_keeps_the_question_and_never_leaves_the_site(client: FlaskClient) -> None:
    assert 'href="/search?q=a%26b&amp;year=2020&amp;lang=en"' in client.get("/search?q=a%26b&year=2020").text
    assert 'href="//evil' not in client.get("//evil.example/x").text


def test_pages_have_strong_validators(client: FlaskClient, filled: Filled) -> None:
    for path in (
        "/",
        "/search?q=zzzzqqq",
        f"/a/{filled.real}/{SLUG}",
        "/about",
        "/robots.txt",
        "/opensearch.xml",
    ):
        answer = client.get(path)
        tag = answer.headers["ETag"]
        assert not tag.startswith("W/")
        assert answer.headers["Cache-Control"] == "no-cache"
        if not path.startswith("/search"):
            again = client.get(path, headers={"If-None-Match": tag})
            assert (again.status_code, again.data) == (304, b"")


def test_static_files_are_immutable_under_their_hash_only(client: FlaskClient) -> None:
    html = client.get("/").text
    path = html.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in client.get(path).headers["Cache-Control"]
    assert client.get(path.split("?")[0]).headers["Cache-Control"] == "no-cache"
    assert client.get("/static/..%2fapp.py").status_code == 404


def test_health_counts(client: FlaskClient, filled: Filled) -> None:
    report = client.get("/healthz").get_json()
    assert report["status"] == "ok"
    assert report["articles"] == report["index"]["articles"] == filled.store.totals().articles
    assert report["versions"] == report["articles"] + 1


def test_sample_pages_say_so_and_are_not_for_indexes(filled: Filled) -> None:
    client = create_app(dataclasses.replace(filled.settings, sample=True)).test_client()
    for path in ("/", "/search", f"/a/{filled.real}/{SLUG}", "/site/dam-ha", "/about", "/bot", "/nix"):
        answer = client.get(path)
        assert "Dữ liệu mẫu" in answer.text
        assert '<meta name="robots" content="noindex">' in answer.text
        assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Disallow: /\n" in client.get("/robots.txt").text


def test_opensearch_is_well_formed_and_points_here(client: FlaskClient) -> None:
    root = ElementTree.fromstring(client.get("/opensearch.xml").data)  # noqa: S314
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert root.tag == f"{space}OpenSearchDescription"
    assert len(root.findtext(f"{space}ShortName") or "") in range(1, 17)
    url = root.find(f"{space}Url[@type='text/html']")
    assert url is not None
    assert url.get("template") == "http://127.0.0.1:8000/search?q={searchTerms}&page={startPage?}"
