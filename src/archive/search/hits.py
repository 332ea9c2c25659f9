"""A stored document → what is shown of it. The same for every engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.search import snippets
from archive.search.backend import SearchHit

SHOWN = (
    "id",
    "title",
    "lead",
    "body",
    "captions",
    "attachments",
    "byline",
    "site",
    "site_name",
    "section",
    "published_text",
    "url",
    "picture",
    "has_pictures",
    "status",
    "slug",
)
"""Fields of an `IndexDocument` that an engine stores to show them. Their order is that of the stored
lists of the index on disk: another one is another format."""


def hit(doc: Mapping[str, Any], score: float, copies: int, sought: snippets.Sought) -> SearchHit:
    """One article found.

    :param doc: fields of an `IndexDocument` by name, as the engine stored them.
    :param copies: how many of the articles found have its text.
    """
    return SearchHit(
        id=doc["id"],
        score=score,
        title=snippets.whole("title", doc["title"], sought),
        snippets=snippets.best(doc["lead"], doc["body"], doc["captions"], doc["attachments"], sought),
        site=doc["site"],
        site_name=doc["site_name"],
        section=doc["section"],
        published=doc["published_text"],
        url=doc["url"],
        picture=doc["picture"],
        status=doc["status"],
        slug=doc["slug"],
        copies=copies,
    )
