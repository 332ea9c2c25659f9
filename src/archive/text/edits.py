"""What kind of edit it was: the title, a figure, a name, a date, something taken out … Pure.

Read from the difference by word (`archive.text.diff`): each run of words that was taken out, put in or
replaced is judged by what stands in it. An edit has every kind that one of its changes has; it is *minor*
when none of them says another thing than before: signs, spaces, letter case, and the spelling of a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from archive.text.diff import Kind as Fate
from archive.text.diff import Piece, Row
from archive.text.vietnamese import fold, tone_normal


class Kind(StrEnum):
    """What an edit touched. The value is what addresses and tables use."""

    TITLE = "title"
    LEAD = "lead"
    FIGURE = "figure"
    """A number: how many, how much, how old."""
    NAME = "name"
    """A word written with a capital letter within a sentence: of a person, a place, an office."""
    DATE = "date"
    """A day, a year or an hour, in the text or of the publication."""
    DELETION = "deletion"
    """Words taken out with nothing in their place."""
    ADDITION = "addition"
    CAPTION = "caption"
    PICTURE = "picture"
    """A picture or a film put in, taken out or replaced."""
    FILE = "file"
    BYLINE = "byline"
    SECTION = "section"
    WORDING = "wording"
    """Other words for others."""
    MINOR = "minor"
    """Only signs, spaces, letter case or spelling: never together with another kind."""


_BY_ROLE = {
    "title": Kind.TITLE,
    "lead": Kind.LEAD,
    "caption": Kind.CAPTION,
    "byline": Kind.BYLINE,
    "section": Kind.SECTION,
    "published": Kind.DATE,
    "picture": Kind.PICTURE,
    "video": Kind.PICTURE,
    "file": Kind.FILE,
}
_WHOLE = frozenset({"published", "picture", "video", "file"})
"""Roles whose every change is one thing, whatever stands in it."""
_FEW = 3
"""Words from which something put in or taken out is told as such; fewer are a change of wording."""
_MENDED = 2
"""Words of one change that can be mended spellings; more are other words."""
_LONG = 240
"""Letters of what was taken out or put in that are shown."""
_EXCERPT = 60
"""Letters of unchanged text that are shown on each side of a change."""

_TOKEN = re.compile(r"\w+(?:[.,/:&-]\w+)*%?")
_DAY = re.compile(
    r"\d{1,2}[/.-]\d{1,2}(?:[/.-](?:\d{4}|\d{2}))?|\d{1,2}(?:h|g|giờ)\d{0,2}|\d{1,2}:\d{2}", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d{2}")
_BEFORE_DATE = re.compile(r"(?:ngày|tháng|năm|mùng|mồng|lúc|hồi|từ|đến|khóa|nhiệm kỳ)\W*\Z", re.IGNORECASE)
_AFTER_DATE = re.compile(r"\W*(?:tháng|năm|giờ|phút)\b", re.IGNORECASE)
_NUMBER_WORDS = frozenset(
    {
        *("một", "hai", "ba", "bốn", "tư", "năm", "lăm", "sáu", "bảy", "tám", "chín", "mười", "mươi"),
        *("trăm", "nghìn", "ngàn", "triệu", "tỷ", "tỉ", "linh", "lẻ", "mốt", "rưỡi"),
    }
)
_SENTENCE_START = re.compile(r"(?:\A|[.!?…:;•|]|[\"“”'(\-–—])\s*[\"“'(\-–—]*\s*\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """One run of words that was taken out, put in or replaced."""

    role: str
    before: str
    """Unchanged text that stands before it, in the same part."""
    removed: str
    added: str
    after: str
    kinds: frozenset[Kind]

    def excerpt(self) -> tuple[str, str, str, str]:
        """Text before, taken out, put in, after; cut to what a list has room for, at words."""
        before, after = self.before, self.after
        if len(before) > _EXCERPT:
            kept = before[-_EXCERPT:]
            before = "… " + (kept.partition(" ")[2] or kept)
        if len(after) > _EXCERPT:
            kept = after[:_EXCERPT]
            after = (kept.rpartition(" ")[0] or kept) + " …"
        return before, _cut(self.removed), _cut(self.added), after


def changes(rows: Iterable[Row]) -> list[Change]:
    """All changes between two versions, in reading order.

    :param rows: the difference by part (`archive.text.parts.rows`).
    """
    rows = list(rows)
    moved = _moved(rows)
    found: list[Change] = []
    for row in rows:
        text = "".join(piece.text for piece in row.pieces)
        if row.kind is Fate.SAME:
            continue
        if row.kind is not Fate.CHANGED and moved[row.role, text] > 0:
            continue
        found += _of_row(row)
    return found


def kinds(rows: Iterable[Row]) -> frozenset[Kind]:
    """What an edit touched; `MINOR` alone when only signs and spelling, or nothing that is compared."""
    found = {kind for change in changes(rows) for kind in change.kinds} - {Kind.MINOR}
    return frozenset(found or {Kind.MINOR})


def _moved(rows: Iterable[Row]) -> Counter[tuple[str, str]]:
    """Parts that were taken out in one place and put in whole in another: nothing was said otherwise."""
    fates: dict[Fate, Counter[tuple[str, str]]] = {Fate.REMOVED: Counter(), Fate.ADDED: Counter()}
    for row in rows:
        if row.kind in fates:
            fates[row.kind][row.role, "".join(piece.text for piece in row.pieces)] += 1
    return fates[Fate.REMOVED] & fates[Fate.ADDED]


def _of_row(row: Row) -> Iterator[Change]:
    pieces = row.pieces
    place = 0
    while place < len(pieces):
        if pieces[place].kind is Fate.SAME:
            place += 1
            continue
        end = place
        while end < len(pieces) and pieces[end].kind is not Fate.SAME:
            end += 1
        run = pieces[place:end]
        removed, added = _joined(run, Fate.REMOVED), _joined(run, Fate.ADDED)
        before = pieces[place - 1].text if place else ""
        after = pieces[end].text if end < len(pieces) else ""
        found = frozenset(_kinds(row.role, before, removed, added, after))
        yield Change(row.role, before, removed, added, after, found)
        place = end


def _joined(run: Iterable[Piece], fate: Fate) -> str:
    return "".join(piece.text for piece in run if piece.kind is fate)


def _kinds(role: str, before: str, removed: str, added: str, after: str) -> Iterator[Kind]:
    if role in _WHOLE:
        yield _BY_ROLE[role]
        return
    if is_minor(before, removed, added):
        yield Kind.MINOR
        return
    if role in _BY_ROLE:
        yield _BY_ROLE[role]
    gone, come = _TOKEN.findall(removed), _TOKEN.findall(added)
    particular = list(_particular(before, removed, added, after))
    yield from particular
    if not come and len(gone) >= _FEW:
        yield Kind.DELETION
    elif not gone and len(come) >= _FEW:
        yield Kind.ADDITION
    elif not particular and role not in _BY_ROLE:
        yield Kind.WORDING


def _particular(before: str, removed: str, added: str, after: str) -> Iterator[Kind]:
    """Figures, dates and names that stand on one side only."""
    one, other = Counter(_marks(before, removed, after)), Counter(_marks(before, added, after))
    found = {kind for kind, _ in ((one - other) + (other - one))}
    # A whole paragraph put in has its names and figures; told is that something which stood was altered.
    if removed and added:
        yield from sorted(found, key=str)


def _marks(before: str, text: str, after: str) -> Iterator[tuple[Kind, str]]:
    for match in _TOKEN.finditer(text):
        word = match[0]
        left, right = before + text[: match.start()], text[match.end() :] + after
        if any(char.isdigit() for char in word):
            kind = Kind.DATE if _is_date(left, word, right) else Kind.FIGURE
            yield kind, _value(word)
        elif word.lower() in _NUMBER_WORDS and not word[0].isupper():
            yield Kind.FIGURE, word.lower()
        elif word[0].isupper() and (not _SENTENCE_START.search(left) or word[1:2].isupper()):
            yield Kind.NAME, word
        elif word[0].isupper() and re.match(r"\s+[^\W\d_a-zà-ỹ]", right):
            # At the start of a sentence a capital says nothing, unless the next word has one too.
            yield Kind.NAME, word


def _is_date(left: str, word: str, right: str) -> bool:
    if _DAY.fullmatch(word):
        return True
    if "%" in word or "," in word:
        return False
    if _BEFORE_DATE.search(left[-20:]):
        return word.isdigit() and (len(word) <= 2 or _YEAR.fullmatch(word) is not None)
    if _YEAR.fullmatch(word):
        return not re.match(r"\s*(?:người|hộ|đồng|triệu|tỷ|ha|km|m2|m²|tấn|con|cây|suất)\b", right)
    return len(word) <= 2 and word.isdigit() and _AFTER_DATE.match(right) is not None


def _value(word: str) -> str:
    """`1.200` and `1200` are one figure, `05` and `5` one day."""
    plain = re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", "", word)
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain)


def is_minor(before: str, removed: str, added: str) -> bool:
    """Whether a replacement says the same: but for signs, spaces and case, or one word's spelling.

    A spelling is mended when the word keeps its letters but for their marks (`thưc` → `thực`), or when one
    letter more, less or other makes it (`nghành` → `ngành`); not in names and figures, where a letter makes
    another person of it. Words that differ by a tone alone can mean two things, so now and then a true change
    of wording counts as minor.
    """
    written = [_TOKEN.findall(text) for text in (removed, added)]
    one, other = ([tone_normal(word).lower() for word in words] for words in written)
    if [_value(word) for word in one] == [_value(word) for word in other]:
        return True
    if "".join(one) == "".join(other) and not any(map(_has_digit, one)):
        return True  # written apart or together
    if len(one) != len(other):
        return False
    starts = _SENTENCE_START.search(before) is not None
    pairs = [(a, b, place) for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(pairs) > _MENDED or any(_has_digit(a) or _has_digit(b) for a, b, _ in pairs):
        return False
    for a, b, place in pairs:
        capital = any(words[place][0].isupper() for words in written)
        if (capital and not (starts and place == 0)) or (a in _NUMBER_WORDS and b in _NUMBER_WORDS):
            return False
        if fold(a) != fold(b) and not (len(a) >= _FEW and _one_letter(fold(a), fold(b))):
            return False
    return True


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _one_letter(one: str, other: str) -> bool:
    """Whether one letter put in, taken out, replaced, or two exchanged make the other word of it."""
    if abs(len(one) - len(other)) > 1:
        return False
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    rest, other_rest = one[head:], other[head:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:])
    )


def _cut(text: str) -> str:
    if len(text) <= _LONG:
        return text
    return (text[:_LONG].rpartition(" ")[0] or text[:_LONG]) + " …"
