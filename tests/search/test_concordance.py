"""Which places of a text are hits, and what stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.concordance import Finder, looked_for
from archive.search.expand import expand
from archive.search.grammar import parse
from archive.text.vietnamese import raw_words


def hits(q: str, text: str, *, exact: bool = False, width: int = 3, field: str = "body") -> list[str]:
    finder = Finder(looked_for(expand(parse(q).tree)), exact, width)
    found = finder.contexts(field, text)
    return [f"{item.left}[{item.keyword}]{item.right}" for item in found]


TEXT = "Xã đạt chuẩn nông thôn mới (NTM); thôn mới: Nông  thôn mới kiểu mẫu, nông dân phấn khởi."


@pytest.mark.parametrize(
    ("q", "keywords"),
    [
        ('"nong thon moi"', ["nông thôn mới", "NTM", "Nông thôn mới"]),
        ("nông thôn mới", ["nông thôn mới", "NTM", "thôn mới", "Nông", "thôn mới", "nông"]),
        ("nông", ["nông", "Nông", "nông"]),
        ("nông*", ["nông", "Nông", "nông"]),
        ('"nông thôn" OR "thôn mới"', ["nông thôn mới", "thôn mới", "Nông thôn mới"]),
        ('"mẫu nông"~0', ["mẫu, nông"]),
        ('"nông khởi"~3', ["nông dân phấn khởi"]),
        ('"nông khởi"~1', []),
        ('"thôn mới" -nông', ["thôn mới", "thôn mới", "thôn mới"]),
        ('nguoi:"Nông Thôn"', ["nông thôn", "Nông thôn"]),
        ("tieude:nông", []),
        ("trang:nông", []),
        ("zzz", []),
    ],
)
def test_every_hit_and_nothing_else(q: str, keywords: list[str]) -> None:
    found = [item.split("[")[1].split("]")[0] for item in hits(q, TEXT)]
    assert found == keywords


def test_accents_are_folded_to_find_and_kept_to_show() -> None:
    text = "Đường lớn, ông Dương"
    assert hits("duong", text) == ["[Đường] lớn, ông Dương", "Đường lớn, ông [Dương]"]
    assert hits("đường", text, exact=True) == ["[Đường] lớn, ông Dương"]


def test_figures_and_numbers_of_documents() -> None:
    text = "Quyết định số 123/QĐ-UBND, tăng 17,5% so với năm 2021."
    assert hits('"123/QĐ-UBND"', text, width=2) == ["định số [123/QĐ-UBND], tăng 17,5"]
    assert hits("17", text, width=1) == ["tăng [17,5]% so"]


def test_the_context_reaches_the_ends_with_their_signs() -> None:
    assert hits("mới", "“Nông thôn mới”.", width=9) == ["“Nông thôn [mới]”."]
    assert hits("mới", "một hai ba mới bốn năm sáu", width=2) == ["hai ba [mới] bốn năm"]


def test_words_to_sort_by_are_there_whatever_the_width() -> None:
    (found,) = Finder(looked_for(parse("mới").tree), False, 1).contexts(
        "body", "một hai Ba mới bốn năm sáu bảy"
    )
    assert found.before == ("ba", "hai", "một")
    assert found.after == ("bốn", "năm", "sáu")
    assert (found.left, found.right) == ("Ba ", " bốn")


def test_without_words_the_names_of_the_filters_are_lined_up() -> None:
    wanted = looked_for(parse("").tree, (("person", "Lê Thị Mơ"), ("event", "hội nghị")))
    (found,) = Finder(wanted, False, 5).contexts("body", "Đồng chí LÊ THỊ MƠ dự")
    assert found.keyword == "LÊ THỊ MƠ"
    assert looked_for(parse("ngay:2022").tree) == ()


@given(
    st.text("nông thôm ới,.“(17-/ ", max_size=60),
    st.sampled_from(['"nông thôn"', "nông", "nôn*", '"nông mới"~2', "17", "nông OR thôn"]),
)
def test_a_context_is_a_piece_of_the_text(text: str, q: str) -> None:
    plain = " ".join(text.split())
    last = -1
    for item in Finder(looked_for(parse(q).tree), False, 2).contexts("body", plain):
        assert item.left + item.keyword + item.right in plain
        assert plain[item.start :].startswith(item.keyword)
        assert item.start > last
        assert len(raw_words(item.right)) <= 2
        last = item.start
