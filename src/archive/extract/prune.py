"""Take out of the article's part what the reading of the page does not count to it."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np
from lxml import etree

from archive.extract.items import MARK
from archive.extract.lines import Container, Line, Reading
from archive.extract.pictures import LAZY_ATTRIBUTES, document
from archive.extract.roles import Role
from archive.extract.shape import Content
from archive.extract.tree import Element, remove
from archive.model import Trace

_ELSEWHERE = int(
    Role.RELATED
    | Role.COMMENTS
    | Role.SUBSCRIBE
    | Role.AD
    | Role.NAV
    | Role.FORM
    | Role.SHARE
    | Role.DIALOG
    | Role.FOOTER
    | Role.AUTHOR
)
_SHOWN = ("img", "iframe", "video")


def prune(reading: Reading, content: Content) -> list[Trace]:
    """Remove parts without a kept line, and mark or blank single lines that are not kept.

    A line beside a picture stays in the tree, marked: it may be the picture's caption. Returns what was
    thrown away.
    """
    start, end = content.container.start, content.container.end
    lines, keep = reading.lines, content.keep
    beside = _beside_pictures(reading)
    kept = np.flatnonzero(keep)
    first, last = int(kept[0]), int(kept[-1])
    gone: set[Element] = set()
    before = np.concatenate(([0], np.cumsum(keep))).tolist()  # kept lines before each
    for container in reversed(reading.containers):  # parents first
        if container.start < start or container.end > end or container is content.container:
            continue
        if before[container.end] > before[container.start] or _within(container.element, gone):
            continue
        if _worth_keeping(reading, container, beside, first, last):
            continue
        gone.add(container.element)
        remove(container.element)
    dropped: list[Trace] = []
    for index in range(start, end):
        if keep[index]:
            continue
        line = lines[index]
        if len(dropped) < 200:
            dropped.append(Trace("body", f"shape: {content.probability[index]:.2f}", line.text[:160]))
        if line.alone:
            line.element.set(MARK, "drop")
        elif index not in beside:
            for element, tail in line.nodes:
                if tail:
                    element.tail = " "
                else:
                    element.text = None
    _slim(content.container.element)
    return dropped


def keep_attachments(reading: Reading, content: Content) -> None:
    """Keep lines that are links to documents and stand in the article or right after it."""
    kept = np.flatnonzero(content.keep)
    first, last = int(kept[0]), int(kept[-1])
    for index in range(first, min(last + 8, content.container.end, len(reading.lines))):
        line = reading.lines[index]
        if line.links and not content.keep[index] and not line.roles & _OTHERS and links_to_document(line):
            content.keep[index] = True


def links_to_document(line: Line) -> bool:
    """Whether a line is a link to a document, or holds one."""
    return any(map(_is_document, line.nodes))


def _is_document(node: tuple[Element, bool]) -> bool:
    element = node[0].getparent() if node[1] else node[0]
    for _ in range(4):
        if element is None:
            return False
        if element.tag == "a":
            return bool(document("https://example.org/", element.get("href") or ""))
        element = element.getparent()
    return False


_OTHERS = int(Role.RELATED | Role.NAV | Role.FOOTER | Role.COMMENTS)


def _slim(element: Element) -> None:
    """Leave out what the blocks do not need: parsing again costs by the element and by the attribute."""
    etree.strip_elements(element, *_USELESS, with_tail=False)
    for node in element.iter():
        names = node.keys()
        if node.tag in _INLINE and node is not element and not (names and _tells(node)):
            node.tag = _SPARE
            continue
        for name in names:
            if name not in _ATTRIBUTES:
                with suppress(ValueError):  # the parser takes names that lxml then refuses
                    del node.attrib[name]
    etree.strip_tags(element, _SPARE)


def _tells(node: Element) -> bool:
    """Whether an inline element's names or style bear on what its text is."""
    if node.get("color") or _TELLING_NAMES.search(node.get("class") or ""):
        return True
    style = node.get("style")
    return bool(style) and _TELLING_STYLE.search(style) is not None


_TELLING_NAMES = re.compile(r"capt|credit|desc|fig|expedit|cutline|thich|source|author|photo|copyright", re.I)
_TELLING_STYLE = re.compile(r"italic|bold|[6-9]00|font-size|color", re.I)
_INLINE = frozenset(("span", "font", "u", "ins", "mark", "abbr", "time", "label", "bdi", "s", "sub", "sup"))
_USELESS = (
    "script",
    "style",
    "svg",
    "template",
    "select",
    "button",
    "input",
    "textarea",
    "object",
    "math",
    "canvas",
)
_SPARE = "spare"
_NEEDED = "class id style align href src srcset alt width height color poster colspan"
_ATTRIBUTES = frozenset((*_NEEDED.split(), MARK, *LAZY_ATTRIBUTES))


def _beside_pictures(reading: Reading) -> set[int]:
    return {index + step for index, _ in reading.images for step in (0, 1, 2)}


def _within(element: Element, gone: set[Element]) -> bool:
    return bool(gone) and any(ancestor in gone for ancestor in element.iterancestors())


def _worth_keeping(reading: Reading, container: Container, beside: set[int], first: int, last: int) -> bool:
    """Whether a part without a kept line may hold a picture or a caption of the article."""
    lines = reading.lines[container.start : container.end]
    shown = next(container.element.iter(*_SHOWN), None) is not None
    if not shown:
        if container.own & Role.CAPTION and len(lines) <= 3 and first <= container.start <= last + 60:
            return True  # of a picture, a gallery or a video; without one it is left out later
        return (
            any(index in beside for index in range(container.start, container.end))
            and first <= container.start <= last + 2
        )
    if container.own & _ELSEWHERE or container.start > last + (60 if container.own & Role.MEDIA else 3):
        return False
    size = sum(len(line.text) for line in lines)
    return sum(line.linked for line in lines) * 2 <= size and size < 1_500
