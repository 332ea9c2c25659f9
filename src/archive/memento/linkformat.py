"""Typed links, as a `Link` header (RFC 8288) and as `application/link-format` (RFC 6690)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from archive.memento.times import http_date

MEDIA_TYPE = "application/link-format"


@dataclass(frozen=True, slots=True)
class Link:
    """One link with the attributes that RFC 7089 gives it."""

    target: str
    """An absolute address, percent-encoded, so that it holds neither `<>` nor quotes."""
    rel: str
    """One relation type, or several parted by spaces: `first memento`."""
    type: str = ""
    at: dt.datetime | None = None
    """`datetime`: of a memento."""
    since: dt.datetime | None = None
    """`from`: the earliest memento that a TimeMap lists."""
    until: dt.datetime | None = None


def header(links: Iterable[Link]) -> str:
    """The value of a `Link` header."""
    return ", ".join(map(_text, links))


def document(links: Iterable[Link]) -> str:
    """A TimeMap: one link a line."""
    return ",\n".join(map(_text, links)) + "\n"


def _text(link: Link) -> str:
    parts = [f'<{link.target}>; rel="{link.rel}"']
    if link.type:
        parts.append(f'type="{link.type}"')
    for name, moment in (("from", link.since), ("until", link.until), ("datetime", link.at)):
        if moment is not None:
            parts.append(f'{name}="{http_date(moment)}"')
    return "; ".join(parts)
