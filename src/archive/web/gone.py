"""What is asked for and is not shown: 410 or 451 when it was taken down, 404 when there is no such thing.

A path that hands something out calls one of these with what it did not get from the store, or `refuse` with
the takedown that it was told of.
"""

from __future__ import annotations

from typing import NoReturn

from werkzeug.exceptions import HTTPException, NotFound

from archive.store import Takedown
from archive.web import query
from archive.web.resources import resources


class WithheldError(HTTPException):
    """Taken down: the error page says since when and why, never what."""

    def __init__(self, takedown: Takedown) -> None:
        super().__init__()
        self.code = takedown.status
        self.takedown = takedown


def refuse(takedown: Takedown | None) -> NoReturn:
    """End the request: with 410 or 451 for what was taken down, with 404 for None."""
    if takedown is not None:
        raise WithheldError(takedown)
    raise NotFound


def article(article_id: str) -> NoReturn:
    """End the request for an article that the store does not show."""
    refuse(resources().store.withheld_article(article_id) if query.is_article(article_id) else None)


def version(article_id: str, number: int) -> NoReturn:
    """End the request for a version that the store does not show."""
    fits = query.is_article(article_id) and number < query.MAX_VERSION
    refuse(resources().store.withheld_version(article_id, number) if fits else None)


def payload(digest: str) -> NoReturn:
    """End the request for a picture or file that the store does not show."""
    refuse(resources().store.withheld_payload(digest))
