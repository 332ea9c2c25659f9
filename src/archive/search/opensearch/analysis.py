"""Texts → tokens. The engine is given words that are analysed already, so that it has no say in Vietnamese.

Each word is sent as its three forms, `=đường|~đương|duong`: as written (tone placement and i/y normal), its
letters without the tone mark, and `fold_key`. The engine parts words at spaces and their forms at `|`; the
forms of one word, and those of a figure's parts, stand at the same position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from archive.search.backend import IndexDocument
from archive.search.document import field_texts, id_key, keyword_form, text_key
from archive.search.hits import SHOWN
from archive.search.query import KEYWORDS
from archive.text.vietnamese import (
    figure_parts,
    fold,
    fold_key,
    normal_word,
    raw_words,
    toneless,
    whole_words,
)

EXACT, LETTERS, FOLDED = "=", "~", ""
"""What the three forms begin with; no word has such a character."""
MAX_WORD = 80
"""Characters of a word that are kept; a longer one keeps its beginning and a hash, so that it is still found
as a whole and by its first letters."""
_CACHE = 200_000
_SIGN = 1 << 63


def term(form: str, word: str) -> str:
    """The token that stands for one form of a normal word.

    :param form: `EXACT`, `LETTERS` or `FOLDED`.
    """
    text = word if form == EXACT else toneless(word) if form == LETTERS else fold_key(word)
    return form + _bounded(text)


def _bounded(text: str) -> str:
    if len(text) <= MAX_WORD:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{text[:MAX_WORD]}\N{HORIZONTAL ELLIPSIS}{digest}"


class _Chunks(dict[str, str]):
    """Text between spaces → the tokens of its words, with a space between several words."""

    def __missing__(self, chunk: str) -> str:
        found = []
        for raw in raw_words(chunk):
            forms = dict.fromkeys((normal_word(raw), *figure_parts(raw)))
            found.append("|".join(term(form, word) for word in forms for form in (EXACT, LETTERS, FOLDED)))
        tokens = " ".join(found)
        if len(self) >= _CACHE:
            self.clear()
        self[chunk] = tokens
        return tokens


_CHUNKS = _Chunks()


def tokens(text: str) -> str:
    """All words of a text, each as its forms, a space between words."""
    return " ".join(filter(None, map(_CHUNKS.__getitem__, text.split())))


def _pieces(texts: Iterable[str]) -> list[str]:
    return [found for text in texts if (found := tokens(text))]


def signed(key: int) -> int:
    """A 64-bit hash as the engine's signed integer, in the same order."""
    return key - _SIGN


def copy_key(doc: IndexDocument) -> int:
    """What copies of a text share; an article without any has its own."""
    return signed(text_key(doc) or id_key(doc.id))


def source(doc: IndexDocument) -> dict[str, Any]:
    """A document as it is sent, in the fields of `schema`."""
    sent: dict[str, Any] = {
        "id": doc.id,
        "shown": {name: _sendable(getattr(doc, name)) for name in SHOWN},
        "w": {item.field: found for item in field_texts(doc) if (found := _pieces(item.pieces))},
        "key": signed(id_key(doc.id)),
        "copy": copy_key(doc),
        "media": doc.has_pictures,
        "status": doc.status,
        "site": _sendable(doc.site),
        "section": _sendable(doc.section),
        "section_start": fold(_sendable(doc.section)),
    }
    sent["w"]["site"] = _pieces((doc.site, doc.site_name))
    if doc.published is not None:
        day = doc.published.toordinal()
        sent |= {
            "day": day,
            "moment": day * 1440 + _minute(doc.published_text),
            "year": doc.published.year,
            "month": doc.published.year * 100 + doc.published.month,
        }
    for kind in KEYWORDS:
        sent |= _names(kind, [name for other, name in doc.keywords if other == kind])
    return sent


def _names(kind: str, names: Iterable[str]) -> dict[str, list[str]]:
    shown: dict[str, None] = {}
    keys: dict[str, None] = {}
    for name in names:
        name = " ".join(_sendable(name).replace("\0", " ").split())
        if form := keyword_form(name):
            shown[name] = keys[_bounded(form)] = keys[exact_name(name)] = None
    return {kind: list(shown), f"{kind}_key": list(keys)} if shown else {}


def name_key(name: str) -> str:
    """Under which a name is filed, accents apart."""
    return _bounded(keyword_form(name))


def exact_name(name: str) -> str:
    """Under which a name is filed with its accents."""
    return EXACT + _bounded(" ".join(whole_words(name)))


def _minute(published_text: str) -> int:
    """Minute of the day of an ISO date-time as `DateFact.iso` writes it; 0 for a date."""
    hours, minutes = published_text[11:13], published_text[14:16]
    return int(hours) * 60 + int(minutes) if hours.isdecimal() and minutes.isdecimal() else 0


def _sendable(value: Any) -> Any:
    """Text without lone surrogates, which no JSON parser but Python's takes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    return [_sendable(item) for item in value] if isinstance(value, tuple) else value
