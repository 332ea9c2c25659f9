"""Dates as pages write them: machine forms, and the date line of a portal.

Nothing here knows today's date. What is relative ("2 giờ trước", "hôm qua") cannot be dated and is not;
an impossible date ("28/20/1971") is never repaired.
"""

from __future__ import annotations

import datetime as dt
import re

VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has kept UTC+7 without summer time since 1975; older times are not to be had from the web."""

Found = tuple[dt.date, dt.time | None]

_MONTH_NAMES = {
    # English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Czech, Nordic: as in date lines.
    1: "january jan januar jänner janvier enero gennaio janeiro januari stycznia ledna",
    2: "february feb februar février fevrier febrero febbraio fevereiro februari lutego února",
    3: "march mar märz maerz mars marzo março marco maart marca března",
    4: "april apr avril abril aprile kwietnia dubna",
    5: "may mai mayo maggio maio mei maj maja května",
    6: "june jun juni juin junio giugno junho czerwca června",
    7: "july jul juli juillet julio luglio julho lipca července",
    8: "august aug août aout agosto augustus sierpnia srpna augusti",
    9: "september sep sept septembre septiembre settembre setembro września září",
    10: "october oct okt oktober octobre octubre ottobre outubro października října",
    11: "november nov novembre noviembre novembro listopada listopadu",
    12: "december dec dez dezember décembre decembre diciembre dicembre dezembro grudnia prosince",
}
_MONTHS = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"

_HAS_YEAR = re.compile(_YEAR)
_ISO = re.compile(
    rf"(?<!\d)(?P<y>{_YEAR})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d)"
    r"(?:(?:T|\s+|\s*,\s*)(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d))?(?:[.,]\d+)?"
    r"\s*(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d(?!\d))?)?"
)
_MALFORMED = re.compile(
    rf"^(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)\+\d\d(?::?\d\d)??(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)$"
)
"""NukeViet's `2022-09-28+0715:30:00`: date, zone, time in the wrong order."""
_COMPACT = re.compile(rf"^(?P<y>{_YEAR})(?P<m>\d\d)(?P<d>\d\d)(?:T?(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)?Z?)?$")
_DMY = re.compile(
    rf"(?<![\d/.-])(?P<a>\d{{1,2}})\s?(?P<s>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=s)\s?(?P<y>{_YEAR})(?![\d])"
)
_WORDY = re.compile(
    rf"(?:ngày\s+)?(?<!\d)(?P<d>\d{{1,2}})\s+tháng\s+(?P<m>\d{{1,2}})[,\s]+(?:năm\s+)?(?P<y>{_YEAR})(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<n>{_NAME})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?:at\s+)?(?P<y>{_YEAR})(?!\d)",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?[\s-]+(?:de\s+|of\s+)?(?P<n>{_NAME})\.?,?[\s-]+(?:de\s+)?(?P<y>{_YEAR})(?!\d)",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<y>{_YEAR})\s+(?P<n>{_NAME})\.?\s+(?P<d>\d{{1,2}})(?!\d)", re.IGNORECASE
)
_CJK = re.compile(rf"(?P<y>{_YEAR})\s*[年년]\s*(?P<m>\d{{1,2}})\s*[月월]\s*(?P<d>\d{{1,2}})\s*[日일]")
_TIME = re.compile(
    r"(?<![\d:])(?P<H>[01]?\d|2[0-3])\s?(?::|h|g"
    r"|giờ)\s?(?P<M>[0-5]\d)(?::(?P<S>[0-5]\d))?(?![\d:])(?:\s*(?P<ap>[ap])\.?m\b)?"
    r"|(?<![\d:])(?P<H2>1[0-2]|0?[1-9])\s*(?P<ap2>[ap])\.?m\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(\d+\s+(giây|phút|giờ|ngày|tuần|tháng|năm)\s+trước|hôm (nay|qua|kia)|vừa xong"
    r"|\d+\s+(second|minute|hour|day|week|month|year)s?\s+ago|yesterday|just now)\b",
    re.IGNORECASE,
)


