"""Vietnamese text in encodings from before Unicode: recognised with certainty, then repaired.

TCVN3 (ABC fonts, `.VnTime`), VNI for Windows, VIQR, Windows-1258, and UTF-8 that was encoded twice. A
repair is made only when what comes out is Vietnamese and what went in was not: nearly all words with
foreign letters must turn into syllables that Vietnamese spelling allows. The tables are those of
`tables/*.json`, whose sources stand in them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

_LEAST_WORDS = 4
"""So many words must change at least; fewer may be chance."""
_CERTAIN = 0.9
"""This share of the changed words must be Vietnamese syllables afterwards."""
_SAMPLE = 12_000


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired text, and what was done."""

    text: str
    scheme: str
    """"tcvn3", "vni", "viqr", "cp1258" or "utf-8 twice"."""
    words: int
    """How many words of the examined part changed."""


def repair(text: str) -> Repair | None:
    """The text as it was meant, or None when it is not certain that it is in an old encoding.

    :param text: characters as a browser shows them: single bytes read as Windows-1252.
    """
    sample = text[:_SAMPLE]
    if not _is_suspicious(sample) or _is_vietnamese(sample):
        return None
    best: Repair | None = None
    for scheme, convert, word in _SCHEMES:
        if (changed := _evidence(sample, convert, word)) and (best is None or changed > best.words):
            best = Repair("", scheme, changed)
    if best is None:
        return None
    convert = next(function for scheme, function, _ in _SCHEMES if scheme == best.scheme)
    return Repair(unicodedata.normalize("NFC", convert(text)), best.scheme, best.words)


_HIGH = re.compile(r"[\u00a1-\u00ff]")
_VIQR_SIGN = re.compile(r"[aeo]\^['`?~.]?[a-z]|[uo]\+['`?~.]?[a-z]|dd[a-z]", re.IGNORECASE)


def _is_suspicious(text: str) -> bool:
    """A cheap look before the sure one: old encodings are dense in Latin-1 letters or in VIQR's marks."""
    high = 0 if text.isascii() else len(_HIGH.findall(text))
    if high * 40 > len(text):
        return True
    signs = (
        text.count("^") + text.count("+") + text.lower().count("dd")
    )  # as many as there can be, at a glance
    return signs * 100 > len(text) and len(_VIQR_SIGN.findall(text)) * 100 > len(text)


def recode(text: str, scheme: str) -> str:
    """A piece of text by a scheme that was recognised on the whole of a page.

    :raises KeyError: when there is no such scheme.
    """
    convert = {name: function for name, function, _ in _SCHEMES}[scheme]
    return unicodedata.normalize("NFC", convert(text))


# ------------------------------------------------------------------------------------------ spelling

_ONSETS = "ngh ng gh gi kh nh ph qu th tr ch b c d đ g h k l m n p r s t v x"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây e"
    " ec em en eng eo ep et ê êch êm ên ênh êp êt êu"
    " i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang"
    " oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet"
    " oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây"
    " uc ue uê uêch uênh uêu ui um un ung uơ up ut uy uya uych uyên uyêt uynh uyu uyt"
    " uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm"
    " yên yêng yêt yêu ynh yt uya oong uâng iên êng"
)
_SYLLABLE = re.compile(
    rf"(?:{'|'.join(_ONSETS.split())})?(?:{'|'.join(sorted(set(_RHYMES.split()), key=len, reverse=True))})"
)
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def is_syllable(word: str) -> bool:
    """Whether Vietnamese spelling allows a word of one syllable, with its tone."""
    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word.lower()).translate(_TONES))
    return _SYLLABLE.fullmatch(bare) is not None


def is_unicode(text: str) -> bool:
    """Whether a piece of text holds letters that only Unicode Vietnamese has."""
    return _VIETNAMESE.search(text) is not None


