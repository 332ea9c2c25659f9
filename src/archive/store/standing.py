"""How a portal as a whole stands: live, moved to another host, dark, or in other hands; and since when.

A line is added when the state changes, so the newest line of a site is how it stands. A site without a line
has never been seen otherwise than live.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Connection, Index, Row, String, Table, Text, insert, select

from archive.store.schema import SERIAL, UtcDateTime, captures, metadata

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


def current(connection: Connection, site: str) -> Standing | None:
    """How a site stands; None when it was never seen otherwise than live."""
    statement = select(table).where(table.c.site == site).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(statement).first()
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
