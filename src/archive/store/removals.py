"""What readers ask to be removed or corrected, and what became of it. Never shown publicly but its state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Connection, Index, String, Table, Text, func, insert, select, update

from archive.store.schema import UtcDateTime, metadata

table = Table(
    "removal_requests",
    metadata,
    Column("id", String(16), primary_key=True, comment="operator: random; lets who asked see the state"),
    Column("at", UtcDateTime, nullable=False, comment="operator: when asked"),
    Column("target", Text, nullable=False, comment="operator: what it is about, as typed"),
    Column("reason", Text, nullable=False, comment="operator: why, as typed"),
    Column("contact", Text, nullable=False, comment="operator: how to answer, as typed; '' if not said"),
    Column("origin", String(32), nullable=False, comment="operator: hash of sender's network and day"),
    Column("state", String(16), nullable=False, comment="operator: new, granted or refused"),
    Column("answer", Text, nullable=False, comment="operator: a sentence for who asked"),
    Column("answered_by", String(80), nullable=False, comment="operator: name of the admin"),
    Column("answered_at", UtcDateTime, comment="operator: when; NULL while new"),
    Column("takedown", String(16), nullable=False, comment="operator: the takedown that followed, or ''"),
    Index(None, "state", "at"),
    comment="Requests of readers to remove or correct something.",
)


class RequestState(StrEnum):
    NEW = "new"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Removal:
    """One request."""

    id: str
    at: dt.datetime
    target: str
    reason: str
    contact: str
    origin: str
    state: RequestState
    answer: str
    answered_by: str
    answered_at: dt.datetime | None
    takedown: str


def ask(
    connection: Connection, identity: str, *, target: str, reason: str, contact: str, origin: str
) -> None:
    """Put a request on the list."""
    values = {"id": identity, "target": target, "reason": reason, "contact": contact, "origin": origin}
    connection.execute(
        insert(table).values(
            **values, at=dt.datetime.now(dt.UTC), state="new", answer="", answered_by="", takedown=""
        )
    )


def count(connection: Connection, since: dt.datetime, origin: str | None = None) -> int:
    """How many came in since a moment, from everywhere or from one origin."""
    statement = select(func.count()).select_from(table).where(table.c.at > since)
    if origin is not None:
        statement = statement.where(table.c.origin == origin)
    return connection.execute(statement).scalar_one()


def get(connection: Connection, identity: str) -> Removal | None:
    """One request."""
    row = connection.execute(select(table).where(table.c.id == identity)).first()
    return _value(dict(row._mapping)) if row is not None else None


def listed(connection: Connection, state: RequestState | None = None, limit: int = 200) -> list[Removal]:
    """The oldest unanswered first; answered ones the newest first."""
    order = table.c.at if state is RequestState.NEW else table.c.at.desc()
    statement = select(table).order_by(order).limit(limit)
    if state is not None:
        statement = statement.where(table.c.state == state.value)
    return [_value(dict(row._mapping)) for row in connection.execute(statement)]


def answer(
    connection: Connection, identity: str, state: RequestState, text: str, by: str, takedown: str = ""
) -> bool:
    """Note what became of a request, and drop how to reach who asked: it is needed no more.

    :returns: False when there is no such request that is still new.
    """
    statement = (
        update(table)
        .where(table.c.id == identity, table.c.state == RequestState.NEW.value)
        .values(
            state=state.value,
            answer=text,
            answered_by=by,
            answered_at=dt.datetime.now(dt.UTC),
            takedown=takedown,
            contact="",
        )
    )
    return connection.execute(statement).rowcount > 0


def _value(values: dict[str, object]) -> Removal:
    return Removal(**values | {"state": RequestState(str(values["state"]))})  # type: ignore[arg-type]
