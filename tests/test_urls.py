"""Addresses: one form for all spellings of one address, never one form for two."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UrlError
from archive.model import Site
from archive.urls import Scope, canonical, host_port, surt

BASE = "https://huyendamha.vn/tin-tuc/trang.aspx?Cat=82"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HTTPS://HuyenDamHa.vn:443", "https://huyendamha.vn/"),
        ("http://huyendamha.vn.:80/a#đoạn", "http://huyendamha.vn/a"),
        ("../bai viet.html", "https://huyendamha.vn/bai%20viet.html"),
        ("..\\anh\\le.jpg", "https://huyendamha.vn/anh/le.jpg"),
        ("//cdn.vn/a", "https://cdn.vn/a"),
        ("?Cat=83&page=2", "https://huyendamha.vn/tin-tuc/trang.aspx?Cat=83&page=2"),
        ("/a/./b/../c/", "https://huyendamha.vn/a/c/"),
        ("/a/%2e%2e/../../b", "https://huyendamha.vn/b"),
        ("/a//b/", "https://huyendamha.vn/a//b/"),
        ("\n /tin\n-tuc/ ", "https://huyendamha.vn/tin-tuc/"),
        ("/đầm-hà?q=lễ hội", "https://huyendamha.vn/%C4%91%E1%BA%A7m-h%C3%A0?q=l%E1%BB%85%20h%E1%BB%99i"),
        ("/%7etin/%c3%a0%41", "https://huyendamha.vn/~tin/%C3%A0A"),
        ("/giam-10%-thue", "https://huyendamha.vn/giam-10%25-thue"),
        ("/a?b=1&b=0&a=2", "https://huyendamha.vn/a?b=1&b=0&a=2"),
        ("/a?utm_source=zalo&id=5&fbclid=x", "https://huyendamha.vn/a?id=5"),
        ("/a;jsessionid=0AF2?id=5", "https://huyendamha.vn/a?id=5"),
        ("/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "https://huyendamha.vn/a.aspx"),
        ("/vi/?sid=0123456789abcdef0123456789", "https://huyendamha.vn/vi/"),
        ("/vi/?sid=82", "https://huyendamha.vn/vi/?sid=82"),
        ("/a?", "https://huyendamha.vn/a"),
        ("http://đầmhà.vn/", "http://xn--mh-kia7qq61l.vn/"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
    ],
)
def test_canonical_form(written: str, meant: str) -> None:
    assert canonical(written, BASE) == meant


@pytest.mark.parametrize(
    "written",
    [
        "javascript:void(0)",
        "mailto:vanthu@damha.vn",
        "tel:02033880000",
        "data:text/html,x",
        "ftp://huyendamha.vn/",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://huyendamha.vn:99999/",
        "http://huyen damha.vn/",
        "http://huyendamha.vn@127.0.0.1/",
        "http://a\x00b.vn/",
        "/" + "a" * 5000,
    ],
)
def test_what_cannot_be_asked_for_is_refused(written: str) -> None:
    with pytest.raises(UrlError):
        canonical(written, BASE)


def test_the_path_keeps_its_unicode_form() -> None:
    composed, decomposed = canonical("http://a.vn/lễ"), canonical("http://a.vn/le\u0302\u0303")
    assert composed != decomposed


def test_real_addresses_stay_what_they_are() -> None:
    """Addresses of real portals, in the spellings that their own pages use."""
    for url in (
        "http://vnmha.gov.vn/du-bao-107/canh-bao-ca%3Fc-ta%3Fc-do%3Fng-do-bao-10460.html",
        "http://www.iahdrai.kontum.gov.vn/thong-bao/THONG-BAO-TINH-HINH-DICH-BENH-(SO-60)-7949",
        "http://thainguyen.gov.vn/vi_VN/tin-anh/-/asset_publisher/L0n17VJXU23O/content/cong-ien/20181",
        "https://dulich.quangninh.gov.vn/Trang/ChiTietTinTuc.aspx?nid=2595",
    ):
        assert canonical(url) == url


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_an_error_and_the_form_is_stable(text: str) -> None:
    try:
        once = canonical(text, BASE)
    except UrlError:
        return
    assert canonical(once) == once
    assert once.isascii()
    assert urlsplit(once).scheme in ("http", "https")
    assert surt(once)
    json.dumps(once)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.huyendamha.vn/le-hoi/?p=6600", "vn,huyendamha)/le-hoi/?p=6600"),
        ("http://huyendamha.vn/le-hoi/?p=6600", "vn,huyendamha)/le-hoi/?p=6600"),
        ("https://quangninh.gov.vn:8443/Trang", "vn,gov,quangninh:8443)/Trang"),
        ("http://127.0.0.1:18081/", "127.0.0.1:18081)/"),
        ("http://[2001:db8::1]/a", "2001:db8::1)/a"),
    ],
)
def test_surt(url: str, key: str) -> None:
    assert surt(url) == key


def test_host_and_port_are_the_unit_of_politeness() -> None:
    assert host_port("https://a.vn/x") == "a.vn:443"
    assert host_port("http://[::1]:81/x") == "[::1]:81"


def site(**values: object) -> Site:
    return Site(**({"id": "a", "name": "A", "start": ("https://www.huyendamha.vn/vi/",)} | values))  # type: ignore[arg-type]


def test_scope_is_the_host_of_the_start_by_default() -> None:
    scope = Scope.of(site())
    assert scope.contains("https://huyendamha.vn/tin")
    assert scope.contains("http://www.huyendamha.vn/")
    assert not scope.contains("https://huyendamha.vn:8443/")
    assert not scope.contains("https://quangninh.gov.vn/")
    assert not scope.contains("https://huyendamha.vn.evil.example/")
    assert scope.media("https://anh.huyendamha.vn/a.jpg")
    assert not scope.media("https://cdn.example/a.jpg")


def test_scope_by_path_and_port() -> None:
    scope = Scope.of(
        site(scope=("quangninh.gov.vn/donvi/damha", "127.0.0.1:8081"), media_hosts=("cdn.example",))
    )
    assert scope.contains("https://quangninh.gov.vn/donvi/damha/Trang/a.aspx")
    assert not scope.contains("https://quangninh.gov.vn/donvi/haiha/")
    assert scope.contains("http://127.0.0.1:8081/x")
    assert not scope.contains("http://127.0.0.1:8082/x")
    assert scope.media("https://cdn.example/a.jpg")
    assert scope.media("https://quangninh.gov.vn/anh/a.jpg")
    assert not scope.trusts("https://other.example/")


def test_any_host_may_give_pictures_when_the_entry_says_so() -> None:
    scope = Scope.of(site(media_hosts=("*",)))
    assert scope.media("https://anywhere.example/a.jpg")
    assert not scope.trusts("https://anywhere.example/a.jpg")


def test_a_scope_entry_with_a_scheme_is_refused() -> None:
    with pytest.raises(UrlError, match="scheme"):
        Scope.of(site(scope=("https://huyendamha.vn/",)))
