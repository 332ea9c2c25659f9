"""The evidence pack of an article: captures, texts, hashes, citations, and how to check them offline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO

from flask import Blueprint, Response

from archive.config import Settings
from archive.model import ArticleView
from archive.preserve.exporting import evidence_stream
from archive.web import citation, gone, query
from archive.web.resources import resources, settings

bp = Blueprint("evidence", __name__)

_STEP = 1 << 16


@bp.get("/a/<article_id>/evidence.zip")
def pack(article_id: str) -> Response:
    """The pack as a download, made at each request: what is taken down meanwhile is not in it."""
    opened = resources()
    cited = partial(citations, settings())
    made = (
        evidence_stream(opened.store, settings(), article_id, citations=cited)
        if query.is_article(article_id)
        else None
    )
    if made is None:
        gone.article(article_id)
    file, size = made
    response = Response(_pieces(file), content_type="application/zip", direct_passthrough=True)
    response.call_on_close(file.close)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{article_id}-evidence.zip"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def citations(settings: Settings, view: ArticleView) -> Mapping[str, str]:
    """The forms of citation of a version, by file name."""
    permalink = f"{settings.public_base}/a/{view.article.id}/v/{view.version.number}"
    item = citation.of(view, permalink)
    return {
        "citation.txt": citation.text(item) + "\n",
        "citation.bib": citation.bibtex(item),
        "citation.ris": citation.ris(item),
        "citation.json": json.dumps(citation.csl(item), ensure_ascii=False, indent=1) + "\n",
    }


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_STEP):
            yield piece
