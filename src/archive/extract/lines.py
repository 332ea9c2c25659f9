"""A page as a reader's eye takes it in: its lines of text in order, each with what stands around it.

One walk over the tree gives the lines and the containers, and every container knows its range of lines;
so the sum of any measure over any part of the page is a difference of two prefix sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from archive.extract.roles import HIDDEN, roles_of
from archive.extract.tree import BLOCKS, Element
from archive.text.clean import normalise

MAX_LINES = 20_000
_HIDDEN_TEXT = 400
_SKIP = frozenset(
    [
        "script",
        "style",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "applet",
        "canvas",
        "audio",
        "video",
        "map",
        "head",
        "noscript",
        "textarea",
        "select",
        "option",
        "datalist",
    ]
)
_LEAF = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "td",
        "th",
        "dd",
        "dt",
        "pre",
        "blockquote",
        "figcaption",
        "caption",
        "summary",
    ]
)

_OTHER, _BLOCK, _SKIPPED, _LINK, _STRONG, _LIGHT, _SPAN, _BREAK, _IMAGE = range(9)
_KINDS = {
    **dict.fromkeys(BLOCKS, _BLOCK),
    **dict.fromkeys(_SKIP, _SKIPPED),
    **dict.fromkeys(("b", "strong"), _STRONG),
    **dict.fromkeys(("i", "em", "small", "cite"), _LIGHT),
    **dict.fromkeys(("span", "font"), _SPAN),
    "a": _LINK,
    "br": _BREAK,
    "img": _IMAGE,
}
"""What an element means to the walk; one look-up an event."""


@dataclass(slots=True)
class Line:
    """A run of text between two block boundaries or line breaks."""

    text: str
    element: Element
    """The block element around it."""
    nodes: list[tuple[Element, bool]]
    """Where its characters stand: (element, whether they are its tail)."""
    roles: int
    """`Role` bits of all elements around it."""
    near: int
    """`Role` bits of its block element and the one around that."""
    tag: str
    """The nearest telling tag: p, h1 … h6, li, td, blockquote …; else that of `element`."""
    depth: int
    linked: int
    """Characters within links."""
    bold: int
    emphasis: int
    links: int
    alone: bool
    """Whether it is all the text of `element`."""


@dataclass(slots=True)
class Container:
    """A block element that holds lines."""

    element: Element
    start: int
    """Its first line."""
    end: int
    """One past its last line."""
    depth: int
    roles: int
    own: int
    parent: int
    """Index of the container around it, -1 for the outermost."""


@dataclass(slots=True)
class Reading:
    """A page's lines and containers."""

    lines: list[Line] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    """Children before parents."""
    images: list[tuple[int, Element]] = field(default_factory=list)
    """Pictures, each with the number of lines before it."""
    skipped: int = 0
    """Characters of hidden text that were not read."""


_Open = tuple[Element, int, int, int, int, str, list[int]]
"""A block element during the walk, its first line, the roles around it, its own, its own and those of the one
around it, its telling tag, the containers in it. A tuple, since a page opens hundreds."""


def read(root: Element) -> Reading:
    """The lines, containers and pictures of a page's body.

    Scripts, forms' option lists and hidden elements are passed over. Bounded: a page of more than
    `MAX_LINES` lines is read up to there.
    """
    reading = Reading()
    lines, containers = reading.lines, reading.containers
    start = root.find("body") if root.tag == "html" else root
    if start is None:
        start = root
    stack: list[_Open] = [(start, 0, 0, 0, 0, start.tag, [])]
    parts: list[str] = []
    nodes: list[tuple[Element, bool]] = []
    in_link = bold = emphasis = 0
    linked = bolded = emphasised = links = 0

    def flush() -> None:
        nonlocal linked, bolded, emphasised, links
        if nodes:
            text = normalise("".join(parts))
            if text:
                around, _, roles, _, near, leaf, _ = stack[-1]
                size = len(text)
                lines.append(
                    Line( text, around, nodes[:], roles, near, leaf, len(stack),
                    linked if linked < size else size, bolded if bolded < size else size,
                    emphasised if emphasised < size else size, links, True,
                    )
                )  # fmt: skip
            nodes.clear()
            linked = bolded = emphasised = links = 0
        parts.clear()

    def take(text: str, element: Element, tail: bool) -> None:
        nonlocal linked, bolded, emphasised
        parts.append(text)
        nodes.append((element, tail))
        size = len(text)
        if in_link:
            linked += size
        if bold:
            bolded += size
        if emphasis:
            emphasised += size

    if start.text and not start.text.isspace():
        take(start.text, start, False)
    walker = etree.iterwalk(start, events=("start", "end"))
    next(walker, None)
    for event, element in walker:
        kind = _KINDS.get(element.tag, _OTHER)
        if event == "start":
            if kind == _BLOCK:
                if parts:
                    flush()
                if len(lines) >= MAX_LINES:
                    break
                tag = element.tag
                own = roles_of(element)
                _, _, roles, outer, _, leaf, _ = stack[-1]
                if own & HIDDEN and _is_small(element):
                    reading.skipped += 1
                    walker.skip_subtree()
                    stack.append((element, len(lines), 0, own, 0, tag, []))
                    continue
                if tag in _LEAF or leaf not in _LEAF:
                    leaf = tag
                stack.append((element, len(lines), roles | own, own, own | outer, leaf, []))
            elif kind == _SKIPPED:
                walker.skip_subtree()
                continue
            elif kind == _LINK:
                in_link += 1
                links += 1
            elif kind == _STRONG:
                bold += 1
            elif kind == _SPAN:
                if element.get("class") is not None and roles_of(element) & HIDDEN:
                    walker.skip_subtree()
                    continue
            elif kind == _BREAK:
                flush()
            elif kind == _LIGHT:
                emphasis += 1
            elif kind == _IMAGE:
                reading.images.append((len(lines) + bool(nodes), element))
            text = element.text
            if text:
                if text.isspace():
                    parts.append(" ")
                else:
                    take(text, element, False)
        else:
            if kind == _BLOCK:
                if parts:
                    flush()
                if stack[-1][0] is element and len(stack) > 1:
                    _, first, roles, own, _, _, children = stack.pop()
                    if len(lines) > first:
                        index = len(containers)
                        containers.append(Container(element, first, len(lines), len(stack), roles, own, -1))
                        for child in children:
                            containers[child].parent = index
                        stack[-1][6].append(index)
            elif kind == _LINK:
                in_link -= 1
            elif kind == _STRONG:
                bold -= 1
            elif kind == _LIGHT:
                emphasis -= 1
            text = element.tail
            if text and element is not start:
                if text.isspace():
                    parts.append(" ")
                else:
                    take(text, element, True)
    flush()
    while stack:
        element, first, roles, own, _, _, children = stack.pop()
        index = len(containers)
        if len(lines) > first or not stack:
            containers.append(Container(element, first, len(lines), len(stack), roles, own, -1))
            for child in children:
                containers[child].parent = index
            if stack:
                stack[-1][6].append(index)
    _mark_shared(lines)
    return reading


def _is_small(element: Element) -> bool:
    """Whether hidden text is short enough to pass over: longer texts wait for a script to show them."""
    if element.tag in ("body", "main", "article"):
        return False
    size = 0
    for text in element.itertext():
        size += len(text)
        if size > _HIDDEN_TEXT and (element.find(".//script") is None or element.find(".//p") is not None):
            return False
    return True


def _mark_shared(lines: list[Line]) -> None:
    seen: dict[Element, Line] = {}
    for line in lines:
        other = seen.get(line.element)
        if other is not None:
            other.alone = line.alone = False
        seen[line.element] = line
