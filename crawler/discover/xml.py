"""The links of feeds (RSS, Atom) and sitemaps (sitemaps.org)."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from archive.errors import UrlError
from archive.model import Page
from archive.urls import canonical
from crawler.discover.links import Discovery, Kind, Link
from crawler.discover.shapes import like_article

MAX_XML_LINKS = 50_000
"""Links of one feed or sitemap: what the sitemap protocol allows in a file."""


def from_xml(page: Page) -> Discovery:
    """What a feed or a sitemap leads to, newest first; never raises."""
    # Nothing outside the document is ever read, and no entity is replaced (faults: XML).
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(page.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return Discovery()
    if root is None:
        return Discovery()
    # Newest first, whatever the order of the file: sitemaps often begin with the oldest. What has no date
    # keeps its place behind.
    found = sorted(
        islice(_xml_items(root), MAX_XML_LINKS + 1), key=lambda item: _instant(item[2]), reverse=True
    )
    links: dict[str, Link] = {}
    unreadable = 0
    for place, (href, kind, hint) in enumerate(found[:MAX_XML_LINKS]):
        try:
            url = canonical(href, page.url)
        except UrlError:
            unreadable += 1
            continue
        links.setdefault(url, Link(url, kind, float(place), hint))
    return Discovery(tuple(links.values()), unreadable, max(0, len(found) - MAX_XML_LINKS))


def _xml_items(root: Any) -> Iterator[tuple[str, Kind, str]]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        match _name(element):
            case "item":  # RSS
                if href := _child(element, "link"):
                    yield href, Kind.ARTICLE, _child(element, "pubDate")
            case "entry":  # Atom
                if href := _atom_link(element):
                    yield href, Kind.ARTICLE, _child(element, "updated")
            case "url":
                if href := _child(element, "loc"):
                    yield (
                        href,
                        Kind.ARTICLE if like_article(href, "") else Kind.PAGE,
                        _child(element, "lastmod"),
                    )
            case "sitemap":
                if href := _child(element, "loc"):
                    yield href, Kind.SITEMAP, _child(element, "lastmod")


def _instant(text: str) -> float:
    """Seconds since 1970 of a W3C or RFC 822 date; 0 for none."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return 0.0
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _child(element: Any, name: str) -> str:
    for child in element:
        if isinstance(child.tag, str) and _name(child) == name:
            return (child.text or "").strip()
    return ""


def _atom_link(element: Any) -> str:
    for child in element:
        is_link = isinstance(child.tag, str) and _name(child) == "link"
        if is_link and child.get("rel", "alternate") == "alternate" and child.get("href"):
            return str(child.get("href"))
    return ""


def _name(element: Any) -> str:
    """The name without its namespace; `etree.QName` would refuse what a lenient parser lets be a name."""
    return str(element.tag).rpartition("}")[2]
