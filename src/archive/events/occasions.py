"""Occasions, campaigns and deadlines: what a clause says was, is or will be held, and when."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.events.kinds import GENERIC, KindFound, Kinds
from archive.events.places import organising_area, venue
from archive.events.when import DateFound, Role, dates
from archive.model.events import EventClass, When

_NAME_LENGTH = 200
_HELD = re.compile(
    r"(?<!\w)(?<!không )(?:tổ chức|diễn ra|khai mạc|bế mạc|chủ trì|tham dự|dự|đăng cai|có|tiến hành|mở|triệu tập)(?!\w)",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"(?<!\w)(?<!không )(?:tổ chức|diễn ra|khai mạc|bế mạc|chủ trì|đăng cai|tiến hành|mở|triệu tập)(?!\w)",
    re.IGNORECASE,
)
_ORGANISED = re.compile(r"(?<!\w)(?<!không )(?:tổ chức|tiến hành|có)(?!\w)", re.IGNORECASE)
_NOUN = re.compile(r"(?:lễ|hội nghị|buổi|lớp|chương trình|ngày hội|phiên|cuộc|đoàn|mít tinh)(?!\w)")
_CAMPAIGN = re.compile(
    r"(?<!\w)(?:đợt thi đua|đợt cao điểm|đợt ra quân|đợt sinh hoạt|đợt|phong trào|chiến dịch|tháng hành động|tháng cao điểm|tháng thanh niên|tuần lễ|cuộc vận động|cao điểm|cuộc thi|giải thưởng|mùa|chương trình)(?!\w)",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"(?<!\w)(?:diễn ra|kéo dài|triển khai|thực hiện|được tổ chức|tổ chức|phát động|bắt đầu|ra quân|hưởng ứng|mở)(?!\w)",
    re.IGNORECASE,
)
_NAME_ENDS = re.compile(
    r"\s*[;:(]|(?<!TP)(?<!Tp)\.\s|\.$|,\s+(?:nhằm|với|để|do|dưới|có|tham|dự|đồng chí|ông|bà|các đồng chí|cùng|theo|trong|qua|đây|thu hút|gồm|tại|vào|sáng|chiều|tối|ngày|từ)(?!\w)"
    r"|,\s+(?:các|Tổng|Phó|Bí thư|Chủ tịch|Thủ tướng|Bộ trưởng|Thứ trưởng|Giám đốc|Trưởng|đoàn)(?!\w)|\s+(?:nhằm|do|trong bối cảnh|trong ngày|dự kiến|trưa|đã|sẽ|vừa|được tổ chức|diễn ra|dưới sự|với sự|với chủ đề|với sự|cho\s+\d|tại\s+(?=[A-ZĐHhTtNnXxSs])|trên địa bàn|vào\s+(?:ngày|lúc|sáng|chiều|tối)|(?:sáng|chiều|tối)\s+\d|ngày\s+\d|để|trong\s+\d|khai mạc|bế mạc|từ\s+ngày)(?!\w)"
    r"|\s+–\s+"
)
_CONDITION = re.compile(r"(?<!\w)(?:nếu|giả sử)(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OccasionFound:
    """What one clause reports; offsets are into the sentence."""

    sort: EventClass
    kind: str
    name: str
    when: When
    places: tuple[str, ...]
    organiser: str
    start: int
    end: int
    rule: str


def occasions(
    sentence: str, kinds: Kinds, reference: dt.date | None, previous: dt.date | None
) -> tuple[list[OccasionFound], list[DateFound]]:
    """What a sentence reports, and all its dates.

    A sentence is read by its clauses (parted by ";"), so that "ngày 28/12 tổ chức lễ; chiều 5/1 tổng kết" is
    two. A clause reports an occasion when it has a day on which things happen and the words of a kind.
    """
    found_dates = dates(sentence, reference, previous)
    found: list[OccasionFound] = []
    for start, end in _clauses(sentence):
        inside = [date for date in found_dates if start <= date.start < end]
        found.extend(_clause(sentence, start, end, inside, kinds))
    return found, found_dates


def undated(sentence: str, kinds: Kinds) -> OccasionFound | None:
    """The occasion of a sentence that says that something was held and not when."""
    lower = sentence.lower()
    if _CONDITION.search(sentence):
        return None
    nouns = [k for k in kinds.find(lower) if _names(lower, k) and k.kind.id not in GENERIC]
    kind = next(
        (k for k in nouns if any(-1 < k.start - held.end() <= 3 for held in _HELD.finditer(sentence))), None
    )
    if kind is None:
        return None
    return _occasion(sentence, 0, len(sentence), kind, When(None, None), kind.start, kind.end, "kind alone")


def _clauses(sentence: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r";", sentence):
        yield start, match.start()
        start = match.end()
    yield start, len(sentence)


def _clause(
    sentence: str, start: int, end: int, inside: list[DateFound], kinds: Kinds
) -> Iterator[OccasionFound]:
    clause = sentence[start:end]
    for date in inside:
        if date.role is Role.DEADLINE:
            name = _plain(clause)
            yield OccasionFound(
                EventClass.DEADLINE,
                "han",
                name,
                date.when,
                (),
                "",
                date.start,
                date.end,
                "deadline words + date",
            )
    spans = [d for d in inside if d.role is Role.UNTIL or (d.role is Role.DAY and d.when.start != d.when.end)]
    campaign = next((d for d in spans if _is_campaign(clause, d)), None)
    if campaign is not None:
        words = _CAMPAIGN.search(clause)
        at = words.start() if words else 0
        name = _name(clause, at)
        places, organiser = _where(clause)
        yield OccasionFound(
            EventClass.CAMPAIGN,
            "dot-thi-dua" if "thi đua" in name.lower() else "chien-dich",
            name,
            campaign.when,
            places,
            organiser,
            campaign.start,
            campaign.end,
            "campaign words + span",
        )
        return
    days = [date for date in inside if date.role is Role.DAY]
    if not days or _CONDITION.search(clause[:40]):
        return
    found = [KindFound(k.start + start, k.end + start, k.kind) for k in kinds.find(clause.lower())]
    found = [k for k in found if not any(d.start <= k.start < d.end for d in inside)]
    kind = _main_kind(sentence, found)
    if kind is not None:
        day = _day_of(days, kind)
        yield _occasion(sentence, start, end, kind, day.when, day.start, day.end, "date + kind")


def _is_campaign(clause: str, date: DateFound) -> bool:
    words = _CAMPAIGN.search(clause)
    if words is None:
        return False
    if date.role is Role.UNTIL:
        return True
    first, last = date.when.start, date.when.end
    return bool(first and last and (last - first).days >= 7 and _RUNS.search(clause))


def _day_of(days: list[DateFound], kind: KindFound) -> DateFound:
    """The day that belongs to a kind's words: one with a part of the day before all, else the nearest before."""
    parted = [day for day in days if day.when.part]
    before = [day for day in parted or days if day.start < kind.start]
    return before[-1] if before else (parted or days)[0]


