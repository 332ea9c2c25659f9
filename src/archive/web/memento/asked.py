"""The archived address within one of ours, and ours for an archived one.

An archived address stands in ours as it is, query and all, so the request's raw target is read: Flask's own
view of it has been percent-decoded and split at the question mark.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from flask import request, url_for

from archive.errors import UrlError
from archive.memento.timemap import Addresses
from archive.memento.times import stamp
from archive.model import Capture
from archive.urls import canonical, surt
from archive.web import links

_SCHEME = re.compile(r"(https?):/*", re.IGNORECASE)
_OTHER_ARCHIVE = re.compile(
    r"https?://(?:web\.archive\.org/web|archive\.org/wayback)/[0-9]{1,14}\*?(?:[a-z]{2}_)?/+(?=https?:|www\.)",
    re.IGNORECASE,
)


def rest(prefix: str) -> str:
    """What follows `prefix` (as `/web/`) in the request's target, percent-encoded as it was sent."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if not raw.startswith("/"):
        # An absolute target, as a proxy sends it; or a server that does not tell it: then what was read.
        parts = urlsplit(raw)
        raw = parts.path + (f"?{parts.query}" if parts.query else "")
    place = raw.find(prefix)
    if place >= 0:
        return raw[place + len(prefix) :]
    query = request.query_string.decode("latin-1")
    return quote(request.path.partition(prefix)[2], safe="/:;,@!$&'()*+=~%") + (f"?{query}" if query else "")


def read(text: str) -> str:
    """The canonical form of an address that a person or a link gave; "" when it is none.

    Forgiven are a missing scheme, slashes that a proxy merged, and the address of another archive's copy.
    """
    text = _OTHER_ARCHIVE.sub("", text.strip())
    found = _SCHEME.match(text)
    if found:
        text = f"{found[1].lower()}://{text[found.end() :]}"
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9])", text):
        return ""
    else:
        text = f"http://{text.lstrip('/')}"
    try:
        return canonical(text)
    except UrlError:
        return ""


def key(url: str) -> str:
    """The URL key of a canonical address."""
    return surt(url)


# ----------------------------------------------------------------------------------------- our addresses


def _root() -> str:
    return url_for("search.home").rstrip("/")


def page(url: str, when: str = "", kind: str = "") -> str:
    """`/web/<when><kind>/<url>`; without a time the TimeGate, which leads to the newest or the nearest."""
    return f"{_root()}/web/{when}{kind}/{url}" if when else f"{_root()}/web/{url}"


def memento(capture: Capture, kind: str = "") -> str:
    """The address of one capture."""
    return page(capture.url, stamp(capture.at), kind)


def calendar(url: str, when: str = "") -> str:
    """`/web/<when>*/<url>`: all captures, or those of a year, month or day."""
    return f"{_root()}/web/{when}*/{url}"


def timemap(form: str, url: str, number: int = 1) -> str:
    """The address of a TimeMap, or of a later part of it."""
    return f"{_root()}/timemap/{form}/{f'{number}/' if number > 1 else ''}{url}"


def addresses(url: str) -> Addresses:
    """The public addresses of everything about an original address."""
    return Addresses(
        original=url,
        timegate=links.absolute(page(url)),
        timemaps={form: links.absolute(timemap(form, url)) for form in ("link", "json", "cdxj")},
    )
