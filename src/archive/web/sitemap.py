"""The sitemap (sitemaps.org 0.9): one file, or an index of several when one would be too long.

A sample archive has none: it is for nobody's index.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, url_for

from archive.store import Listed
from archive.text.vietnamese import slug
from archive.web import links
from archive.web.caching import validated
from archive.web.resources import resources, settings
from archive.web.xml import rendered

bp = Blueprint("sitemap", __name__)

ARTICLES = 5_000
"""Articles in one file. The protocol allows 50,000 addresses; fewer keep an answer below a second."""


@bp.get("/sitemap.xml")
def first() -> Response:
    """Everything, or the index of the files that hold everything."""
    _check_public()
    files = _files()
    if files == 1:
        return _urlset([*_pages(), *_articles(1)])
    addresses = [links.absolute(url_for("sitemap.part", number=number + 1)) for number in range(files)]
    return _answer(rendered("machines/sitemapindex.xml", addresses=addresses))


@bp.get("/sitemap-<int:number>.xml")
def part(number: int) -> Response:
    """One file of several: `ARTICLES` articles, the first file with the other pages too."""
    _check_public()
    if not 1 <= number <= _files():
        abort(404)
    return _urlset([*(_pages() if number == 1 else ()), *_articles(number)])


def _check_public() -> None:
    if settings().sample:
        abort(404)


def _files() -> int:
    return max(1, -(-resources().store.article_count() // ARTICLES))


def _pages() -> Iterator[tuple[str, str]]:
    """Address and "" (they change with every crawl) of each page that is no article."""
    for endpoint in ("search.home", "sections.portals", "pages.about", "pages.removal"):
        yield links.absolute(url_for(endpoint)), ""
    for site in resources().store.sites():
        yield links.absolute(url_for("site.show", site_id=site.id)), ""


def _articles(number: int) -> Iterator[tuple[str, str]]:
    """Address and time of the last change of each article in one file."""
    for item in resources().store.listed(ARTICLES, (number - 1) * ARTICLES):
        yield links.absolute(_path(item)), item.at.isoformat(timespec="seconds")


def _path(item: Listed) -> str:
    return links.article_path(item.id, slug(item.title))


def _urlset(entries: list[tuple[str, str]]) -> Response:
    return _answer(rendered("machines/sitemap.xml", entries=entries))


def _answer(xml: str) -> Response:
    return validated(Response(xml, content_type="application/xml; charset=utf-8"))
