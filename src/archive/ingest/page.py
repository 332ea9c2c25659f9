"""Which exchanges hold a page to extract, and its bytes."""

from __future__ import annotations

import re

from archive.coding import decode_content
from archive.errors import ContentError
from archive.model import Exchange, Page, header
from archive.warc.read import MAX_PAYLOAD, content_encoding, media_type

_PAGES = frozenset({"text/html", "application/xhtml+xml", ""})
_NO_PAGES = re.compile(r"[EP]R*\Z")
"""Ends of hopsFromSeed: what a page embeds and what a protocol needs (robots.txt), also after redirects."""
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<?xml")


def page_of(exchange: Exchange, body: bytes | None = None) -> Page | None:
    """The page in an exchange; None when it holds none: not 200, not HTML, cut off, not decodable, or asked
    for as a picture or as robots.txt.

    :param body: the payload with its content-coding removed, when the caller has it already.
    """
    if exchange.status != 200 or exchange.truncated or _NO_PAGES.search(exchange.hops) is not None:
        return None
    kind = media_type(exchange.headers)
    if kind not in _PAGES:
        return None
    if body is None:
        body = decoded(exchange)
    if body is None or (not kind and not body[:512].lstrip().lower().startswith(_MARKUP)):
        return None
    return Page(exchange.url, body, header(exchange.headers, "content-type") or "")


def decoded(exchange: Exchange) -> bytes | None:
    """The payload with its content-coding removed; None when that cannot be done.

    A payload that was cut by a limit of ours is taken as it is.
    """
    if exchange.truncated:
        return exchange.payload
    try:
        return decode_content(exchange.payload, content_encoding(exchange.headers), MAX_PAYLOAD)
    except ContentError:
        return None
