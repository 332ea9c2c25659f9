"""Opaque cursors: a place in a list, bound to the question that it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence

_MOST = 100_000


def question(args: Mapping[str, Sequence[str]]) -> str:
    """What a cursor is bound to: all parameters but the place itself."""
    plain = sorted((name, list(values)) for name, values in args.items() if name != "cursor")
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:12]


def write(page: int, asked: str) -> str:
    """The cursor of a page of a question."""
    data = json.dumps([page, asked], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def read(cursor: str, asked: str) -> int | None:
    """The page that a cursor leads to; None when it is none, or of another question."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        page, of = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, UnicodeError, binascii.Error, TypeError):
        return None
    fits = of == asked and isinstance(page, int) and not isinstance(page, bool) and 1 <= page <= _MOST
    return page if fits else None
