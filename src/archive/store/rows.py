"""Values that the store adds to the model, and how rows become values."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from archive.model import Article, ArticleState, Capture, Site, Version, WarcRef
from archive.store.schema import articles, captures, versions


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """A site with what is archived of it."""

    id: str
    name: str
    start: tuple[str, ...]
    """Seed addresses."""
    articles: int
    first_day: dt.date | None
    """Earliest day of publication; None when no article has a date."""
    last_day: dt.date | None
    last_crawl: dt.datetime | None
    """When the newest run began."""
    sample: bool = False
    """Invented data."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the archive holds in all."""

    articles: int
    versions: int
    captures: int
    pictures: int
    """Different pictures, by payload."""
    sites: int
    first_day: dt.date | None
    last_day: dt.date | None
    last_crawl: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list of all."""

    id: str
    title: str
    at: dt.datetime
    """Capture of its newest version."""


@dataclass(frozen=True, slots=True)
class OnDay:
    """What was published on one day."""

    day: dt.date
    articles: int
    newest: str
    """Id of one of them: the one published last."""


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl of one site."""

    id: int
    site: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    """None while it runs, or when it was killed."""
    result: Mapping[str, Any] | None


_NOT_KEPT = {"ca_file"}  # a path of one machine


def site_settings(site: Site) -> dict[str, Any]:
    """A sites entry in JSON-ready form."""
    values = {name: value for name, value in dataclasses.asdict(site).items() if name not in _NOT_KEPT}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def site_from_settings(values: Mapping[str, Any]) -> Site:
    """The entry that `site_settings` wrote; keys of a later program are ignored."""
    known = {item.name for item in dataclasses.fields(Site)}
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in known
    }
    return Site(**kept)


def day(published: str | None) -> dt.date | None:
    """The day of an ISO publication date; None for "" and NULL."""
    return dt.date.fromisoformat(published[:10]) if published else None


def capture_of(row: Row[Any]) -> Capture:
    """A capture from a row that has the columns of `captures`, among others."""
    get, c = row._mapping, captures.c
    return Capture(
        id=get[c.id],
        site=get[c.site],
        url=get[c.url],
        urlkey=get[c.urlkey],
        at=get[c.at],
        method=get[c.method],
        status=get[c.status],
        mime=get[c.mime],
        payload_digest=get[c.payload_digest],
        size=get[c.size],
        ref=WarcRef(get[c.warc_file], get[c.warc_offset], get[c.warc_length], get[c.warc_sha256]),
        revisit_of=get[c.revisit_of],
        truncated=get[c.truncated],
        redirect_to=get[c.redirect_to],
        robots=get[c.robots],
        via=get[c.via],
        source=get[c.source],
    )


def capture_values(capture: Capture, *, kind: str, article: str | None) -> dict[str, Any]:
    """The row of a capture."""
    values = dataclasses.asdict(capture)
    ref = values.pop("ref")
    return values | {
        "warc_file": ref["file"],
        "warc_offset": ref["offset"],
        "warc_length": ref["length"],
        "warc_sha256": ref["sha256"],
        "kind": kind,
        "article": article,
    }


def article_of(row: Row[Any]) -> Article:
    """An article from a row that has the columns of `articles`, among others."""
    get, c = row._mapping, articles.c
    return Article(
        id=get[c.id],
        site=get[c.site],
        url=get[c.url],
        first_seen=get[c.first_seen],
        last_seen=get[c.last_seen],
        state=ArticleState(get[c.state]),
        gone_at=get[c.gone_at],
    )


def version_of(row: Row[Any]) -> Version:
    """A version from a row that has the columns of `versions`, among others."""
    get, c = row._mapping, versions.c
    return Version(
        article=get[c.article],
        number=get[c.number],
        capture=get[c.capture],
        at=get[c.at],
        content_hash=get[c.content_hash],
        extractor=get[c.extractor],
    )
