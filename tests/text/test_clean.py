"""Bytes to text by evidence, and text without noise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text.clean import decode, normalise

TEXT = "<p>Phát động đợt thi đua đặc biệt</p>"


@pytest.mark.parametrize(
    ("body", "content_type", "charset", "basis"),
    [
        (TEXT.encode(), "text/html; charset=utf-8", "utf-8", "header"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=iso-8859-1", "utf-8", "bom"),
        (TEXT.encode("utf-16"), "", "utf-16-le", "bom"),
        (TEXT.encode("utf-16-be"), "text/html; charset=utf-8", "utf-16-be", "content"),
        (b'<meta charset="utf-8">' + TEXT.encode(), "", "utf-8", "meta"),
        (TEXT.encode(), "text/html; charset=iso-8859-1", "utf-8", "content"),
        (TEXT.encode(), "text/html; charset=no-such-thing", "utf-8", "content"),
    ],
)
def test_the_charset_is_found_by_evidence(body: bytes, content_type: str, charset: str, basis: str) -> None:
    decoded = decode(body, content_type)

    assert TEXT in decoded.text
    assert (decoded.charset, decoded.basis) == (charset, basis)


def test_a_declared_single_byte_charset_is_used_when_the_bytes_are_no_utf8() -> None:
    assert decode("<p>Größe</p>".encode("cp1252"), "text/html; charset=iso-8859-1").text == "<p>Größe</p>"
    assert decode("<p>日本語</p>".encode("shift_jis"), "text/html; charset=Shift_JIS").text == "<p>日本語</p>"


def test_damage_in_utf8_costs_only_the_damaged_characters() -> None:
    body = TEXT.encode() * 20 + b"\xff" + TEXT.encode() * 20

    decoded = decode(body, "text/html; charset=utf-8")

    assert decoded.charset == "utf-8"
    assert decoded.text.count(TEXT) == 40


def test_a_body_cut_within_a_character_loses_that_character() -> None:
    assert decode("<p>đ".encode()[:-1]).text == "<p>"


def test_nul_characters_are_left_out() -> None:
    assert decode(b"a\x00b").text == "ab"


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_bytes_and_no_header_raise(body: bytes, content_type: str) -> None:
    assert "\x00" not in decode(body, content_type).text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("tro\u0302\u0300ng", "trồng"),
        ("a\u00a0\u00a0 b\n\tc", "a b c"),
        ("thi\u200b đua\u00ad \ufeff", "thi đua"),
        ("Ðầm Hà", "Đầm Hà"),
        ("a\ud800b", "ab"),
        ("a\x00\x1b[0m", "a[0m"),
        ("  ", ""),
    ],
)
def test_normalise_leaves_one_clean_line(text: str, clean: str) -> None:
    assert normalise(text) == clean


@given(st.text())
def test_normalise_is_stable(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
