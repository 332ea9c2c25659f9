"""What changed between two texts: true both ways, in whole words, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.text.diff import Kind, Part, Piece, Row, compare, single, words

SAME, REMOVED, ADDED = Kind.SAME, Kind.REMOVED, Kind.ADDED


def paragraphs(*texts: str) -> list[Part]:
    return [Part("paragraph", text) for text in texts]


def old_text(row: Row) -> str:
    return "".join(piece.text for piece in row.old())


def new_text(row: Row) -> str:
    return "".join(piece.text for piece in row.new())


def test_one_word_in_a_sentence() -> None:
    assert words("Họp ngày 28/9 tại xã Quảng An.", "Họp ngày 29/9 tại xã Quảng An.") == (
        Piece(SAME, "Họp ngày "),
        Piece(REMOVED, "28/9"),
        Piece(ADDED, "29/9"),
        Piece(SAME, " tại xã Quảng An."),
    )


def test_words_in_a_row_are_one_change() -> None:
    assert words("ông Nguyễn Văn A dự", "ông Trần Thị B dự") == (
        Piece(SAME, "ông "),
        Piece(REMOVED, "Nguyễn Văn A"),
        Piece(ADDED, "Trần Thị B"),
        Piece(SAME, " dự"),
    )


def test_a_tone_is_a_change_of_the_word() -> None:
    assert [piece.text for piece in words("xã hoà bình", "xã hòa bình")] == ["xã ", "hoà", "hòa", " bình"]


def test_a_number_is_one_word() -> None:
    kinds = {piece.text: piece.kind for piece in words("tăng 17,5% so", "tăng 17,8% so")}
    assert kinds == {"tăng ": SAME, "17,5%": REMOVED, "17,8%": ADDED, " so": SAME}


def test_paragraphs_put_in_taken_out_and_edited() -> None:
    old = paragraphs("Đoạn đầu.", "Có 30 hộ được hỗ trợ trong đợt này.", "Đoạn bỏ đi hẳn.", "Cuối.")
    new = paragraphs("Đoạn đầu.", "Có 35 hộ được hỗ trợ trong đợt này.", "Cuối.", "Thêm sau cùng.")
    assert [row.kind for row in compare(old, new)] == [SAME, Kind.CHANGED, REMOVED, SAME, ADDED]


def test_only_like_is_compared_with_like() -> None:
    old, new = [Part("caption", "Đại biểu dự lễ")], [Part("paragraph", "Đại biểu dự lễ")]
    assert [row.kind for row in compare(old, new)] == [REMOVED, ADDED]


def test_what_there_is_one_of_is_always_compared() -> None:
    row = single("title", "Một", "Hai")
    assert row == Row("title", Kind.CHANGED, (Piece(REMOVED, "Một"), Piece(ADDED, "Hai")))
    assert single("lead", "", "") is None
    found = single("lead", "", "Có")
    assert found is not None
    assert found.kind is ADDED


@settings(max_examples=150)
@given(st.lists(st.text("ab ,", max_size=12), max_size=8), st.lists(st.text("ab ,", max_size=12), max_size=8))
def test_both_texts_can_be_read_back(old: list[str], new: list[str]) -> None:
    for steps in (1_000_000, 20):
        rows = compare(paragraphs(*old), paragraphs(*new), steps)
        assert [old_text(row) for row in rows if row.kind is not ADDED] == old
        assert [new_text(row) for row in rows if row.kind is not REMOVED] == new
        for row in rows:
            texts = [piece.text for piece in row.pieces]
            assert all(texts) or texts == [""]
            assert (row.kind is SAME) == ({piece.kind for piece in row.pieces} <= {SAME})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["a b " * 50_000], ["b a " * 50_000 + "a"]),
        ([f"từ{n}" for n in range(20_000)], [f"chữ{n}" for n in range(20_000)]),
        ([f"a{n} b c {n}" for n in range(2_000)], [f"a{n} b c {n + 1}" for n in range(2_000)]),
        (["x " * 400 + f"{n}" for n in range(49)], ["x y " * 300 + f"{n}" for n in range(49)]),
    ],
    ids=["repetition", "all different", "all edited", "edited much"],
)
def test_long_texts_end_soon(old: list[str], new: list[str]) -> None:
    began = time.process_time()
    rows = compare(paragraphs(*old), paragraphs(*new))
    assert time.process_time() - began < 5
    assert [old_text(row) for row in rows if row.kind is not ADDED] == old
    assert [new_text(row) for row in rows if row.kind is not REMOVED] == new
