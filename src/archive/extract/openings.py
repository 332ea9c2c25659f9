"""Many patterns over one short text, each tried only where its first letters stand.

Python's `re` tries every alternative of a pattern at every place of a text. A look at three letters tells
which of the patterns' alternatives can begin at a place, mostly none, and most of these are plain texts: over
the class names of 150 pages twenty patterns took a sixth of the time that searching with each of them took.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any

parser: Any = import_module("re._parser")  # private to the library, and told to nobody's type checker
codes: Any = import_module("re._constants")

_SIZE = 3


_Trial = tuple[int, tuple[str, ...], "re.Pattern[str] | None"]
"""A bit, with the plain texts and the pattern of its alternatives that share an opening."""


class Openings:
    """Patterns, each with the bit that stands for it.

    :param patterns: of letters, lists of letters, alternatives, options and `^ $ \\b` alone.
    :raises ValueError: a pattern holds something else.
    """

    def __init__(self, patterns: Iterable[tuple[int, str]]) -> None:
        self._long: dict[str, list[_Trial]] = {}
        self._short: dict[str, list[_Trial]] = {}
        """Openings below `_SIZE`, which are whole matches: few, and in few texts."""
        for bit, pattern in patterns:
            shared: dict[str, list[str]] = {}
            for alternative in _alternatives(pattern):
                for opening in _openings(parser.parse(alternative), alternative):
                    shared.setdefault(opening, []).append(alternative)
            for opening, alternatives in sorted(shared.items()):
                table = self._long if len(opening) == _SIZE else self._short
                table.setdefault(opening, []).append(_trial(bit, alternatives))

    def found(self, text: str) -> int:
        """The bits of the patterns that a text holds."""
        found = 0
        trials = self._long.get
        for place in range(len(text) - _SIZE + 1):
            if (here := trials(text[place : place + _SIZE])) is not None:
                found |= _tried(here, text, place, found)
        for opening, here in self._short.items():
            place = text.find(opening)
            while place >= 0:
                found |= _tried(here, text, place, found)
                place = text.find(opening, place + 1)
        return found


def _tried(trials: list[_Trial], text: str, place: int, found: int) -> int:
    for bit, plain, pattern in trials:
        if not found & bit and (
            text.startswith(plain, place) or (pattern is not None and pattern.match(text, place))
        ):
            found |= bit
    return found


def _trial(bit: int, alternatives: list[str]) -> _Trial:
    """A pattern is tried with the alternatives alone that can begin there, plain ones without `re`."""
    plain = tuple(text for text in alternatives if _PLAIN.fullmatch(text))
    others = [text for text in alternatives if text not in plain]
    return bit, plain, re.compile("|".join(others)) if others else None


_PLAIN = re.compile("[a-z-]+")


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, those in brackets kept together."""
    parts = [""]
    depth = 0
    for letter in pattern:
        depth += (letter in "([") - (letter in ")]")
        if letter == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _openings(parsed: Any, pattern: str) -> set[str]:
    """The first letters of all that a parsed pattern matches; what is shorter ends there."""
    found = {""}
    for code, value in parsed:
        if code is codes.AT:
            continue
        if code is codes.LITERAL:
            following = {chr(value)}
        elif code is codes.IN:
            following = {_letter(item, pattern) for item in value}
        elif code is codes.BRANCH:
            following = set().union(*(_openings(item, pattern) for item in value[1]))
        elif code is codes.SUBPATTERN:
            following = _openings(value[-1], pattern)
        elif code is codes.MAX_REPEAT and tuple(value[:2]) == (0, 1):
            following = {"", *_openings(value[2], pattern)}
        else:
            raise ValueError(f"{pattern!r} holds {code}, which is not foreseen here.")
        found = {(head + tail)[:_SIZE] for head in found for tail in following}
    return found


def _letter(item: tuple[Any, int], pattern: str) -> str:
    if item[0] is not codes.LITERAL:
        raise ValueError(f"{pattern!r} holds a class that is no list of letters.")
    return chr(item[1])
