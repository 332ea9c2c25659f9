"""Every value that passes between the archive's parts. All frozen; no input or output here.

Reading order: a `Site` is crawled, an `Exchange` with its server becomes a `Capture`, the `Page` in it
yields an `Extraction`, which becomes a `Version` of an `Article` and a `Change` that the index follows.

Times are timezone-aware UTC `datetime`s. Dates read from pages are local to Asia/Ho_Chi_Minh and are
kept as `DateFact`, so that a day never silently becomes an instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# ---------------------------------------------------------------------------------------------- sites


@dataclass(frozen=True, slots=True)
class Site:
    """One portal that an admin listed."""

    id: str
    """Short, stable, `[a-z0-9-]+`; part of addresses and of article ids."""
    name: str
    """As readers see it: "Cổng TTĐT huyện Đầm Hà"."""
    start: tuple[str, ...]
    """Seeds: addresses where the crawl begins."""
    scope: tuple[str, ...] = ()
    """`host[:port][/path]` prefixes that belong to the site; empty means the hosts of `start`."""
    media_hosts: tuple[str, ...] = ()
    """Other hosts from which pictures of articles may be taken; `*` means any public host."""
    delay: float | None = None
    """Seconds between two requests to one host; None means the default (1 s; 0 on loopback)."""
    profile: str | None = None
    """A profile's name to force; None means: found by the evidence in the pages."""
    allow_private: bool = False
    """May connect to loopback and private addresses (an intranet portal, the sample portal)."""
    ignore_robots: str = ""
    """The operator's recorded reason for overriding robots.txt; empty means it is obeyed."""
    ca_file: str | None = None
    """Extra certificates (PEM) for a portal with an incomplete chain."""
    max_depth: int = 12
    """Links from a seed to a page at most, paging not counted."""
    max_pages: int = 200_000
    """Pages of the site at most."""
    max_section_pages: int = 5_000
    """List pages of one section at most: calendars page without end."""


# ------------------------------------------------------------------------------------------- exchange

Headers = tuple[tuple[str, str], ...]
"""Header fields in the order received; names as written, values Latin-1 decoded."""


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header field, its name compared without case; None when absent."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


class Reason(StrEnum):
    """Why one address failed or was left out. The value is what tables and listings print."""

    REFUSED_ADDRESS = "refused-address"  # private range, odd scheme
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    CUT = "cut"  # fewer bytes than announced, or a stream without its end
    BAD_CONTENT = "bad-content"  # cannot be decoded
    REDIRECTS = "redirects"
    HTTP = "http"  # a status that is no success; detail has the number
    ROBOTS = "robots"
    OUT_OF_SCOPE = "out-of-scope"
    TRAP = "trap"  # depth, pages a section, repeating path parts
    SOFT_404 = "soft-404"
    BOT_CHECK = "bot-check"
    LOGIN = "login"
    EMPTY = "empty"
    EXTRACT = "extract"  # the extractor failed on the page: a bug, kept to be looked at
    PAUSED = "paused"  # the host was given up for this run


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with one address: counted and listable, never an exception that ends a run."""

    url: str
    reason: Reason
    detail: str
    """One sentence for a person."""
    at: dt.datetime
    retry: bool
    """Whether a later try could do better."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, as they went over the wire."""

    url: str
    """The address asked for, absolute, without fragment."""
    at: dt.datetime
    """When the request was sent (UTC, microseconds)."""
    method: str
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    headers: Headers
    payload: bytes
    """The body as received, transfer-coding removed, content-coding kept."""
    ip: str
    """The address that was connected to."""
    elapsed_ms: int
    truncated: str = ""
    """"", "length" or "time": why the body was cut by us (WARC-Truncated)."""
    robots: str = ""
    """The robots decision that allowed the request: "allowed", "none", "override: …"."""
    via: str = ""
    """The page the address was found on."""
    hops: str = ""
    """Path from the seed as in WARC's hopsFromSeed: L link, R redirect, E embedded."""


@dataclass(frozen=True, slots=True)
class WarcRef:
    """Where a record stands."""

    file: str
    """File name within the WARC folder, no path."""
    offset: int
    """Byte offset of the record's gzip member."""
    length: int
    """Length in bytes of the gzip member."""
    sha256: str
    """Hex SHA-256 over those bytes."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange as recorded: the row of the capture index."""

    id: str
    """Hex of the UUID in the record's WARC-Record-ID."""
    site: str
    url: str
    urlkey: str
    """SURT form of `url`, for look-ups that ignore scheme, `www.` and letter case of the host."""
    at: dt.datetime
    method: str
    status: int
    mime: str
    """Media type without parameters, lower case; "" when not given."""
    payload_digest: str
    """`sha256:` and hex, over the payload with content-coding removed."""
    size: int
    """Bytes of that decoded payload."""
    ref: WarcRef
    revisit_of: str | None = None
    """The capture that holds the same payload, when this one is a revisit."""
    truncated: str = ""
    redirect_to: str | None = None
    robots: str = ""
    via: str = ""


# ----------------------------------------------------------------------------------------- extraction


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


# ------------------------------------------------------------------------------- articles and changes


class ArticleState(StrEnum):
    """How the original stands, as far as the last visit knows."""

    LIVE = "live"
    CHANGED = "changed"
    """Still there, and edited since it was first captured."""
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
class ArticleView:
    """All that a page or the index needs of one article at one version."""

    article: Article
    version: Version
    extraction: Extraction
    capture: Capture
    versions: int
    """How many versions there are."""
    site_name: str
    pictures: Mapping[str, Capture] = field(default_factory=dict)
    """Captured pictures by the address that the blocks name."""


class ChangeKind(StrEnum):
    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log that the index follows."""

    seq: int
    article: str
    kind: ChangeKind
    at: dt.datetime
