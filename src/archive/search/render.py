"""The JSON shape of a search answer, as `archive search --json` prints it.

Marked words are given as offsets into the plain text, so that nothing has to be unescaped.
"""

from __future__ import annotations

from typing import Any

from archive.search.backend import SearchHit, SearchPage, Snippet


def page_dict(page: SearchPage, public_base: str) -> dict[str, Any]:
    """A whole answer."""
    return {
        "total": page.total,
        "distinct": page.distinct,
        "hits": [hit_dict(hit, public_base) for hit in page.hits],
        "facets": {
            name: [{"value": item.value, "count": item.count} for item in values]
            for name, values in page.facets.items()
        },
        "months": dict(page.months),
        "undated": page.undated,
        "reading": page.reading,
        "suggestion": page.suggestion,
        "hints": [{"kind": hint.kind.value, "detail": hint.detail} for hint in page.hints],
        "milliseconds": round(page.milliseconds, 2),
    }


def hit_dict(hit: SearchHit, public_base: str) -> dict[str, Any]:
    """One result."""
    return {
        "id": hit.id,
        "url": article_url(public_base, hit.id, hit.slug),
        "title": hit.title.text,
        "title_marks": [list(mark) for mark in hit.title.marks],
        "site": hit.site,
        "site_name": hit.site_name,
        "section": hit.section,
        "date": hit.published or None,
        "score": round(hit.score, 4),
        "original": hit.url,
        "status": hit.status,
        "copies": hit.copies,
        "snippet": hit.snippets[0].text if hit.snippets else "",
        "snippets": [_snippet(snippet) for snippet in hit.snippets],
    }


def article_url(public_base: str, article_id: str, slug: str) -> str:
    """The permalink of an article: `/a/<id>/<slug>`, the slug decorative."""
    return f"{public_base}/a/{article_id}" + (f"/{slug}" if slug else "")


def _snippet(snippet: Snippet) -> dict[str, Any]:
    return {
        "field": snippet.field,
        "text": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
    }
