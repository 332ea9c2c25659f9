"""An article's view with withheld names hidden: in every text that a page, a citation or the index takes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from archive.model import (
    ArticleView,
    AttachedFile,
    Attachment,
    Block,
    Byline,
    DateFact,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
)
from archive.text.masking import Mask


def view(item: ArticleView, mask: Mask) -> ArticleView:
    """The view with all names hidden; the same object when none stands in it."""
    shown = extraction(item.extraction, mask)
    address = mask.address(item.article.url)
    files = tuple(_file(file, mask) for file in item.attachments)
    if shown == item.extraction and address == item.article.url and files == item.attachments:
        return item
    return replace(
        item,
        extraction=shown,
        article=replace(item.article, url=address),
        capture=replace(item.capture, url=mask.address(item.capture.url)),
        pictures={mask.address(url): capture for url, capture in item.pictures.items()},
        attachments=files,
        masked=True,
    )


def without_pictures(item: ArticleView, addresses: Set[str]) -> ArticleView:
    """The view without some pictures and attached files; their captions stay."""
    blocks: list[Block] = []
    for block in item.extraction.blocks:
        match block:
            case Figure(pictures=found):
                kept = tuple(picture for picture in found if picture.url not in addresses)
                blocks.append(replace(block, pictures=kept))
            case Attachment(url=url) if url in addresses:
                continue
            case _:
                blocks.append(block)
    return replace(
        item,
        extraction=replace(item.extraction, blocks=tuple(blocks)),
        pictures={url: capture for url, capture in item.pictures.items() if url not in addresses},
        attachments=tuple(file for file in item.attachments if file.url not in addresses),
    )


def extraction(item: Extraction, mask: Mask) -> Extraction:
    """An extraction with all names hidden. What tells how it was found (trace, notes) is left out: it quotes
    the page."""
    hidden = replace(
        item,
        title=mask.text(item.title),
        lead=mask.text(item.lead),
        section=mask.text(item.section),
        canonical=mask.address(item.canonical),
        byline=_byline(item.byline, mask),
        blocks=tuple(_block(block, mask) for block in item.blocks),
        published=_date(item.published, mask),
        modified=_date(item.modified, mask),
    )
    return item if hidden == item else replace(hidden, trace=(), dropped=(), notes=(), reason="")


def _file(item: AttachedFile, mask: Mask) -> AttachedFile:
    return replace(item, url=mask.address(item.url), name=mask.text(item.name), text=mask.text(item.text))


def _byline(item: Byline, mask: Mask) -> Byline:
    return Byline(
        tuple(map(mask.text, item.authors)),
        mask.text(item.organisation),
        tuple(map(mask.text, item.photographers)),
        mask.text(item.source),
        mask.text(item.text),
    )


def _date(item: DateFact | None, mask: Mask) -> DateFact | None:
    return replace(item, text=mask.text(item.text)) if item is not None else None


def _block(block: Block, mask: Mask) -> Block:
    match block:
        case Heading() | Paragraph():
            found = mask.apply(block.text)
            spans = tuple(
                Span(*found.moved(span.start, span.end), span.kind, mask.address(span.href))
                for span in block.spans
            )
            return replace(block, text=found.text, spans=spans)
        case ListBlock():
            return replace(block, items=tuple(map(mask.text, block.items)))
        case Table():
            return replace(block, rows=tuple(tuple(map(mask.text, row)) for row in block.rows))
        case Quote():
            return replace(block, paragraphs=tuple(map(mask.text, block.paragraphs)))
        case Figure():
            return replace(
                block,
                pictures=tuple(_picture(item, mask) for item in block.pictures),
                caption=mask.text(block.caption),
                credit=mask.text(block.credit),
                video=mask.address(block.video),
            )
        case Attachment():
            return replace(block, url=mask.address(block.url), name=mask.text(block.name))


def _picture(item: Picture, mask: Mask) -> Picture:
    return replace(item, url=mask.address(item.url), alt=mask.text(item.alt))
