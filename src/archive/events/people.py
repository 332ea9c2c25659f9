"""People and the offices that a text says they hold.

Three shapes are read, each a rule with its name:

- `courtesy`: "đồng chí Đỗ Thị Ninh Hường, Tỉnh ủy viên, Bí thư Huyện ủy", also with a dash, a colon or brackets;
- `list`: the further names of "các đồng chí: A, chức vụ; B, chức vụ";
- `office-first`: "Phó Thủ tướng Lê Văn Thành", "Chủ tịch UBND huyện Trần Việt Dũng".

A claim is what one sentence says. Nothing here makes two claims one person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from archive.events.names import (
    BODY_PARTS,
    COURTESY,
    ENDS_OFFICE,
    FAMILY,
    HEAD,
    HEAD_LOWER,
    NAME,
    NAMED_AFTER,
    ORGANISATION_WORDS,
    RANKS,
    SHOUTED,
    STANDING,
    SYLLABLE,
)

MOST_IN_SENTENCE = 60
_LONGEST_OFFICE = 18
"""Words of one office."""
_MOST_OFFICES = 6

_COURTESY = re.compile(
    rf"(?<!\w)(?P<courtesy>{COURTESY})\s*:?\s+(?:(?P<rank>{RANKS})\s+)?(?P<name>{NAME}|{SHOUTED})(?!\w)"
)
_RANKED = re.compile(rf"(?<!\w)(?P<rank>{RANKS}(?:\s*[,.]\s*{RANKS})*)\s+(?P<name>{NAME})(?!\w)")
_LISTED = re.compile(
    rf"(?:;|,|\bvà|\bcùng)\s*(?:(?P<rank>{RANKS})\s+)?(?P<name>{NAME}|{SHOUTED})"
    r"(?=\s*(?:,|-|–|—|\(|:|;|\.|\bvà\b|$))"
)
_OFFICE = re.compile(rf"(?<!\w){HEAD_LOWER}")
_HEAD = re.compile(HEAD)
_RANK = re.compile(RANKS)
_WORD = re.compile(r"[^\s,;:()\[\]\"“”]+")
_GAP = re.compile(r"\s+(?:\([A-ZĐ&\-]{2,10}\)\s+)?(?:[-–&]\s+(?=[A-ZĐ]))?")
_BETWEEN = re.compile(r"\s*(?P<mark>,|-|–|—|:|\()\s*")
_APPOINTED = re.compile(
    rf"\s+(?:(?:đã|vừa)\s+)?(?:được\s+[^,;.:]{{0,60}}?)?(?:giữ chức vụ|giữ chức|giữ cương vị|làm|là)\s+(?={HEAD})"
)
_TRAILING = re.compile(r"\s+(?:và|của|các|cho|về|với|tại|theo)$")
_OF_VILLAGE = re.compile(r"(?:phó\s+)?trưởng\s+(?:thôn|bản|khu|xóm)\s", re.IGNORECASE)
_MIDDLE = re.compile(r"\s(?:Văn|Thị)\s")
_PLURAL = re.compile(r"^[Cc]ác\s+")
_SHARED = re.compile(r",\s*[Cc]ác\s+(?=[PCUB])")
_SYLLABLE = re.compile(rf"{SYLLABLE}$")
_AREA = frozenset(
    ["tỉnh", "huyện", "xã", "phường", "trấn", "thị", "phố", "quận", "thôn", "bản", "khu", "TP", "TP."]
)
_BODIES = frozenset(
    ["Ban", "Bộ", "Cục", "Hội", "Khối", "Ngân", "Phòng", "Sở", "Ty", "Viện", "Vụ", "Đảng", "Đoàn", "Đội"]
)
# Capitalised words that begin no name though a word of courtesy stands before.
_NO_NAME = frozenset(
    [
        "Ban",
        "Bí",
        "Bộ",
        "Chi",
        "Chủ",
        "Công",
        "Đảng",
        "Đoàn",
        "Đội",
        "Giám",
        "Hội",
        "Huyện",
        "Khối",
        "Lãnh",
        "Mặt",
        "Phó",
        "Phòng",
        "Quốc",
        "Sở",
        "Thường",
        "Tỉnh",
        "Trung",
        "Trường",
        "Trưởng",
        "Ủy",
        "Uỷ",
        "Viện",
        "Việt",
        "Tổng",
        "Rịa",
    ]
)
_HISTORY = frozenset(("Hồ Chí Minh",))
"""Whose office is history wherever it is named, and who lends the name to bodies and a city."""


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A name in a sentence, `sentence[start:end]`, and the offices beside it."""

    start: int
    end: int
    name: str
    courtesy: str
    offices: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A place where a name is: its own bounds, and where the words that belong before it begin."""

    begin: int
    start: int
    end: int
    courtesy: str
    rank: str
    rule: str


def people(sentence: str) -> list[PersonFound]:
    """The people whom a sentence names with a word of courtesy, a rank or an office; at most 60."""
    found: list[PersonFound] = []
    taken = 0
    for named in _names(sentence):
        if named.start < taken:
            continue
        after, end = _offices_after(sentence, named.end)
        before = _offices_before(sentence, named, taken)
        rank = (named.rank,) if named.rank else ()
        name = _tidy(sentence[named.start : named.end])
        if name not in _HISTORY:
            offices = (*before, *rank, *after)
            found.append(PersonFound(named.start, named.end, name, named.courtesy, offices, named.rule))
        taken = max(end, named.end)
        if len(found) >= MOST_IN_SENTENCE:
            break
    return _shared(sentence, found)


def _names(sentence: str) -> list[_Named]:
    """Where names are, in order."""
    places: dict[int, _Named] = {}
    listing: int | None = None
    for match in _COURTESY.finditer(sentence):
        first = match["name"].split()[0]
        if first in _NO_NAME:
            continue
        if listing is None and (_PLURAL.match(match["courtesy"]) or sentence[match.end("courtesy")] == ":"):
            listing = match.end()
        courtesy = _PLURAL.sub("", match["courtesy"]).lower().replace("đ/c", "đồng chí")
        places[match.start("name")] = _named(match, courtesy, "courtesy")
    for match in _RANKED.finditer(sentence):
        if match["name"].split()[0] in FAMILY:
            places.setdefault(match.start("name"), _named(match, "", "office-first"))
    if listing is not None:
        for match in _LISTED.finditer(sentence, listing):
            if match["name"].split()[0].title() in FAMILY:
                places.setdefault(match.start("name"), _named(match, "đồng chí", "list"))
    for start in _office_starts(sentence, 0, len(sentence)):
        name = _name_in_office(sentence, start)
        if name is None or (
            _is_village(sentence, start, name) and _follows(sentence, start, places.values())
        ):
            continue
        places.setdefault(name[0], _Named(start, *name, "", "", "office-first"))
    return [places[key] for key in sorted(places)]


def _is_village(text: str, start: int, name: tuple[int, int]) -> bool:
    """Whether what an office's words take for a person's name can be that of the village: "trưởng thôn Hà Dong
    Nam" and "Trưởng thôn Nguyễn Văn Bình" differ by the middle name alone."""
    return _OF_VILLAGE.match(text, start) is not None and not _MIDDLE.search(text, *name)


