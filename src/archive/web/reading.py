"""The view model of an article page: blocks as safe markup, facts in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from archive.model import (
    ArticleView,
    Attachment,
    Block,
    Byline,
    Capture,
    Figure,
    Heading,
    ListBlock,
    Paragraph,
    Picture,
    Quote,
    Table,
    Version,
)
from archive.web import citation, links, states, words
from archive.web.language import gettext
from archive.web.marks import inline
from archive.web.memento import asked
from archive.web.pictures import Pictures
from archive.web.states import State

_DEEPEST_HEADING = 5
_SHOWN_WIDTH = 800


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


@dataclass(frozen=True, slots=True)
class TableView:
    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class QuoteView:
    kind: ClassVar[str] = "quote"
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture from the archive; `src` is "" when it was never captured."""

    src: str
    full: str
    """Address of the picture in full size."""
    width: int
    height: int
    """In pixels, of the picture in full size; 0 when unknown."""
    alt: str
    original: str


@dataclass(frozen=True, slots=True)
class FigureView:
    kind: ClassVar[str] = "figure"
    pictures: tuple[PictureView, ...]
    caption: str
    credit: str
    video: str
    """Address of the video at its portal, or ""."""


@dataclass(frozen=True, slots=True)
class FileView:
    kind: ClassVar[str] = "file"
    name: str
    href: str
    archived: bool


BlockView = TextView | ListView | TableView | QuoteView | FigureView | FileView


@dataclass(frozen=True, slots=True)
class VersionLine:
    number: int
    href: str
    moment: str
    shown: bool
    changes: str
    """Address of what changed since the version before; "" for the first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An article page."""

    title: str
    lead: str
    blocks: tuple[BlockView, ...]
    byline: Byline
    section: str
    site: str
    site_name: str
    published: str
    """In words, with the precision that the page gave; "" when it gave none."""
    published_iso: str
    original: str
    """Address at the portal; safe to link to, or ""."""
    original_text: str
    state: State
    """How the original stands."""
    replay: str
    """Address of the captured page that the version was read from."""
    captures: str
    """Address of the calendar of all captures."""
    captured: str
    captured_iso: str
    number: int
    newest: bool
    versions: tuple[VersionLine, ...]
    changes: str
    """Address of what changed between the first version and the newest; "" when there is one only."""
    permalink: str
    """Of the article, absolute."""
    permalink_path: str
    """The same as a path, to link to on the site itself."""
    version_permalink: str
    """Of exactly this version, absolute."""
    canonical: str
    """The address that this page should be known by: an old version keeps its own."""
    citation: str
    """The formatted text."""
    snippets: tuple[tuple[str, str], ...]
    """Name and text of the citations that are pasted: Wikipedia, Robust Link."""
    files: tuple[tuple[str, str], ...]
    """Name and address of the citations that are files."""
    content_hash: str
    lang: str
    first_picture: PictureView | None


