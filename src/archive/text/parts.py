"""An article as the parts that are compared: title and the like one by one, the body, who signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from archive.model import (
    Attachment,
    Block,
    Byline,
    DateFact,
    Extraction,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Quote,
    Table,
)
from archive.text import diff
from archive.text.diff import Part, Row

_SINGLE = ("title", "published", "section", "lead")


def rows(
    old: Extraction,
    new: Extraction,
    *,
    day: Callable[[DateFact], str] = DateFact.iso,
    steps: int = diff.STEPS,
) -> list[Row]:
    """What became of each part.

    :param day: how a date of publication is written.
    :param steps: how much work comparing the bodies may be (`diff.compare`).
    """
    fields = [diff.single(role, _field(old, role, day), _field(new, role, day)) for role in _SINGLE]
    signed = diff.single("byline", _signed(old.byline), _signed(new.byline))
    body = diff.compare(list(_parts(old.blocks)), list(_parts(new.blocks)), steps)
    return [row for row in (*fields, *body, signed) if row is not None]


def _field(extraction: Extraction, role: str, day: Callable[[DateFact], str]) -> str:
    if role == "published":
        return day(extraction.published) if extraction.published else ""
    text: str = getattr(extraction, role)
    return text


def _signed(byline: Byline) -> str:
    """The line as it stood, or what was read from elsewhere on the page."""
    names = (*byline.authors, byline.organisation, *byline.photographers, byline.source)
    return byline.text or ", ".join(name for name in names if name)


def _parts(blocks: Iterable[Block]) -> Iterator[Part]:
    for block in blocks:
        match block:
            case Heading(text=text):
                yield Part("heading", text)
            case Paragraph(text=text):
                yield Part("paragraph", text)
            case ListBlock(items=items):
                yield from (Part("item", item) for item in items)
            case Quote(paragraphs=paragraphs):
                yield from (Part("quote", text) for text in paragraphs)
            case Table(rows=lines):
                yield from (Part("row", " | ".join(cells)) for cells in lines)
            case Figure():
                yield from (Part("picture", picture.url) for picture in block.pictures)
                if block.video:
                    yield Part("video", block.video)
                if said := " — ".join(text for text in (block.caption, block.credit) if text):
                    yield Part("caption", said)
            case Attachment(url=url, name=name):
                yield Part("file", f"{name} ({url})")
