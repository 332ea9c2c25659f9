"""The article's part of the page, walked with BeautifulSoup into a flat row of texts and pictures.

The walk keeps what the next steps need to tell a caption from a paragraph: alignment, emphasis, whether
two things share a paragraph or a table, and what the reading of the page's shape thought of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString

from archive.extract.pictures import absolute, document, picture, video
from archive.extract.runs import Run, join
from archive.extract.tree import BLOCKS
from archive.model import Attachment, Picture, Span
from archive.text.clean import normalise

MARK = "data-archive-line"
"""Attribute by which the reading of the shape tells its verdict on a line: "drop"."""

# Elements that begin a block of content; a table's caption or a menu of the page do not.
_BLOCKS = BLOCKS - {"caption", "dialog", "head", "hgroup", "menu", "noscript", "title"}
_SKIP = frozenset((
    "script", "style", "template", "svg", "math", "object", "embed", "audio", "map", "head", "select",
    "option", "textarea", "button", "input",
))  # fmt: skip
_LEAVES = frozenset(("br", "img", "video", "iframe"))
_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em"}
_CAPTION_NAMES = re.compile(
    r"caption|image_desc|desc_cation|psaboxfooterimage|\bexpedit\b|cutline|chu-?thich|photocms_"
    r"|fig-picture|img-?desc|image-desc|\bfig\b",
    re.I,
)
_CREDIT_NAMES = re.compile(r"photocms_author|credit|photographer|image-?source|copyright", re.I)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.I)
_ALIGNED = re.compile(r"text-align\s*:\s*(?:left|justify|start)", re.I)
_RIGHT = re.compile(r"text-align\s*:\s*right", re.I)
_SMALL = re.compile(
    r"font-style\s*:\s*italic|font-size\s*:\s*(?:[0-9]|1[0-2])(?:\.\d+)?(?:px|pt)"
    r"|font-size\s*:\s*(?:x-)?small|(?<!-)color\s*:\s*(?!black|#000\b|#000000|#333|inherit"
    r"|rgb\(0)",
    re.I,
)


@dataclass(slots=True)
class TextItem:
    """A paragraph, heading, list entry … before it is known to be a caption or a byline."""

    text: str
    kind: str
    """"p", "h1" … "h6", "li", "pre", "quote"."""
    spans: tuple[Span, ...] = ()
    centred: bool = False
    right: bool = False
    emphasised: bool = False
    """All of it italic, small or coloured."""
    strong: bool = False
    """All of it bold."""
    caption: bool = False
    """Its own or a surrounding class says that it is a caption."""
    dropped: bool = False
    """The reading of the shape does not take it for body text."""
    linked: int = 0
    """Characters within links."""
    block: int = 0
    """Which element it stands in: texts and pictures of one paragraph share the number."""
    table: int = 0
    """Which layout table it stands in, 0 for none."""
    list_id: int = 0
    ordered: bool = False
    quote_id: int = 0
    breaks: int = 0
    """Line breaks between this text and the one before it in the same element."""
    names: str = ""


@dataclass(slots=True)
class ImageItem:
    """A picture or video, with the caption its own markup gives it."""

    pictures: list[Picture]
    block: int = 0
    table: int = 0
    caption: str = ""
    credit: str = ""
    video: str = ""
    group: int = 0
    """The gallery or figure it came from, 0 for none."""
    seen: list[TextItem] = field(default_factory=list)


@dataclass(slots=True)
class TableItem:
    rows: tuple[tuple[str, ...], ...]
    header: bool


@dataclass(slots=True)
class AttachmentItem:
    attachment: Attachment


Item = TextItem | ImageItem | TableItem | AttachmentItem


class _State:
    """What surrounds the point that the walk has reached; starts as what surrounds `outer`."""

    __slots__ = (
        "block", "caption", "centred", "dropped", "kind", "list_id", "names", "ordered", "quote", "right",
        "small", "table",
    )  # fmt: skip

    def __init__(self, outer: _State | None = None) -> None:
        self.dropped = False
        self.names = ""
        self.block = 0
        if outer is None:
            self.kind = "p"
            self.table = self.list_id = self.quote = 0
            self.ordered = self.centred = self.right = self.caption = self.small = False
            return
        self.kind = outer.kind
        self.table, self.list_id, self.quote = outer.table, outer.list_id, outer.quote
        self.ordered, self.centred, self.right = outer.ordered, outer.centred, outer.right
        self.caption, self.small = outer.caption, outer.small


class Walk:
    """One walk; `items` is its result."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.items: list[Item] = []
        self._ids = 0
        self._runs: list[Run] = []
        self._state = _State()
        self._breaks = 0
        self._pending: list[Attachment] = []

    def run(self, root: Tag) -> list[Item]:
        """All items below `root`, in reading order."""
        stack: list[tuple[Any, _State | None, str, str]] = [(root, self._state, "", "")]
        while stack:
            node, state, marks, href = stack.pop()
            if state is None:  # the end of a block
                self._flush()
                self._state = node
                continue
            if isinstance(node, NavigableString):
                if not isinstance(node, PreformattedString) and node:
                    self._runs.append((str(node), marks, href, self._state.small or "em" in marks))
                continue
            name = node.name
            if name in _SKIP:
                continue
            if name in _LEAVES:
                self._leaf(node)
                continue
            if name == "noscript" and self.items and isinstance(self.items[-1], ImageItem):
                continue
            if name in _BLOCKS:
                self._flush()
                if name == "table" and (table := _real_table(node)) is not None:
                    self.items.append(table)
                    self.items.extend(self._files(node))
                    continue
                if name == "figure" and self._figure(node):
                    continue
                stack.append((self._state, None, "", ""))
                self._state = self._enter(node)
                inner_marks, inner_href = marks, href
            else:
                inner_marks, inner_href = self._inline(node, marks, href)
            outer = self._state
            stack.extend([(child, outer, inner_marks, inner_href) for child in reversed(node.contents)])
        self._flush()
        return self.items

    def _enter(self, node: Tag) -> _State:
        state = _State(self._state)
        name = node.name
        self._ids += 1
        state.block = self._ids
        names = ""
        if node.attrs or name == "center":
            style = _attr(node, "style")
            names = f"{_attr(node, 'class')} {_attr(node, 'id')}"
            align = _attr(node, "align").lower()
            aligned = bool(style) and _ALIGNED.search(style) is not None
            if aligned:
                align = ""  # a style outranks the attribute
            if (
                (style and _CENTRED.search(style))
                or align == "center"
                or name == "center"
                or "text-center" in names
            ):
                state.centred, state.right = True, False
            elif (
                (style and _RIGHT.search(style))
                or align == "right"
                or "text-right" in names
                or "text-end" in names
            ):
                state.right, state.centred = True, False
            elif align in ("left", "justify") or aligned:
                state.centred = state.right = False
            if style and _SMALL.search(style):
                state.small = True
            if len(names) > 1 and _name_caption(names):
                state.caption = True
        if name == "figcaption":
            state.caption = True
        state.names = names.strip()
        state.dropped = node.attrs.get(MARK) == "drop"  # of its own text; blocks within have their own mark
        if name in ("h1", "h2", "h3", "h4", "h5", "h6", "pre"):
            state.kind = name
        elif name in ("ul", "ol", "dl"):
            state.list_id, state.ordered = self._ids, name == "ol"
        elif name in ("li", "dt", "dd"):
            state.kind = "li"
        elif name == "blockquote":
            state.quote = self._ids
        elif name == "table":
            state.table = self._ids
        elif name == "p" and state.kind != "li":
            state.kind = "p"
        return state

    def _inline(self, node: Tag, marks: str, href: str) -> tuple[str, str]:
        name = node.name
        if name == "a":
            target = _attr(node, "href")
            if target:
                href = absolute(self.base, target) or "#"
                if (address := document(self.base, target)) and (label := normalise(node.get_text(" "))):
                    self._pending.append(Attachment(address, label))
        elif name in _MARKS:
            marks = f"{marks} {_MARKS[name]}" if _MARKS[name] not in marks else marks
        elif name in ("span", "font", "small", "div"):
            style = _attr(node, "style")
            if name == "small" or (style and _SMALL.search(style)) or node.get("color"):
                marks = f"{marks} small"
            if style and re.search(r"font-weight\s*:\s*(bold|[6-9]00)", style, re.I):
                marks = f"{marks} strong"
            names = _attr(node, "class")
            if names and _name_caption(names):
                marks = f"{marks} caption"
        return marks, href

    def _leaf(self, node: Tag) -> None:
        """Take an element that is not walked into."""
        if node.name == "br":
            self._break()
        elif node.name == "img":
            self._image(node)
        else:
            self._video(node)

    def _break(self) -> None:
        if any(not text.isspace() for text, *_ in self._runs):
            self._flush()
        self._breaks += 1

    def _image(self, node: Tag) -> None:
        found = picture(node, self.base)
        if found is None:
            return
        self._flush()
        self.items.append(ImageItem([found], self._state.block, self._state.table))

    def _video(self, node: Tag) -> None:
        address = video(node, self.base)
        if not address:
            return
        self._flush()
        poster = absolute(self.base, _attr(node, "poster"))
        self.items.append(
            ImageItem(
                [Picture(poster)] if poster else [], self._state.block, self._state.table, video=address
            )
        )

    def _figure(self, node: Tag) -> bool:
        """Take a figure as one item. False when it holds no picture or video, or holds text of its own."""
        captions = node.find_all("figcaption", limit=50)
        images = node.find_all(["img", "video", "iframe"], limit=200)
        if (
            not images
            or node.find(["table", "blockquote", "pre"])
            or len(node.find_all("p", limit=8)) > 4 + len(captions)
        ):
            return False
        inner = node.find_all("figure", limit=200)
        if inner and len(captions) > 1:
            return False  # a gallery of figures, each with its own caption
        item = ImageItem([], self._state.block, self._state.table)
        seen = set()
        for image in images:
            if image.name == "img":
                found = picture(image, self.base)
                if found is not None and found.url not in seen:
                    if image.find_parent("noscript") and item.pictures:
                        continue
                    seen.add(found.url)
                    item.pictures.append(found)
            elif address := video(image, self.base):
                item.video = address
                if poster := absolute(self.base, _attr(image, "poster")):
                    item.pictures.append(Picture(poster))
        texts, credit = [], ""
        for caption in captions or node.find_all(class_=_CAPTION_NAMES, limit=4):
            for part in caption.find_all(class_=_CREDIT_NAMES, limit=4):
                if (text := normalise(part.get_text(" "))) and text != normalise(caption.get_text(" ")):
                    credit = text
                    part.extract()
            for script in caption.find_all(["script", "style"]):
                script.extract()
            if text := normalise(caption.get_text(" ")):
                texts.append(text)
        if not item.pictures and not item.video:
            return bool(images) and not normalise(node.get_text(" "))
        item.caption, item.credit = " ".join(dict.fromkeys(texts)), credit
        if not item.caption:
            item.caption = normalise(node.get_text(" "))[:600] if not node.find(["a", "button", "li"]) else ""
        self.items.append(item)
        return True

    def _files(self, table: Tag) -> Iterator[AttachmentItem]:
        """The documents that a table of data links to: its cells keep no links."""
        for link in table.find_all("a", href=True):
            label = normalise(link.get_text(" "))
            if label and (address := document(self.base, _attr(link, "href"))):
                yield AttachmentItem(Attachment(address, label))

    def _flush(self) -> None:
        if not self._runs and not self._pending:  # mostly, where a block ends in another's end
            self._breaks = 0
            return
        runs, self._runs = self._runs, []
        pending, self._pending = self._pending, []
        if runs:
            text, spans, linked, emphasised, strong, caption = join(runs)
            if text:
                state = self._state
                kind = "quote" if state.quote and state.kind == "p" else state.kind
                self.items.append(
                    TextItem( text, kind, spans, state.centred, state.right, emphasised, strong,
                    state.caption or caption, state.dropped, linked, state.block, state.table, state.list_id
                    if kind == "li" else 0, state.ordered, state.quote, self._breaks, state.names, )
                )  # fmt: skip
        self._breaks = 0
        self.items.extend(AttachmentItem(attachment) for attachment in pending)


