"""Places that a sentence names, and the place where something was held."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.events.names import SYLLABLE

MOST_IN_SENTENCE = 40

_KINDS = {
    "tỉnh": "tỉnh",
    "thành phố": "thành phố",
    "thủ đô": "thành phố",
    "tp": "thành phố",
    "thị xã": "thị xã",
    "tx": "thị xã",
    "huyện": "huyện",
    "quận": "quận",
    "đặc khu": "đặc khu",
    "phường": "phường",
    "thị trấn": "thị trấn",
    "xã": "xã",
    "thôn": "thôn",
    "bản": "thôn",
    "khu phố": "thôn",
    "tổ dân phố": "thôn",
    "xóm": "thôn",
    "khu": "thôn",
}
_KIND = r"(?:[Tt]ỉnh|[Tt]hành phố|[Tt]hủ đô|TP\.?|Tp\.?|[Tt]hị xã|TX\.?|[Hh]uyện|[Qq]uận|[Đđ]ặc khu|[Pp]hường|[Tt]hị trấn|[Xx]ã|[Tt]hôn|[Bb]ản|[Kk]hu phố|[Tt]ổ dân phố|[Xx]óm|[Kk]hu)"
_PROPER = rf"(?:{SYLLABLE}|\d{{1,2}})(?:[ \-](?:{SYLLABLE}|\d{{1,2}})(?!\w)){{0,4}}"
_AREA = re.compile(rf"(?<!\w)(?P<kind>{_KIND})\s+(?P<name>{_PROPER})(?!\w)")
_AREAS = rf"{_KIND}\s+{_PROPER}"

# Sites where something is held; what follows them up to a comma belongs to their name.
_SITE = (
    r"(?:(?:[Hh]ội trường|[Nn]hà văn ho[áà]|[Nn]hà văn hóa|[Tt]rung tâm|[Tt]rường|[Tt]rụ sở|[Qq]uảng trường|[Ss]ân vận động|[Nn]hà thi đấu|[Cc]ông viên|[Tt]ượng đài|[Nn]ghĩa trang|"
    r"[Đđ]ền|[Cc]hùa|[Đđ]ình|[Mm]iếu|[Nn]hà thờ|[Đđ]ài tưởng niệm|[Kk]hu di tích|[Kk]hu du lịch|[Bb]ãi biển|[Cc]ảng|[Bb]ệnh viện|[Cc]hợ|[Cc]ông ty|[Nn]hà máy|[Cc]ụm công nghiệp|"
    r"[Kk]hu công nghiệp|[Đđ]iểm cầu|[Vv]ăn phòng|[Pp]hòng họp|[Ss]ân|[Cc]ơ sở|[Hh]ợp tác xã|HTX|[Kk]hách sạn|[Cc]ầu|[Hh]ồ|UBND|Ủy ban nhân dân|Huyện ủy|Huyện uỷ|Tỉnh ủy|Ban CHQS|Ban Chỉ huy Quân sự|[Đđ]ồn Biên phòng|[Cc]ông an|"
    r"[Ll]àng|[Đđ]ảo|[Cc]ửa khẩu|[Tt]hao trường|[Bb]ảo tàng|[Nn]hà hát|[Kk]hu vực|[Kk]hu cách ly|[Kk]hu vui chơi|[Vv]ùng biển|[Tt]rại|[Tt]rạm|[Tt]uyến|[Pp]hố)(?!\w))"
)
_NOT_PLACE = re.compile(
    r"(?:[Ll]ễ\b|[Hh]ội nghị|[Bb]uổi|[Đđ]ại hội|[Kk]ỳ họp|[Pp]hiên|[Đđ]ây|[Đđ]ó|[Kk]hoản|Điều|[Nn]ghị|[Qq]uyết|[Kk]ế hoạch|[Cc]ông văn|[Cc]hương trình|[Hh]ội thi|[Hh]ội thảo|[Tt]ọa đàm|[Cc]uộc|[Cc]ác\b|[Nn]hiều|[Tt]hời điểm|[Cc]hỗ|[Gg]ia đình|[Nn]hà ông|[Nn]hà bà|[Ll]ớp|[Nn]gày hội|[Gg]iải)"
)
_AT = re.compile(
    rf"(?<!\w)(?:[Tt]ại|[Ởở])\s+(?P<site>{_SITE}[^,;.():\"“”]{{0,90}}|(?={_KIND}\s)|(?={SYLLABLE}))"
)
_CHAIN = re.compile(rf"\s*[,(]?\s*(?P<site>{_AREAS})")
_VERB = re.compile(
    r"\s+(?:đã|sẽ|vừa|tổ chức|diễn ra|khai mạc|bế mạc|nhằm|với|cho|do|để|là|có|được|và\s+(?:trao|tặng|thăm)|phối hợp|trong|theo|vào|từ|ngày|sáng|chiều|tối|nhân|đang|đồng chí|ông|bà|lễ|hội nghị|buổi|đón|đến|thăm|tặng|trao|dự|chủ trì|"
    r"ban|đoàn)(?!\w)"
)
_BODY = re.compile(r"[Tt]rung tâm|[Tt]rường|[Cc]ông ty|[Bb]an\b|[Pp]hòng|[Vv]ăn phòng|[Nn]hà\b")
_AND = re.compile(r"\s+và\s+(?=[a-zđ])")
_ORGANISER = re.compile(
    rf"(?<!\w)(?P<area>(?:[Tt]hôn|[Bb]ản|[Kk]hu phố|[Hh]uyện|[Xx]ã|[Tt]hị trấn|[Tt]hị xã|[Tt]hành phố|[Pp]hường|[Tt]ỉnh)\s+{_PROPER})"
)


@dataclass(frozen=True, slots=True)
class AreaFound:
    """An area in a sentence, `sentence[start:end]`: "xã Quảng Tân"."""

    start: int
    end: int
    kind: str
    name: str


def areas(sentence: str) -> list[AreaFound]:
    """The areas that a sentence names together with their kind; at most 40."""
    found = []
    for match in _AREA.finditer(sentence):
        kind = _KINDS[match["kind"].lower().rstrip(".")]
        found.append(AreaFound(match.start(), match.end(), kind, match["name"]))
        if len(found) >= MOST_IN_SENTENCE:
            break
    return found


def venue(clause: str) -> tuple[tuple[str, ...], int]:
    """Where a clause says that something is held, and the offset of its words.

    :returns: the names from the narrower to the wider place, () when the clause names none; -1 then.
    """
    for match in _AT.finditer(clause):
        start = match.end() if not match["site"] else match.start("site")
        if _NOT_PLACE.match(clause, start):
            continue
        names: list[str] = []
        if match["site"]:
            words, end = _cut(match["site"], start)
            names += _parts(words)
        else:
            area = _AREA.match(clause, start)
            proper = re.compile(_PROPER).match(clause, start)
            if area is not None:
                names.append(area[0])
                end = area.end()
            elif proper is not None and _stands_alone(clause, proper):
                names.append(proper[0])
                end = proper.end()
            else:
                continue
        while (more := _CHAIN.match(clause, end)) is not None and len(names) < 5:
            words, end = _cut(more["site"], more.start("site"))
            names += _parts(words)
        if names:
            return tuple(dict.fromkeys(names)), start
    return (), -1


def organising_area(clause: str) -> tuple[str, int]:
    """The area that a clause begins with as the one that holds something: "huyện Đầm Hà đã tổ chức"."""
    match = _ORGANISER.search(clause[:120])
    return (match["area"], match.start()) if match else ("", -1)


def _stands_alone(clause: str, proper: re.Match[str]) -> bool:
    """Whether capitals are a whole name: "Hà Nội", "Dubai.", and not the head of one ("Hạ viện")."""
    count = len(proper[0].split())
    return 2 <= count <= 4 or (count == 1 and not re.match(r"\s+\w", clause[proper.end() :]))


def _cut(words: str, start: int) -> tuple[str, int]:
    stop = _VERB.search(words) or (None if _BODY.match(words) else _AND.search(words))
    kept = words[: stop.start()] if stop else words
    return kept.strip(), start + len(kept.rstrip())


def _parts(words: str) -> list[str]:
    """A site and the area that follows it without a comma: "Nhà văn hóa thôn Làng Ngang xã Quảng An"."""
    areas_in = [m for m in _AREA.finditer(words) if m.start() > 0]
    if len(areas_in) >= 2:
        first = areas_in[1]
        return [words[: first.start()].strip(), words[first.start() :].strip()]
    return [words] if words else []
