"""Hiding names in text: what a takedown of a name does to everything that a reader is shown.

A name is found however a portal spells it: in any case, with the tone mark on either vowel (`Hoà`, `Hòa`),
with any white space between its words, and wholly without accents. `Nguyễn Văn An` is not found in
`Nguyễn Văn Ân`: names are told apart by their accents wherever the text has them.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archive.text.vietnamese import fold, normal_word, raw_spans, slug

HIDDEN = "███"
"""What stands in place of a name: no word, so that no index files it."""

_GAP = re.compile(r"[\s\u00a0.\-\u2010-\u2015]*")
_TAG = re.compile(r"<[^>]{0,4000}>")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its names hidden, and where each stood."""

    text: str
    cuts: tuple[tuple[int, int], ...]
    """Start and end, in the original text, of each stretch that `HIDDEN` replaces; ascending."""

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the original text as offsets into the masked text; a cut is covered whole or not."""
        return self._moved(start, opening=True), self._moved(end, opening=False)

    def _moved(self, at: int, *, opening: bool) -> int:
        shift = 0
        for start, end in self.cuts:
            if at >= end:
                shift += len(HIDDEN) - (end - start)
            elif at > start:
                return start + shift + (0 if opening else len(HIDDEN))
            else:
                break
        return at + shift


class Mask:
    """Hides some names. Pure; made once for a set of names and used for many texts."""

    def __init__(self, names: Iterable[str]) -> None:
        """
        :param names: as they are written in full, with their accents. One without a word hides nothing.
        """
        words = (tuple(normal_word(raw) for raw, _, _ in raw_spans(name)) for name in names)
        self._names = sorted({item for item in words if item}, key=len, reverse=True)
        self._first: dict[str, list[tuple[str, ...]]] = {}
        for item in self._names:
            for key in {item[0], fold(item[0])}:
                self._first.setdefault(key, []).append(item)
        self._slugs = [slug(" ".join(item)) for item in self._names]

    def __bool__(self) -> bool:
        return bool(self._names)

    def found(self, text: str) -> bool:
        """Whether any of the names stands in a text."""
        return next(self._cuts(text), None) is not None

    def found_in_page(self, text: str) -> bool:
        """Whether any of the names stands in HTML: between tags, across them, in attributes and scripts."""
        whole = html.unescape(text)
        return self.found(whole) or self.found(html.unescape(_TAG.sub("", text)))

    def apply(self, text: str) -> Masked:
        """A text with each name hidden."""
        cuts = tuple(self._cuts(text))
        if not cuts:
            return Masked(text, ())
        parts, at = [], 0
        for start, end in cuts:
            parts += [text[at:start], HIDDEN]
            at = end
        return Masked("".join(parts) + text[at:], cuts)

    def text(self, text: str) -> str:
        """`apply`, the text alone."""
        return self.apply(text).text

    def address(self, url: str) -> str:
        """An address that spells a name in its path is cut down to its host, told apart by a hash."""
        spelled = slug_of(url)
        if not any(f"-{item}-" in f"-{spelled}-" for item in self._slugs if "-" in item):
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        token = hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=4).hexdigest()
        return f"{parts.scheme}://{parts.netloc}/#{token}"

    def _cuts(self, text: str) -> Iterator[tuple[int, int]]:
        if not self._names or not text:
            return
        words = [(normal_word(raw), start, end) for raw, start, end in raw_spans(text)]
        at = 0
        while at < len(words):
            end = self._match(words, at, text)
            if end:
                yield words[at][1], words[end - 1][2]
                at = end
            else:
                at += 1

    def _match(self, words: list[tuple[str, int, int]], at: int, text: str) -> int:
        """The end, in words, of the longest name that begins at a word; 0 for none."""
        for name in self._first.get(words[at][0], ()):
            end = at + len(name)
            here = tuple(word for word, _, _ in words[at:end])
            if here != name and here != tuple(map(fold, name)):
                continue
            gaps = zip(words[at : end - 1], words[at + 1 : end], strict=True)
            if all(_GAP.fullmatch(text, one[2], other[1]) for one, other in gaps):
                return end
        return 0


def slug_of(url: str) -> str:
    """All of an address but its host as words joined by `-`, accents off."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return re.sub(r"[^a-z0-9]+", "-", fold(unquote(f"{parts.path}?{parts.query}"))).strip("-")