def _follows(text: str, start: int, named: Iterable[_Named]) -> bool:
    """Whether an office stands right behind one of the names, and so is his."""
    between = (_BETWEEN.match(text, item.end) for item in named)
    return any(match is not None and match.end() == start for match in between)


def _office_starts(text: str, begin: int, end: int) -> list[int]:
    """Where words of offices begin. Looked for in lower case, so that the pattern need not fold each letter;
    where that changes the length of the text, it stays as it is."""
    lower = text.lower()
    looked_at = lower if len(lower) == len(text) else text
    return [match.start() for match in _OFFICE.finditer(looked_at, begin, end)]


def _named(match: re.Match[str], courtesy: str, rule: str) -> _Named:
    return _Named(match.start(), match.start("name"), match.end("name"), courtesy, match["rank"] or "", rule)


def _office_end(text: str, start: int) -> int:
    """Where the words of the office end that begins at `start`; `start` when none begins there."""
    head = _HEAD.match(text, start) or _RANK.match(text, start) or STANDING.match(text, start)
    if head is None:
        return start
    end = head.end()
    before = ["", ""]
    for _ in range(_LONGEST_OFFICE):
        gap = BODY_PARTS.match(text, end) or _GAP.match(text, end)
        word = _WORD.match(text, gap.end()) if gap else None
        if word is None or (word[0][0].islower() and ENDS_OFFICE.match(text, word.start())):
            break
        bare = word[0] if word[0] in _AREA else word[0].rstrip(".…!?")
        if not bare or not (
            bare[0].isupper() or bare[0].isdigit() or bare in ORGANISATION_WORDS or _second(before)
        ):
            break
        end = word.start() + len(bare)
        if bare != word[0]:
            break
        before = [before[1], bare]
    while (tail := _TRAILING.search(text[start:end])) is not None:
        end = start + tail.start()
    return end


