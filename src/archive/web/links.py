"""Addresses. Permalinks are absolute and built on `public_base`; nothing is ever built on a header."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import url_for

from archive.model import ArticleView
from archive.text.vietnamese import slug
from archive.web.resources import settings
from archive.web.sniff import IMAGE_SUFFIX

_DIGEST = "sha256:"
DOCUMENTS = ("pdf", "doc", "docx", "xls", "xlsx", "rtf")
"""Kinds of documents that are known by their bytes, and endings of their names."""
WIDTHS = (240, 480, 800, 1600)
"""Widths of the small forms of pictures, in pixels: in lists, in articles, filling a screen."""


def article_path(article_id: str, title_slug: str) -> str:
    """`/a/<id>/<slug>`, the slug left out when there is none."""
    if title_slug:
        return url_for("article.show", article_id=article_id, title_slug=title_slug)
    return url_for("article.show", article_id=article_id)


def view_path(view: ArticleView) -> str:
    """The address of an article, its slug from the version that is given."""
    return article_path(view.article.id, slug(view.extraction.title))


def version_path(article_id: str, number: int) -> str:
    """The address of one fixed version."""
    return url_for("article.version", article_id=article_id, number=number)


def compare_path(article_id: str, old: int, new: int) -> str:
    """The address of what changed between two versions."""
    return url_for("compare.show", article_id=article_id, old=old, new=new)


def media_path(digest: str, mime: str) -> str:
    """The address of an archived picture or file.

    :param digest: a payload digest, `sha256:` and hex.
    :param mime: a picture's type or a document's kind, for a file name ending that a saved copy needs.
    """
    suffix = IMAGE_SUFFIX.get(mime, "") or (mime if mime in DOCUMENTS else "")
    return url_for("media.show", digest=digest.removeprefix(_DIGEST), extension=suffix)


def thumb_path(digest: str, width: int = WIDTHS[0]) -> str:
    """The address of a small form of an archived picture."""
    return url_for("media.thumb", digest=digest.removeprefix(_DIGEST), width=width)


def card_path(digest: str) -> str:
    """The address of the form that is shown where an article is shared."""
    return url_for("media.card", digest=digest.removeprefix(_DIGEST))


def absolute(path: str) -> str:
    """The public address of one of our paths (which begin with the path of `public_base`, if it has one)."""
    base = urlsplit(settings().public_base)
    return f"{base.scheme}://{base.netloc}{path}"


def outside(url: str) -> str:
    """An address of another site that is safe to link to: http or https; "" for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
