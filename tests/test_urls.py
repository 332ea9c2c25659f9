from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UrlError
from archive.model import Site
from archive.urls import Scope, canonical, surt

BASE = "http://huyendamha.vn/tin-tuc/page/2/"


@pytest.mark.parametrize(
    ("given_url", "wanted"),
    [
        ("HTTP://HuyenDamHa.VN:80", "http://huyendamha.vn/"),
        ("http://huyendamha.vn/a/../b/./c#phan-2", "http://huyendamha.vn/b/c"),
        ("http://user:secret@huyendamha.vn/", "http://huyendamha.vn/"),
        ("//huyendamha.vn/a", "http://huyendamha.vn/a"),
        ("../3/", "http://huyendamha.vn/tin-tuc/page/3/"),
        ("?p=6600", "http://huyendamha.vn/tin-tuc/page/2/?p=6600"),
        (r"\tin\a.html", "http://huyendamha.vn/tin/a.html"),
        (" /Trang/Gioi thieu.aspx ", "http://huyendamha.vn/Trang/Gioi%20thieu.aspx"),
        ("/tìm?q=Đầm Hà", "http://huyendamha.vn/t%C3%ACm?q=%C4%90%E1%BA%A7m%20H%C3%A0"),
        ("/%7euser/%c4%90?x=%2f", "http://huyendamha.vn/~user/%C4%90?x=%2F"),
        ("/a?utm_source=zalo&id=3&fbclid=x", "http://huyendamha.vn/a?id=3"),
        ("/a;jsessionid=AB12?id=3&PHPSESSID=9", "http://huyendamha.vn/a?id=3"),
        ("/100%", "http://huyendamha.vn/100%25"),
        ("https://cổng.vn/", "https://xn--cng-qmz.vn/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("/a?b=1&a=2", "http://huyendamha.vn/a?b=1&a=2"),
    ],
)
def test_one_form_for_each_address(given_url: str, wanted: str) -> None:
    assert canonical(given_url, BASE) == wanted


def test_decomposed_names_stay_decomposed() -> None:
    name = unicodedata.normalize("NFD", "của")
    assert canonical(f"http://a.vn/{name}") != canonical("http://a.vn/của")


@pytest.mark.parametrize(
    "bad",
    ["javascript:void(0)", "mailto:a@b.vn", "file:///etc/passwd", "ftp://a.vn/", "data:text/html,x", "http://?a",
     "http://a.vn:99999/", "http://a b.vn/", "http://[::1/", "http://a.vn/" + "x" * 5000],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(bad: str) -> None:
    with pytest.raises(UrlError):
        canonical(bad, BASE)


@given(st.text(max_size=60))
def test_canonical_is_stable_or_an_error(text: str) -> None:
    try:
        once = canonical(text, BASE)
    except UrlError:
        return
    assert canonical(once) == once
    assert once.isascii()


def test_every_real_portal_address_has_a_canonical_form_and_a_key() -> None:
    listing = Path("../shared/data/portal-urls.json")
    urls = (
        json.loads(listing.read_text("utf-8")) if listing.exists() else ["http://hanam.gov.vn/Pages/a.aspx"]
    )
    for url in urls:
        assert canonical(canonical(url)) == canonical(url)
        assert ")" in surt(url)


def test_the_key_ignores_scheme_www_port_and_case() -> None:
    keys = {
        surt("http://www.huyendamha.vn/Tin/?b=2&a=1"),
        surt("https://huyendamha.vn/tin?a=1&b=2"),
        surt("HTTP://HUYENDAMHA.VN:80/tin/?a=1&b=2"),
    }
    assert keys == {"vn,huyendamha)/tin?a=1&b=2"}
    assert surt("http://127.0.0.1:8080/") == "127.0.0.1:8080)/"


def site(**values: object) -> Site:
    return Site(id="s", name="S", start=("https://www.huyendamha.vn/tin/",), **values)  # type: ignore[arg-type]


def test_the_scope_is_the_hosts_of_the_seeds() -> None:
    scope = Scope.of(site())
    assert scope.contains("http://huyendamha.vn/bat-ky")
    assert not scope.contains("http://quangninh.gov.vn/")
    assert not scope.contains("http://huyendamha.vn.evil.example/")
    assert not scope.contains("http://huyendamha.vn:8080/")


def test_a_scope_can_be_a_path() -> None:
    scope = Scope.of(site(scope=("quangninh.gov.vn/donvi/huyendamha",)))
    assert scope.contains("https://www.quangninh.gov.vn/donvi/huyendamha/Trang/a.aspx")
    assert not scope.contains("https://quangninh.gov.vn/donvi/huyendamha2/")
    assert scope.media("https://quangninh.gov.vn/PublishingImages/a.jpg")


def test_pictures_may_come_from_named_hosts() -> None:
    assert Scope.of(site(media_hosts=("cdn.vn",))).media("https://cdn.vn/a.jpg")
    assert not Scope.of(site()).media("https://cdn.vn/a.jpg")
    assert Scope.of(site(media_hosts=("*",))).media("https://cdn.vn/a.jpg")
