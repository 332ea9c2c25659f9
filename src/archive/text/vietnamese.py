"""Vietnamese words: where they are, and which spellings are the same word.

Three forms of a word, from strict to lenient:

- `tone_normal`: accents kept, one style of tone placement (`hoà` → `hòa`), one of i/y (`sỹ` → `sĩ`);
- `toneless`: letters kept (`ă â đ ê ô ơ ư`), tone marks off (`đường` → `đương`);
- `fold`: every accent off (`đường` → `duong`).

`fold_key` is `fold` with i and y made one where the table of equals does so: the widest form, under which an
index files a word, so that no spelling of it is missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_TONES = frozenset((_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT))
_MARKS = re.compile("[\u0300-\u036f]")
# Letters that have no decomposition but are read as another.
_PLAIN = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"})

# Dictionaries and offices write these with either letter; only whole open syllables, for y and i part
# meanings elsewhere (`tay` hand, `tai` ear). Which of the two is the normal form: the commoner in the news.
_IY_BASES = ("h", "k", "l", "m", "qu", "s", "t", "v")
_WRITTEN_Y = ["kỳ", "ký", "kỷ", "kỹ", "kỵ", "lý", "mỹ", "quý", "quỳ", "quỷ", "quỹ", "quỵ", "tỷ"]


def _iy_table() -> dict[str, str]:
    table = {}
    for base in _IY_BASES:
        for tone in (_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT):
            with_y = unicodedata.normalize("NFC", f"{base}y{tone}")
            with_i = unicodedata.normalize("NFC", f"{base}i{tone}")
            if with_y in _WRITTEN_Y:
                table[with_i] = with_y
            else:
                table[with_y] = with_i
    return table


_IY = _iy_table()
_IY_KEYS = {f"{base}y": f"{base}i" for base in _IY_BASES}

_SYLLABLE = re.compile(
    "(?P<onset>qu|ngh|ng|nh|gh|gi(?=[aăâeêoôơuư])|kh|ph|th|tr|ch|[bcdđghklmnpqrstvx])?"
    "(?P<nucleus>[aăâeêioôơuưy]{1,3})"
    "(?P<coda>ng|nh|ch|[cmnpt])?"
)
_QUALITY = frozenset("ăâêôơư")

# A figure with a decimal comma or points between thousands is one word, and its parts are words too; other
# digits with points are dates and numbers of sections, words each. Combining marks belong to words, for a
# few survive NFC. Underscores do not, but `\\w` has them: they are made spaces before (`_apart`), which is
# three times faster than a pattern that leaves them out.
_KNOWN_WORDS = 20_000
"""Words of which the normal form is kept: the language has some 7,000 syllables, and names are added."""
_WORD = re.compile(
    "[^\\W\\d_][\\w\u0300-\u036f]*"
    "|(?<![\\d.,])(?:\\d{1,3}(?:\\.\\d{3})+(?:,\\d+)?|\\d+,\\d+)(?![.,]?\\d)(?![^\\W\\d]|[\u0300-\u036f])"
    "|\\d[\\w\u0300-\u036f]*"
)
_SEPARATOR = re.compile("[.,]")

SLUG_LENGTH = 80
"""Characters of a slug at most."""

ABBREVIATIONS: tuple[tuple[str, str], ...] = (
    ("ubnd", "ủy ban nhân dân"),
    ("hđnd", "hội đồng nhân dân"),
    ("mttq", "mặt trận tổ quốc"),
    ("ntm", "nông thôn mới"),
    ("ttcn", "tiểu thủ công nghiệp"),
    ("kt-xh", "kinh tế xã hội"),
    ("ktxh", "kinh tế xã hội"),
    ("tt&vh", "truyền thông và văn hóa"),
    ("cchc", "cải cách hành chính"),
    ("gpmb", "giải phóng mặt bằng"),
    ("bch", "ban chấp hành"),
    ("btv", "ban thường vụ"),
    ("tuv", "tỉnh ủy viên"),
    ("gd&đt", "giáo dục và đào tạo"),
    ("gd-đt", "giáo dục và đào tạo"),
    ("gdđt", "giáo dục và đào tạo"),
    ("lđtbxh", "lao động thương binh và xã hội"),
    ("lđ-tb&xh", "lao động thương binh và xã hội"),
    ("atgt", "an toàn giao thông"),
    ("pctt", "phòng chống thiên tai"),
    ("qpan", "quốc phòng an ninh"),
    ("qp-an", "quốc phòng an ninh"),
    ("bbt", "ban biên tập"),
)
"""Abbreviation and what it stands for, both as words are written in lower case; searched both ways."""


def fold(text: str) -> str:
    """Accents off, đ → d, lower case: `Đầm Hà` → `dam ha`, whether composed or decomposed.

    Marks that survive NFC (`ơ` with a second horn) go too. The length can differ from the text's.
    """
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFD", text.lower())).translate(_PLAIN)


def fold_key(word: str) -> str:
    """The widest form of one word: folded, i and y one (`tỷ`, `tỉ` and `ty` → `ti`)."""
    folded = fold(word)
    return _IY_KEYS.get(folded, folded)


def toneless(word: str) -> str:
    """The letters of a word with its tone mark off: `đường` → `đương`, `Hòa` → `hoa`."""
    if word.isascii():
        return word.lower()
    letters = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if c not in _TONES)
    return unicodedata.normalize("NFC", letters)


def tone_normal(text: str) -> str:
    """Lower case, NFC, one style of tone placement (`hoà` → `hòa`, `uỷ` → `ủy`) and of i/y (`sỹ` → `sĩ`).

    The vowel of `qu` and of `gi` is never touched (`quý` is q-u-ý, `già` is gi-à). What is no Vietnamese
    syllable stays as it is, apart from marks that compose with nothing.
    """
    text = unicodedata.normalize("NFC", text).lower()
    if text.isascii():
        return text
    return _WORD.sub(lambda match: _tone_normal(match[0]), text)


@lru_cache(maxsize=_KNOWN_WORDS)
def _tone_normal(word: str) -> str:
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    tones = [c for c in decomposed if c in _TONES]
    letters = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
    letters = _MARKS.sub("", letters)
    syllable = _SYLLABLE.fullmatch(letters)
    if syllable is None or len(tones) > 1:
        return _MARKS.sub("", unicodedata.normalize("NFC", word))
    if not tones:
        return letters
    at = syllable.start("nucleus") + _tone_place(syllable["nucleus"], bool(syllable["coda"]))
    placed = unicodedata.normalize("NFC", letters[: at + 1] + tones[0] + letters[at + 1 :])
    return _IY.get(placed, placed)


def _tone_place(nucleus: str, closed: bool) -> int:
    """Which vowel bears the tone, in the older style (`hòa`, `thúy`), which keyboards write by default."""
    marked = [place for place, letter in enumerate(nucleus) if letter in _QUALITY]
    if marked:
        return marked[-1]
    if closed:
        return len(nucleus) - 1
    return 1 if len(nucleus) == 3 else 0


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text as `(word, start, end)`, the word in the form of `tone_normal`.

    Every run of letters and digits is a word, one letter long or more: `TT&VH` is `tt`, `vh`, and
    `123/QĐ-UBND` is `123`, `qđ`, `ubnd`, so that a compound is searched whole as a phrase of its parts.
    A figure with separators comes whole first, then in parts that overlap it: `17,5%` is `17,5`, `17`,
    `5`; `3.950` is `3950`, `3`, `950`, for points part thousands; a part met twice is one word.

    :param text: NFC; offsets are into this text.
    """
    for match in _WORD.finditer(_apart(text)):
        raw, start = match[0], match.start()
        yield normal_word(raw), start, match.end()
        seen = set()
        for part in figure_parts(raw):
            if part not in seen:
                yield part, start, start + len(part)
            seen.add(part)
            start += len(part) + 1


