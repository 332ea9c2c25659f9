"""The blocks of an article as a page shows them: text as safe markup, pictures in fitting sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

from markupsafe import Markup

from archive.model import (
    ArticleView,
    Attachment,
    Block,
    Capture,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Picture,
    Quote,
    Table,
)
from archive.web import links, words
from archive.web.files import FileView, file_view
from archive.web.language import gettext
from archive.web.marks import inline
from archive.web.pictures import PictureInfo, Pictures

_DEEPEST_HEADING = 5
_SHOWN_WIDTH = 800
"""Pixels that a picture in the text takes at most on a screen of plain density."""
_SIZES = (480, 800, 1600)
"""Widths that a browser may choose from; all of `links.WIDTHS`."""


@dataclass(frozen=True, slots=True)
class TextView:
    """A paragraph, or a heading of a level that fits below the page's own title."""

    kind: ClassVar[str] = "text"
    html: Markup
    anchor: str
    level: int = 0
    """0 for a paragraph."""


@dataclass(frozen=True, slots=True)
class ListView:
    kind: ClassVar[str] = "list"
    items: tuple[str, ...]
    ordered: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class TableView:
    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class QuoteView:
    kind: ClassVar[str] = "quote"
    paragraphs: tuple[tuple[str, str], ...]
    """Anchor and text of each."""


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture of an article; `src` is "" when there is none to show."""

    src: str
    srcset: str
    """The same in several widths, or ""."""
    large: str
    """Address of the form that fills a screen."""
    full: str
    """Address of the bytes as they were captured; "" when they never were."""
    width: int
    height: int
    """In pixels, of the picture in full size; 0 when unknown."""
    alt: str
    original: str
    """Address at the portal; safe to link to, or ""."""
    number: int
    """Place among the pictures of the article, from 1."""
    card: str = ""
    """Address of the form that is shared."""


@dataclass(frozen=True, slots=True)
class FigureView:
    kind: ClassVar[str] = "figure"
    pictures: tuple[PictureView, ...]
    caption: str
    credit: str
    video: str
    """Address of the video at its portal, or ""."""
    anchor: str


BlockView = TextView | ListView | TableView | QuoteView | FigureView | FileView


def block_views(blocks: Sequence[Block], view: ArticleView, pictures: Pictures) -> Iterator[BlockView]:
    """What the page shows of an article's text, in its order.

    Anchors count all blocks of the version, from `p1`: a link to one keeps its place.
    """
    ranks = sorted({block.level for block in blocks if isinstance(block, Heading)})
    files = {file.url: file for file in view.attachments}
    named = {block.name for block in blocks if isinstance(block, Attachment)}
    level = 1
    numbers = count(1)
    for index, block in enumerate(blocks, 1):
        anchor = f"p{index}"
        match block:
            case Heading(text=text, spans=spans):
                # Never a level left out, whatever the portal used for looks: screen readers walk by level.
                level = min(ranks.index(block.level) + 2, level + 1, _DEEPEST_HEADING)
                yield TextView(inline(text, spans, links.outside), anchor, level)
            case Paragraph(text=text) if text in named:
                continue  # nothing but the link to a file, which is shown as what it is
            case Paragraph(text=text, spans=spans):
                yield TextView(inline(text, spans, links.outside), anchor)
            case ListBlock(items=items, ordered=ordered):
                yield ListView(items, ordered, anchor)
            case Table(rows=rows, header=header):
                head, body = (rows[0], rows[1:]) if header and rows else ((), rows)
                yield TableView(head, body, anchor)
            case Quote(paragraphs=paragraphs):
                # The first bears the block's own anchor.
                marked = (f"{anchor}-{place}" if place else anchor for place in range(len(paragraphs)))
                yield QuoteView(tuple(zip(marked, paragraphs, strict=True)))
            case Figure():
                shown = tuple(
                    _picture(item, view.pictures.get(item.url), pictures, block, next(numbers))
                    for item in block.pictures
                )
                yield FigureView(shown, block.caption, block.credit, links.outside(block.video), anchor)
            case Attachment(url=url, name=name):
                yield file_view(url, name, files.get(url), anchor)


def _picture(
    picture: Picture, capture: Capture | None, pictures: Pictures, figure: Figure, number: int
) -> PictureView:
    info = pictures.info(capture) if capture else None
    # A caption right below says it already; said twice it only delays who listens.
    said = words.plain(picture.alt.strip())
    alt = said if said != figure.caption.strip() else ""
    if not alt and not figure.caption:
        alt = gettext("Ảnh trong bài")
    original = links.outside(picture.url)
    if capture is None or info is None:
        return PictureView("", "", "", "", picture.width, picture.height, alt, original, number)
    full = links.media_path(capture.payload_digest, info.mime)
    if not info.width:
        # Bytes that begin like a picture and cannot be read as one.
        return PictureView("", "", "", full, 0, 0, alt, original, number)
    if info.mime == "image/gif" or info.width <= _SIZES[0]:
        # Animations and small pictures are shown as they are.
        src, srcset, large = full, "", full
    else:
        src = links.thumb_path(capture.payload_digest, _SHOWN_WIDTH)
        srcset = ", ".join(_widths(capture.payload_digest, info))
        large = links.thumb_path(capture.payload_digest, _SIZES[-1])
    card = links.card_path(capture.payload_digest)
    return PictureView(src, srcset, large, full, info.width, info.height, alt, original, number, card)


def _widths(digest: str, info: PictureInfo) -> Iterator[str]:
    for width in _SIZES:
        yield f"{links.thumb_path(digest, width)} {min(width, info.width)}w"
        if width >= info.width:
            return
