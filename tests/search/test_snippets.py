"""What is shown of an article, and what of it is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search import snippets
from archive.search.backend import Snippet
from archive.search.expand import expand
from archive.search.grammar import parse


def sought(q: str, exact: bool = False) -> snippets.Sought:
    return snippets.Sought(expand(parse(q).tree), exact)


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize(
    ("q", "text", "marks"),
    [
        ("thi dua", "Phong trào thi đua, yêu nước", ["thi đua"]),
        ("thi dua", "Thi! Đua.", ["Thi", "Đua"]),
        ("hoà", "Hòa bình", ["Hòa"]),
        ('"thi đua"', "thi và đua, thi đua", ["thi đua"]),
        ("nông*", "nông thôn, nôngsan", ["nông", "nôngsan"]),
        ("17,5%", "tăng 17,5% trở lên", ["17,5"]),
        ("17", "tăng 17,5% trở lên", ["17,5"]),
        ("3950", "đạt 3.950 USD", ["3.950"]),
        ("123/QĐ-UBND", "Quyết định số 123/QĐ-UBND.", ["123", "QĐ", "UBND"]),
        ("ủy ban nhân dân", "Chủ tịch UBND huyện", ["UBND"]),
        ("tieude:thi sapo:đua", "thi đua", ["thi"]),
        ("-thi đua", "thi đua", ["đua"]),
        ("xyz", "thi đua", []),
    ],
)
def test_marks(q: str, text: str, marks: list[str]) -> None:
    assert marked(snippets.whole("title", text, sought(q))) == marks


def test_exact_marks_only_what_was_typed() -> None:
    assert marked(snippets.whole("title", "đường dương", sought("đường", exact=True))) == ["đường"]
    assert marked(snippets.whole("title", "đường dương", sought("đường"))) == ["đường dương"]


def test_the_densest_piece_is_shown_and_captions_are_named() -> None:
    body = "Mở đầu có thi.\n" + "Chuyện khác. " * 40 + "Phong trào thi đua ở đây. " + "Chuyện khác. " * 40
    (snippet,) = snippets.best("", body, ["Ảnh: không có gì"], (), sought("phong trào thi đua"))
    assert snippet.field == "body"
    assert "Phong trào thi đua" in marked(snippet)
    assert snippet.text.startswith("… ")
    assert snippet.text.endswith(" …")
    assert len(snippet.text) < 1.5 * snippets.LENGTH
    (caption,) = snippets.best("", "Chuyện khác.", ["Lễ phát động thi đua"], (), sought("thi đua"))
    assert (caption.field, marked(caption)) == ("caption", ["thi đua"])


def test_without_a_found_word_the_beginning_is_shown() -> None:
    assert snippets.best("Mở bài.", "Thân bài.", [], (), sought("xyz")) == (Snippet("Mở bài.", (), "lead"),)
    assert snippets.best("", "", [], (), sought("xyz")) == ()


@given(
    st.text(alphabet="thi đua\nĐUA.,“”17-", max_size=400),
    st.sampled_from(["thi", "thi dua", '"thi đua"', "đu* thi", "17", '"thi đua"~3']),
)
def test_marks_lie_within_the_text_in_order(body: str, q: str) -> None:
    for snippet in snippets.best("", body, [body], (), sought(q)):
        ends = [0]
        for start, end in snippet.marks:
            assert ends[-1] <= start < end <= len(snippet.text)
            ends.append(end)
