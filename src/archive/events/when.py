"""Days and spans of days that a sentence speaks of, each with the part it plays there.

Forms after what Vietnamese portals write (docs/events.md counts them). Nothing is repaired: "28/20/1971" is no
date. A missing year comes from the page's own date; without one, what has no year is left out.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from archive.events.lunar import lunar_days
from archive.model.events import When


class Role(StrEnum):
    """What a date does in its sentence."""

    DAY = "day"
    """Something happens, happened or will happen then."""
    UNTIL = "until"
    """The end of a span that begins now: "từ nay đến hết …"."""
    DEADLINE = "deadline"
    DOCUMENT = "document"
    """The date of a decision, a plan, a letter."""
    FEAST = "feast"
    """A day of every year or of long ago: "Ngày Nhà giáo Việt Nam 20/11"."""
    STATUS = "status"
    """How things stood then: "tính đến ngày 30/9"."""
    LIFE = "life"
    """Of somebody's birth or death."""
    PAST = "past"
    """Years before the page: history, not news."""


@dataclass(frozen=True, slots=True)
class DateFound:
    """One date of a sentence: `sentence[start:end]`."""

    start: int
    end: int
    when: When
    role: Role


_YEAR = r"(?:19|20)\d\d"
_D = r"\d{1,2}"
_S = r"\s?[/.\-]\s?"
_PART = r"(?P<part>rạng sáng|sáng|trưa|chiều|tối|đêm)"
_WEEKDAY = r"(?:(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s+nhật)\s*,?\s*)?"
_LEAD = (
    rf"(?:{_PART}(?:\s+(?:hôm\s+)?(?:nay|qua|mai))?\s*,?\s*\(?\s*)?{_WEEKDAY}"
    r"(?P<n>(?<!\w)(?:(?:trong|các|hai|ba|\d{1,2})\s+)*ngày\s*:?\s*\(?\s*(?:m[ùồ]ng\s+)?|m[ùồ]ng\s+)?"
)
_FREE = r"(?<![\d/.,\-])"
_DONE = r"(?!\s?[/\-.]?\d)(?!\s?%)"

