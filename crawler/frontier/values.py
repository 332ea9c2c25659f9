"""Values of the frontier, and the keys under which it knows addresses. Pure."""

from __future__ import annotations

import datetime as dt
import email.utils
from dataclasses import dataclass

from crawler.discover import Kind, Link

_NUMBERS = frozenset({"nid", "id", "itemid", "newsid", "articleid", "tintucid", "p"})
_TITLES = frozenset({"title", "tieude", "alias", "slug"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of the frontier, taken out to be asked for."""

    id: int
    url: str
    kind: Kind
    depth: int
    section: str
    priority: float
    attempts: int
    etag: str | None
    last_modified: str | None
    digest: str | None
    last_fetch: dt.datetime | None
    last_changed: dt.datetime | None
    via: str
    hops: str
    form: tuple[tuple[str, str], ...] | None
    page: int = 1
    """Which page of its list it is, for one that is posted."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that passed all checks, with the place in the queue that it is given."""

    link: Link
    priority: float
    depth: int
    section: str
    via: str
    hops: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer leaves in the frontier."""

    at: dt.datetime
    status: int
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """Of the payload; None leaves the earlier one (304)."""
    kind: Kind | None = None
    """What the page turned out to be; None leaves the guess."""
    changed: bool = False
    """Whether it says something else than before: an article its content, any other page its bytes."""
    published: dt.date | None = None
    """Day of publication of an article; None leaves what is known."""


def key_of(link: Link) -> str:
    """What tells an entry from others of its site: the address, and the page of the list that is posted for.

    The posted fields do not: pagers use the same ones for page 1 of each block of ten.
    """
    key = url_key(link.url)
    return f"{key} POST page {link.number}" if link.form is not None else key


def url_key(url: str) -> str:
    """An address with its query in one order, names in lower case, and without a title beside a number.

    The systems that portals run on take all these for the same page; what is asked for is still the address
    as it was found.
    """
    path, mark, query = url.partition("?")
    if not mark:
        return url
    pairs = [piece.partition("=") for piece in query.split("&")]
    named = sorted((name.lower(), value) for name, _, value in pairs)
    if any(name in _NUMBERS and value.isdigit() for name, value in named):
        named = [item for item in named if item[0] not in _TITLES]
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in named)}"


def hinted_day(hint: str) -> str | None:
    """The day that a feed or sitemap gives for an address, ISO or RFC 5322; None for nonsense."""
    try:
        return dt.date.fromisoformat(hint[:10]).isoformat()
    except ValueError:
        pass
    try:
        return email.utils.parsedate_to_datetime(hint).date().isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
