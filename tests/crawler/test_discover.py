"""What pages, feeds, sitemaps and forms lead to, by the look of the links."""

from __future__ import annotations

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Page
from crawler.discover import MAX_LINKS, Kind, Link, discover, list_key, repeats, shape

URL = "https://huyendamha.vn/category/tin-tuc/page/3/"


def links(html: str, url: str = URL) -> dict[str, Link]:
    found = discover(Page(url, html.encode(), "text/html; charset=utf-8")).links
    return {link.url: link for link in found}


def kinds(html: str, url: str = URL) -> dict[str, Kind]:
    return {name: link.kind for name, link in links(html, url).items()}


TITLE = "Lễ phát động thi đua trên địa bàn huyện Đầm Hà"


@pytest.mark.parametrize(
    "href",
    [
        "/le-phat-dong-thi-dua/",
        "/vi/news/chinh-tri/le-phat-dong-1042.html",
        "/Trang/ChiTietTinTuc.aspx?nid=2595",
        "/tin-tuc/-/asset_publisher/vaSo3hLrj2GF/content/sang-ngay-10-9-2021-ubnd",
        "/portal/Pages/2021-10-4/Dam-bao-hoat-dong-khai-thac-m2h6vw.aspx",
    ],
)
def test_a_title_over_a_slug_or_a_number_is_an_article(href: str) -> None:
    assert list(kinds(f'<a href="{href}">{TITLE}</a>').values()) == [Kind.ARTICLE]


@pytest.mark.parametrize("label", ["2", "4", "Trang 4", "Sau", "Trang sau", "Tiếp theo", "»", "Next", "Cuối"])
def test_paging_of_the_list_itself(label: str) -> None:
    html = f'<a href="/category/tin-tuc/page/4/">{label}</a>'
    (link,) = links(html).values()
    assert link.kind is Kind.PAGING
    assert kinds(html, "https://huyendamha.vn/category/khac/page/3/") == {link.url: Kind.PAGE}


def test_paging_tells_how_far_it_leads() -> None:
    html = '<a href="/category/tin-tuc/page/4/">4</a><a href="/category/tin-tuc/page/9/">9</a>'
    assert [link.order for link in links(html).values()] == [1.0, 6.0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.vn/c/tin/", "https://a.vn/c/tin/page/2/"),
        ("https://a.vn/vi/news/tin/", "https://a.vn/vi/news/tin/page-12"),
        ("https://a.vn/tin", "https://a.vn/tin?page=2"),
        ("https://a.vn/tin?Cat=82", "https://a.vn/tin?Cat=82&start=20"),
        ("https://a.vn/w?p_p_id=101", "https://a.vn/w?p_p_id=101&_101_INSTANCE_x_cur=3"),
    ],
)
def test_pages_of_one_list_share_its_key(one: str, other: str) -> None:
    assert list_key(one) == list_key(other)


def test_functions_and_files_are_not_pages() -> None:
    functions = "/wp-login.php /tim-kiem?q=a /x?print=1 /dang-nhap/ javascript:void(0) #top mailto:a@b.vn"
    files = "/a.pdf /b.DOCX tel:02033 data:text/html,x"
    hrefs = f"{functions} {files}".split()
    assert kinds("".join(f'<a href="{href}">{TITLE}</a>' for href in hrefs)) == {}


def test_base_and_bad_spelling() -> None:
    html = '<base href="/goc/"><a href="tin 1.html">Tin</a><a href="..\\tin2.html">Tin</a><a href="http://[">x</a>'
    page = discover(Page(URL, html.encode(), "text/html"))
    assert [link.url for link in page.links] == [
        "https://huyendamha.vn/goc/tin%201.html",
        "https://huyendamha.vn/tin2.html",
    ]
    assert page.unreadable == 1
    assert list(kinds('<base href="javascript:alert(1)"><a href="/a/">A</a>')) == ["https://huyendamha.vn/a/"]


def test_links_after_an_early_end_of_the_document() -> None:
    html = '<html><body><a href="/mot/">Một</a></body></html><div><a href="/hai/">Hai</a></div>'
    assert [url[-4:] for url in kinds(html)] == ["mot/", "hai/"]


def test_feeds_and_next_from_the_head() -> None:
    html = '<link rel="alternate" type="application/rss+xml" href="/feed/"><link rel="next" href="page/4/">'
    assert kinds(html, "https://huyendamha.vn/tin/") == {
        "https://huyendamha.vn/feed/": Kind.FEED,
        "https://huyendamha.vn/tin/page/4/": Kind.PAGING,
    }


FORM = """<form method="post" action="Tin.aspx?Cat=82">
<input type="hidden" name="__VIEWSTATE" value="abc"><input type="hidden" name="__EVENTTARGET" value="">
<input type="text" name="q" value="no">
<a href="javascript:__doPostBack('ctl00$grid','Page$4')">4</a>
<a href="javascript:__doPostBack('ctl00$pager$ctl05','')">11</a>
<a href="javascript:__doPostBack(&#39;ctl00$pager$next&#39;,&#39;&#39;)">»</a>
<a href="javascript:__doPostBack('ctl00$pager$prev','')">«</a>
<a href="javascript:__doPostBack('ctl00$pager$last','')">Cuối</a>
<a href="javascript:__doPostBack('ctl00$login','')">Đăng nhập</a></form>"""


