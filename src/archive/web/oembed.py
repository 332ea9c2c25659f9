"""oEmbed 1.0 (oembed.com): what another site shows when somebody puts one of our addresses into a text."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, request, url_for
from markupsafe import Markup

from archive.model import ArticleView
from archive.web import citation, gone, links, query, reading, words
from archive.web.caching import validated
from archive.web.kept import kept
from archive.web.language import gettext
from archive.web.pictures import CARD, pictures
from archive.web.resources import resources, settings
from archive.web.xml import rendered

bp = Blueprint("oembed", __name__)

FORMS = {"json": "application/json", "xml": "text/xml"}
_ARTICLE = re.compile(r"/a/(?P<id>[a-z0-9]{4,40})(?:/v/(?P<number>\d{1,6})|/[^/]*)?/?")
_WIDTH, _HEIGHT = 600, 240
_LEAST = 200
"""Pixels below which nothing can be read."""


@bp.get("/oembed")
@kept
def show() -> Response:
    """The embedding of one article or version; 404 for an address that is none, 501 for another format."""
    form = request.args.get("format", "json")
    if form not in FORMS:
        abort(501)
    view, number = _asked(request.args.get("url", ""))
    answer = _answer(view, number)
    if form == "xml":
        body = rendered("machines/oembed.xml", answer=answer)
    else:
        body = json.dumps(answer, ensure_ascii=False)
    response = Response(body, content_type=f"{FORMS[form]}; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    # Read by scripts of other sites; there is nothing in it that is not public.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return validated(response)


def address(permalink: str, form: str) -> str:
    """Where the embedding of an article is described."""
    asked = urlencode({"url": permalink, "format": form})
    return links.absolute(f"{url_for('oembed.show')}?{asked}")


def _asked(url: str) -> tuple[ArticleView, int | None]:
    """The article of one of our own addresses, and the version where it names one."""
    base = settings().public_base
    try:
        parts = urlsplit(url)
    except ValueError:
        abort(404)
    path = parts.path.removeprefix(urlsplit(base).path)
    found = _ARTICLE.fullmatch(path)
    if found is None or parts.netloc != urlsplit(base).netloc or not query.is_article(found["id"]):
        abort(404)
    store, article_id = resources().store, found["id"]
    number = int(found["number"]) if found["number"] else None
    if number is None:
        view = store.article(article_id)
        if view is None:
            gone.article(article_id)
    else:
        view = store.article_version(article_id, number)
        if view is None:
            gone.version(article_id, number)
    return view, number


def _answer(view: ArticleView, number: int | None) -> dict[str, Any]:
    shown = reading.build(view, resources().store.versions(view.article.id), pictures())
    permalink = shown.permalink if number is None else shown.version_permalink
    title = words.plain(shown.title)
    answer: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": ", ".join(shown.byline.authors) or shown.byline.organisation or shown.site_name,
        "provider_name": settings().name,
        "provider_url": links.absolute(url_for("search.home")),
        "cache_age": 0,
        "width": _bounded("maxwidth", _WIDTH),
        "height": _bounded("maxheight", _HEIGHT),
        "html": _html(view, shown, title, permalink),
    }
    if shown.first_picture:
        answer |= {
            "thumbnail_url": links.absolute(shown.first_picture.card),
            "thumbnail_width": CARD[0],
            "thumbnail_height": CARD[1],
        }
    return answer


def _html(view: ArticleView, shown: reading.Reading, title: str, permalink: str) -> Markup:
    """A quotation with a Robust Link; no script, and every text of the article escaped."""
    cited = citation.of(view, shown.version_permalink)
    published = f", {words.iso_day(shown.published_iso)}" if shown.published_iso else ""
    lead = Markup("<p>{}</p>").format(words.plain(shown.lead)) if shown.lead else Markup("")
    return Markup(
        '<blockquote lang="{lang}" cite="{permalink}"><p><strong><a href="{permalink}" '
        'data-originalurl="{original}" data-versionurl="{version}" data-versiondate="{day}">{title}</a>'
        "</strong></p>{lead}<footer>{site}{published}. {kept}</footer></blockquote>"
    ).format(
        lang=shown.lang,
        permalink=permalink,
        original=shown.original_text,
        version=shown.version_permalink,
        day=cited.archived.isoformat(),
        title=title,
        lead=lead,
        site=words.plain(shown.site_name),
        published=published,
        kept=gettext("Bản lưu của %(archive)s, %(when)s", archive=settings().name, when=shown.captured),
    )


def _bounded(name: str, usual: int) -> int:
    value = request.args.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 6):
        return usual
    return min(usual, max(int(value), _LEAST))
