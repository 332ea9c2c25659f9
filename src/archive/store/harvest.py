"""Articles in the order in which their records changed: what OAI-PMH hands out.

Withheld ones are among them, as deleted records: only so do those who have copies learn of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, tuple_

from archive.store import withheld
from archive.store.schema import UtcDateTime, articles


@dataclass(frozen=True, slots=True)
class Selected:
    """Which records; None stands for all."""

    site: str | None = None
    begin: dt.datetime | None = None
    """Stamped then or later."""
    end: dt.datetime | None = None
    """Stamped then or earlier."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """An article and when its record last changed here."""

    id: str
    site: str
    at: dt.datetime
    """Whole seconds."""
    deleted: bool
    """It is withheld."""


Place = tuple[dt.datetime, str]
"""Stamp and id of the last record that was handed out."""


def page(connection: Connection, selected: Selected, limit: int, after: Place | None = None) -> list[Stamped]:
    """Records in order of stamp and id, after a place.

    A record that changes meanwhile moves to the end: it comes twice rather than never.
    """
    statement = _chosen(selected).order_by(articles.c.recorded_at, articles.c.id).limit(limit)
    if after is not None:
        last = tuple_(literal(after[0], UtcDateTime()), literal(after[1]))
        statement = statement.where(tuple_(articles.c.recorded_at, articles.c.id) > last)
    return _read(connection, statement)


def count(connection: Connection, selected: Selected) -> int:
    """How many records there are."""
    return connection.execute(select(func.count()).select_from(_chosen(selected).subquery())).scalar_one()


def record(connection: Connection, article: str) -> Stamped | None:
    """One record; None when there is no such article."""
    return next(iter(_read(connection, _chosen(Selected()).where(articles.c.id == article))), None)


def earliest(connection: Connection) -> dt.datetime | None:
    """No record has a stamp before; None when there are none."""
    return connection.execute(select(func.min(articles.c.recorded_at))).scalar()


def _chosen(selected: Selected) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if selected.site is not None:
        conditions.append(articles.c.site == selected.site)
    if selected.begin is not None:
        conditions.append(articles.c.recorded_at >= selected.begin)
    if selected.end is not None:
        conditions.append(articles.c.recorded_at <= selected.end)
    return select(articles.c.id, articles.c.site, articles.c.recorded_at).where(*conditions)


def _read(connection: Connection, statement: Select[Any]) -> list[Stamped]:
    hidden = withheld.load(connection).articles
    return [
        Stamped(row.id, row.site, row.recorded_at, row.id in hidden) for row in connection.execute(statement)
    ]
