"""Pages as schema.org describes them (JSON-LD): the vocabulary that search engines and Zotero read.

Of a node only what is known is given. `datePublished` is the portal's date, never the day of the crawl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import url_for

from archive.config import Settings
from archive.model import ArticleView
from archive.store.happenings.values import Gathering
from archive.web import links
from archive.web.blocks import FigureView, PictureView
from archive.web.reading import Reading
from archive.web.words import plain

if TYPE_CHECKING:
    from archive.web.happenings.shown import EventLine

_CONTEXT = "https://schema.org"
Thing = dict[str, Any]


def article(view: ArticleView, shown: Reading, settings: Settings) -> Thing:
    """One version of an article."""
    extraction = view.extraction
    byline = extraction.byline
    people = [_thing("Person", name=plain(name)) for name in byline.authors]
    organisation = _thing("Organization", name=plain(byline.organisation)) if byline.organisation else None
    site = plain(shown.site_name)
    return _thing(
        ["NewsArticle", "ArchiveComponent"],
        **{"@context": _CONTEXT, "@id": shown.version_permalink},
        headline=plain(shown.title),
        description=plain(extraction.lead),
        articleBody="\n\n".join(plain(text) for text in extraction.body()),
        articleSection=plain(extraction.section),
        inLanguage=shown.lang,
        datePublished=shown.published_iso,
        dateModified=extraction.modified.iso() if extraction.modified else "",
        author=people or organisation,
        sourceOrganization=organisation,
        publisher=_thing("GovernmentOrganization", name=site),
        isPartOf=_thing("WebSite", name=site, url=_origin(shown.original)),
        image=[
            _image(picture, block)
            for block in shown.blocks
            if isinstance(block, FigureView)
            for picture in block.pictures
            if picture.src
        ],
        url=shown.canonical,
        isBasedOn=shown.original,
        archivedAt=shown.version_permalink,
        holdingArchive=archive(settings),
        version=shown.number,
        identifier=[
            view.article.id,
            _thing("PropertyValue", propertyID="sha256", value=shown.content_hash),
        ],
    )


def home(settings: Settings) -> Thing:
    """The site as a whole, with its search."""
    address = links.absolute(url_for("search.home"))
    return _thing(
        "WebSite",
        **{"@context": _CONTEXT, "@id": address},
        name=settings.name,
        url=address,
        inLanguage=["vi", "en"],
        publisher=archive(settings),
        potentialAction=_thing(
            "SearchAction",
            target=_thing(
                "EntryPoint",
                urlTemplate=f"{links.absolute(url_for('search.results'))}?q={{search_term_string}}",
            ),
            **{"query-input": "required name=search_term_string"},
        ),
    )


def event(line: EventLine, gathering: Gathering, articles: list[str]) -> Thing:
    """An event that articles tell of: dates as ISO days, an hour only where the text gave one."""
    told = gathering.event
    start, end = told.when.start, told.when.end
    when = start.isoformat() if start else ""
    if start and told.when.time and start == end:
        when = f"{when}T{told.when.time:%H:%M}:00+07:00"
    return _thing(
        "Event",
        **{"@context": _CONTEXT, "@id": links.absolute(line.href)},
        name=plain(line.name),
        startDate=when,
        endDate=end.isoformat() if end else "",
        eventStatus=f"{_CONTEXT}/EventScheduled",
        location=_thing("Place", name=plain(line.place)) if line.place else None,
        organizer=_thing("Organization", name=plain(told.organiser)) if told.organiser else None,
        description=plain(told.sentence),
        subjectOf=[{"@type": "NewsArticle", "url": url} for url in articles],
    )


def archive(settings: Settings) -> Thing:
    """The archive as an organisation."""
    return _thing(
        "ArchiveOrganization",
        name=settings.name,
        url=links.absolute(url_for("search.home")),
        email=settings.contact,
        parentOrganization=_thing("Organization", name=settings.operator) if settings.operator else None,
    )


def _image(picture: PictureView, figure: FigureView) -> Thing:
    return _thing(
        "ImageObject",
        contentUrl=links.absolute(picture.full),
        caption=plain(figure.caption or picture.alt),
        creditText=plain(figure.credit),
        width=picture.width,
        height=picture.height,
    )


def _thing(kind: str | list[str], **fields: Any) -> Thing:
    """A node with what is known; an empty field would claim that there is nothing."""
    return {"@type": kind} | {name: value for name, value in fields.items() if value}


def _origin(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