_SPAN = re.compile(
    rf"(?<!\w)(?P<from>từ\s+)?(?:\d{{1,2}}(?:h|g)\d{{0,2}}\s+)?{_LEAD}{_FREE}(?P<d1>{_D})(?:{_S}(?P<m1>{_D})(?:{_S}(?P<y1>{_YEAR}))?)?"
    r"\s*(?P<c>đến\s+hết|đến|tới|-|–|—|và|,)\s*(?:hết\s+)?(?:(?:sáng|chiều|tối)\s+)?(?:ngày\s+)?"
    rf"(?P<more>(?:{_D}\s*(?:,|và)\s*){{0,6}})(?P<d2>{_D})\s?/\s?(?P<m2>{_D})(?:\s?/\s?(?P<y2>{_YEAR}))?{_DONE}",
    re.IGNORECASE,
)
_SPAN_WORDS = re.compile(
    rf"(?<!\w)(?P<from>từ\s+)?{_LEAD}{_FREE}(?P<d1>{_D})(?:\s+tháng\s+(?P<m1>{_D})(?:\s+năm\s+(?P<y1>{_YEAR}))?|/(?P<m1b>{_D}))?"
    r"\s*(?P<c>đến\s+hết|đến|tới|-|–|—|và|,)\s*(?:hết\s+)?(?:ngày\s+)?"
    rf"(?P<more>(?:{_D}\s*(?:,|và)\s*){{0,6}})(?P<d2>{_D})\s+tháng\s+(?P<m2>{_D})(?:\s*(?:,|/)?\s*(?:năm\s+)?(?P<y2>{_YEAR}))?(?!\d)",
    re.IGNORECASE,
)
_SPAN_DOTS = re.compile(
    rf"(?P<from>từ\s+){_LEAD}{_FREE}(?P<d1>{_D})(?:[.\-](?P<m1>{_D})(?:[.\-](?P<y1>{_YEAR}))?)?"
    r"\s*(?P<c>đến\s+hết|đến|tới)\s*(?:hết\s+)?(?:ngày\s+)?"
    rf"(?P<more>)(?P<d2>{_D})[.\-](?P<m2>{_D})(?:[.\-](?P<y2>{_YEAR}))?{_DONE}",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?:kể\s+)?(?P<now>từ\s+(?:nay|bây\s+giờ)\s+(?:cho\s+)?)?(?P<to>đến|tới)\s+(?P<all>hết\s+|cuối\s+)?(?:ngày\s+)?"
    rf"(?:{_FREE}(?P<d>{_D})(?:{_S}|\s+tháng\s+)(?P<m>{_D})(?:(?:{_S}|,?\s+năm\s+)(?P<y>{_YEAR}))?"
    rf"|tháng\s+(?P<mm>{_D})(?:(?:\s?[/\-]\s?|,?\s+năm\s+)(?P<my>{_YEAR}))?"
    rf"|năm\s+(?P<yy>{_YEAR})){_DONE}",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    rf"từ\s+(?:đầu\s+)?tháng\s+(?P<m1>{_D})(?:(?:\s?/\s?|\s+năm\s+)(?P<y1>{_YEAR}))?\s*(?:đến|tới|-|–)\s*(?:hết\s+|cuối\s+)?"
    rf"tháng\s+(?P<m2>{_D})(?:(?:\s?/\s?|\s+năm\s+)(?P<y2>{_YEAR}))?(?!\d)",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"(?<!\w){_LEAD}{_FREE}(?P<d>{_D})\s?(?P<s>[/.\-])\s?(?P<m>{_D})(?:\s?(?P=s)\s?(?P<y>{_YEAR}|\d\d(?!\d)))?{_DONE}",
    re.IGNORECASE,
)
_DAY_WORDS = re.compile(
    rf"(?<!\w){_LEAD}{_FREE}(?P<d>{_D})\s+tháng\s+(?P<m>{_D})(?:\s*(?:,|/)?\s*(?:năm\s+)?(?P<y>{_YEAR}))?(?!\d)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    rf"(?:trong\s+)?tháng\s+(?P<m>{_D})\s?(?:/|\s+năm\s+|-)\s?(?P<y>{_YEAR})(?!\d)", re.IGNORECASE
)
_RELATIVE = re.compile(
    rf"(?<!\w)(?:{_PART}\s+(?:hôm\s+)?(?P<shift>nay|qua|mai)|hôm\s+(?P<day>nay|qua)|ngày\s+(?P<morrow>mai))(?!\w)",
    re.IGNORECASE,
)
_SAME_DAY = re.compile(rf"(?:{_PART}\s+)?cùng\s+ngày(?!\w)", re.IGNORECASE)
_PAIR = re.compile(
    rf"\(\s*(?:ngày\s+)?(?P<d1>{_D}){_S}(?P<m1>{_D}){_S}(?P<y1>{_YEAR})\s*[-–—]\s*(?:ngày\s+)?(?P<d2>{_D}){_S}(?P<m2>{_D}){_S}(?P<y2>{_YEAR})\s*\)"
)

_DIGIT = re.compile("[0-9]")
_DATED = re.compile(r"\d\s?[/.\-]\s?\d|\d\s+tháng\s|tháng\s+\d|năm\s+\d", re.IGNORECASE)
"""What every date in figures has; most sentences have none of it, and the longer patterns are spared them."""

_CLOCK = r"(?P<H>[01]?\d|2[0-3])\s?(?:h|g|giờ|:)\s?(?P<M>[0-5]\d)?(?:\s*phút|')?"
_CLOCK_BEFORE = re.compile(rf"(?<![\d,.]){_CLOCK}\s*,?\s*(?:\(?{_PART}\)?\s*,?\s*)?$", re.IGNORECASE)
_CLOCK_AFTER = re.compile(
    rf"^\s*(?:,|\()?\s*(?:vào\s+)?(?:lúc|hồi|bắt đầu\s+từ|từ)\s+{_CLOCK}(?!\w)", re.IGNORECASE
)

# The left neighbour of a date that has neither a year nor "ngày" nor a part of the day.
_POINTS_TO_DAY = re.compile(
    r"(?:[(,]\s*|\b(?:vào|hôm|từ|đến|trước|sau|tới|hết|nay|qua|mai|bảy|nhật|hai|ba|tư|năm|sáu)\s*,?\s*)$",
    re.IGNORECASE,
)
_NOT_A_DAY = re.compile(
    r"^\s*(?:số\s|tổng|diện tích|dân số|chặng|hộ\b|xã\b|thôn\b|tiêu chí|chỉ tiêu|đại biểu|cử tri|học sinh|giờ\b|km|ha\b|m\b|người|đồng|triệu|tỷ|lần\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:\bsố|lớp|tổ|đường|tỷ lệ|điều|mẫu|quốc lộ|tỉnh lộ|ngõ|hẻm)\s*$", re.IGNORECASE)

