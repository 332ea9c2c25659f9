"""Every input has a reading, and each liberty taken is told."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.backend import HintKind
from archive.search.grammar import MAX_DEPTH, MAX_WORDS, parse
from archive.search.query import And, Node, Not, Or, leaves, plain_words, to_text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("thi dua", "thi dua"),
        ("Thi ĐUA", "thi đua"),
        ('"thi đua"', '"thi đua"'),
        ("“thi đua”", '"thi đua"'),
        ('"thi"', "thi"),
        ("a AND b", "a b"),
        ("a OR b c", "a OR (b c)"),
        ("(a OR b) c", "(a OR b) c"),
        ("a NOT b", "a -b"),
        ("a -b", "a -b"),
        ("a - b", "a b"),
        ("a-b", '"a b"'),
        ("a a b", "a b"),
        ("--a", "a"),
        ('a -"b c"', 'a -"b c"'),
        ("a -(b OR c)", "a -(b OR c)"),
        ("thi*", "thi*"),
        ('"a b"~5', '"a b"~5'),
        ("tieude:thi", "title:thi"),
        ("Tiêuđề:thi", "title:thi"),
        ('sapo:"thi đua"', 'lead:"thi đua"'),
        ('nguoi:"Trần Việt Dũng" thi', 'person:"trần việt dũng" thi'),
        ("noi:(huyện OR xã)", 'place:"huyện" OR place:"xã"'),
        ("a -sukien:lễ-hội", 'a -event:"lễ hội"'),
        ('dinhkem:"thi đua"', 'attachment:"thi đua"'),
        ("muc:(a OR b)", "section:a OR section:b"),
        ("chuthich:a -tacgia:b", "caption:a -author:b"),
        ("ngay:2022", "date:[2022-01-01 TO 2022-12-31]"),
        ("ngày:02/2024", "date:[2024-02-01 TO 2024-02-29]"),
        ("date:28/09/2022", "date:[2022-09-28 TO 2022-09-28]"),
        ("date:2022-09-28", "date:[2022-09-28 TO 2022-09-28]"),
        ("[2018-01-01 TO 2018-12-31]", "date:[2018-01-01 TO 2018-12-31]"),
        ("ngay:[2018 TO *]", "date:[2018-01-01 TO *]"),
        ("ngay:[ TO 2018]", "date:[* TO 2018-12-31]"),
        ("ngay:[2019 TO 2018]", "date:[2018-01-01 TO 2019-12-31]"),
        (
            "ngay:(2021 OR 2023)",
            "date:[2021-01-01 TO 2021-12-31] OR date:[2023-01-01 TO 2023-12-31]",
        ),
        ("123/QĐ-UBND", '"123 qđ ubnd"'),
        ("Số 26/TB-HĐ", 'số "26 tb hđ"'),
        ("17,5% 3.950", "17,5 3950"),
        ("TT&VH", '"tt vh"'),
        ("13:30", "13 30"),
        ("thi, đua!", "thi đua"),
        ("và hoặc không", "và hoặc không"),
        ("", ""),
        ("  \t ", ""),
    ],
)
def test_reading_without_a_hint(typed: str, read: str) -> None:
    reading = parse(typed)
    assert to_text(reading.tree) == read
    assert reading.hints == ()


@pytest.mark.parametrize(
    ("typed", "read", "hints"),
    [
        ('"thi đua', '"thi đua"', [HintKind.UNBALANCED_QUOTE]),
        ("(a b", "a b", [HintKind.UNBALANCED_BRACKET]),
        ("a b)", "a b", [HintKind.UNBALANCED_BRACKET]),
        ("a [b", "a b", [HintKind.UNBALANCED_BRACKET]),
        ("a AND", "a", [HintKind.LONE_OPERATOR]),
        ("OR a", "a", [HintKind.LONE_OPERATOR]),
        ("a OR OR b", "a OR b", [HintKind.LONE_OPERATOR]),
        ("NOT", "", [HintKind.LONE_OPERATOR]),
        ("a and b", "a and b", [HintKind.LOWERCASE_OPERATOR]),
        ("tựa:thi", "tựa thi", [HintKind.UNKNOWN_FIELD]),
        ("th*", "th", [HintKind.SHORT_PREFIX]),
        ("ngay:30/02/2022 a", "a", [HintKind.BAD_DATE]),
        ("ngay:mai a", "a", [HintKind.BAD_DATE]),
        ("[x TO y] a", "a", [HintKind.BAD_DATE]),
        ("-a", " -a", [HintKind.ONLY_NOT]),
        ("a " * 300, "a", [HintKind.TOO_LONG]),
        ("x" * 20_000, "x" * 10_000, [HintKind.TOO_LONG]),
    ],
)
def test_the_best_reading_and_a_hint(typed: str, read: str, hints: list[HintKind]) -> None:
    reading = parse(typed)
    assert to_text(reading.tree) == read
    assert [hint.kind for hint in reading.hints] == hints


def test_brackets_beyond_the_depth_are_left_out() -> None:
    reading = parse("(" * 3000 + "a OR b" + ")" * 3000 + " c")
    assert to_text(reading.tree) == "(a OR b) c"
    assert [hint.kind for hint in reading.hints] == [HintKind.TOO_DEEP]


def test_plain_words_are_only_words() -> None:
    assert [word.text for word in plain_words(parse("thi đua").tree)] == ["thi", "đua"]
    assert plain_words(parse('thi "đua a"').tree) == ()
    assert plain_words(parse("thi OR đua").tree) == ()


PIECES = st.sampled_from(
    [
        *("thi", "đua", "AND", "OR", "NOT", "-", "(", ")", '"', "~3", "*", "abc*", "tieude:", "ngay:"),
        *("ngay:2022", "[2018 TO *]", "[", "]", "17,5", "a-b", ":", "x:y", " ", "  ", "“", "\u0301", "và"),
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join)))
def test_anything_is_read_and_its_reading_reads_the_same(typed: str) -> None:
    tree = parse(typed).tree
    again = parse(to_text(tree))
    assert again.tree == tree
    assert depth(tree) <= 2 * MAX_DEPTH + 4
    assert sum(1 for _ in leaves(tree)) <= MAX_WORDS


@given(
    st.lists(st.one_of(st.sampled_from(["thi", "ĐUA", "a", "2022", "hoà"]), st.text(max_size=4)), max_size=9)
)
def test_a_question_of_plain_words_reads_as_in_brackets(typed: list[str]) -> None:
    """Plain words are read without the parser, brackets never are."""
    text = " ".join(word for word in typed if word.isalnum())
    assert parse(text).tree == parse(f"({text})").tree


def depth(node: Node) -> int:
    match node:
        case And(children) | Or(children):
            return 1 + max(map(depth, children))
        case Not(child):
            return 1 + depth(child)
        case _:
            return 1


@pytest.mark.parametrize(
    "piece", ["(", ")", "NOT ", "-", '"', "a OR ", "[", "a:", "a* ", '"a ', "~1", "-(", "\u0301"]
)
def test_ten_thousand_characters_take_no_time(piece: str) -> None:
    began = time.perf_counter()
    parse(piece * (10_000 // len(piece)))
    assert time.perf_counter() - began < 1