def has_year(text: str) -> bool:
    """Whether a text holds a year, without which `page_date` finds nothing: a look that costs little."""
    return _HAS_YEAR.search(text) is not None


def page_date(text: str, *, month_first: bool = False) -> Found | None:
    """The date, and the time when there is one, in a page's date line; None when there is no valid one.

    Understands what portals write ("Thứ Tư, 28/09/2022 15:30", "(05:12, 18/06/2020)", "Ngày đăng:
    28.9.2022", "ngày 28 tháng 9 năm 2022"), ISO 8601, and month names of the larger European languages.
    The first valid date of the text counts.

    :param month_first: read `9/28/2022` and `4/3/2022` as month before day (pages in American English).
        Without it the day comes first unless only the other reading is a date.
    """
    text = text[:400]
    if _HAS_YEAR.search(text) is None:
        return None
    if match := _MALFORMED.match(text.strip()) or _COMPACT.match(text.strip()):
        return _build(match)
    best: tuple[re.Match[str], dt.date] | None = None
    for pattern in (_ISO, _DMY, _WORDY, _MONTH_FIRST, _DAY_FIRST, _YEAR_FIRST, _CJK):
        for match in pattern.finditer(text):
            if (day := _day(match, month_first)) is not None:
                if best is None or match.start() < best[0].start():
                    best = (match, day)
                break
    if best is None:
        return None
    match, day = best
    if match.re is _ISO and match["H"]:
        return _build(match)
    return day, _time_of(
        text[match.end() : match.end() + 24], text[max(0, match.start() - 16) : match.start()]
    )


def iso_date(text: str, *, local: bool = True) -> Found | None:
    """A date in machine form (`datetime` attributes, JSON-LD, `meta`), as Vietnamese day and time.

    An instant with an offset is turned into Vietnamese time when `local` is set. Otherwise the day stands
    as the page wrote it, and the time is kept only where Vietnam had the same day: a foreign page's day
    must not shift.
    """
    text = text.strip()
    match = _ISO.match(text)
    if match is None:
        return page_date(text)
    found = _build(match)
    if found is None or found[1] is None or not (zone := match["z"]):
        return found
    offset = _offset(zone)
    if offset is None:
        return found
    instant = dt.datetime.combine(found[0], found[1], tzinfo=offset).astimezone(VIETNAM)
    if local or instant.date() == found[0]:
        return instant.date(), instant.time().replace(tzinfo=None)
    return found[0], None


def is_relative(text: str) -> bool:
    """Whether the text dates something relative to a now that the page does not state."""
    return _RELATIVE.search(text) is not None


def _build(match: re.Match[str]) -> Found | None:
    day = _day(match, False)
    if day is None:
        return None
    if match["H"] is None:
        return day, None
    return day, _clock(int(match["H"]), int(match["M"]), int(match["S"] or 0))


def _day(match: re.Match[str], month_first: bool) -> dt.date | None:
    groups = match.groupdict()
    year = int(groups["y"])
    if "a" in groups:
        first, second = int(groups["a"]), int(groups["b"])
        day, month = (second, first) if month_first else (first, second)
        if month > 12 and day <= 12 and (month_first or groups["s"] == "/"):
            day, month = month, day
    elif groups.get("n"):
        day, month = int(groups["d"]), _MONTHS[groups["n"].lower()]
    else:
        day, month = int(groups["d"]), int(groups["m"])
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _time_of(after: str, before: str) -> dt.time | None:
    match = _TIME.search(after) or _TIME.search(before)
    if match is None:
        return None
    hour = int(match["H"] or match["H2"])
    half = (match["ap"] or match["ap2"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _clock(hour, int(match["M"] or 0), int(match["S"] or 0))


def _clock(hour: int, minute: int, second: int) -> dt.time | None:
    try:
        return dt.time(hour, minute, second)
    except ValueError:
        return None


def _offset(zone: str) -> dt.tzinfo | None:
    if zone in ("Z", "UTC", "GMT"):
        return dt.UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        return None
    delta = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-delta if zone[0] == "-" else delta)
