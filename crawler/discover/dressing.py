"""What a page is dressed in: style sheets, what these import and show, the pictures of a front page. Pure.

Without it a replayed page would be a bare one. The pictures of articles are the extraction's business; here
it is what every page of a site shares, so a few addresses serve thousands of pages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from archive.errors import UrlError
from archive.memento import css
from archive.model import Page
from archive.text.clean import decode
from archive.urls import canonical

MAX_ADDRESSES = 60
"""Of one page or style sheet."""
_HEAD = 300_000
"""Characters of a page in which its style sheets are looked for."""
_LINK = re.compile(r"<link\b[^>]{0,1000}>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]{0,2000}>", re.IGNORECASE)
_STYLE = re.compile(r"<style\b[^>]{0,200}>(.{1,60000}?)</style", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(r"\b(rel|href|src)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)


def dressing(page: Page, *, is_front: bool = False) -> tuple[str, ...]:
    """Canonical addresses in the order found, each once.

    :param page: a page of HTML, or a style sheet.
    :param is_front: its own pictures too: the head, the seals, the banners that all pages show.
    """
    is_sheet = page.content_type.partition(";")[0].strip().lower() == "text/css"
    text = decode(page.body[: 4 * _HEAD], page.content_type).text[:_HEAD]
    found: dict[str, None] = {}
    for address in _of_sheet(text) if is_sheet else _of_page(text, is_front):
        try:
            found[canonical(address, page.url)] = None
        except UrlError:
            continue  # data: and the like
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)


def _of_page(text: str, is_front: bool) -> Iterator[str]:
    for match in _LINK.finditer(text):
        named = _attributes(match[0])
        if "stylesheet" in named.get("rel", "").lower().split() and named.get("href"):
            yield named["href"]
    for match in _STYLE.finditer(text):
        yield from _of_sheet(match[1])
    if is_front:
        for match in _IMAGE.finditer(text):
            if source := _attributes(match[0]).get("src"):
                yield source


def _attributes(element: str) -> dict[str, str]:
    return {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "").strip()
        for match in _ATTRIBUTE.finditer(element)
    }


def _of_sheet(text: str) -> list[str]:
    if css.is_plain(text):
        return []
    found: list[str] = []

    def note(address: str, kind: str) -> str:
        if not address.startswith("#"):
            found.append(address)
        return address

    css.sheet(text, note)
    return found
