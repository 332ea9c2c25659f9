"""Old links are found however they are spelled, and it is said how."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from archive.memento import variants
from archive.memento.variants import Difference
from tests.memento.scene import PORTAL, Scene
from tests.web.library import article

T = "20220928083015"
ARTICLE = "/tin-tuc/le-phat-dong-thi-dua-28-9.html"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    scene = Scene.at(tmp_path_factory.mktemp("lookup"))
    scene.article(ARTICLE, T, "Lễ phát động thi đua", "Bài của ngày hai mươi tám.")
    scene.article("/Trang/ChiTiet.aspx?ItemID=77", T, "Chi tiết bảy mươi bảy", "Bài của hệ thống cũ.")
    scene.capture("/van-ban/", T, b"<p>list</p>")
    scene.capture("/mat.html", T, b"x", status=404)
    return scene


@pytest.fixture
def client(scene: Scene) -> FlaskClient:
    return scene.client()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (f"{PORTAL}{ARTICLE}", "Đúng địa chỉ này."),
        (f"https://www.portal.example{ARTICLE}", "http hay https, có hay không có www"),
        (f"portal.example{ARTICLE.upper()}", "chữ hoa hay chữ thường"),
        (f"http://m.portal.example{ARTICLE}?utm_source=zalo&fbclid=x#binh-luan", "bản dành cho điện thoại"),
        (f"{PORTAL}{ARTICLE}/", "dấu / ở cuối"),
        (f"{PORTAL}{ARTICLE.removesuffix('.html')}", "đuôi của tên tệp"),
        (f"{PORTAL}{ARTICLE}?page=2", "phần sau dấu hỏi"),
        (f"http://dam-ha.tinh.example/huyen{ARTICLE}", "cùng tên ở cuối"),
        (f"https://web.archive.org/web/20220101000000/{PORTAL}{ARTICLE}", "Đúng địa chỉ này."),
        (f" {PORTAL}{ARTICLE} \n", "Đúng địa chỉ này."),
    ],
)
def test_an_old_link_is_found_and_it_is_said_how(client: FlaskClient, link: str, said: str) -> None:
    answer = client.get(f"/tim?url={quote(link)}")
    assert answer.status_code == 200
    assert "Lễ phát động thi đua" in answer.text
    assert said in answer.text
    led = client.get(f"/tim?go=1&url={quote(link)}")
    assert led.status_code == 302
    assert led.headers["Location"].startswith("/a/")


def test_the_query_that_names_an_article_is_not_left_out(client: FlaskClient) -> None:
    found = client.get("/tim?url=" + quote("http://portal.example/trang/chitiet.aspx?itemid=77"))
    assert "Chi tiết bảy mươi bảy" in found.text
    other = client.get("/tim?url=" + quote("http://portal.example/Trang/ChiTiet.aspx?ItemID=78"))
    assert other.status_code == 404
    assert "Chi tiết bảy mươi bảy" not in other.text


def test_an_index_page_is_its_folder(client: FlaskClient) -> None:
    answer = client.get("/tim?url=" + quote(f"{PORTAL}/van-ban/Default.aspx"))
    assert f"/web/{T}/{PORTAL}/van-ban/" in answer.text


def test_a_page_of_which_only_an_error_is_kept_says_so(client: FlaskClient) -> None:
    answer = client.get("/tim?url=" + quote(f"{PORTAL}/mat.html"))
    assert "Kho chỉ giữ trang báo lỗi 404" in answer.text


def test_what_is_not_found_says_what_would_be_known(client: FlaskClient) -> None:
    known = client.get("/tim?url=" + quote(f"{PORTAL}/khong/co-bai-nay-dau.html"))
    assert known.status_code == 404
    assert "Cổng TTĐT huyện Đầm Hà" in known.text
    assert "q=co+bai+nay+dau" in known.text
    unknown = client.get("/tim?url=" + quote("http://la.example/x"))
    assert "Kho không lưu trang nào trên tên miền này." in unknown.text


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "<script>", "http://", "mailto:a@b", "%%%", "x" * 9000]
)
def test_what_is_no_address_is_told(client: FlaskClient, text: str) -> None:
    answer = client.get(f"/tim?url={quote(text)}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text.replace('<script src="', "")
    assert 'href="javascript' not in answer.text


def test_the_replay_address_finds_as_well(client: FlaskClient) -> None:
    answer = client.get(f"/web/2022/{PORTAL}{ARTICLE.upper()}")
    assert answer.status_code == 404
    assert "Lễ phát động thi đua" in answer.text
    assert "chữ hoa hay chữ thường" in answer.text


@pytest.mark.parametrize(
    "head",
    [
        "<link rel='shortlink' href='http://portal.example/?p=123' />",
        '<link href="/?p=123" rel=shortlink>',
        '<!-- --><link rel=canonical href=/x><LINK REL="shortlink" HREF="http://portal.example/?p=123">',
    ],
)
def test_a_short_address_that_the_page_names_is_found(tmp_path: Path, head: str) -> None:
    scene = Scene.at(tmp_path)
    page = f"<html><head>{head}</head><body><p>Bài.</p></body></html>"
    scene.capture("/bai.html", T, page.encode(), said=article("Bài ngắn", "Nội dung."))
    answer = scene.client().get("/tim?url=" + quote("https://www.portal.example/?p=123"))
    assert "Bài ngắn" in answer.text
    assert "Trang của bài tự ghi địa chỉ này là của mình." in answer.text
    assert scene.client().get("/tim?url=" + quote("http://portal.example/?p=12")).status_code == 404


def test_a_short_address_in_the_header_fields_is_found(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    fields = (
        ("Link", '<http://portal.example/wp-json/>; rel="x", <http://portal.example/?p=7>; rel=shortlink'),
    )
    scene.capture("/bai.html", T, b"<p>x</p>", headers=fields, said=article("Bài ngắn", "Nội dung."))
    answer = scene.client().get("/tim?go=1&url=" + quote("portal.example/?p=7"))
    assert answer.headers["Location"].endswith("/bai-ngan")


@pytest.mark.parametrize(
    ("asked", "found", "differences"),
    [
        ("http://a.vn/x", "http://a.vn/x", ()),
        ("https://a.vn/x", "http://www.a.vn/x", (Difference.SCHEME, Difference.WWW)),
        ("http://a.vn/X.html", "http://a.vn/x.html", (Difference.CASE,)),
        ("http://a.vn/x/", "http://a.vn/x", (Difference.SLASH,)),
        ("http://a.vn/x/index.html", "http://a.vn/x/", (Difference.INDEX,)),
        ("http://a.vn/x.aspx", "http://a.vn/x.html", (Difference.EXTENSION,)),
        ("http://a.vn/x?a=1", "http://a.vn/x", (Difference.QUERY,)),
        ("http://a.vn/x?A=1", "http://a.vn/x?a=1", (Difference.CASE,)),
        ("http://m.a.vn/x", "http://a.vn/x", (Difference.MOBILE,)),
        ("http://b.vn/x", "http://a.vn/x", (Difference.SUBSITE,)),
    ],
)
def test_how_addresses_differ(asked: str, found: str, differences: tuple[Difference, ...]) -> None:
    assert variants.differences(asked, found) == differences


def test_few_keys_are_asked_for_whatever_the_link() -> None:
    for url in ("http://a.vn/", "http://m.a.vn/x/y/index.php?p=1", "http://a.vn/" + "x/" * 900):
        found = variants.keys(url)
        assert 0 < len(found) <= 100
        assert all(key == key.lower() for key in found)
