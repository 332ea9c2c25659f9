"""The strip above a replayed page: what it is, from when, where it was, what is known besides."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, url_for

from archive.memento.times import stamp
from archive.store.ledger import Judged
from archive.store.mementos import Neighbours
from archive.web import query, words
from archive.web.memento import asked


def make(found: Judged, near: Neighbours) -> Callable[[str], str]:
    """The banner as a function of the address that the page sent its readers on to, "" for none."""
    capture = found.capture
    article = found.article if found.article is not None and query.is_article(found.article) else None

    def markup(refresh: str) -> str:
        return render_template(
            "memento/banner.html",
            url=capture.url,
            moment=words.moment(capture.at),
            iso=capture.at.isoformat(timespec="seconds"),
            status=capture.status if capture.status >= 400 else 0,
            truncated=bool(capture.truncated),
            calendar=asked.calendar(capture.url),
            article=url_for("article.show", article_id=article) if article else "",
            previous=asked.memento(near.previous.capture) if near.previous else "",
            next=asked.memento(near.next.capture) if near.next else "",
            refresh=refresh,
            refresh_href=asked.page(refresh, stamp(capture.at)) if refresh else "",
        )

    return markup
