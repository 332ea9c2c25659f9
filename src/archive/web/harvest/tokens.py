"""Resumption tokens: a place in a list with the question that it belongs to. Pure.

A token holds all that is needed to go on, and the server nothing: it never expires, and an archive that
changes meanwhile does not move its place.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass

from archive.store.harvest import Place, Selected

_FORM = 1


@dataclass(frozen=True, slots=True)
class Token:
    """Where to go on."""

    verb: str
    selected: Selected
    after: Place | None
    """None at the beginning, which needs no token."""
    handed_out: int
    """Records before this place."""
    size: int
    """Of the whole list, as counted when it was begun."""


def write(token: Token, after: Place) -> str:
    """The text of a token that leads to what stands after a place."""
    chosen = token.selected
    values = [
        _FORM, token.verb, chosen.site, _seconds(chosen.begin), _seconds(chosen.end),
        _seconds(after[0]), after[1], token.handed_out, token.size,
    ]  # fmt: skip
    data = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read(text: str, verb: str) -> Token | None:
    """The token that `write` wrote for this verb; None for anything else."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        form, of, site, begin, end, at, article, done, size = json.loads(
            base64.b64decode(padded, altchars=b"-_", validate=True)
        )
        if (form, of) != (_FORM, verb) or not isinstance(article, str):
            return None
        if not (site is None or isinstance(site, str)):
            return None
        after = _moment(at)
        if after is None:
            return None
        chosen = Selected(site, _moment(begin), _moment(end))
        return Token(verb, chosen, (after, article), _number(done), _number(size))
    except (ValueError, TypeError, UnicodeError, binascii.Error, OverflowError, OSError, RecursionError):
        return None


def _seconds(moment: dt.datetime | None) -> int | None:
    return int(moment.timestamp()) if moment is not None else None


def _moment(seconds: object) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(_number(seconds, least=-(10**11)), dt.UTC)


def _number(value: object, least: int = 0) -> int:
    """:raises ValueError: it is no whole number."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 10**12:
        raise ValueError(value)
    return value