def _name_caption(names: str) -> bool:
    return _short_names(names) if len(names) < _LONG else _CAPTION_NAMES.search(names) is not None


@lru_cache(4096)  # a page's paragraphs have the same names
def _short_names(names: str) -> bool:
    return _CAPTION_NAMES.search(names) is not None


_LONG = 200
"""Characters from which on names are not remembered: bounds memory."""


def _attr(tag: Tag, name: str) -> str:
    value = tag.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else " ".join(value)


def _real_table(table: Tag) -> TableItem | None:
    """A table of data; None for one that only lays out the page."""
    if table.find(["table", "img", "iframe", "h1", "h2", "form"]):
        return None
    rows: list[tuple[str, ...]] = []
    long = cells = 0
    header = False
    for row in table.find_all("tr", limit=2_000):
        parts = [part for part in row.contents if isinstance(part, Tag) and part.name in ("td", "th")][:60]
        texts = tuple(normalise(part.get_text(" ")) for part in parts)
        if not any(texts):
            continue
        if not rows:
            header = all(part.name == "th" for part in parts) or row.find_parent("thead") is not None
        cells += len(texts)
        long += sum(len(text) > 500 for text in texts)
        rows.append(texts)
    if len(rows) < 2 or max(len(row) for row in rows) < 2 or long * 3 > cells:
        return None
    return TableItem(tuple(rows), header)
