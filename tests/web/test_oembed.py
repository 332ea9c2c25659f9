"""Embedding: found from the page, safe, and of our own addresses only."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from archive.web import create_app
from tests.web.conftest import Filled

BASE = "http://127.0.0.1:8000"


def embedded(client: FlaskClient, url: str, **asked: object) -> dict[str, object]:
    answer = client.get("/oembed", query_string={"url": url, **asked})
    assert answer.status_code == 200
    found: dict[str, object] = json.loads(answer.data)
    return found


def test_an_embedder_finds_it_from_the_page_in_both_formats(client: FlaskClient, filled: Filled) -> None:
    page = client.get(f"/a/{filled.real}", follow_redirects=True)
    found = dict(re.findall(r'<link rel="alternate" type="([a-z/]+\+oembed)" href="([^"]+)"', page.text))
    assert set(found) == {"application/json+oembed", "text/xml+oembed"}
    as_json, as_xml = (
        client.get(found[kind].replace("&amp;", "&").removeprefix(BASE)) for kind in sorted(found)
    )
    read = json.loads(as_json.data)
    tree = ElementTree.fromstring(as_xml.data)  # noqa: S314
    assert tree.tag == "oembed"
    assert {item.tag: item.text for item in tree} == {name: str(value) for name, value in read.items()}
    assert as_json.mimetype == "application/json"
    for href in found.values():
        assert href.replace("&amp;", "&") in page.headers["Link"]


def test_it_says_what_and_whose_and_since_when(client: FlaskClient, filled: Filled) -> None:
    found = embedded(client, f"{BASE}/a/{filled.real}")
    assert (found["version"], found["type"]) == ("1.0", "rich")
    assert found["title"] == "Phát động đợt thi đua đặc biệt huyện Đầm Hà"
    assert found["author_name"] == "Mai Thắm, Quốc Nghị"
    html = str(found["html"])
    assert 'data-originalurl="http://portal.example/tin/28-9.html"' in html
    assert f'data-versionurl="{BASE}/a/{filled.real}/v/1"' in html
    assert "Bản lưu của" in html
    picture = str(found["thumbnail_url"]).removeprefix(BASE)
    assert client.get(picture).mimetype == "image/jpeg"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_a_portal_wrote_stays_text(client: FlaskClient, filled: Filled, form: str) -> None:
    answer = client.get("/oembed", query_string={"url": f"{BASE}/a/{filled.evil}/v/1", "format": form})
    if form == "json":
        html = json.loads(answer.data)["html"]
    else:
        html = ElementTree.fromstring(answer.data).findtext("html") or ""  # noqa: S314
    tags: list[str] = []

    class Elements(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)

    Elements().feed(html)
    assert set(tags) <= {"blockquote", "p", "strong", "a", "footer"}


def test_the_embedder_may_ask_for_less_room(client: FlaskClient, filled: Filled) -> None:
    found = embedded(client, f"{BASE}/a/{filled.real}", maxwidth=400, maxheight="x")
    assert (found["width"], found["height"]) == (400, 240)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://[",
        "http://evil.example/a/{id}",
        "http://127.0.0.1:8000.evil.example/a/{id}",
        "{base}/about",
        "{base}/a/nosuchart",
        "{base}/a/{id}/v/9",
        "{base}/a/{id}/../../etc",
    ],
)
def test_other_addresses_are_not_ours(client: FlaskClient, filled: Filled, url: str) -> None:
    asked = quote(url.format(id=filled.real, base=BASE))
    assert client.get(f"/oembed?url={asked}").status_code == 404


def test_another_format_is_not_known(client: FlaskClient, filled: Filled) -> None:
    assert client.get(f"/oembed?format=yaml&url={BASE}/a/{filled.real}").status_code == 501


def test_below_a_path_too(filled: Filled) -> None:
    settings = dataclasses.replace(filled.settings, public_base="https://example.vn/kho")
    client = create_app(settings).test_client()
    found = embedded(client, f"https://example.vn/kho/a/{filled.real}/v/1")
    assert f'href="https://example.vn/kho/a/{filled.real}/v/1"' in str(found["html"])