def build(view: ArticleView, versions: Sequence[Version], pictures: Pictures) -> Reading:
    """Everything that the page of one version shows."""
    article, extraction = view.article, view.extraction
    permalink = links.absolute(links.view_path(view))
    fixed = links.absolute(links.version_path(article.id, view.version.number))
    blocks = tuple(_blocks(extraction.blocks, view, pictures))
    shown = (picture for block in blocks if isinstance(block, FigureView) for picture in block.pictures)
    cited = citation.of(view, fixed)
    file = links.version_path(article.id, view.version.number) + "/cite."
    state = states.of_article(article)
    return Reading(
        title=extraction.title.strip() or gettext("Không có tên bài"),
        lead=extraction.lead,
        blocks=blocks,
        byline=extraction.byline,
        section=extraction.section,
        site=article.site,
        site_name=view.site_name,
        published=words.day_in_words(extraction.published) if extraction.published else "",
        published_iso=extraction.published.iso() if extraction.published else "",
        original=links.outside(article.url) if state.safe else "",
        original_text=article.url,
        state=state,
        replay=asked.memento(view.capture),
        captures=asked.calendar(article.url),
        captured=words.moment(view.version.at),
        captured_iso=view.version.at.isoformat(timespec="seconds"),
        number=view.version.number,
        newest=view.version.number == view.current,
        versions=tuple(
            VersionLine(
                item.number,
                links.version_path(article.id, item.number),
                words.moment(item.at),
                item.number == view.version.number,
                links.compare_path(article.id, before.number, item.number) if before is not None else "",
            )
            for before, item in zip((None, *versions), versions, strict=False)
        ),
        changes=links.compare_path(article.id, versions[0].number, view.current) if view.versions > 1 else "",
        permalink=permalink,
        permalink_path=links.view_path(view),
        version_permalink=fixed,
        canonical=permalink if view.version.number == view.current else fixed,
        citation=citation.text(cited),
        snippets=(("Wikipedia", citation.wikipedia(cited)), ("Robust Link", citation.robust_link(cited))),
        files=(("BibTeX", f"{file}bib"), ("RIS", f"{file}ris"), ("CSL-JSON", f"{file}json")),
        content_hash=view.version.content_hash,
        lang=words.language_tag(extraction.lang),
        first_picture=next((picture for picture in shown if picture.src), None),
    )


# ---------------------------------------------------------------------------------------------- blocks


def _blocks(blocks: Sequence[Block], view: ArticleView, pictures: Pictures) -> Iterator[BlockView]:
    ranks = sorted({block.level for block in blocks if isinstance(block, Heading)})
    level = 1
    for index, block in enumerate(blocks, 1):
        anchor = f"p{index}"
        match block:
            case Heading(text=text, spans=spans):
                # Never a level left out, whatever the portal used for looks: screen readers walk by level.
                level = min(ranks.index(block.level) + 2, level + 1, _DEEPEST_HEADING)
                yield TextView(inline(text, spans, links.outside), anchor, level)
            case Paragraph(text=text, spans=spans):
                yield TextView(inline(text, spans, links.outside), anchor)
            case ListBlock(items=items, ordered=ordered):
                yield ListView(items, ordered)
            case Table(rows=rows, header=header):
                yield TableView(rows[0] if header and rows else (), rows[1:] if header else rows)
            case Quote(paragraphs=paragraphs):
                yield QuoteView(paragraphs)
            case Figure():
                shown = tuple(
                    _picture(item, view.pictures.get(item.url), pictures, block) for item in block.pictures
                )
                yield FigureView(shown, block.caption, block.credit, links.outside(block.video))
            case Attachment(url=url, name=name):
                yield _file(url, name, view.pictures.get(url))


def _picture(picture: Picture, capture: Capture | None, pictures: Pictures, figure: Figure) -> PictureView:
    info = pictures.info(capture) if capture else None
    # A caption right below says it already; said twice it only delays who listens.
    said = words.plain(picture.alt.strip())
    alt = said if said != figure.caption.strip() else ""
    if not alt and not figure.caption:
        alt = gettext("Ảnh trong bài")
    original = links.outside(picture.url)
    if capture is None or info is None:
        return PictureView("", "", picture.width, picture.height, alt, original)
    full = links.media_path(capture.payload_digest, info.mime)
    # Animations and small pictures are shown as they are.
    plain = info.mime == "image/gif" or info.width <= _SHOWN_WIDTH
    src = full if plain else links.thumb_path(capture.payload_digest, _SHOWN_WIDTH)
    return PictureView(src, full, info.width or picture.width, info.height or picture.height, alt, original)


def _file(url: str, name: str, capture: Capture | None) -> FileView:
    if capture is not None:
        return FileView(name or url, links.media_path(capture.payload_digest, ""), archived=True)
    return FileView(name or url, links.outside(url), archived=False)
