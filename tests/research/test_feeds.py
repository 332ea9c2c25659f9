"""Feeds for any reader: valid Atom, paged, stable ids, nothing of a page unescaped."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from flask.testing import FlaskClient

from tests.research.conftest import COUNT

ATOM = "{http://www.w3.org/2005/Atom}"


def documents(client: FlaskClient, address: str) -> list[feedparser.FeedParserDict]:
    """A feed's document and those after it, by its own links."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.mimetype == "application/atom+xml"
        parsed = feedparser.parse(answer.data)
        assert not parsed.bozo, parsed.bozo_exception
        found.append(parsed)
        following = [link.href for link in parsed.feed.links if link.rel == "next"]
        parts = urlsplit(following[0]) if following else None
        address = f"{parts.path}?{parts.query}" if parts else ""
    return found


@pytest.mark.parametrize("address", ["/search.atom?q=nong+thon", "/su-kien.atom", "/sua-doi.atom"])
def test_a_feed_has_what_atom_demands(client: FlaskClient, address: str) -> None:
    """The checks of the W3C's validator that concern these elements (RFC 4287, section 4)."""
    root = ElementTree.fromstring(client.get(address).data)  # noqa: S314 - our own answer
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, f"exactly one {name}"
        assert element.find(f"{ATOM}author") is not None or root.find(f"{ATOM}author") is not None
        alternates = [link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
    own = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == [f"http://127.0.0.1:8000{address}"]
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_a_search_is_walked_through_its_documents(client: FlaskClient) -> None:
    found = documents(client, "/search.atom?q=nong+thon+moi")
    assert len(found) == 2
    assert found[0].feed.opensearch_totalresults == str(COUNT + 1)
    ids = [entry.id for document in found for entry in document.entries]
    assert len(set(ids)) == COUNT + 1
    days = [entry.published for entry in found[0].entries if "published" in entry]
    assert days == sorted(days, reverse=True)
    entry = found[0].entries[0]
    assert entry.author == "Cổng TTĐT huyện Đầm Hà"
    assert entry.summary.startswith("Lời dẫn của tin")
    assert [link.rel for link in entry.links] == ["alternate", "via"]
    assert client.get("/search.atom?q=nong+thon+moi&page=3").status_code == 404


def test_an_unchanged_feed_costs_nothing(client: FlaskClient) -> None:
    answer = client.get("/search.atom?q=nong")
    assert client.get("/search.atom?q=nong").data == answer.data
    again = client.get("/search.atom?q=nong", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_typed_reaches_a_feed_unescaped(client: FlaskClient) -> None:
    data = client.get("/search.atom?q=%3C/title%3E%3Cscript%3E&site=x&page=abc").data
    assert b"<script>" not in data
    assert not feedparser.parse(data).bozo
