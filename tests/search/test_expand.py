"""Abbreviations and what they stand for, as alternatives in the question."""

from __future__ import annotations

import pytest

from archive.search.expand import expand
from archive.search.grammar import parse
from archive.search.query import to_text


@pytest.mark.parametrize(
    ("q", "expanded"),
    [
        ("UBND", 'ubnd OR "ủy ban nhân dân"'),
        ("ubnd huyện", '(ubnd OR "ủy ban nhân dân") huyện'),
        ("uỷ ban nhân dân huyện", "((ủy ban nhân dân) OR ubnd) huyện"),
        ("uy ban nhan dan", "((uy ban nhan dan) OR ubnd)"),
        ('"chủ tịch UBND"', '"chủ tịch ubnd" OR "chủ tịch ủy ban nhân dân"'),
        ("TT&VH", '"tt vh" OR "truyền thông và văn hóa"'),
        ("tieude:NTM", 'title:ntm OR title:"nông thôn mới"'),
        ("-UBND thi", '-(ubnd OR "ủy ban nhân dân") thi'),
        ("thi đua", "thi đua"),
        ('"ủy ban nhân dân"~3', '"ủy ban nhân dân"~3'),
    ],
)
def test_expansion(q: str, expanded: str) -> None:
    assert to_text(expand(parse(q).tree)) == expanded


def test_words_of_two_fields_are_no_long_form() -> None:
    tree = parse("ủy ban nhân tieude:dân").tree
    assert expand(tree) == tree
