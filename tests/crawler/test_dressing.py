"""A captured page can be shown dressed: its style sheets and what these show are captured with it."""

from __future__ import annotations

import pytest

from archive.model import Page
from crawler.discover import dressing
from crawler.discover.dressing import MAX_ADDRESSES

BASE = "http://portal.example/tin/mot.html"


def of(text: str, kind: str = "text/html", *, is_front: bool = False) -> tuple[str, ...]:
    return dressing(Page(BASE, text.encode(), kind), is_front=is_front)


def test_style_sheets_of_a_page() -> None:
    page = """<link rel="stylesheet" href="/a.css?v=1&amp;w=2"><LINK HREF=b.css REL='alternate stylesheet'>
    <link rel=preload href=/c.css as=style><link rel="icon" href="/i.png"><style>@import 'd.css';
    h1 { background: url(nen.png) }</style><img src="/tin.jpg">"""
    assert of(page) == (
        "http://portal.example/a.css?v=1&w=2",
        "http://portal.example/tin/b.css",
        "http://portal.example/tin/d.css",
        "http://portal.example/tin/nen.png",
    )
    assert "http://portal.example/tin.jpg" in of(page, is_front=True)


def test_what_a_style_sheet_imports_and_shows() -> None:
    sheet = """@charset "utf-8"; @import url("khung.css") screen;
    .dau { background: #fff url(../anh/dau.png) no-repeat } /* url(khong.png) */
    @media print { .x { list-style: url('in.gif') } } .y { background: url(data:image/gif;base64,R0) }
    .z { clip-path: url(#manh) }"""
    assert sorted(of(sheet, "text/css; charset=utf-8")) == [
        "http://portal.example/anh/dau.png",
        "http://portal.example/tin/in.gif",
        "http://portal.example/tin/khung.css",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<link rel=stylesheet href='" + "a" * 100_000,
        "<style>" + "a{b:url(" * 50_000,
        "\x00\xff<img src=",
        "<link " * 50_000,
    ],
)
def test_odd_pages_are_read_within_bounds(text: str) -> None:
    for kind in ("text/html", "text/css"):
        assert len(of(text, kind, is_front=True)) <= MAX_ADDRESSES


def test_endless_style_sheets_are_cut() -> None:
    assert len(of("".join(f"<link rel=stylesheet href=/{n}.css>" for n in range(500)))) == MAX_ADDRESSES
