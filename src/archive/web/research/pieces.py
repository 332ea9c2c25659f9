"""An article's texts in the pieces that have an address of their own: what a hit stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.model import ArticleView, Attachment, Figure, Heading, ListBlock, Paragraph, Quote, Table
from archive.search.query import ATTACHMENT, AUTHOR, BODY, CAPTION, LEAD, SECTION, TITLE


@dataclass(frozen=True, slots=True)
class Piece:
    """A title, a paragraph, an item of a list, a row of a table, a caption, a line of a file."""

    field: str
    """As in `archive.search.query.DEFAULT_FIELDS`."""
    anchor: str
    """Its mark in the page of the version, without `#`; "" for the page as a whole."""
    text: str


def pieces(view: ArticleView) -> Iterator[Piece]:
    """All that is searched of an article, in reading order: the texts of `archive.search.document`, each
    with the mark that `archive.web.blocks` gives its block."""
    extraction = view.extraction
    yield Piece(TITLE, "", extraction.title)
    yield Piece(LEAD, "sapo", extraction.lead)
    files = {file.url: file.text for file in view.attachments}
    for number, block in enumerate(extraction.blocks, 1):
        anchor = f"p{number}"
        match block:
            case Heading(text=text) | Paragraph(text=text):
                yield Piece(BODY, anchor, text)
            case ListBlock(items=items):
                yield from (Piece(BODY, anchor, item) for item in items)
            case Table(rows=rows):
                yield from (Piece(BODY, anchor, " ".join(cell for cell in row if cell)) for row in rows)
            case Quote(paragraphs=paragraphs):
                for place, text in enumerate(paragraphs):
                    yield Piece(BODY, f"{anchor}-{place}" if place else anchor, text)
            case Figure(caption=caption):
                yield Piece(CAPTION, anchor, caption)
            case Attachment(url=url):
                # A file that is linked twice is searched once.
                yield from (Piece(ATTACHMENT, anchor, line) for line in files.pop(url, "").split("\n"))
    byline = extraction.byline
    signed = (*byline.authors, byline.organisation, *byline.photographers, byline.source)
    yield Piece(AUTHOR, "", byline.text or " ".join(dict.fromkeys(name for name in signed if name)))
    yield Piece(SECTION, "", extraction.section)
