"""What an extractor is given and what it says of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Page:
    """What an extractor is given: a decoded HTTP body and where it came from."""

    url: str
    body: bytes
    content_type: str = ""


class PageKind(StrEnum):
    """What a page turned out to be."""

    ARTICLE = "article"
    LIST = "list"
    OTHER = "other"
    SOFT_404 = "soft-404"
    BOT_CHECK = "bot-check"
    LOGIN = "login"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Span:
    """An inline mark within a block's text."""

    start: int
    end: int
    kind: str
    """"strong", "em" or "link"."""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ListBlock:
    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]
    header: bool = False
    """Whether the first row is a header."""


@dataclass(frozen=True, slots=True)
class Quote:
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One image of a figure."""

    url: str
    """Absolute address of the image itself, lazy loading undone."""
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One or several pictures (or a video) with their caption."""

    pictures: tuple[Picture, ...]
    caption: str = ""
    credit: str = ""
    video: str = ""
    """Address of a video, when the figure is one."""


@dataclass(frozen=True, slots=True)
class Attachment:
    url: str
    name: str


Block = Heading | Paragraph | ListBlock | Table | Quote | Figure | Attachment


@dataclass(frozen=True, slots=True)
class DateFact:
    """A date read from a page, with where it came from."""

    day: dt.date
    time: dt.time | None
    """Local time (Asia/Ho_Chi_Minh); None when only the day is known."""
    basis: str
    """The rule that found it: "jsonld:datePublished", "profile:nukeviet time"."""
    text: str
    """The source text as it stood."""

    def iso(self) -> str:
        """`2022-09-28`, or `2022-09-28T15:30:00+07:00` when the time is known."""
        if self.time is None:
            return self.day.isoformat()
        return f"{self.day.isoformat()}T{self.time.isoformat('seconds')}+07:00"


@dataclass(frozen=True, slots=True)
class Byline:
    """Who signed the article: four different things, never mixed."""

    authors: tuple[str, ...] = ()
    organisation: str = ""
    photographers: tuple[str, ...] = ()
    source: str = ""
    """Another medium it was taken from: "Theo …", "Nguồn: …"."""
    text: str = ""
    """The line as it stood."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How one field was found."""

    field: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """The pure output of one extractor version on one page."""

    kind: PageKind
    extractor: str
    """Name and version of the extractor."""
    profile: str = ""
    """The profile that was used; "" for the generic rules alone."""
    title: str = ""
    lead: str = ""
    blocks: tuple[Block, ...] = ()
    published: DateFact | None = None
    modified: DateFact | None = None
    byline: Byline = field(default_factory=Byline)
    section: str = ""
    canonical: str = ""
    """Absolute `rel=canonical`, when the page gives one."""
    parts: tuple[str, ...] = ()
    """Absolute addresses of the article's pages 2, 3 …; empty for nearly all. Not part of the content."""
    part_of: str = ""
    """Absolute address of page 1, when this page is a later one of an article."""
    lang: str = ""
    reason: str = ""
    """Why `kind` is what it is, for kinds that are no article."""
    notes: tuple[str, ...] = ()
    """Repairs that were made to the text (charset, legacy encoding)."""
    trace: tuple[Trace, ...] = ()
    """Which rule found which field; not part of the content."""
    dropped: tuple[Trace, ...] = ()
    """What was thrown away and by which rule; not part of the content."""

    def captions(self) -> Iterator[str]:
        """The captions of all figures, in reading order."""
        for block in self.blocks:
            if isinstance(block, Figure) and block.caption:
                yield block.caption

    def pictures(self) -> Iterator[Picture]:
        """All pictures, in reading order."""
        for block in self.blocks:
            if isinstance(block, Figure):
                yield from block.pictures

    def body(self) -> Iterator[str]:
        """The texts of the body in reading order, captions not among them."""
        for block in self.blocks:
            match block:
                case Heading(text=text) | Paragraph(text=text):
                    yield text
                case ListBlock(items=items):
                    yield from items
                case Quote(paragraphs=paragraphs):
                    yield from paragraphs
                case Table(rows=rows):
                    for row in rows:
                        yield " ".join(cell for cell in row if cell)
