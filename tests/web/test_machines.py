"""What programs are told: linked data, signposts, sitemap, security contact."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from protego import Protego

from archive.web import create_app, sitemap
from tests.web.conftest import EVIL, Filled

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
LINK = re.compile(r'<([^>]+)>; rel="([^"]+)"(?:; type="([^"]+)")?')


def linked(client: FlaskClient, path: str) -> dict[str, Any]:
    blocks = LD.findall(client.get(path, follow_redirects=True).text)
    assert len(blocks) == 1, "exactly one block, whatever a title holds"
    found: dict[str, Any] = json.loads(blocks[0])
    return found


def signposts(client: FlaskClient, path: str) -> dict[str, list[tuple[str, str]]]:
    header = client.get(path, follow_redirects=True).headers["Link"]
    found: dict[str, list[tuple[str, str]]] = {}
    for address, rel, kind in LINK.findall(header):
        found.setdefault(rel, []).append((address, kind))
    return found


def locations(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.data)  # noqa: S314
    return [item.text or "" for item in root.iter(f"{MAP}loc")]


def test_an_article_is_described_by_what_its_page_says(client: FlaskClient, filled: Filled) -> None:
    thing = linked(client, f"/a/{filled.real}")
    fixed = f"http://127.0.0.1:8000/a/{filled.real}/v/1"
    assert thing["@context"] == "https://schema.org"
    assert thing["@type"] == ["NewsArticle", "ArchiveComponent"]
    assert thing["headline"] == "Phát động đợt thi đua đặc biệt huyện Đầm Hà"
    assert thing["datePublished"] == "2022-09-28T15:30:00+07:00"
    assert [person["name"] for person in thing["author"]] == ["Mai Thắm", "Quốc Nghị"]
    assert thing["archivedAt"] == fixed
    assert thing["isBasedOn"] == "http://portal.example/tin/28-9.html"
    assert thing["publisher"]["name"] == "Cổng TTĐT huyện Đầm Hà"
    assert thing["holdingArchive"]["@type"] == "ArchiveOrganization"
    assert thing["image"][0]["caption"] == "Đại biểu dự Lễ phát động"
    picture = thing["image"][0]["contentUrl"].removeprefix("http://127.0.0.1:8000")
    assert client.get(picture).mimetype == "image/jpeg"
    assert thing["articleBody"].startswith("Dự Lễ phát động")


def test_what_is_unknown_is_not_claimed(client: FlaskClient, filled: Filled) -> None:
    thing = linked(client, f"/a/{filled.undated}")
    assert not {"datePublished", "author", "image", "dateModified", "description"} & thing.keys()


def test_a_title_cannot_end_the_block(client: FlaskClient, filled: Filled) -> None:
    assert linked(client, f"/a/{filled.evil}")["headline"] == EVIL.replace("\u202e", "")


def test_the_home_page_describes_the_search(client: FlaskClient) -> None:
    target = linked(client, "/")["potentialAction"]["target"]["urlTemplate"]
    assert target == "http://127.0.0.1:8000/search?q={search_term_string}"


@pytest.mark.parametrize("path", ["{}", "{}/v/1", "{}/v/2"])
def test_header_page_and_linked_data_agree_on_the_canonical_address(
    client: FlaskClient, filled: Filled, path: str
) -> None:
    path = "/a/" + path.format(filled.edited)
    said = signposts(client, path)["canonical"][0][0]
    html = client.get(path, follow_redirects=True).text
    assert f'<link rel="canonical" href="{said}">' in html
    assert f'property="og:url" content="{said}"' in html
    assert linked(client, path)["url"] == said
    assert said.endswith("/v/1" if path.endswith("/v/1") else "/ke-hoach-nam-2020")


def test_every_description_that_is_signposted_is_there_in_its_type(
    client: FlaskClient, filled: Filled
) -> None:
    found = signposts(client, f"/a/{filled.real}")["describedby"]
    assert len(found) == 3
    for address, kind in found:
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).mimetype == kind


def test_the_sitemap_names_every_article_where_it_stands(client: FlaskClient, filled: Filled) -> None:
    found = [url.removeprefix("http://127.0.0.1:8000") for url in locations(client, "/sitemap.xml")]
    assert len(found) == len(set(found))
    assert sum(path.startswith("/a/") for path in found) == filled.store.article_count()
    assert {client.get(path).status_code for path in found} == {200}
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in client.get("/robots.txt").text


def test_plain_results_may_be_indexed_their_filters_and_nothing_found_not(client: FlaskClient) -> None:
    plain = client.get("/search?q=hoi+nghi")
    assert "X-Robots-Tag" not in plain.headers
    assert "noindex" not in plain.text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/search?q=hoi+nghi">' in plain.text
    assert '<meta name="description" content="Tin huyện có “hoi nghi”' in plain.text
    for path in ("/search?q=hoi+nghi&year=2016", "/search?q=hoi+nghi&page=2", "/search?q=buy+zzzqqq"):
        answer = client.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in answer.text
    rules = Protego.parse(client.get("/robots.txt").text)
    base = "http://127.0.0.1:8000"
    assert rules.can_fetch(f"{base}/search?q=hoi+nghi", "x")
    assert rules.can_fetch(f"{base}/search", "x")
    for query in ("q=hoi+nghi&year=2016", "year=2016", "site=dam-ha&q=x"):
        assert not rules.can_fetch(f"{base}/search?{query}", "x")


def test_a_long_sitemap_is_an_index_of_files(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = locations(client, "/sitemap.xml")
    monkeypatch.setattr(sitemap, "ARTICLES", 20)
    files = [url.removeprefix("http://127.0.0.1:8000") for url in locations(client, "/sitemap.xml")]
    assert files == ["/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    assert [url for path in files for url in locations(client, path)] == whole
    assert client.get("/sitemap-4.xml").status_code == 404


def test_a_sample_archive_has_no_sitemap(filled: Filled) -> None:
    client = create_app(dataclasses.replace(filled.settings, sample=True)).test_client()
    assert client.get("/sitemap.xml").status_code == 404
    assert "Sitemap" not in client.get("/robots.txt").text


def test_the_security_contact_is_one_of_rfc_9116(filled: Filled) -> None:
    settings = dataclasses.replace(filled.settings, public_base="https://kho.example.vn")
    answer = create_app(settings).test_client().get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:luu@example.org"
    assert fields["Canonical"] == "https://kho.example.vn/.well-known/security.txt"
    left = dt.datetime.fromisoformat(fields["Expires"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=120) < left < dt.timedelta(days=365)


def test_without_a_contact_there_is_no_security_contact(filled: Filled) -> None:
    client = create_app(dataclasses.replace(filled.settings, contact="")).test_client()
    assert client.get("/.well-known/security.txt").status_code == 404


def test_the_same_answer_keeps_its_validator(client: FlaskClient) -> None:
    first = client.get("/search?q=hoi+nghi")
    again = client.get("/search?q=hoi+nghi", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert first.headers["Server-Timing"].startswith("search;dur=")


def test_completions_are_opensearch_suggestions(client: FlaskClient) -> None:
    root = ElementTree.fromstring(client.get("/opensearch.xml").data)  # noqa: S314
    url = next(item for item in root if item.get("rel") == "suggestions")
    assert url.get("type") == "application/x-suggestions+json"
    template = url.get("template") or ""
    assert template == "http://127.0.0.1:8000/complete?q={searchTerms}"
    answer = client.get("/complete", query_string={"q": "hoi ng"})
    assert answer.mimetype == "application/x-suggestions+json"
    typed, queries, notes, addresses = json.loads(answer.data)
    assert typed == "hoi ng"
    assert "hội nghị" in queries[0].lower()
    assert len(queries) == len(notes) == len(addresses) <= 8
    for address in addresses:
        found = client.get(address.removeprefix("http://127.0.0.1:8000"))
        assert 'class="item-title"' in found.text


def test_a_section_is_completed_as_a_question(client: FlaskClient) -> None:
    _, queries, notes, _ = json.loads(client.get("/complete", query_string={"q": "tin tr"}).data)
    assert (queries[0], notes[0]) == ('muc:"Tin trong huyện"', "mục, 1 bài")


@pytest.mark.parametrize("typed", ["", " ", "\0", '"', "(" * 300, "<script>", "a" * 5_000, "muc:", "ệ" * 90])
def test_whatever_is_typed_gets_an_answer(client: FlaskClient, typed: str) -> None:
    answer = client.get("/complete", query_string={"q": typed})
    assert answer.status_code == 200
    assert len(json.loads(answer.data)) == 4


def test_without_an_index_nothing_is_completed(filled: Filled, tmp_path: Path) -> None:
    client = create_app(dataclasses.replace(filled.settings, index=tmp_path)).test_client()
    assert json.loads(client.get("/complete?q=hoi+ng").data) == ["hoi ng", [], [], []]
