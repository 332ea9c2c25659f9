"""One exchange with a server, and how it is kept or failed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

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
    WITHHELD = "withheld"  # destroyed by order: not captured again


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
    source: str = ""
    """"" when we made the exchange; else the file that it was imported from, with its SHA-256."""


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
    source: str = ""
    """"" when crawled; else the file that it was imported from, with its SHA-256."""
