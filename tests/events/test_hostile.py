"""Impossible, huge and mangled texts: bounded, and never an exception."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.events import read
from archive.events.read import MOST_CHARACTERS, MOST_CLAIMS, MOST_EVENTS
from archive.model.extraction import DateFact, Extraction, Figure, PageKind, Paragraph

DAY = DateFact(dt.date(2022, 9, 28), None, "test", "")
_DATES = (
    "Sáng ngày ", "28/9", "từ ngày 8 đến 13/3", "28/20/1971", "31/2", "99/99/9999", "29/2", "cùng ngày ",
    "hôm qua",
    "(30/10/1963 – 30/10/2023)", "kỷ niệm ", "60 năm Ngày ", "9999 năm ngày thành lập ", "rằm tháng Giêng",
    "mùng 30 tháng 13 âm lịch", "từ nay đến hết tháng 13 năm 2023", "25 giờ 90 phút ngày ", "ngày " * 30,
)  # fmt: skip
_WORDS = (
    ", ", "; ", ". ", "(", ")", "đồng chí ", "các đồng chí: ", "Đỗ Thị Ninh Hường", "Bí thư ",
    "Chủ tịch UBND huyện ",
    "tổ chức ", "hội nghị ", "Lễ ", "tại ", "xã Quảng Tân", "huyện ", "\x00", "\u202e", "A" * 300, "Ấ" * 50,
    "0" * 60,
)  # fmt: skip
_PIECES = st.sampled_from((*_DATES, *_WORDS))


def _article(text: str, published: DateFact | None = DAY) -> Extraction:
    return Extraction(
        PageKind.ARTICLE,
        "test",
        title=text[:300],
        lead=text,
        blocks=(Paragraph(text), Figure((), text)),
        published=published,
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=20), max_size=40).map("".join), st.booleans())
def test_any_text_is_read_and_every_place_lies_within_it(text: str, dated: bool) -> None:
    page = _article(text, DAY if dated else None)
    reading = read(page)
    texts = {"title": page.title, "lead": page.lead, "b0": text, "b1": text}
    found = [event.where for event in reading.events]
    found += [claim.where for claim in reading.people] + [place.where for place in reading.places]
    assert all(0 <= where.start <= where.end <= len(texts[where.part]) for where in found)
    for claim in reading.people:
        written = texts[claim.where.part][claim.where.start : claim.where.end]
        assert claim.name.split()[0].lower() == written.split()[0].lower()
    assert read(page) == reading


@pytest.mark.parametrize(
    "text",
    [
        "ông " + "Nguyễn" * 60,
        "ông " + "Nguyễn " * 300,
        "đồng chí " + ", ".join(["Chủ tịch UBND huyện"] * 500),
        "các đồng chí: " + "; ".join(f"Trần Văn {chr(65 + n % 26)}, Phó Chủ tịch" for n in range(1_000)),
        "ngày " * 20_000,
        "(" * 50_000,
        "Chủ tịch " * 10_000,
        "tổ chức hội nghị " * 5_000,
        "60 năm Ngày thành lập " * 5_000,
        "từ ngày 1 đến " * 5_000,
        "1, " * 20_000 + "9/9",
        "xã Quảng Tân, " * 10_000,
    ],
)
def test_what_is_huge_is_bounded(text: str) -> None:
    reading = read(_article(text))
    assert len(reading.events) <= MOST_EVENTS
    assert len(reading.people) <= MOST_CLAIMS


def test_what_is_left_out_is_said() -> None:
    crowd = "; ".join(f"ông Trần Văn Bảo {chr(65 + n % 26)}a, Bí thư chi bộ" for n in range(1_000))
    assert "people" in read(_article(crowd)).cut
    assert "text" in read(_article("Không có gì. " * (MOST_CHARACTERS // 10))).cut


def test_an_impossible_date_is_none() -> None:
    (event,) = read(_article("Ngày 28/20/1971, huyện tổ chức hội nghị.")).events
    assert (event.when.start, event.when.end) == (None, None)