def _is_vietnamese(text: str) -> bool:
    """Whether a text is in proper Vietnamese already, so that nothing about it may be changed."""
    return len(_VIETNAMESE.findall(text)) * 50 > len(text)


def _evidence(text: str, convert: Callable[[str], str], pattern: re.Pattern[str]) -> int:
    """How many words a conversion makes Vietnamese; 0 when it is not certain to be right."""
    changed = good = accented = spoilt = 0
    for word in pattern.findall(text)[:4_000]:
        new = unicodedata.normalize("NFC", convert(word))
        if new == word:
            continue
        letters = new.strip(".,;:!?\"'()[]-–…/")
        if not letters:
            continue
        changed += 1
        good += is_syllable(letters)
        accented += _VIETNAMESE.search(letters) is not None
        spoilt += is_syllable(word)
    if changed < _LEAST_WORDS or good < _CERTAIN * changed or accented * 4 < changed or spoilt * 2 > changed:
        return 0
    return good


# ----------------------------------------------------------------------------------------- conversion


@cache
def _table(name: str) -> tuple[re.Pattern[str], dict[str, str]]:
    data = json.loads((resources.files("archive.text") / "tables" / f"{name}.json").read_text("utf-8"))
    # The tables give bytes as Latin-1; a browser shows 0x80-0x9f as Windows-1252 has them.
    back: dict[str, str] = {}
    for letter, code in data["map"].items():
        back.setdefault(code, letter)
        back.setdefault(code.encode("latin-1").decode("cp1252", "replace"), letter)
    pattern = "|".join(
        re.escape(code) for code in sorted(back, key=len, reverse=True) if "\ufffd" not in code
    )
    return re.compile(pattern), back


def _by_table(name: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        pattern, back = _table(name)
        return pattern.sub(lambda match: back[match[0]], text)

    return convert


_VIQR_MARKS = {
    "^": "\u0302",
    "(": "\u0306",
    "+": "\u031b",
    "'": "\u0301",
    "`": "\u0300",
    "?": "\u0309",
    "~": "\u0303",
    ".": "\u0323",
}
_VIQR = re.compile(r"(?:dd|DD|Dd)|[aeiouyAEIOUY](?:[\^(+*]['`?~.]?|['`?~.](?![\s.?!\"')]*$))")


def _viqr(text: str) -> str:
    def letter(match: re.Match[str]) -> str:
        code = match[0]
        if code[0] in "dD":
            return "Đ" if code[0] == "D" else "đ"
        marks = "".join(_VIQR_MARKS.get("+" if mark == "*" else mark, mark) for mark in code[1:])
        return unicodedata.normalize("NFC", code[0] + marks)

    return _VIQR.sub(letter, text)


def _cp1258(text: str) -> str:
    try:
        return text.encode("cp1252").decode("cp1258")
    except UnicodeError:
        return text


_TWICE = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00ff\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+"
)


def _twice(text: str) -> str:
    def once(match: re.Match[str]) -> str:
        code = match[0]
        data = bytearray()
        for character in code:
            try:
                data += character.encode("cp1252")
            except UnicodeError:
                if ord(character) > 0xFF:
                    return code
                data.append(ord(character))
        try:
            return data.decode("utf-8")
        except UnicodeError:
            return code

    return _TWICE.sub(once, text)


_PLAIN = re.compile(r"\S*[^\x00-\x7f]\S*")
_MARKED = re.compile(r"\S*[A-Za-z][\^(+'`?~.]\S+|\S*dd\S*", re.IGNORECASE)
_SCHEMES: tuple[tuple[str, Callable[[str], str], re.Pattern[str]], ...] = (
    ("utf-8 twice", _twice, _PLAIN),
    ("tcvn3", _by_table("tcvn3"), _PLAIN),
    ("vni", _by_table("vni_windows"), _PLAIN),
    ("cp1258", _cp1258, _PLAIN),
    ("viqr", _viqr, _MARKED),
)
