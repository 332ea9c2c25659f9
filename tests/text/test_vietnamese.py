"""Which spellings are the same word, and where words are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text.vietnamese import ABBREVIATIONS, fold, fold_key, slug, tone_normal, toneless, words

_LETTERS = "".join(
    chr(code)
    for code in range(0x00C0, 0x1EFA)
    if (code >= 0x1EA0 or chr(code) in "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư")
)


def test_every_vietnamese_letter_folds_to_ascii() -> None:
    assert fold(_LETTERS).isascii()
    assert len(fold(_LETTERS)) == len(_LETTERS) == 134


@pytest.mark.parametrize("text", ["Đầm Hà", "ĐẦM HÀ", unicodedata.normalize("NFD", "đầm hà"), "dam ha"])
def test_fold_makes_all_ways_of_typing_one(text: str) -> None:
    assert fold(text) == "dam ha"


def test_marks_that_survive_composition_are_dropped() -> None:
    assert fold("ơ\u031b ề\u0300") == "o e"
    assert tone_normal("ca\u0308ch") == "cäch"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa", "hoà"),
        ("thúy", "thuý"),
        ("khỏe", "khoẻ"),
        ("ủy", "uỷ"),
        ("toàn", "tòan"),
        ("khuỷu", "khủyu"),
        ("sỹ", "sĩ"),
        ("tỷ", "tỉ"),
        ("kỹ", "kĩ"),
        ("lý", "lí"),
        ("quý", "quí"),
        ("Tỷ", "tỉ"),
        ("vỵ", "vị"),
    ],
)
def test_two_spellings_of_one_word(one: str, other: str) -> None:
    assert tone_normal(one) == tone_normal(other)
    assert fold_key(one) == fold_key(other)
    assert tone_normal(unicodedata.normalize("NFD", one)) == tone_normal(other)


@pytest.mark.parametrize(
    ("one", "other"), [("quý", "qúy"), ("tay", "tai"), ("thúy", "thúi"), ("mía", "miá"), ("hoa", "hòa")]
)
def test_words_that_stay_apart_or_are_repaired(one: str, other: str) -> None:
    """`qúy` and `miá` are slips of the same words; `tay` and `tai` are two words."""
    same = one in ("quý", "mía")
    assert (tone_normal(one) == tone_normal(other)) is same


def test_the_commoner_spelling_is_kept() -> None:
    """What is shown to readers is made of normal forms."""
    text = "kỷ niệm quý lý kỹ tỷ lệ bác sĩ đơn vị vì thi mì"
    assert tone_normal(text) == text


def test_the_vowel_of_gi_is_not_touched() -> None:
    assert [tone_normal(word) for word in ("gì", "già", "giặt", "giếng", "giữ")] == [
        "gì",
        "già",
        "giặt",
        "giếng",
        "giữ",
    ]


def test_toneless_keeps_the_letters() -> None:
    assert toneless("Đường") == "đương"
    assert toneless("hoà") == toneless("hòa") == "hoa"


def test_compounds_are_parts_and_figures_are_whole_and_parts() -> None:
    text = "TT&VH, GD-ĐT, Số 123/QĐ-UBND, 17,5%, 3.950 USD, ngày 28.9.2022."
    found = list(words(text))
    assert " ".join(word for word, _, _ in found) == (
        "tt vh gd đt số 123 qđ ubnd 17,5 17 5 3950 3 950 usd ngày 28 9 2022"
    )
    assert [text[start:end] for word, start, end in found if word in ("17,5", "3950", "950")] == [
        "17,5",
        "3.950",
        "950",
    ]


def test_no_word_is_too_short() -> None:
    text = "công an, y tế, lần thứ V"
    assert " ".join(word for word, _, _ in words(text)) == "công an y tế lần thứ v"


def test_slug() -> None:
    assert slug("Lễ phát động: thi đua – “đặc biệt”!") == "le-phat-dong-thi-dua-dac-biet"
    assert slug("…") == ""
    long = slug("Phát động đợt thi đua đặc biệt chào mừng kỷ niệm 60 năm Ngày thành lập tỉnh Quảng Ninh")
    assert len(long) <= 80
    assert long.endswith("-tinh")
    assert len(slug("x" * 200)) == 80


def test_abbreviations_are_in_normal_form() -> None:
    for short, long in ABBREVIATIONS:
        assert short == tone_normal(short)
        assert long == tone_normal(long)


@given(st.text(max_size=60))
def test_any_text_is_bearable(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    for word, start, end in words(composed):
        assert word
        assert 0 <= start < end <= len(composed)
        assert tone_normal(word) == word
        assert fold(fold(word)) == fold(word)
    assert slug(text) == slug(slug(text))
