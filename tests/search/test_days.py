"""Dates as people type them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.days import parse_day, parse_range


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022", (2022, 1, 1), (2022, 12, 31)),
        ("2/2024", (2024, 2, 1), (2024, 2, 29)),
        ("02-2023", (2023, 2, 1), (2023, 2, 28)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        ("28/9/2022", (2022, 9, 28), (2022, 9, 28)),
        ("28.09.2022", (2022, 9, 28), (2022, 9, 28)),
        ("2022-09-28", (2022, 9, 28), (2022, 9, 28)),
    ],
)
def test_days(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert parse_day(text) == (dt.date(*first), dt.date(*last))


@pytest.mark.parametrize("text", ["", "28/20/1971", "30/02/2022", "13/2022", "0000", "mai", "22", "1/1/1/1"])
def test_what_is_no_day_is_not_repaired(text: str) -> None:
    assert parse_day(text) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2018-01-01 TO 2018-12-31", (dt.date(2018, 1, 1), dt.date(2018, 12, 31))),
        ("2018 to 2019", (dt.date(2018, 1, 1), dt.date(2019, 12, 31))),
        ("2018 đến 2019", (dt.date(2018, 1, 1), dt.date(2019, 12, 31))),
        ("2019 TO 2018", (dt.date(2018, 1, 1), dt.date(2019, 12, 31))),
        ("2018..", (dt.date(2018, 1, 1), None)),
        ("* TO 05/2018", (None, dt.date(2018, 5, 31))),
        ("* TO *", None),
        ("x TO 2018", None),
    ],
)
def test_ranges(text: str, days: tuple[dt.date | None, dt.date | None] | None) -> None:
    assert parse_range(text) == days


@given(st.text(max_size=30))
def test_anything_is_bearable(text: str) -> None:
    parse_day(text)
    parse_range(text)
