"""How a portal as a whole stands: live, moved to another host, dark, or in other hands; and since when.

A line is added when the state changes, so the newest line of a site is how it stands. A site without a line
has never been seen otherwise than live.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Connection, Index, Row, String, Table, Text, bindparam, insert, select

from archive.errors import UrlError
from archive.model import Capture
from archive.store.rows import capture_of
from archive.store.schema import SERIAL, UtcDateTime, captures, metadata
from archive.urls import surt

table = Table(
    "site_states",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("site", String(80), nullable=False, comment="crawl: which site"),
    Column("at", UtcDateTime, nullable=False, comment="ingest: time of what showed it"),
    Column("state", String(16), nullable=False, comment="ingest: live, moved, dark or taken-over"),
    Column("detail", Text, nullable=False, comment="ingest: new address, or what speaks for it"),
    Index(None, "site", "at"),
    comment="How each portal as a whole stood, from when on.",
)


_REDIRECTS = 50
"""Redirects of one address that are looked at."""


class SiteState(StrEnum):
    """How a portal stands."""

    LIVE = "live"
    MOVED = "moved"
    """Its front page leads to another host for good."""
    DARK = "dark"
    """A whole crawl got no answer."""
    TAKEN_OVER = "taken-over"
    """It answers, but nothing of what it was is there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a portal stands since when."""

    site: str
    state: SiteState
    since: dt.datetime
    detail: str = ""
    """Where it moved to; what speaks for its being in other hands."""


_NEWEST = select(table).where(table.c.site == bindparam("site")).order_by(table.c.id.desc()).limit(1)


def current(connection: Connection, site: str) -> Standing | None:
    """How a site stands; None when it was never seen otherwise than live."""
    row = connection.execute(_NEWEST, {"site": site}).first()
    return _standing(row) if row is not None else None


def history(connection: Connection, site: str) -> list[Standing]:
    """All changes, the first first."""
    rows = connection.execute(select(table).where(table.c.site == site).order_by(table.c.id))
    return [_standing(row) for row in rows]


def note(connection: Connection, standing: Standing) -> bool:
    """Add a line when a site's state, or where it moved to, has changed. Returns whether it had."""
    known = current(connection, standing.site)
    if known is None and standing.state is SiteState.LIVE:
        return False
    if known is not None and known.state is standing.state:
        same_place = standing.state is not SiteState.MOVED or known.detail == standing.detail
        if same_place:
            return False
    values = {
        "site": standing.site,
        "at": standing.since,
        "state": standing.state.value,
        "detail": standing.detail,
    }
    connection.execute(insert(table).values(values))
    return True


def front_page(
    connection: Connection, site: str, urls: Collection[str], before: dt.datetime | None = None
) -> Capture | None:
    """The newest capture of a front page as the portal's own: what a later one is compared with.

    :param urls: where it stood: a seed, or where that led to.
    :param before: only older ones: those since may be another owner's.
    """
    statement = (
        select(captures)
        .where(captures.c.site == site, captures.c.url.in_(list(urls)), captures.c.status == 200)
        .where(captures.c.method == "GET", captures.c.truncated == "")
        .order_by(captures.c.at.desc())
        .limit(1)
    )
    if before is not None:
        statement = statement.where(captures.c.at < before)
    row = connection.execute(statement).first()
    return capture_of(row) if row is not None else None


def led_to(connection: Connection, site: str, urls: Collection[str]) -> Capture | None:
    """The newest redirect from one of these addresses to another one (not only to another spelling)."""
    statement = (
        select(captures)
        .where(captures.c.site == site, captures.c.url.in_(list(urls)), captures.c.redirect_to.is_not(None))
        .order_by(captures.c.at.desc())
        .limit(_REDIRECTS)
    )
    found = (capture_of(row) for row in connection.execute(statement))
    return next((item for item in found if not _respelled(item)), None)


def _respelled(capture: Capture) -> bool:
    try:
        return capture.redirect_to is not None and surt(capture.redirect_to) == capture.urlkey
    except UrlError:
        return False


def last_answer(connection: Connection, site: str) -> dt.datetime | None:
    """When a site's servers last answered with a page of the site (200 or 304)."""
    statement = (
        select(captures.c.at)
        .where(captures.c.site == site, captures.c.status.in_((200, 304)))
        .order_by(captures.c.at.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar()


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    get = row._mapping
    return Standing(get["site"], SiteState(get["state"]), get["at"], get["detail"])
