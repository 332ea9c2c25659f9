"""The view model of an article page: its facts in words; the text itself is in `blocks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.model import ArticleView, Byline, Version
from archive.web import citation, links, states, words
from archive.web.blocks import BlockView, FigureView, PictureView, block_views
from archive.web.language import gettext
from archive.web.memento import asked
from archive.web.pictures import Pictures
from archive.web.states import State


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
    pages: tuple[str, ...]
    """Addresses of the captured pages of an article that stands on several, in order; else empty."""
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
    evidence: str
    """Address of the evidence pack."""
    content_hash: str
    lang: str
    first_picture: PictureView | None
    card_caption: str
    """What the first picture shows, for those who cannot see it where the page is shared."""


def build(view: ArticleView, versions: Sequence[Version], pictures: Pictures) -> Reading:
    """Everything that the page of one version shows."""
    article, extraction = view.article, view.extraction
    permalink = links.absolute(links.view_path(view))
    fixed = links.absolute(links.version_path(article.id, view.version.number))
    blocks = tuple(block_views(extraction.blocks, view, pictures))
    figures = [block for block in blocks if isinstance(block, FigureView)]
    first = next(((item, figure) for figure in figures for item in figure.pictures if item.src), None)
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
        pages=tuple(asked.memento(page) for page in view.pages),
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
        evidence=f"{links.article_path(article.id, '')}/evidence.zip",
        content_hash=view.version.content_hash,
        lang=words.language_tag(extraction.lang),
        first_picture=first[0] if first else None,
        card_caption=(first[1].caption or first[0].alt) if first else "",
    )
