"""Values: what kinds of link there are, and what a page leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an address seems to be; the frontier keeps it."""

    SEED = "seed"
    FEED = "feed"
    SITEMAP = "sitemap"
    LIST = "list"
    """A first page of a section."""
    PAGING = "paging"
    """A further page of a list."""
    ARTICLE = "article"
    PAGE = "page"
    """Anything else that may hold links."""
    MEDIA = "media"
    """A picture or attachment of an article."""


@dataclass(frozen=True, slots=True)
class Link:
    """One address found on a page."""

    url: str
    """Canonical."""
    kind: Kind
    order: float = 0.0
    """Its place on the page, 0 for the first; for paging, how many pages further on."""
    hint: str = ""
    """What the page says of its last change (lastmod), as it stood."""
    form: tuple[tuple[str, str], ...] | None = None
    """Fields to post, for paging by postback."""
    number: int | None = None
    """For a postback: the page of the list that it leads to; None for "the next", whichever that is."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """All that a page leads to."""

    links: tuple[Link, ...] = ()
    unreadable: int = 0
    """Links that are no http addresses or cannot be parsed, `javascript:` and `mailto:` not counted."""
    left_out: int = 0
    """Links beyond `MAX_LINKS`."""

    @property
    def is_list(self) -> bool:
        """Whether the page looks like a list of articles."""
        return sum(link.kind is Kind.ARTICLE for link in self.links) >= 3