_DOCUMENT = re.compile(
    r"(?:\d+[\w\-]*/[^\W\d][\w\-/&.]*|\b(?:nghị quyết|quyết định|kế hoạch|công văn|chỉ thị|thông tư|nghị định|hướng dẫn|"
    r"thông báo|công điện|luật|tờ trình|pháp lệnh|thư|báo cáo)(?:\s+số)?)"
    r"(?:\s+(?!tổ chức\b|diễn ra\b|tại\b|vào\b)[^\s,;.]+){0,8}?\s*,?\s*(?:ký\s+|ban hành\s+)?$",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:trước|chậm nhất|muộn nhất|hạn chót|hạn cuối|thời hạn|hạn nộp|hết hạn|không quá)(?:\s+(?:là|vào|đến|hết|ngày|nộp|hồ sơ|cuối|cùng|\d{1,2}\s?(?:giờ|h)\d{0,2}))*[\s:]*$",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:nộp|đăng ký|hồ sơ|gửi (?:về|bài|tác phẩm|hồ sơ|báo cáo)|nhận (?:bài|hồ sơ|tác phẩm)|hoàn thành|hoàn thiện|báo cáo|thời hạn|hạn)\b",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"\b(?:tính\s+)?(?:đến|tới)(?:\s+(?:hết|nay|thời điểm))*\s*\(?(?:ngày\s*)?$", re.IGNORECASE
)
_LIFE = re.compile(
    r"\b(?:sinh|mất|từ trần|hy sinh|nhập ngũ|an táng|quê)(?:\s+(?:ngày|năm|vào|lúc))*[\s:]*$", re.IGNORECASE
)
_FEAST = re.compile(
    r"(?:\bngày(?!\s+hội\b)(?!\s+(?:thứ|chủ)\b)(?:\s+(?!tổ chức|diễn ra|vào\b|lúc\b|đến\b|từ\b|và\b|là\b|nay\b|được\b|huyện\b)[^\s,.;:()\d”\"]+){1,10}"
    r"|\b(?:quốc khánh|cách mạng tháng tám|chiến thắng|giải phóng miền nam|tết [^\s,.;]+(?:\s[^\s,.;]+)?|kỷ niệm))\s*,?\s*\(?\s*$",
    re.IGNORECASE,
)


def dates(sentence: str, reference: dt.date | None, previous: dt.date | None = None) -> list[DateFound]:
    """The dates of one sentence, in order, none overlapping another.

    :param reference: the page's date; supplies missing years (the day within half a year of it) and "nay".
    :param previous: the last day that the article spoke of, which "cùng ngày" repeats.
    """
    taken: list[DateFound] = []
    for found in _candidates(sentence, reference):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(_ahead(found, reference))
    taken.sort(key=lambda found: found.start)
    for match in _SAME_DAY.finditer(sentence) if "ùng ngày" in sentence else ():
        days = [item.when.start for item in taken if item.end <= match.start() and item.role is Role.DAY]
        day = days[-1] if days else previous
        if day is not None:
            when = When(day, day, part=_part(match), basis="relative", text=match[0])
            taken.append(DateFound(match.start(), match.end(), when, Role.DAY))
    return sorted(taken, key=lambda found: found.start)


