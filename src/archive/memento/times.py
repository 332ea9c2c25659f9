"""The two ways in which an archive's addresses and headers write a moment.

- a *stamp*: `YYYYMMDDhhmmss` in UTC, as every web archive has it in its addresses; may be cut short from the
  right (`2022`, `202209`), then it stands for the whole year, month …;
- an HTTP date: `Wed, 28 Sep 2022 08:30:00 GMT`, the one form that RFC 7089 allows (section 2.1.1.1).
"""

from __future__ import annotations

import calendar
import datetime as dt
import email.utils
import re

_STAMP = re.compile(r"[0-9]{4}(?:[0-9]{2}){0,5}")
_FIRST = "00010101000000"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_HTTP_DATE = re.compile(
    rf"(?:{_DAYS}), (\d{{2}}) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d{{2}}):(\d{{2}}):(\d{{2}}) GMT"
)


def stamp(moment: dt.datetime) -> str:
    """`YYYYMMDDhhmmss` in UTC; fractions of a second are cut off."""
    return moment.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S").rjust(14, "0")


def period(text: str) -> tuple[dt.datetime, dt.datetime] | None:
    """The first moment of what a stamp stands for, and the first moment after it; None for no stamp.

    :param text: 4, 6, 8, 10, 12 or 14 digits.
    """
    if not _STAMP.fullmatch(text):
        return None
    whole = text + _FIRST[len(text) :]
    try:
        start = dt.datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
        return start, start + _length(start, len(text))
    except (ValueError, OverflowError):  # month 13; the year 9999 has no moment after it
        return None


def aim(text: str) -> dt.datetime | None:
    """The moment to be near to: the middle of the period, so that a capture within it is always the nearest.

    A whole stamp means the beginning of its second.
    """
    found = period(text)
    if found is None:
        return None
    start, end = found
    return start if len(text) == 14 else start + (end - start) / 2


def http_date(moment: dt.datetime) -> str:
    """As `Memento-Datetime` and the `datetime` attribute of links have it."""
    return email.utils.format_datetime(moment.astimezone(dt.UTC).replace(microsecond=0), usegmt=True)


def read_http_date(text: str) -> dt.datetime | None:
    """The moment of an `Accept-Datetime`; None when it has not exactly the form that the RFC demands."""
    found = _HTTP_DATE.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year, hour, minute, second = found.groups()
    try:
        return dt.datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=dt.UTC
        )
    except ValueError:
        return None


def _length(start: dt.datetime, digits: int) -> dt.timedelta:
    match digits:
        case 4:
            return dt.timedelta(days=366 if calendar.isleap(start.year) else 365)
        case 6:
            return dt.timedelta(days=calendar.monthrange(start.year, start.month)[1])
        case 8:
            return dt.timedelta(days=1)
        case 10:
            return dt.timedelta(hours=1)
        case 12:
            return dt.timedelta(minutes=1)
        case _:
            return dt.timedelta(seconds=1)
