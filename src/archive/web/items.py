"""One line of a list of articles, whether it was found or is simply new."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup, escape

from archive.model import ArticleView
from archive.search.backend import SearchHit, Snippet
from archive.web import links, words
from archive.web.language import gettext
from archive.web.marks import highlighted

_SNIPPETS = 2


@dataclass(frozen=True, slots=True)
class Item:
    """An article in a list."""

    href: str
    title: Markup
    site_name: str
    site_href: str
    iso: str
    """Publication date as `DateFact.iso`, or ""."""
    day: str
    section: str
    status: str
    """How the original stands, when it is not simply still there."""
    snippets: tuple[tuple[str, Markup], ...]
    """Label ("" for running text) and text, found words marked."""
    picture: str
    """Address of a small picture, or ""."""
    copies: str = ""
    """"3 bản giống nhau", when the same text stands under other addresses too; else ""."""
    copies_href: str = ""
    """Address of the list of these copies."""


def of_hit(hit: SearchHit) -> Item:
    """An article that was found."""
    return Item(
        href=links.article_path(hit.id, hit.slug),
        title=highlighted(hit.title) if hit.title.text.strip() else _untitled(),
        site_name=hit.site_name,
        site_href=url_for("site.show", site_id=hit.site),
        iso=hit.published,
        day=words.iso_day(hit.published),
        section=hit.section,
        status=_status(hit.status),
        snippets=tuple((_label(item), highlighted(item)) for item in hit.snippets[:_SNIPPETS]),
        picture=links.thumb_path(hit.picture) if hit.picture else "",
        copies=gettext("%(copies)s bản giống nhau", copies=words.number(hit.copies))
        if hit.copies > 1
        else "",
        copies_href=url_for("search.results", copies=hit.id) if hit.copies > 1 else "",
    )


def of_view(view: ArticleView) -> Item:
    """An article from the store."""
    extraction = view.extraction
    captured = (view.pictures.get(picture.url) for picture in extraction.pictures())
    digest = next((capture.payload_digest for capture in captured if capture), "")
    iso = extraction.published.iso() if extraction.published else ""
    return Item(
        href=links.view_path(view),
        title=escape(extraction.title) if extraction.title.strip() else _untitled(),
        site_name=view.site_name,
        site_href=url_for("site.show", site_id=view.article.site),
        iso=iso,
        day=words.iso_day(iso),
        section=extraction.section,
        status=_status(view.article.state.value),
        snippets=(("", escape(extraction.lead)),) if extraction.lead else (),
        picture=links.thumb_path(digest) if digest else "",
    )


def _untitled() -> Markup:
    return escape(gettext("Không có tên bài"))


def _status(state: str) -> str:
    return "" if state == "live" else words.state(state)


def _label(snippet: Snippet) -> str:
    match snippet.field:
        case "caption":
            return gettext("Chú thích ảnh")
        case "attachment":
            return gettext("Tệp đính kèm")
        case _:
            return ""
