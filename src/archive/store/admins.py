"""Who may use the admin pages: accounts, their sessions, and failed attempts to log in.

A session is a row: ended here, it is over for whoever holds its cookie. Of a session's token only the hash is
kept, of a password only what `archive.web.admin.passwords` made of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from archive.store.dialect import upsert
from archive.store.schema import UtcDateTime, metadata

IDLE = dt.timedelta(hours=8)
"""After so long without a request a session is over."""
LONGEST = dt.timedelta(hours=24)
"""After so long a session is over in any case."""
FREE_TRIES = 5
"""Failed attempts before a name or an address has to wait."""
_FIRST_WAIT = dt.timedelta(minutes=1)
_LONGEST_WAIT = dt.timedelta(hours=1)
_FORGIVEN = dt.timedelta(hours=24)
"""Failures are forgotten after so long without another."""

admins = Table(
    "admins",
    metadata,
    Column("name", String(80), primary_key=True, comment="operator: what the admin types; signs acts"),
    Column("password", Text, nullable=False, comment="operator: argon2id hash in its own encoded form"),
    Column("added_at", UtcDateTime, nullable=False, comment="operator: when added"),
    Column("changed_at", UtcDateTime, nullable=False, comment="operator: when the password was last set"),
    comment="Accounts of the admin pages.",
)

sessions = Table(
    "admin_sessions",
    metadata,
    Column("token", String(64), primary_key=True, comment="operator: SHA-256 of the token in the cookie"),
    Column("admin", String(80), ForeignKey(admins.c.name), nullable=False, comment="operator: whose"),
    Column("began_at", UtcDateTime, nullable=False, comment="operator: time of the login"),
    Column("seen_at", UtcDateTime, nullable=False, comment="operator: time of the last request, by minutes"),
    comment="Who is logged in.",
)

attempts = Table(
    "login_attempts",
    metadata,
    Column("key", String(120), primary_key=True, comment="operator: name:… or address:…"),
    Column("failed", Integer, nullable=False, comment="operator: failures since the last success"),
    Column("last_at", UtcDateTime, nullable=False, comment="operator: time of the last failure"),
    Column("until", UtcDateTime, comment="operator: no attempt is looked at before; NULL for none"),
    comment="Failed logins, by name and by address.",
)


@dataclass(frozen=True, slots=True)
class Admin:
    """An account."""

    name: str
    password: str
    """Encoded hash."""
    added_at: dt.datetime


def put(connection: Connection, name: str, password: str) -> None:
    """Add an account, or set its password anew, which ends its sessions.

    :param password: encoded hash.
    """
    now = _now()
    values = {"name": name, "password": password, "added_at": now, "changed_at": now}
    connection.execute(upsert(connection, admins, values, ["name"], keep=["added_at"]))
    end_all(connection, name)


def remove(connection: Connection, name: str) -> bool:
    """Remove an account and its sessions; False when there is none."""
    end_all(connection, name)
    return connection.execute(delete(admins).where(admins.c.name == name)).rowcount > 0


def get(connection: Connection, name: str) -> Admin | None:
    """One account."""
    row = connection.execute(select(admins).where(admins.c.name == name)).first()
    return Admin(row.name, row.password, row.added_at) if row is not None else None


def listed(connection: Connection) -> list[Admin]:
    """All accounts by name."""
    rows = connection.execute(select(admins).order_by(admins.c.name))
    return [Admin(row.name, row.password, row.added_at) for row in rows]


# ------------------------------------------------------------------------------------------- sessions


def begin_session(connection: Connection, name: str, token: str) -> None:
    """Note that somebody logged in; sessions that are over are swept out."""
    now = _now()
    connection.execute(delete(sessions).where(sessions.c.seen_at < now - IDLE))
    values = {"token": _hash(token), "admin": name, "began_at": now, "seen_at": now}
    connection.execute(insert(sessions).values(values))


def session(connection: Connection, token: str, now: dt.datetime) -> tuple[Admin, dt.datetime] | None:
    """Whose a token is, and when it was last seen; None when it is over or was never given."""
    statement = (
        select(admins, sessions.c.seen_at)
        .join(sessions, sessions.c.admin == admins.c.name)
        .where(
            sessions.c.token == _hash(token),
            sessions.c.seen_at > now - IDLE,
            sessions.c.began_at > now - LONGEST,
        )
    )
    row = connection.execute(statement).first()
    return (Admin(row.name, row.password, row.added_at), row.seen_at) if row is not None else None


def see(connection: Connection, token: str, now: dt.datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(sessions).where(sessions.c.token == _hash(token)).values(seen_at=now))


def end_session(connection: Connection, token: str) -> None:
    """End one session: its cookie is worth nothing any more."""
    connection.execute(delete(sessions).where(sessions.c.token == _hash(token)))


def end_all(connection: Connection, name: str) -> None:
    """End all sessions of an account."""
    connection.execute(delete(sessions).where(sessions.c.admin == name))


# ------------------------------------------------------------------------------------------- lockout


def waits_until(connection: Connection, keys: list[str], now: dt.datetime) -> dt.datetime | None:
    """Until when attempts by these names and addresses are not looked at; None when they are."""
    statement = select(attempts.c.until).where(attempts.c.key.in_(keys), attempts.c.until > now)
    found = [row.until for row in connection.execute(statement)]
    return max(found, default=None)


def failed(connection: Connection, key: str, now: dt.datetime) -> int:
    """Count a failed attempt; from `FREE_TRIES` on each doubles the wait, up to an hour.

    :returns: failures so far.
    """
    row = connection.execute(select(attempts).where(attempts.c.key == key)).first()
    known = row is not None and now - row.last_at < _FORGIVEN
    count = row.failed + 1 if row is not None and known else 1
    until = None
    if count >= FREE_TRIES:
        until = now + min(_FIRST_WAIT * 2 ** min(count - FREE_TRIES, 10), _LONGEST_WAIT)
    values = {"key": key, "failed": count, "last_at": now, "until": until}
    connection.execute(upsert(connection, attempts, values, ["key"]))
    connection.execute(delete(attempts).where(attempts.c.last_at < now - _FORGIVEN))
    return count


def succeeded(connection: Connection, key: str) -> None:
    """Forget the failures of a name."""
    connection.execute(delete(attempts).where(attempts.c.key == key))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