def _candidates(text: str, reference: dt.date | None) -> Iterator[DateFound]:
    """All readings, the surer and longer first."""
    if not _DIGIT.search(text) or _DATED.search(text) is None:
        yield from lunar_found(text, reference)
        yield from _relative(text, reference)
        return
    for match in _PAIR.finditer(text):
        first = _date(match["d1"], match["m1"], match["y1"], None)
        last = _date(match["d2"], match["m2"], match["y2"], None)
        if first and last:
            yield DateFound(match.start(), match.end(), When(first, last, text=match[0]), Role.FEAST)
    yield from lunar_found(text, reference)
    # Each pattern only where the text has what it cannot do without: these are the costly ones.
    in_words, ends = "háng" in text, "ến" in text or "ới" in text
    spans = ((_SPAN, "/" in text), (_SPAN_WORDS, in_words), (_SPAN_DOTS, ends and "ừ" in text))
    for pattern, needed in spans:
        for match in pattern.finditer(text) if needed else ():
            yield from _span(text, match, reference)
    for match in _MONTHS.finditer(text) if in_words else ():
        yield from _months(match, reference)
    for match in _UNTIL.finditer(text) if ends else ():
        yield from _until(text, match, reference)
    for pattern, needed in ((_DAY, True), (_DAY_WORDS, in_words)):
        for match in pattern.finditer(text) if needed else ():
            yield from _single(text, match, reference)
    for match in _MONTH.finditer(text) if in_words else ():
        if (first := _date("1", match["m"], match["y"], None)) is not None:
            when = When(first, _month_end(first), "month", text=match[0])
            yield _placed(text, match.start(), match.end(), when, reference)
    yield from _relative(text, reference)


def lunar_found(text: str, reference: dt.date | None) -> Iterator[DateFound]:
    """Days of the lunar calendar."""
    for start, end, when in lunar_days(text, reference):
        yield DateFound(start, end, when, _role(text, start, when, reference))


def _span(text: str, match: re.Match[str], reference: dt.date | None) -> Iterator[DateFound]:
    joined = match["c"].lower()
    marked = match["from"] or match["n"] or match["part"]
    if not marked and not text[: match.start()].rstrip().endswith("("):
        return
    month1 = match["m1"] or match.groupdict().get("m1b")
    if (
        joined == "-"
        and month1
        and match.re is _SPAN
        and not match["y1"]
        and "/" not in match[0][: match.start("c") - match.start()]
    ):
        return
    last = _date(match["d2"], match["m2"], match["y2"], reference)
    if last is None:
        return
    first = _date(match["d1"], month1 or match["m2"], match["y1"] or str(last.year), reference)
    if first is None:
        return
    if first > last and month1 and not match["y1"]:
        first = _date(match["d1"], month1, str(last.year - 1), reference) or first
    if first > last or (last - first).days > 800:
        return
    when = When(
        first,
        last,
        part=_part(match),
        basis="text" if match["y2"] or match["y1"] else "page",
        text=match[0].strip(),
    )
    yield _placed(text, match.start(), match.end(), when, reference)


def _months(match: re.Match[str], reference: dt.date | None) -> Iterator[DateFound]:
    year2 = match["y2"] or (str(reference.year) if reference else None)
    last = _date("1", match["m2"], year2, None) if year2 else None
    first = _date("1", match["m1"], match["y1"] or year2, None) if year2 or match["y1"] else None
    if first is None or last is None:
        return
    if first > last and not match["y1"]:
        first = first.replace(year=last.year - 1)
    if first <= last:
        when = When(first, _month_end(last), "month", basis="text" if match["y2"] else "page", text=match[0])
        yield DateFound(match.start(), match.end(), when, Role.DAY)


def _until(text: str, match: re.Match[str], reference: dt.date | None) -> Iterator[DateFound]:
    if not match["now"] and not match["all"]:
        return
    precision, year = "day", match["y"] or match["my"] or match["yy"]
    if match["d"]:
        last = _date(match["d"], match["m"], match["y"], reference)
    elif match["mm"]:
        precision = "month"
        month = _date("1", match["mm"], match["my"] or (str(reference.year) if reference else None), None)
        last = _month_end(month) if month else None
    else:
        precision = "year"
        last = dt.date(int(match["yy"]), 12, 31)
    if last is None:
        return
    when = When(
        reference if match["now"] else None,
        last,
        precision,
        basis="text" if year else "page",
        text=match[0].strip(),
    )
    if match["now"]:
        role = Role.UNTIL
    elif _DUE.search(text[: match.start()]):
        role = Role.DEADLINE
    elif re.search(r"\btính\s*$", text[: match.start()], re.IGNORECASE) or precision == "year":
        role = Role.STATUS
    else:
        role = Role.UNTIL if reference and last >= reference else Role.STATUS
    yield DateFound(match.start(), match.end(), when, role)


