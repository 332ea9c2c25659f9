"""Other addresses that a page names as its own: what old links in mails and on social media were made of.

WordPress puts `http://portal/?p=123` into each article's page (`<link rel="shortlink">`) and into its header
fields; nothing links to such an address, so it is never captured, and yet readers have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.ingest.captures import canonical_or_none
from archive.model import Exchange

_HEAD = 100_000
"""Bytes in which the element is looked for."""
_ELEMENT = re.compile(rb"<link\b[^>]{0,600}?\brel\s*=\s*[\"']?shortlink[\"'\s>][^>]{0,600}>?", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]{1,500})\"|'([^']{1,500})'|([^\s>\"']{1,500}))", re.IGNORECASE)
_FIELD = re.compile(r"<([^<>]{1,500})>\s*;[^,<]*\brel\s*=\s*\"?shortlink\b", re.IGNORECASE)


def shortlinks(exchange: Exchange, body: bytes | None) -> list[str]:
    """The short addresses of a page, canonical, other than its own.

    :param body: the page, content-coding removed.
    """
    found = {
        address
        for text in _named(exchange, body or b"")
        if (address := canonical_or_none(text, exchange.url))
    }
    return sorted(found - {canonical_or_none(exchange.url)})


def _named(exchange: Exchange, body: bytes) -> Iterator[str]:
    for name, value in exchange.headers:
        if name.lower() == "link":
            yield from (match[1] for match in _FIELD.finditer(value[:4_096]))
    if (element := _ELEMENT.search(body[:_HEAD])) and (href := _HREF.search(element[0])):
        text: bytes = next(group for group in href.groups() if group is not None)
        yield text.decode("utf-8", "replace").replace("&amp;", "&").replace("&#038;", "&")
