"""One article: as it stands, and each fixed version of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.memento import linkformat
from archive.memento.linkformat import Link
from archive.model import ArticleView
from archive.store import Chronicle
from archive.text.vietnamese import slug
from archive.web import citation, gone, items, links, oembed, query, reading, related, schema_org
from archive.web.caching import page, validated
from archive.web.happenings import shown as happenings
from archive.web.kept import kept
from archive.web.memento import asked
from archive.web.pictures import pictures
from archive.web.resources import resources, settings

bp = Blueprint("article", __name__)


@bp.get("/a/<article_id>", defaults={"title_slug": ""})
@bp.get("/a/<article_id>/<title_slug>")
@kept
def show(article_id: str, title_slug: str) -> AnyResponse:
    """The newest version. The slug is decorative: a wrong one leads to the right one."""
    view = resources().store.article(article_id) if query.is_article(article_id) else None
    if view is None:
        gone.article(article_id)
    if title_slug != slug(view.extraction.title):
        return redirect(links.view_path(view), 301)
    return _page(view, fixed=False)


@bp.get("/a/<article_id>/v/<int:number>")
@kept
def version(article_id: str, number: int) -> Response:
    """What the article said at one capture; never changes."""
    fits = query.is_article(article_id) and number < query.MAX_VERSION
    view = resources().store.article_version(article_id, number) if fits else None
    if view is None:
        gone.version(article_id, number)
    return _page(view, fixed=True)


@bp.get("/a/<article_id>/v/<int:number>/cite.<form>")
def cite(article_id: str, number: int, form: str) -> Response:
    """One version's citation as a file: `bib`, `ris` or `json` (CSL)."""
    fits = query.is_article(article_id) and number < query.MAX_VERSION and form in _FORMS
    view = resources().store.article_version(article_id, number) if fits else None
    if view is None:
        gone.version(article_id, number)
    item = citation.of(view, links.absolute(links.version_path(article_id, number)), settings().name)
    write, mime = _FORMS[form]
    response = Response(write(item), content_type=f"{mime}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{item.key}.{form}"'
    return validated(response)


def _csl(item: citation.Citation) -> str:
    return json.dumps(citation.csl(item), ensure_ascii=False, indent=1)


_FORMS: dict[str, tuple[Callable[[citation.Citation], str], str]] = {
    "bib": (citation.bibtex, "application/x-bibtex"),
    "ris": (citation.ris, "application/x-research-info-systems"),
    "json": (_csl, "application/vnd.citationstyles.csl+json"),
}


def _page(view: ArticleView, *, fixed: bool) -> Response:
    shown = reading.build(view, resources().store.versions(view.article.id), pictures())
    alike = resources().related(view.article.id, related.ASKED)
    published = view.extraction.published.day if view.extraction.published else None
    html = render_template(
        "article/article.html",
        article=shown,
        fixed=fixed,
        related=[
            items.of_hit(hit)
            for hit in related.choose(alike, view.extraction.title, view.article.site, published)
        ],
        readings=happenings.readings(Chronicle(resources().store).of_article(view.article.id)),
        linked=schema_org.article(view, shown, settings()),
        embed=partial(oembed.address, shown.canonical),
    )
    response = page(html)
    response.headers["Link"] = ", ".join(_signposts(view, shown))
    return response


def _signposts(view: ArticleView, shown: reading.Reading) -> Iterator[str]:
    """Typed links for programs (signposting.org; `cite-as` is RFC 8574)."""
    yield f'<{shown.version_permalink}>; rel="cite-as"'
    yield f'<{shown.canonical}>; rel="canonical"'
    yield '<https://schema.org/NewsArticle>; rel="type"'
    yield linkformat.header(_mementos(view))
    for form, (_, mime) in _FORMS.items():
        address = f"{links.version_path(view.article.id, view.version.number)}/cite.{form}"
        yield f'<{links.absolute(address)}>; rel="describedby"; type="{mime}"'
    for form in oembed.FORMS:
        embedded = oembed.address(shown.canonical, form)
        yield f'<{embedded}>; rel="alternate"; type="{oembed.FORMS[form]}+oembed"'
    yield f'<{links.absolute(url_for("site.show", site_id=view.article.site))}>; rel="collection"'


def _mementos(view: ArticleView) -> Iterator[Link]:
    """What RFC 7089 knows of the original. This page is made from a memento and is none itself."""
    yield from asked.addresses(view.capture.url).common()
    yield Link(links.absolute(asked.memento(view.capture)), "memento", at=view.capture.at)