def whole_words(text: str) -> list[str]:
    """The words of a text without the parts of figures, as a phrase needs them: `17,5` is one word.

    :param text: NFC.
    """
    return [normal_word(raw) for raw in raw_words(text)]


def _apart(text: str) -> str:
    return text.replace("_", " ") if "_" in text else text


def raw_words(text: str) -> list[str]:
    """The words as they stand, figures whole only: the fast path of indexing, which caches by raw form."""
    return _WORD.findall(_apart(text))


def raw_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """As `raw_words`, with start and end of each."""
    for match in _WORD.finditer(_apart(text)):
        yield match[0], match.start(), match.end()


def normal_word(raw: str) -> str:
    """The normal form of one raw word."""
    if "." in raw:
        return raw.replace(".", "")
    return _tone_normal(unicodedata.normalize("NFC", raw.lower()))


def figure_parts(raw: str) -> list[str]:
    """The parts of a figure with separators; [] for any other word."""
    return _SEPARATOR.split(raw) if "," in raw or "." in raw else []


def slug(title: str) -> str:
    """A title as a part of an address: `a-z0-9` and `-`, at most 80 characters, cut between words.

    Empty for a title without letters or digits.
    """
    text = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")
    if len(text) <= SLUG_LENGTH:
        return text
    cut = text[: SLUG_LENGTH + 1].rfind("-")
    return text[: cut if cut > 0 else SLUG_LENGTH].strip("-")