def _main_kind(sentence: str, found: list[KindFound]) -> KindFound | None:
    """The words that name the occasion: those right after "tổ chức", else the first; a generic word gives way."""
    if not found:
        return None
    lower = sentence.lower()
    nouns = [k for k in found if _names(lower, k) or sentence[k.start].isupper()]
    held = _near(_HELD, sentence, nouns) or _near(_ORGANISED, sentence, found)
    first = held or (nouns or found)[0]
    if first.kind.id in GENERIC:
        near = [k for k in found if k.kind.id not in GENERIC and 0 < k.start - first.start < 60]
        if near:
            return KindFound(first.start, near[0].end, near[0].kind)
    return first


def _names(lower: str, found: KindFound) -> bool:
    """Whether the words are the name of an occasion, and not what somebody does."""
    return not found.kind.verb or _NOUN.match(lower, found.start) is not None


def _near(verbs: re.Pattern[str], sentence: str, found: list[KindFound]) -> KindFound | None:
    """The first words of a kind that stand right after one of the verbs."""
    ends = [match.end() for match in verbs.finditer(sentence)]
    return next((k for k in found if any(0 <= k.start - end <= 12 for end in ends)), None)


def _occasion(
    sentence: str, start: int, end: int, kind: KindFound, when: When, at: int, until: int, rule: str
) -> OccasionFound:
    clause = sentence[start:end]
    places, organiser = _where(clause)
    if places:
        rule += " + tại"
    elif organiser and not organiser.lower().startswith("tỉnh"):
        places, rule = (organiser,), f"{rule} + organiser"
    name = _name(clause, kind.start - start)
    return OccasionFound(EventClass.OCCASION, kind.kind.id, name, when, places, organiser, at, until, rule)


def _where(clause: str) -> tuple[tuple[str, ...], str]:
    places, _ = venue(clause)
    organiser, _ = organising_area(clause)
    return places, organiser


def _name(clause: str, start: int) -> str:
    rest = clause[start:]
    stop = _NAME_ENDS.search(rest, 4)
    return _plain(rest[: stop.start()] if stop else rest)


def _plain(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(' ,;:.–-"“”')
    if len(text) <= _NAME_LENGTH:
        return text
    return text[: text.rfind(" ", 0, _NAME_LENGTH)] + " …"
