"""A page's bytes as an lxml tree, within bounds, and the small questions asked of elements everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from archive.text.clean import normalise
from archive.text.legacy import is_unicode, recode

Element = Any
"""An lxml element; lxml ships no types."""

MAX_CHARS = 12_000_000
"""Characters of markup that are read; what lies beyond is not parsed. Real pages stay below 4 million."""

# libxml2's limits: without `huge_tree` a page is cut at 256 nested elements and at attributes of 10 MB;
# with it at 2,048, which is why every walk in this package is a loop, not a recursion.
_OPTIONS = {
    "encoding": "utf-8",
    "huge_tree": True,
    "remove_comments": True,
    "remove_pis": True,
    "no_network": True,
}

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "html",
        "head",
        "title",
        "noscript",
    ]
)
"""Elements that begin and end a line."""


def parse(text: str) -> Element | None:
    """The document's root element, or None when nothing can be made of it."""
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS]
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    if not data.strip():
        return None
    try:
        root = etree.fromstring(data, etree.HTMLParser(**_OPTIONS))
    except (etree.LxmlError, ValueError):
        return None
    if root is None or not isinstance(root.tag, str):
        return None
    _gather(root)
    return root


def _gather(root: Element) -> None:
    """Put what follows an early `</html>` back into the page: the parser makes a second root of it."""
    body = root.find("body") if root.tag == "html" else root
    for other in list(root.itersiblings()):
        if isinstance(other.tag, str):
            if other.tag == "html":
                other.tag = "div"
            (body if body is not None else root).append(other)


def text_of(element: Element, limit: int = 100_000) -> str:
    """The element's text with white space put in order, block boundaries parted by a space."""
    parts: list[str] = []
    size = 0
    for node in element.iter():
        tag = node.tag
        if not isinstance(tag, str) or tag in ("script", "style", "template"):
            if node is not element and node.tail:
                parts.append(node.tail)
            continue
        if tag in BLOCKS or tag == "br":
            parts.append(" ")
        if node.text:
            parts.append(node.text)
            size += len(node.text)
        if node is not element and node.tail:
            if tag in BLOCKS:
                parts.append(" ")
            parts.append(node.tail)
            size += len(node.tail)
        if size > limit:
            break
    return normalise("".join(parts))


_UNTOLD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that the parser lets through and lxml refuses to set."""


def recode_tree(root: Element, scheme: str) -> None:
    """Repair the encoding of all texts of a page, `meta` contents included; Unicode Vietnamese stays."""

    def mended(text: str | None) -> str | None:
        if not text or text.isspace() or is_unicode(text):
            return text
        return _UNTOLD.sub("", recode(text, scheme))

    for element in root.iter():
        if element.tag not in ("script", "style"):
            element.text = mended(element.text)
        element.tail = mended(element.tail)
        for name in ("content", "alt", "title"):
            if value := element.get(name):
                element.set(name, mended(value) or "")


def remove(element: Element) -> None:
    """Take an element out of its tree; the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = _UNTOLD.sub("", (previous.tail or "") + element.tail)
        else:
            parent.text = _UNTOLD.sub("", (parent.text or "") + element.tail)
        element.tail = None
    parent.remove(element)


def attributes(element: Element) -> str:
    """What names an element's role: class, id, role, itemprop and the like, in lower case."""
    get = element.get
    return f"{get('class', '')} {get('id', '')} {get('role', '')} {get('itemprop', '')}".lower()


def ancestors(element: Element) -> Iterator[Element]:
    """The element's ancestors, nearest first."""
    node = element.getparent()
    while node is not None:
        yield node
        node = node.getparent()
