"""Dates as people type them in a question: a year, a month, a day, or a range with open ends."""

from __future__ import annotations

import calendar
import datetime as dt
import re

Days = tuple[dt.date | None, dt.date | None]
"""First and last day, both included; None is an open end."""

_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{1,2})[/.\-](\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_ISO_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_TO = re.compile(r"\s+(?:to|đến|den)\s+|\s*\.\.\s*", re.IGNORECASE)
_OPEN = ("", "*")


def parse_day(text: str) -> Days | None:
    """The days that `2022`, `09/2022`, `28/09/2022` or their ISO forms cover; None for anything else."""
    text = text.strip()
    try:
        if match := _YEAR.fullmatch(text):
            year = int(match[1])
            return dt.date(year, 1, 1), dt.date(year, 12, 31)
        if match := _MONTH.fullmatch(text):
            return _month(int(match[2]), int(match[1]))
        if match := _ISO_MONTH.fullmatch(text):
            return _month(int(match[1]), int(match[2]))
        if match := _DAY.fullmatch(text):
            day = dt.date(int(match[3]), int(match[2]), int(match[1]))
        elif match := _ISO_DAY.fullmatch(text):
            day = dt.date(int(match[1]), int(match[2]), int(match[3]))
        else:
            return None
    except ValueError:
        return None  # the 30th of February, month 13, year 0
    return day, day


def _month(year: int, month: int) -> Days:
    first = dt.date(year, month, 1)
    return first, first.replace(day=calendar.monthrange(year, month)[1])


def parse_range(text: str) -> Days | None:
    """The days of `2018-01-01 TO 2018-12-31`; `*` or nothing is an open end; swapped ends are put right."""
    ends = _TO.split(f" {text} ".replace("*", " * "), maxsplit=1)
    if len(ends) != 2:
        return parse_day(text)
    start, end = (item.strip() for item in ends)
    if start in _OPEN and end in _OPEN:
        return None
    first = (None, None) if start in _OPEN else parse_day(start)
    last = (None, None) if end in _OPEN else parse_day(end)
    if first is None or last is None:
        return None
    low, high = first[0], last[1]
    if low is not None and high is not None and low > high:
        low, high = last[0], first[1]
    return low, high
