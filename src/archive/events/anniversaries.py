"""Anniversaries: days of the past that a text remembers, with the number of years and the day if it gives it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_YEAR = r"(?:1[89]|20)\d\d"
_DAY = rf"(?:\d{{1,2}}\s?[/.\-]\s?\d{{1,2}}\s?[/.\-]\s?{_YEAR}|{_YEAR}|\d{{1,2}}/\d{{4}})"
_COUNT = re.compile(
    r"(?:(?P<mark>(?:lễ\s+)?k[ỷỉ]\s+niệm|chào mừng|hướng tới|mừng|nhân dịp|nhân)\s+)?(?:lần thứ\s+(?P<nth>\d{1,4})|(?P<count>\d{1,4})\s+năm)\s+(?P<what>[^\d();:.]{3,150})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(rf"\(\s*(?:ngày\s+)?(?P<first>{_DAY})\s*(?:[-–—]\s*(?:ngày\s+)?(?P<last>{_DAY})\s*)?\)")
_BARE = re.compile(
    rf"(?P<what>(?:[Nn]gày|[Tt]hành lập|[Cc]hiến thắng|[Cc]ách mạng|[Tt]ruyền thống)\b[^\d();:.]{{3,120}}?)\s*\(\s*(?:ngày\s+)?(?P<first>{_DAY})\s*[-–—]\s*(?:ngày\s+)?(?P<last>{_DAY})\s*\)"
)
_REMEMBERED = re.compile(
    r"(?:ngày|thành lập|tái lập|chiến thắng|cách mạng|giải phóng|truyền thống|quốc khánh|khởi nghĩa|sinh|thống nhất|phong trào|toàn quốc|nam kỳ|đồng khởi|bác hồ|chủ tịch hồ chí minh)(?!\w)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\s+(?:và\s+\d|và\s+(?:kỷ niệm|chào mừng|tổng kết|đón|khai)|tại|do|của ban|với|đạt|được|đã|gắn|năm\s+\d|sẽ|lần thứ|nhằm|diễn ra|thu hút)(?!\w).*$|,.*$",
    re.IGNORECASE,
)
_DIGIT = re.compile("[0-9]")
_LIKELY = re.compile(r"\d\s+năm\s|thứ\s+\d|\d{4}\s*[-–—]\s?")
"""What every anniversary has; most sentences have none of it, and the longer patterns are spared them."""
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class AnniversaryFound:
    """An anniversary in a sentence, `sentence[start:end]`."""

    start: int
    end: int
    years: int
    what: str
    first: dt.date | None
    """The day that is remembered."""
    last: dt.date | None
    """The day on which it is celebrated."""
    precision: str
    text: str


def anniversaries(sentence: str) -> list[AnniversaryFound]:
    """The anniversaries of a sentence, in order."""
    if not _DIGIT.search(sentence) or _LIKELY.search(sentence) is None:
        return []
    found: list[AnniversaryFound] = []
    taken: list[tuple[int, int]] = []
    for match in _COUNT.finditer(sentence):
        years = int(match["nth"] or match["count"])
        what = match["what"]
        if not 1 <= years <= 1500 or not (
            _REMEMBERED.match(what) or (match["mark"] and _REMEMBERED.search(what))
        ):
            continue
        between = _BETWEEN.match(sentence, match.end("what"))
        end = between.end() if between else match.end("what")
        words = what.strip(" ,-–") if between else _STOP.sub("", what).strip(' ,-–“”"')
        first, last, precision = (
            _days(between["first"], between["last"], years) if between else (None, None, "day")
        )
        text = sentence[match.start() : end if between else match.start("what") + len(words)].strip()
        found.append(AnniversaryFound(match.start(), end, years, words, first, last, precision, text))
        taken.append((match.start(), end))
    for match in _BARE.finditer(sentence):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        first, last, precision = _days(match["first"], match["last"], 0)
        if first and last and last.year > first.year:
            years = last.year - first.year
            found.append(
                AnniversaryFound(
                    match.start(), match.end(), years, match["what"].strip(), first, last, precision, match[0]
                )
            )
    return sorted(found, key=lambda anniversary: anniversary.start)


def _days(first: str, last: str | None, years: int) -> tuple[dt.date | None, dt.date | None, str]:
    begin, precision = _day(first)
    if last:
        return begin, _day(last)[0], precision
    if begin is None or not years:
        return begin, None, precision
    try:
        return begin, begin.replace(year=begin.year + years), precision
    except ValueError:  # 29 February, or beyond the calendar
        return begin, None, precision


def _day(text: str) -> tuple[dt.date | None, str]:
    numbers = [int(number) for number in _NUMBERS.findall(text)]
    try:
        if len(numbers) == 3:
            return dt.date(numbers[2], numbers[1], numbers[0]), "day"
        if len(numbers) == 2:
            return dt.date(numbers[1], numbers[0], 1), "month"
        return dt.date(numbers[0], 1, 1), "year"
    except ValueError:
        return None, "day"
