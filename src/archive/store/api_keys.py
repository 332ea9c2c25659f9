"""Keys of the API: who may ask more often than an unknown sender. Of a key only the hash is kept.

A key is 256 bits from the system's generator; it cannot be guessed, so that a plain SHA-256 is as good as a
slow hash (NIST SP 800-63B, 5.1.2: look-up secrets of 112 bits and more).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, Row, String, Table, insert, select, update

from archive.config import Rate
from archive.store.schema import UtcDateTime, metadata

_FORM = re.compile(r"kho_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
"""A prefix that programs which look for leaked secrets can know, an id that may be told, the secret."""

LONGEST_NAME = 120

table = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True, comment="operator: public part of the key"),
    Column("name", String(LONGEST_NAME), nullable=False, comment="operator: whom it is for"),
    Column("hash", String(64), nullable=False, comment="operator: SHA-256 of the whole key"),
    Column("requests", Integer, nullable=False, comment="operator: in each minute; 0 for no limit"),
    Column("added_at", UtcDateTime, nullable=False, comment="operator: when given"),
    Column("added_by", String(80), nullable=False, comment="operator: name of the admin, or 'terminal'"),
    Column("revoked_at", UtcDateTime, comment="operator: when revoked; NULL while good"),
    comment="Keys of the API.",
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret."""

    id: str
    name: str
    hash: str
    rate: Rate
    """A minute; none means no limit."""
    added_at: dt.datetime
    added_by: str
    revoked_at: dt.datetime | None

    def opens(self, text: str) -> bool:
        """Whether this is the key, and still good."""
        return self.revoked_at is None and hmac.compare_digest(self.hash, _hash(text))


def id_of(text: str) -> str | None:
    """The public part of a key; None when it does not even look like one."""
    found = _FORM.fullmatch(text)
    return found[1] if found else None


def add(connection: Connection, name: str, requests: int, by: str) -> tuple[ApiKey, str]:
    """Give a key.

    :param name: whom it is for.
    :param requests: in each minute; 0 for no limit.
    :param by: name of the admin.
    :returns: it, and its text, which is nowhere else and cannot be had again.
    """
    identity = secrets.token_hex(4)
    text = f"kho_{identity}_{secrets.token_urlsafe(32)}"
    now = dt.datetime.now(dt.UTC)
    key = ApiKey(identity, name, _hash(text), Rate(requests), now, by, None)
    values = {"id": identity, "name": name, "hash": key.hash, "requests": requests}
    connection.execute(insert(table).values(**values, added_at=now, added_by=by))
    return key, text


def get(connection: Connection, identity: str) -> ApiKey | None:
    """One key, also a revoked one."""
    row = connection.execute(select(table).where(table.c.id == identity)).first()
    return _value(row) if row is not None else None


def listed(connection: Connection) -> list[ApiKey]:
    """All keys, the newest first, the revoked ones last."""
    statement = select(table).order_by(table.c.revoked_at.is_not(None), table.c.added_at.desc())
    return [_value(row) for row in connection.execute(statement)]


def revoke(connection: Connection, identity: str) -> bool:
    """Make a key worth nothing, from the commit on.

    :returns: False when there is no such key that is still good.
    """
    statement = update(table).where(table.c.id == identity, table.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=dt.datetime.now(dt.UTC))).rowcount > 0


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _value(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(row.id, row.name, row.hash, Rate(row.requests), row.added_at, row.added_by, row.revoked_at)
