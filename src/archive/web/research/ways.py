"""From one way of looking at a question to the others, with the same words and the same filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

from flask import url_for

from archive.search.backend import SearchRequest, Sort
from archive.web import query
from archive.web.language import gettext
from archive.web.results import Choice

SEARCH, TRENDS, CONCORDANCE, COOCCURRENCE = "search", "trends", "concordance", "cooccurrence"


def ways(request: SearchRequest, here: str) -> tuple[Choice, ...]:
    """The four pages of a question.

    :param here: the one that the reader is on.
    """
    asked = replace(request, page=1, sort=Sort.RELEVANCE)
    pairs = query.arguments(asked)
    named = [("w", value) if name == "q" else (name, value) for name, value in pairs]
    found = (
        (SEARCH, gettext("Danh sách bài"), "search.results", pairs),
        (TRENDS, gettext("Xu hướng"), "trends.show", named),
        (CONCORDANCE, gettext("Ngữ cảnh"), "concordance.show", pairs),
        (COOCCURRENCE, gettext("Đi cùng nhau"), "cooccurrence.show", pairs),
    )
    return tuple(
        Choice(label, with_query(url_for(endpoint), asked_for), None, name == here)
        for name, label, endpoint, asked_for in found
    )


def with_query(root: str, pairs: Iterable[tuple[str, str]]) -> str:
    """An address with these parameters."""
    text = urlencode(list(pairs))
    return f"{root}?{text}" if text else root
