"""What people corrected: rows that are never changed but to be lifted, applied at each reading."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from archive.model.events import Event
from archive.store.happenings.tables import corrections


@dataclass(frozen=True, slots=True)
class Correction:
    """One act of an admin on a reading."""

    id: int
    action: str
    """"hide" or "change" (an event's kind, name, places, day, until); "same" (two persons are one)."""
    target: str
    data: dict[str, Any]
    reason: str
    by: str
    at: dt.datetime
    lifted_at: dt.datetime | None
    lifted_by: str | None


def correct(
    connection: Connection,
    action: str,
    target: str,
    data: dict[str, Any],
    *,
    reason: str,
    by: str,
    at: dt.datetime,
) -> int:
    """Note a correction; returns its number. It acts when the article is read again (`put`)."""
    statement = insert(corrections).values(
        action=action, target=target, data=data, reason=reason, by=by, at=at
    )
    return int(connection.execute(statement.returning(corrections.c.id)).scalar_one())


def lift(connection: Connection, number: int, *, by: str, at: dt.datetime) -> str | None:
    """Take a correction back; its target, or None when there is none in force with that number."""
    where = (corrections.c.id == number) & corrections.c.lifted_at.is_(None)
    statement = update(corrections).where(where).values(lifted_at=at, lifted_by=by)
    row = connection.execute(statement.returning(corrections.c.target)).first()
    return str(row.target) if row else None


def in_force(connection: Connection, targets: Sequence[str] | None = None) -> list[Correction]:
    """Corrections that are not lifted, the oldest first."""
    statement = select(corrections).where(corrections.c.lifted_at.is_(None)).order_by(corrections.c.id)
    if targets is not None:
        statement = statement.where(corrections.c.target.in_(list(targets)))
    return [Correction(**row._mapping) for row in connection.execute(statement)]


def listed(connection: Connection) -> list[Correction]:
    """All corrections, lifted ones too, the oldest first."""
    return [
        Correction(**row._mapping)
        for row in connection.execute(select(corrections).order_by(corrections.c.id))
    ]


def corrected(connection: Connection, own: str, event: Event) -> tuple[Event, bool]:
    """An event with the corrections in force on it; whether one says that there is none."""
    hidden = False
    for item in in_force(connection, (own,)):
        if item.action == "hide":
            hidden = True
        elif item.action == "change":
            event = changed(event, item.data)
    return event, hidden


def changed(event: Event, values: dict[str, Any]) -> Event:
    """An event with the values that an admin gave: kind, name, places, day, until.

    :raises ValueError: a day is none.
    """
    when = event.when
    if "day" in values:
        when = dataclasses.replace(when, start=_day(values["day"]))
    if "until" in values:
        when = dataclasses.replace(when, end=_day(values["until"]))
    return dataclasses.replace(
        event,
        when=when,
        kind=str(values.get("kind", event.kind)),
        name=str(values.get("name", event.name)),
        places=tuple(values.get("places", event.places)),
        rule=f"{event.rule} + corrected",
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