def test_postback_paging_sends_the_pages_form_back() -> None:
    found = discover(Page("https://a.vn/Trang/Tin.aspx?Cat=82", FORM.encode(), "text/html")).links
    assert [(link.number, link.form) for link in found] == [
        (4, (("__VIEWSTATE", "abc"), ("__EVENTTARGET", "ctl00$grid"), ("__EVENTARGUMENT", "Page$4"))),
        (11, (("__VIEWSTATE", "abc"), ("__EVENTTARGET", "ctl00$pager$ctl05"), ("__EVENTARGUMENT", ""))),
        (None, (("__VIEWSTATE", "abc"), ("__EVENTTARGET", "ctl00$pager$next"), ("__EVENTARGUMENT", ""))),
    ]
    assert {link.url for link in found} == {"https://a.vn/Trang/Tin.aspx?Cat=82"}
    assert {link.kind for link in found} == {Kind.PAGING}


SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://a.vn/bai-viet-cu-cua-huyen/</loc><lastmod>2012-01-01</lastmod></url>
<url><loc>https://a.vn/gioi-thieu/</loc></url>
<url><loc>https://a.vn/bai-viet-moi-cua-huyen-ta-day/</loc><lastmod>2022-09-28T15:30:00+07:00</lastmod></url></urlset>"""


@pytest.mark.parametrize("packed", [False, True])
def test_a_sitemap_gives_its_newest_first(packed: bool) -> None:
    body = gzip.compress(SITEMAP.encode()) if packed else SITEMAP.encode()
    found = discover(
        Page("https://a.vn/sitemap.xml.gz", body, "application/octet-stream" if packed else "text/xml")
    )
    assert [(link.url, link.hint) for link in found.links] == [
        ("https://a.vn/bai-viet-moi-cua-huyen-ta-day/", "2022-09-28T15:30:00+07:00"),
        ("https://a.vn/bai-viet-cu-cua-huyen/", "2012-01-01"),
        ("https://a.vn/gioi-thieu/", ""),
    ]


def test_an_index_of_sitemaps_and_feeds() -> None:
    index = '<sitemapindex xmlns="x"><sitemap><loc>https://a.vn/1.xml</loc></sitemap></sitemapindex>'
    rss = (
        "<rss><channel><item><link>https://a.vn/mot/</link>"
        "<pubDate>Wed, 28 Sep 2022 15:30:00 +0700</pubDate></item>"
        "<item><link> https://a.vn/hai/ </link></item></channel></rss>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="edit" href="/sua"/>'
        '<link href="/ba/"/><updated>2022-09-28T15:30:00Z</updated></entry></feed>'
    )
    for body, expected in (
        (index, [("https://a.vn/1.xml", Kind.SITEMAP)]),
        (rss, [("https://a.vn/mot/", Kind.ARTICLE), ("https://a.vn/hai/", Kind.ARTICLE)]),
        (atom, [("https://a.vn/ba/", Kind.ARTICLE)]),
    ):
        found = discover(Page("https://a.vn/x", body.encode(), "application/xml")).links
        assert [(link.url, link.kind) for link in found] == expected


def test_entities_are_never_resolved() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        "<urlset><url><loc>https://a.vn/&b;&a;</loc></url></urlset>"
    )
    found = discover(Page("https://a.vn/s.xml", bomb.encode(), "text/xml"))
    assert all("root" not in link.url for link in found.links)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.vn/a/a/a/b", True),
        ("https://a.vn/x/a/b/a/b/a/b", True),
        ("https://a.vn/" + "/".join(map(str, range(20))), True),
        ("https://a.vn/1222/27362/74091/612725/tin", False),
        ("https://a.vn/2021/10/10/tin", False),
    ],
)
def test_paths_that_go_in_circles(url: str, expected: bool) -> None:
    assert repeats(url) is expected


def test_a_calendar_has_one_shape() -> None:
    assert shape("https://a.vn/lich/2025/6/?d=3") == shape("https://a.vn/lich/2031/12/?d=17")


HOSTILE = {
    "links": b"".join(b"<a href='/x/%d/'>%d</a>" % (n, n) for n in range(100_000)),
    "deep": b"<div>" * 100_000 + b"<a href='/x/'>x</a>",
    "open links": b"<a href='/x/'>mot hai ba " * 20_000,
    "attribute": b"<a href='/x/' title='" + b"x" * 20_000_000 + b"'>x</a>",
    "entities": b"&amp;" * 1_000_000,
    "comment": b"<a href='/x/'>x</a><!-- " + b"x" * 1_000_000,
    "utf16": "<a href='/x/'>x</a>".encode("utf-16"),
    "nul": b"<a href='/x/\0'>\0</a>" * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_take_bounded_time(name: str) -> None:
    began = time.monotonic()
    found = discover(Page(URL, HOSTILE[name], "text/html"))
    assert time.monotonic() - began < 10
    assert len(found.links) <= MAX_LINKS
    if name == "links":
        assert len(found.links) + found.left_out == 100_000


@given(st.binary(max_size=300), st.sampled_from(["text/html", "application/xml", ""]))
def test_no_bytes_raise(body: bytes, kind: str) -> None:
    discover(Page(URL, b"<a href='" + body + b"'>" + body, kind))
    discover(Page(URL, body, kind))
