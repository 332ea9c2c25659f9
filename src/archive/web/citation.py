"""How an archived article is cited. Pure: one value, one function per format."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from archive.model import ArticleView
from archive.web.words import VIETNAM, day, plain


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation names."""

    key: str
    title: str
    authors: tuple[str, ...]
    """As signed; Vietnamese names are never split into family and given name."""
    organisation: str
    portal: str
    issued: dt.date | None
    original: str
    permalink: str
    """The fixed version, absolute."""
    archived: dt.date
    """Day of the capture, in Vietnam."""


def of(view: ArticleView, permalink: str) -> Citation:
    """The citation of one version."""
    extraction = view.extraction
    return Citation(
        key=f"{view.article.id}v{view.version.number}",
        title=plain(extraction.title),
        authors=tuple(plain(name) for name in extraction.byline.authors),
        organisation=plain(extraction.byline.organisation),
        portal=plain(view.site_name),
        issued=extraction.published.day if extraction.published else None,
        original=view.article.url,
        permalink=permalink,
        archived=view.version.at.astimezone(VIETNAM).date(),
    )


def text(item: Citation) -> str:
    """One line, in Vietnamese as the article is: author, title, portal, date, original, archived copy."""
    parts = [
        ", ".join(item.authors) or item.organisation,
        f"“{item.title}”" if item.title else "",
        item.portal,
        day(item.issued) if item.issued else "không rõ ngày đăng",
        item.original,
        f"lưu trữ ngày {day(item.archived)}",
        item.permalink,
    ]
    return ", ".join(part for part in parts if part) + "."
