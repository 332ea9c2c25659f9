"""Words of several syllables are found in the texts that use them."""

from __future__ import annotations

import random

from archive.search.lexicon import Texts, within

LEFT = ["xã", "huyện", "tỉnh", "thôn", "khu", "bản"]
RIGHT = ["đẹp", "xanh", "sạch", "giàu", "mạnh", "vững"]


def texts() -> Texts:
    """Made-up sentences in which `nông thôn mới`, `thi đua`, `thôn` and `mới` each stand in many contexts."""
    made, chance = Texts(), random.Random(1)
    for number in range(200):
        left, right = chance.choice(LEFT), chance.choice(RIGHT)
        made.add(number, f"{left} {chance.choice(['nông thôn mới', 'thi đua', 'và các'])} {right}")
        made.add(
            number,
            f"{chance.choice(RIGHT)} {chance.choice(LEFT)} và {chance.choice(RIGHT)}, {chance.choice(LEFT)}",
        )
    return made


def test_words_are_found_whole_and_function_words_are_in_none() -> None:
    found = dict(texts().words())
    assert {"nông thôn mới", "thi đua"} <= found.keys()
    assert "nông thôn" not in found, "always a part of the longer word"
    assert not any("và" in word.split() or "các" in word.split() for word in found)
    assert not any(word in found for word in ("xã đẹp", "thôn xanh", "đẹp xã"))


def test_a_word_knows_its_units() -> None:
    made = Texts()
    for number in range(40):
        made.add(
            number, f"{LEFT[number % 6]} thi đua {RIGHT[number % 5]}" if number % 2 else RIGHT[number % 6]
        )
    units = dict(made.words())["thi đua"]
    assert units.tolist() == [number for number in range(40) if number % 2]


def test_the_commonest_spelling_is_shown() -> None:
    made = Texts()
    for number in range(30):
        made.add(number, f"{LEFT[number % 6]} {'hoà bình' if number % 2 else 'Hòa Bình'} {RIGHT[number % 5]}")
        made.add(number, f"{RIGHT[number % 6]}. {LEFT[number % 5]}")
    assert "hòa bình" in dict(made.words())


def test_no_text_is_too_odd() -> None:
    for text in ("", "   ", "và của", "1 2 3", "a", "\n\n.,;", "xx yy"):
        made = Texts()
        made.add(0, text)
        assert list(made.words()) == []
    assert list(Texts().words()) == []


def test_parts_of_names() -> None:
    assert within(["le thi mo"]) == {"le thi", "thi mo", "le thi mo"}