def _single(text: str, match: re.Match[str], reference: dt.date | None) -> Iterator[DateFound]:
    before, after = text[: match.start()], text[match.end() :]
    marked = bool(match["n"] or match["part"] or (match["y"] and len(match["y"]) == 4))
    if match.re is _DAY and not marked:
        if match["s"] != "/" or _NOT_A_DAY.match(after) or not _POINTS_TO_DAY.search(before[-14:]):
            return
        if match["y"]:
            return
    if _COUNTED.search(before[-14:]):
        return
    year = match["y"]
    if year and len(year) == 2:
        year = f"20{year}"
    day = _date(match["d"], match["m"], year, reference)
    if day is None:
        return
    when = When(day, day, part=_part(match), basis="text" if year else "page", text=match[0].strip(" ,("))
    yield _placed(text, match.start(), match.end(), when, reference)


def _relative(text: str, reference: dt.date | None) -> Iterator[DateFound]:
    if reference is None:
        return
    if not any(word in text for word in ("nay", "qua", "mai")):
        return
    shifts = {"nay": 0, "qua": -1, "mai": 1}
    for match in _RELATIVE.finditer(text):
        word = (match["shift"] or match["day"] or match["morrow"]).lower()
        try:
            day = reference + dt.timedelta(days=shifts[word])
        except OverflowError:  # before the first day or after the last
            continue
        when = When(day, day, part=_part(match), basis="relative", text=match[0])
        yield _placed(text, match.start(), match.end(), when, reference)


def _ahead(found: DateFound, reference: dt.date | None) -> DateFound:
    """What is due is due after the page: a year that the page supplied moves on if need be."""
    last = found.when.end
    # Differences: a day of the year 1, as some portals have for "none", has no 31 days before it.
    behind = reference and last and reference - last > dt.timedelta(days=31)
    if found.role is not Role.DEADLINE or found.when.basis != "page" or not behind or not last:
        return found
    try:
        later = last.replace(year=last.year + 1)
    except ValueError:  # 29 February
        return found
    start = later if found.when.start == last else found.when.start
    return replace(found, when=replace(found.when, start=start, end=later))


def _placed(text: str, start: int, end: int, when: When, reference: dt.date | None) -> DateFound:
    """The date with its time of day and its role, both read from its neighbours."""
    clock = _CLOCK_BEFORE.search(text[max(0, start - 26) : start]) or _CLOCK_AFTER.search(
        text[end : end + 30]
    )
    if clock and when.precision == "day":
        when = replace(when, time=dt.time(int(clock["H"]), int(clock["M"] or 0)))
        if not when.part and clock.re is _CLOCK_BEFORE and clock["part"]:
            when = replace(when, part=clock["part"].lower())
    return DateFound(start, end, when, _role(text, start, when, reference))


def _role(text: str, start: int, when: When, reference: dt.date | None) -> Role:
    before = text[max(0, start - 110) : start]
    spanned = when.end is not None and when.start != when.end
    if _DEADLINE.search(before):
        return Role.DEADLINE
    if _LIFE.search(before):
        return Role.LIFE
    if _FEAST.search(before) and not when.part and not spanned:
        return Role.FEAST
    # "Kế hoạch số 9/KH-UBND, ngày 10/4, huyện tổ chức …" parts the plan from the day; a year would tie them.
    parted = before.rstrip().endswith(",") and when.basis == "page"
    if not when.part and not parted and _DOCUMENT.search(before):
        return Role.DOCUMENT
    if not spanned and not when.part and _STATUS.search(before):
        return Role.DEADLINE if _DUE.search(before) else Role.STATUS
    last = when.end or when.start
    if reference and last and last.year < reference.year - 1 and reference - last > dt.timedelta(days=500):
        return Role.PAST
    return Role.DAY


def _part(match: re.Match[str]) -> str:
    part = (match["part"] or "").lower()
    return "sáng" if part == "rạng sáng" else part


def _month_end(first: dt.date) -> dt.date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _date(day: str, month: str | None, year: str | None, reference: dt.date | None) -> dt.date | None:
    """A valid date; without a year, the one nearest to the reference; None otherwise."""
    if month is None:
        return None
    try:
        if year:
            return dt.date(int(year), int(month), int(day))
        if reference is None:
            return None
        near = []
        for shift in (-1, 0, 1):
            try:
                near.append(dt.date(reference.year + shift, int(month), int(day)))
            except ValueError:
                continue  # 29 February
        return min(near, key=lambda date: abs((date - reference).days), default=None)
    except ValueError:
        return None
