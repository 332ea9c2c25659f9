"""The sample portal itself: what other tests rely on."""

from __future__ import annotations

import datetime as dt
import email.message
import gzip
import http.client
import io
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from lxml import html
from PIL import Image

from tests.portal import Portal, PortInUseError, faults, grammar


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(articles=240) as running:
        yield running


def get(url: str, **headers: str) -> tuple[int, email.message.Message, bytes]:
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_same_seed_writes_the_same_news_and_another_seed_other_news() -> None:
    assert grammar.article(7, 31) == grammar.article(7, 31)
    assert grammar.article(7, 31).body() != grammar.article(8, 31).body()


def test_every_caption_form_occurs_and_bodies_are_as_long_as_news() -> None:
    articles = [grammar.article(1, i) for i in range(600)]
    forms = Counter(figure.form for sample in articles for figure in sample.figures)
    lengths = [len(" ".join(sample.body()).split()) for sample in articles]
    assert set(forms) == {1, 2, 3, 4, 5, 6, 7}
    assert 300 < sum(lengths) / len(lengths) < 500
    assert len({sample.title for sample in articles}) > 400


def test_the_real_article_stands_among_them_word_for_word(portal: Portal) -> None:
    _, _, body = get(portal.real_url)
    text = " ".join(html.document_fromstring(body.decode()).text_content().split())
    for line in grammar.real_lines():
        assert line in text


def test_every_article_is_reached_by_paging_through_the_sections(portal: Portal) -> None:
    site = portal.site("wordpress")
    found: set[str] = set()
    for _, slug, _ in grammar.sections():
        page = f"{site.base_url}/category/{slug}/"
        while page:
            tree = html.document_fromstring(get(page)[2].decode())
            found.update(tree.xpath("//h2[@class='entry-title']/a/@href"))
            page = next(iter(tree.xpath("//a[contains(@class,'next')]/@href")), "")
    assert found == {url for url, _ in portal.truth(site)}


def test_sharepoint_pages_by_postback_with_its_view_state(portal: Portal) -> None:
    site = portal.site("sharepoint")
    url = f"{site.base_url}/Trang/Tin-tuc-su-kien.aspx?Cat=84"
    tree = html.document_fromstring(get(url)[2].decode())
    first = tree.xpath("//a[@class='title-news']/@href")
    fields = {item.get("name"): item.get("value") or "" for item in tree.xpath("//input[@type='hidden']")}
    fields |= {"__EVENTTARGET": "ctl00$pager", "__EVENTARGUMENT": "2"}
    with urllib.request.urlopen(url, urllib.parse.urlencode(fields).encode(), timeout=10) as answer:
        second = html.document_fromstring(answer.read().decode()).xpath("//a[@class='title-news']/@href")
    assert first
    assert second
    assert not set(first) & set(second)
    with pytest.raises(urllib.error.HTTPError, match="500"):
        urllib.request.urlopen(
            url, urllib.parse.urlencode(fields | {"__VIEWSTATE": "x"}).encode(), timeout=10
        )


def test_feeds_and_sitemaps_hold_only_the_newest(portal: Portal) -> None:
    feed = feedparser.parse(get(f"{portal.site('nukeviet').base_url}/vi/rss/")[2])
    assert not feed.bozo
    assert len(feed.entries) == 10
    sitemap = get(f"{portal.site('sharepoint').base_url}/sitemap.xml")[2].decode()
    online = [url for url, _ in portal.truth(portal.site("sharepoint"))]
    assert re.findall(r"<loc>(.*?)</loc>", sitemap) == online[:20]


def test_an_unchanged_page_answers_304_and_gzip_is_spoken(portal: Portal) -> None:
    _, headers, body = get(portal.real_url, Accept_Encoding="gzip")
    assert b"Mai Th" in gzip.decompress(body)
    assert get(portal.real_url, If_None_Match=headers["ETag"])[0] == 304


def test_pictures_are_real_pictures_and_stay_the_same(portal: Portal) -> None:
    site = portal.site("wordpress")
    url = f"{site.base_url}/wp-content/uploads/2022/09/le-phat-dong-5.jpg"
    status, headers, body = get(url)
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as picture:
        assert picture.size == (320, 213)
    assert get(url)[2] == body


def test_the_clock_brings_new_articles_edits_and_losses() -> None:
    with Portal(articles=120) as portal:
        site = portal.site("nukeviet")
        before = dict(portal.truth(site))
        portal.today = grammar.BASE_DAY + dt.timedelta(days=15)
        after = dict(portal.truth(site))
        gone = next(iter(before.keys() - after.keys()))
        edited = [url for url in before.keys() & after.keys() if before[url] != after[url]]
        assert after.keys() - before.keys()
        assert get(gone)[0] == 404
        assert edited
        assert get(edited[0])[0] == 200


def test_a_dark_site_does_not_answer(portal: Portal) -> None:
    site = portal.site("cam-xuyen")
    portal.dark = {"cam-xuyen"}
    try:
        with pytest.raises((ConnectionError, urllib.error.URLError, http.client.HTTPException)):
            urllib.request.urlopen(site.base_url + "/vi/", timeout=5)
        assert get(portal.site("wordpress").base_url)[0] == 200
    finally:
        portal.dark = set()


def test_ports_are_kept_and_a_taken_one_is_named(tmp_path: Path) -> None:
    with Portal(articles=3, var=tmp_path) as portal:
        ports = [site.server.port for site in portal.sites]
    with Portal(articles=3, var=tmp_path) as portal:
        assert [site.server.port for site in portal.sites] == ports
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[1]))
        taken.listen()
        with pytest.raises(PortInUseError, match=str(ports[1])):
            Portal(articles=3, var=tmp_path).start()


def test_requests_are_counted(portal: Portal) -> None:
    site = portal.site("wordpress")
    before = site.server.requests["/gioi-thieu/"]
    get(f"{site.base_url}/gioi-thieu/")
    assert site.server.requests["/gioi-thieu/"] == before + 1


def raw(portal: Portal, name: str, most: int = 200_000) -> bytes:
    """The first bytes of a fault's answer."""
    port = portal.sites[0].server.port
    data = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(f"GET /__fault/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while len(data) < most:
            try:
                piece = wire.recv(65536)
            except ConnectionResetError:
                return data + b"[reset]"
            if not piece:
                break
            data += piece
            if name == "slow-drip" and data.endswith(b"xx"):
                break
    return data


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("slow-drip", rb"xx$"),
        ("endless", rb"x{1000}"),
        ("cut-gzip", rb"Content-Encoding: gzip"),
        ("length-negative", rb"Content-Length: -5"),
        ("redirect-loop", rb"Location: /__fault/redirect-loop\?b"),
        ("redirect-to?file:///etc/passwd", rb"Location: file:///etc/passwd"),
        ("busy?120", rb"503 .*Retry-After: 120"),
        ("many-headers", rb"X-Filler-5000"),
        ("bot-check", rb"D1N="),
        ("reset", rb"\[reset\]$"),
        ("no-such", rb"404 Not Found.*redirect-loop"),
    ],
)
def test_it_misbehaves_as_asked(portal: Portal, name: str, sign: bytes) -> None:
    assert re.search(sign, raw(portal, name), re.DOTALL)


def test_every_fault_says_what_it_does() -> None:
    assert len(faults.names()) >= 20
    assert all(faults._FAULTS[name].__doc__ for name in faults.names())
