"""The order of the Vietnamese alphabet.

By letters first (`a ă â b c d đ e ê …`), then, where all letters are the same, by tones (none, huyền, hỏi,
ngã, sắc, nặng): the order of dictionaries, and that of the Unicode CLDR's root collation as tailored for
`vi`. Case and the style of tone placement make no difference.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from archive.text.vietnamese import tone_normal

_LETTERS = {letter: chr(0x100 + place) for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": "\x03", "\u0309": "\x04", "\u0303": "\x05", "\u0301": "\x06", "\u0323": "\x07"}
_LEVEL = "\x01"
"""Between letters and tones: below both, so that a word stands before those that begin with it."""
_NO_TONE = "\x02"
_OTHERS = 0x300
"""Digits stand before letters, as their own code points; all other signs from here on."""
_CACHE = 100_000


@lru_cache(maxsize=_CACHE)
def sort_key(word: str) -> str:
    """A text that sorts, by code points, where the word stands in the alphabet.

    Keys of several words may be joined with `\\0` to compare the second where the first are the same.

    :param word: a syllable or word in any spelling; "" comes before every word.
    """
    letters, tones = [], []
    for sign in tone_normal(word):
        base, tone = sign, _NO_TONE
        if sign not in _LETTERS:
            parts = unicodedata.normalize("NFD", sign)
            tone = next((_TONES[part] for part in parts if part in _TONES), _NO_TONE)
            base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        letters.append("".join(map(_letter, base)))
        tones.append(tone)
    return f"{''.join(letters)}{_LEVEL}{''.join(tones)}" if letters else ""


def _letter(sign: str) -> str:
    if sign in _LETTERS:
        return _LETTERS[sign]
    if "0" <= sign <= "9":
        return sign
    return chr(ord(sign) + _OTHERS) if ord(sign) < _OTHERS else sign
