"""What names say: the table of openings finds what searching with each pattern finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from archive.extract.openings import Openings
from archive.extract.roles import Role, roles_of

PATTERNS = (
    (1, r"\bnav|menu|prev-?next"),
    (2, r"\bads?\b|-ads?\b|aa-"),
    (4, r"^(hidden|(u-)?hide)$"),
    (8, r"read-?(next|more)|feature[ds]?-"),
    (16, r"\bby\b|byline"),
)
PIECES = ["nav", "menu", "prev", "next", "ad", "ads", "aa", "hidden", "u", "hide", "read", "more", "feature"]
PIECES += ["features", "by", "line", "-", "--", ":", "ă", "x", "7", ""]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_finds_what_a_search_finds(text: str) -> None:
    wanted = sum(bit for bit, pattern in PATTERNS if re.search(pattern, text))
    assert Openings(PATTERNS).found(text) == wanted


@pytest.mark.parametrize("pattern", [r"a.c", r"ab*c", r"[^a]bc", r"[a-z]bc", r"\dabc", r"(?=abc)"])
def test_refuses_a_pattern_that_it_cannot_take_apart(pattern: str) -> None:
    with pytest.raises(ValueError, match="holds"):
        Openings([(1, pattern)])


@pytest.mark.parametrize(
    ("markup", "role"),
    [
        ('<div class="Tin_Lien-Quan2"></div>', Role.RELATED),
        ('<div class="md:px-4 article__body"></div>', Role.CONTENT),
        ('<div id="binhluan-1234"></div>', Role.COMMENTS),
        ('<p itemprop="caption"></p>', Role.CAPTION),
        ('<div class="sr-only"></div>', Role.HIDDEN),
        ('<div style="display : NONE"></div>', Role.HIDDEN),
    ],
)
def test_names_of_the_trade_are_understood(markup: str, role: Role) -> None:
    assert Role(roles_of(html.fragment_fromstring(markup))) & role


def test_a_layout_name_says_nothing() -> None:
    assert roles_of(html.fragment_fromstring('<div class="md:px-4 col-12 text-lead"></div>')) == 0
