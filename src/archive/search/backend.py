"""The search protocol and its values: what the site asks of an engine, whichever engine it is.

Exactly one process writes an index; any number read it. Readers notice a new generation by themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """What an engine is given of one article: plain NFC texts, no markup."""

    id: str
    """The article's id."""
    title: str
    lead: str
    body: str
    """Paragraphs parted by newlines; captions not among them."""
    captions: tuple[str, ...]
    byline: str
    site: str
    site_name: str
    section: str
    published: dt.date | None
    """Publication day as the page gave it; None when undated."""
    published_text: str
    """`DateFact.iso()`, or "": what a hit shows."""
    url: str
    picture: str
    """Payload digest of the first captured picture, or ""."""
    has_pictures: bool
    status: str
    """`ArticleState` value: live, changed or gone."""
    slug: str
    attachments: tuple[str, ...] = ()
    """Texts of attached files, their paragraphs parted by newlines."""
    keywords: tuple[tuple[str, str], ...] = ()
    """Kind (`query.KEYWORDS`) and name, as readers see it, of the people, places and kinds of events that
    the article has; for filters and facets."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of the change log, ready to apply."""

    upserts: Sequence[IndexDocument]
    deletions: Sequence[str]
    cursor: int
    """Sequence number of the last change in the batch."""


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question, with the parameters that page, feed and API share."""

    q: str = ""
    """As typed. Empty: everything that the filters let through, newest first."""
    page: int = 1
    size: int = 20
    sort: Sort = Sort.RELEVANCE
    sites: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    status: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()
    """Kind and name: of one kind, any of the names; of several kinds, all."""
    media: bool | None = None
    """True: with pictures only; False: without; None: either."""
    exact: bool = False
    """"Đúng dấu": words must carry the accents as typed."""
    facets: bool = True
    collapse: bool = True
    """Articles with the same text count as one hit, the best of them; `SearchHit.copies` says how many."""
    copies_of: str = ""
    """An article id: only articles with the same text, itself among them. Goes with `collapse=False`."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of stored text with the found words marked."""

    text: str
    marks: tuple[tuple[int, int], ...]
    """Start and end offsets of found words within `text`, ascending, not overlapping."""
    field: str
    """"lead", "body", "caption" or "attachment"."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found."""

    id: str
    score: float
    title: Snippet
    """The whole title, found words marked; its field is "title"."""
    snippets: tuple[Snippet, ...]
    site: str
    site_name: str
    section: str
    published: str
    """ISO 8601 date or date-time as the page gave it; "" when undated."""
    url: str
    picture: str
    status: str
    slug: str
    copies: int = 1
    """How many of the articles found have this text, this one among them."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    count: int


class HintKind(StrEnum):
    """What a hint is about; the text is made by the page in the reader's language."""

    UNBALANCED_QUOTE = "unbalanced-quote"
    UNBALANCED_BRACKET = "unbalanced-bracket"
    LONE_OPERATOR = "lone-operator"
    LOWERCASE_OPERATOR = "lowercase-operator"
    UNKNOWN_FIELD = "unknown-field"
    SHORT_PREFIX = "short-prefix"
    BAD_DATE = "bad-date"
    TOO_LONG = "too-long"
    TOO_DEEP = "too-deep"
    ONLY_NOT = "only-not"
    CUT_OFF = "cut-off"
    """The time bound was reached: the result is partial."""
    RELAXED = "relaxed"
    """No article has all that was asked for: these have most of it."""


@dataclass(frozen=True, slots=True)
class Hint:
    kind: HintKind
    detail: str = ""
    """The part of the input that it concerns."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The answer to one request."""

    total: int
    """Exact number of articles found, copies included."""
    hits: tuple[SearchHit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    """"site", "section", "year" (undated as ""), "media", "status", and those of "person", "place" and
    "event" that any article has: counts under the current filters, each facet counted without its own."""
    months: Mapping[str, int] = field(default_factory=dict)
    """`YYYY-MM` → number found."""
    undated: int = 0
    hints: tuple[Hint, ...] = ()
    reading: str = ""
    """How the question was read, in the query syntax itself."""
    suggestion: str = ""
    """"Did you mean": a query in accented words, or ""."""
    milliseconds: float = 0.0
    distinct: int = 0
    """Number of hits to page through: `total`, less the copies that were collapsed."""


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    kind: str
    """"title", "phrase" or "section"."""
    count: int = 0


class DocumentWriter(Protocol):
    """What a rebuild is filled through."""

    def add(self, doc: IndexDocument) -> None:
        """Add a document; the caller sees to it that an id is added once."""
        ...


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of an index that is not what was written."""

    file: str
    """Its path."""
    what: str
    """A sentence without its full stop."""


class SearchBackend(Protocol):
    """An index of articles."""

    def cursor(self) -> int:
        """Position in the change log up to which everything is indexed; 0 for an empty index.

        :raises IndexMissingError: there is no index.
        :raises IndexMismatchError: it was written with another schema or analysis.
        """
        ...

    def apply(self, batch: Batch) -> None:
        """Upserts, deletions, then the cursor, all or nothing. Applying a batch again is harmless.

        :raises IndexBusyError: another process is writing.
        """
        ...

    def rebuild(self, fill: Callable[[DocumentWriter], int], check: Callable[[int], None]) -> None:
        """Fill a new index beside the one in use, then swap. Searches go on meanwhile.

        :param fill: adds all documents and returns the cursor they stand at.
        :param check: is given the number of documents; raises to keep the old index.
        :raises IndexBusyError: another process is writing.
        """
        ...

    def discard(self) -> None:
        """Put the index out of use, for it follows another change log: the next update builds it anew.

        :raises IndexBusyError: another process is writing.
        """
        ...

    def damage(self) -> Sequence[Damage]:
        """Read all of the index in use, and compare it with its checksums.

        :returns: what is damaged; nothing where there is no index, or where the engine checks by itself.
        """
        ...

    def generation(self) -> str:
        """Names the index in use: another name after each rebuild.

        :raises IndexMissingError: there is no index.
        :raises IndexMismatchError: it was written with another schema or analysis.
        """
        ...

    def search(self, request: SearchRequest) -> SearchPage:
        """Answer a request. Never raises on what a person typed.

        :raises IndexMissingError: there is no index.
        :raises IndexMismatchError: it was written with another schema or analysis.
        """
        ...

    def ids(self, request: SearchRequest) -> Sequence[str]:
        """Ids of all that `search` finds for a request, on whatever page, in its order, from one state of
        the index: what is exported is what is shown, also while the index changes.
        """
        ...

    def complete(self, prefix: str, limit: int) -> list[Completion]:
        """How what was typed so far could go on, best first."""
        ...

    def related(self, article_id: str, limit: int) -> list[SearchHit]:
        """Articles like this one, best first, itself not among them; [] when it is not indexed."""
        ...

    def count(self) -> int:
        """Number of articles indexed."""
        ...

    def hide(self, ids: Collection[str]) -> None:
        """From now on answer as if the articles with these ids were not in the index, in every respect:
        hits, totals, facets, months, copies, completions, suggestions, related, `count`. Replaces what an
        earlier call hid; reads nothing yet."""
        ...

    def close(self) -> None:
        """Release files. Using the backend afterwards is an error."""
        ...
