"""Days of the lunar calendar in a text: kept as words, and converted where the text leaves no doubt.

The conversion is lunar-vn's, which follows Hồ Ngọc Đức's rules for Vietnam's meridian (UTC+7); China's calendar
differs in some years (Tết of 1985, 2007, 2030). A leap month is never assumed: in a year that has the month
twice, a day is converted only when the text says "nhuận".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from lunar_vn import LunarDate, lunar_to_solar, solar_to_lunar

from archive.model.events import When

_MONTH_NAMES = {
    "giêng": 1,
    "một": 11,
    "chạp": 12,
    "hai": 2,
    "ba": 3,
    "tư": 4,
    "năm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
    "mười": 10,
}
_NAMED = r"tháng\s+(?P<name>giêng|chạp|hai|ba|tư|năm|sáu|bảy|tám|chín|mười)"
_TAIL = r"(?P<al>\s*,?\s*\(?\s*(?:năm\s+[A-ZĐ]\w+\s+\w+\s*,?\s*)?(?:âm\s+lịch|al\b|ÂL\b)\)?)?"
_LUNAR = re.compile(
    r"(?:(?P<fest>rằm)|(?P<first>mùng|mồng)\s+(?P<d1>\d{1,2}|một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười)|(?:ngày\s+)?(?<![\d/.\-])(?P<d2>\d{1,2}))"
    rf"(?:\s*[/\-]\s*(?P<m1>\d{{1,2}})|\s+tháng\s+(?P<m2>\d{{1,2}})|\s+{_NAMED}|\s+(?P<tet>tết))(?P<leap>\s+nhuận)?{_TAIL}",
    re.IGNORECASE,
)
_SIGNS = ("âm", "rằm", "mùng", "mồng", "giêng", "chạp", "tết", "al", "âl")
"""One of these is in every day of the lunar calendar."""
_DAYS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10}


def lunar_days(text: str, reference: dt.date | None) -> Iterator[tuple[int, int, When]]:
    """The lunar days of a text as `(start, end, when)`.

    A text is lunar when it says "âm lịch", "rằm", or "mùng" with a month by its lunar name or Tết. "mùng 2/9"
    alone is the Republic's day and solar.

    :param reference: the page's date; the year is the one that puts the day nearest to it. Without it the
        day stays unconverted: `start` and `end` None.
    """
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS):
        return
    for match in _LUNAR.finditer(text):
        named, tet = match["name"], match["tet"]
        if not (match["al"] or match["fest"] or tet or (named and named.lower() in ("giêng", "chạp"))):
            continue
        month = _MONTH_NAMES[named.lower()] if named else 1 if tet else int(match["m1"] or match["m2"])
        day = (
            15 if match["fest"] else _DAYS.get((match["d1"] or "").lower()) or int(match["d1"] or match["d2"])
        )
        words = match[0].strip()
        solar = solar_day(day, month, bool(match["leap"]), reference) if reference else None
        yield match.start(), match.end(), When(solar, solar, basis="page", lunar=words, text=words)


def solar_day(day: int, month: int, leap: bool, reference: dt.date) -> dt.date | None:
    """The day of the Gregorian calendar nearest to `reference`; None when in doubt or when there is none."""
    if not (1 <= day <= 30 and 1 <= month <= 12):
        return None
    best: dt.date | None = None
    for year in (reference.year - 1, reference.year, reference.year + 1):
        solar = _convert(day, month, year, leap=leap)
        if solar and (best is None or abs((solar - reference).days) < abs((best - reference).days)):
            best = solar
            doubtful = not leap and _convert(day, month, year, leap=True) is not None
    return None if best is None or doubtful else best


def _convert(day: int, month: int, year: int, *, leap: bool) -> dt.date | None:
    try:
        # The tables have the years 1899 to 2100.
        lunar = LunarDate(day, month, year, leap)
        solar = lunar_to_solar(lunar)
        back = solar_to_lunar(solar)
    except ValueError:
        return None
    same = (back.day, back.month, back.leap) == (lunar.day, lunar.month, lunar.leap)
    return solar if same else None