def _second(before: list[str]) -> bool:
    """Whether a syllable completes a word of a body's name, whose first alone has a capital: "Xúc tiến"."""
    earlier, first = before
    if earlier in _AREA or not _SYLLABLE.match(first):
        return False
    return earlier in _BODIES or not _SYLLABLE.match(earlier)


def _name_in_office(text: str, start: int) -> tuple[int, int] | None:
    """Start and end of the person's name that follows an office's words; None when there is none.

    It is a run of two to five capitalised syllables that begins with a family name; an area's own name
    before it ("huyện Đầm Hà Trần Việt Dũng") takes two syllables.
    """
    head = _HEAD.match(text, start)
    if head is None:
        return None
    words = [
        (m.start() + head.end(), m[0])
        for m in re.finditer(r"\S+", text[head.end() : _office_end(text, start)])
    ]
    at = 0
    while at < len(words):
        stop = at
        while stop < len(words) and _SYLLABLE.match(words[stop][1]):
            stop += 1
        before = words[at - 1][1] if at else head[0].split()[-1]
        first = _after_area(words, at, stop) if before in _AREA else at
        for begin in range(first, stop - 1):
            # Two syllables far from the office are rather a body's or an area's: "Giám đốc Công ty Hà Lộc".
            least = 2 if begin == 0 else 3
            fits = least <= stop - begin <= 5 and words[begin][1] in FAMILY
            if fits and not (begin == at and before in NAMED_AFTER):
                return words[begin][0], words[stop - 1][0] + len(words[stop - 1][1])
        at = max(stop, at + 1)
    return None


def _after_area(words: list[tuple[int, str]], at: int, stop: int) -> int:
    """Where a person's name can begin after "huyện", "tỉnh" …: behind the area's own name of two syllables.

    "tỉnh Nguyễn Thị Hạnh Lan" has no such name: a family name comes first and none in its place behind it.
    """
    behind = at + 2
    named = behind < stop and words[behind][1] in FAMILY and stop - behind >= 2
    return at if not named and stop - at >= 3 and words[at][1] in FAMILY else behind


def _offices_after(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """The offices that follow a name, and where they end."""
    offices: list[str] = []
    end = start
    bracket = False
    while len(offices) < _MOST_OFFICES:
        between = _BETWEEN.match(text, end) or (None if offices else _APPOINTED.match(text, end))
        if between is None or text[end : end + 1] == ".":
            break
        name = _name_in_office(text, between.end())
        if name is not None and not (end == start and _is_village(text, between.end(), name)):
            break
        finish = _office_end(text, between.end())
        if finish == between.end() or _cut_short(text, between.end(), finish):
            break
        bracket = bracket or "(" in between[0]
        offices.append(_tidy(text[between.end() : finish]))
        end = finish
        if bracket and text[end : end + 1] == ")":
            break
    return tuple(offices), end


def _cut_short(text: str, start: int, end: int) -> bool:
    """Whether what somebody is ("nhân viên …") goes on in words that no office has: better none than half."""
    return STANDING.match(text, start) is not None and re.match(r"\s*(?:[,;.)]|$)", text[end:]) is None


def _offices_before(text: str, named: _Named, taken: int) -> tuple[str, ...]:
    """The offices that lead up to a name: "Ủy viên Bộ Chính trị, Chủ tịch nước Nguyễn Xuân Phúc"."""
    if named.rule != "office-first":
        return ()
    offices = [] if named.rank else [_tidy(text[named.begin : named.start])]
    limit = named.begin
    for head in reversed(_office_starts(text, max(taken, limit - 300), limit)):
        end = _office_end(text, head)
        if end > limit or text[end:limit].strip() not in (",", "-", ""):
            continue
        offices.insert(0, _tidy(text[head:end]))
        limit = head
    return tuple(offices)


def _shared(text: str, found: list[PersonFound]) -> list[PersonFound]:
    """An office in the plural is that of all the names before it: "A, B, các Phó Chủ tịch UBND huyện"."""
    result = list(found)
    for match in _SHARED.finditer(text):
        office = _tidy(text[match.end() : _office_end(text, match.end())])
        for at in range(len(result) - 1, -1, -1):
            if not office or result[at].end > match.start():
                continue
            if result[at].offices:
                break
            result[at] = replace(result[at], offices=(office,))
    return result


def _tidy(words: str) -> str:
    text = re.sub(r"\s*\([^)]{0,12}\)?\s*$", "", re.sub(r"\s+", " ", words)).strip(" ,;:-–—()")
    return text.title() if text.isupper() and " " in text else text
