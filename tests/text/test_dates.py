"""Dates as portals write them: read when they are dates, never made up."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text.dates import is_relative, iso_date, page_date

DAY = dt.date(2022, 9, 28)
HALF_PAST_THREE = dt.time(15, 30)


@pytest.mark.parametrize(
    "text",
    [
        "Thứ Tư, 28/09/2022 15:30",
        "Thứ tư - 28/09/2022 15:30",
        "28/09/2022 | 15:30",
        "(15:30, 28/09/2022)",
        "Cập nhật lúc: 15h30 ngày 28.9.2022",
        "Ngày đăng: 28-09-2022 15:30:00",
        "Đăng lúc 15 giờ 30, ngày 28 tháng 9 năm 2022",
        "2022-09-28T15:30:00+07:00",
        "2022-09-28+0715:30:00",
        "September 28, 2022 3:30 PM",
        "28 Sept 2022, 15:30",
        "2022年9月28日 15:30",
    ],
)
def test_date_lines_of_portals(text: str) -> None:
    assert page_date(text) == (DAY, HALF_PAST_THREE)


@pytest.mark.parametrize("text", ["28/20/1971", "31/02/2022", "2 giờ trước", "hôm qua", "", "tháng 9", "1/2"])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert page_date(text) is None


def test_the_first_valid_date_counts_and_an_impossible_one_is_not_repaired() -> None:
    assert page_date("28/20/1971 - 28/09/2022") == (DAY, None)


def test_month_first_is_for_pages_that_write_so() -> None:
    assert page_date("9/4/2022", month_first=True) == (dt.date(2022, 9, 4), None)
    assert page_date("9/4/2022") == (dt.date(2022, 4, 9), None)
    assert page_date("9/28/2022") == (DAY, None)


def test_an_instant_becomes_vietnamese_time_only_for_vietnamese_pages() -> None:
    assert iso_date("2022-09-28T08:30:00Z") == (DAY, HALF_PAST_THREE)
    assert iso_date("2022-09-27T22:30:00Z") == (DAY, dt.time(5, 30))
    assert iso_date("2022-09-28T22:30:00Z", local=False) == (DAY, None)
    assert iso_date("2022-09-28T15:30:00+99:00") == (DAY, HALF_PAST_THREE)


def test_relative_forms_are_recognised() -> None:
    assert is_relative("Đăng 3 ngày trước")
    assert not is_relative("28/09/2022")


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    page_date(text)
    iso_date(text)
