"""Stable identities, their versions, and the log of changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from archive.model.capture import Capture
from archive.model.extraction import Extraction


class ArticleState(StrEnum):
    """How the original stands, as far as the last visit knows."""

    LIVE = "live"
    CHANGED = "changed"
    """Still there, and edited since it was first captured."""
    MOVED = "moved"
    """Its address leads on to another one, where it stands now."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Article:
    """A stable identity."""

    id: str
    site: str
    url: str
    """Canonical address of the first capture."""
    first_seen: dt.datetime
    last_seen: dt.datetime
    """When it was last found at its address."""
    state: ArticleState
    gone_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said at one capture. Immutable; numbered from 1 in order of acquisition."""

    article: str
    number: int
    capture: str
    at: dt.datetime
    content_hash: str
    """Hex SHA-256 over the extraction's content (`archive.wire.content_hash`)."""
    extractor: str


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that an article links to, captured, with the text that was found in it."""

    url: str
    """As the article's block names it."""
    name: str
    """As the article names it."""
    capture: Capture
    """The capture nearest in time to the version."""
    kind: str
    """"pdf", "doc", "docx", "xls", "xlsx", "rtf", or "" for another kind."""
    text: str
    """What it says, a paragraph or row a line; "" when there is nothing to read."""
    problem: str
    """Why it could not be read, or not whole; "" when all went well."""


@dataclass(frozen=True, slots=True)
class ArticleView:
    """All that a page or the index needs of one article at one version."""

    article: Article
    version: Version
    extraction: Extraction
    capture: Capture
    versions: int
    """How many versions there are."""
    current: int
    """Number of the version that is newest by date: an import may bring older ones later."""
    site_name: str
    pictures: Mapping[str, Capture] = field(default_factory=dict)
    """Captured pictures by the address that the blocks name."""
    attachments: tuple[AttachedFile, ...] = ()
    """Captured files that the blocks name, in their order; one that is not captured is left out."""
    pages: tuple[Capture, ...] = ()
    """For an article of several pages the captures of all of them in order; else empty."""
    masked: bool = False
    """Names were hidden in it, by order."""


class ChangeKind(StrEnum):
    UPSERT = "upsert"
    DELETE = "delete"
    WITHHOLD = "withhold"
    """By order: what an index has of it must not be shown, whether or not it is to be made anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log that the index follows."""

    seq: int
    article: str
    kind: ChangeKind
    at: dt.datetime
