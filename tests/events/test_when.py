"""Days within sentences: what they are, where their year comes from, and the part they play."""

from __future__ import annotations

import datetime as dt

import pytest

from archive.events.when import DateFound, Role, dates

DAY = dt.date(2022, 9, 28)


def one(text: str, reference: dt.date | None = DAY) -> DateFound:
    (found,) = dates(text, reference)
    return found


def test_a_missing_year_comes_from_the_page_across_the_turn_of_the_year() -> None:
    found = dates("Sáng ngày 28/12, huyện tổ chức lễ; chiều 5/1 tổng kết.", dt.date(2022, 1, 10))
    assert [(item.when.start, item.when.part, item.when.basis) for item in found] == [
        (dt.date(2021, 12, 28), "sáng", "page"),
        (dt.date(2022, 1, 5), "chiều", "page"),
    ]
    assert dates("Sáng ngày 28/12", None) == []


def test_an_anniversary_is_no_day_on_which_things_happen() -> None:
    found = dates("kỷ niệm 70 năm (27/7/1947 - 27/7/2017) vào ngày 21/7/2017", dt.date(2017, 7, 22))
    assert [item.role for item in found] == [Role.FEAST, Role.DAY]


@pytest.mark.parametrize(
    "text", ["từ ngày 8 đến 13/3", "từ 8/3 đến 13/3", "từ ngày 8 đến hết ngày 13 tháng 3 năm 2022"]
)
def test_a_span_has_a_first_and_a_last_day(text: str) -> None:
    found = one(text, dt.date(2022, 3, 20)).when
    assert (found.start, found.end) == (dt.date(2022, 3, 8), dt.date(2022, 3, 13))


def test_hours_are_kept_and_parts_of_the_day_are_no_hours() -> None:
    assert one("vào 13h30 ngày 28/9").when.time == dt.time(13, 30)
    found = one("Sáng 28-9").when
    assert (found.part, found.time) == ("sáng", None)


@pytest.mark.parametrize(
    "text", ["tăng 3.5 lần", "8-10 người", "mùng 10 tháng 13", "40/13", "17,5%", "2/3 số hộ"]
)
def test_numbers_are_no_days(text: str) -> None:
    assert dates(text, DAY) == []


@pytest.mark.parametrize(
    ("text", "page", "day"),
    [
        ("mùng 10 tháng 3 âm lịch", dt.date(2022, 4, 11), dt.date(2022, 4, 10)),
        ("rằm tháng Giêng", dt.date(2023, 2, 4), dt.date(2023, 2, 5)),
        # Vietnam's calendar, not China's: Tết of 2007 was on 17 February here and on 18 February there.
        ("mùng 1 Tết", dt.date(2007, 2, 20), dt.date(2007, 2, 17)),
    ],
)
def test_lunar_days_are_converted_and_their_words_kept(text: str, page: dt.date, day: dt.date) -> None:
    found = one(text, page).when
    assert (found.start, found.lunar) == (day, text)


def test_a_lunar_day_in_doubt_stays_words() -> None:
    # 2023 had the second month twice.
    found = one("ngày 10/2 âm lịch", dt.date(2023, 3, 10)).when
    assert (found.start, found.lunar) == (None, "ngày 10/2 âm lịch")


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Kế hoạch số 123/KH-UBND ngày 15/3/2022 của UBND", Role.DOCUMENT),
        ("chào mừng Ngày Nhà giáo Việt Nam 20/11/2022", Role.FEAST),
        ("tính đến ngày 30/9, toàn huyện", Role.STATUS),
        ("hồ sơ nộp trước ngày 15/10/2022", Role.DEADLINE),
        ("từ nay đến hết tháng 10 năm 2023", Role.UNTIL),
        ("sinh ngày 3/2/1960", Role.LIFE),
        ("Ngày 2/9/1945, Chủ tịch", Role.PAST),
    ],
)
def test_the_neighbours_tell_what_a_day_is(text: str, role: Role) -> None:
    assert one(text).role is role


def test_what_is_due_is_due_after_the_page() -> None:
    assert one("hoàn thành trước ngày 31/1", dt.date(2022, 11, 28)).when.end == dt.date(2023, 1, 31)
