"""What a page leads to: links told apart by how they look and where they stand. Pure.

A link's kind is a guess that decides its turn and how often it is asked for; what the page really is, its
content says once it is fetched.
"""

from __future__ import annotations

from archive.coding import decode_content
from archive.errors import ContentError
from archive.model import Page
from crawler.discover.dressing import dressing
from crawler.discover.html import MAX_LINKS, from_html
from crawler.discover.links import Discovery, Kind, Link
from crawler.discover.shapes import list_key, repeats, shape
from crawler.discover.xml import from_xml

__all__ = ["MAX_LINKS", "Discovery", "Kind", "Link", "discover", "dressing", "list_key", "repeats", "shape"]

MAX_SITEMAP = 50_000_000
"""Bytes of an unpacked sitemap, as its protocol has it."""


def discover(page: Page) -> Discovery:
    """The links of a page, feed or sitemap; never raises, whatever the bytes."""
    if page.body[:2] == b"\x1f\x8b":  # a packed file (sitemap.xml.gz), which is no content-coding
        try:
            page = Page(page.url, decode_content(page.body, "gzip", MAX_SITEMAP), "application/xml")
        except ContentError:
            return Discovery()
    start = page.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    head = start[:400].lower()
    is_xml = "xml" in page.content_type and "html" not in page.content_type
    if (is_xml or head.startswith(b"<?xml")) and b"<html" not in start.lower():
        return from_xml(page)
    return from_html(page)
