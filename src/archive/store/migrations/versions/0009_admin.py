"""Accounts and sessions of admins, the log of their acts, requests of readers to remove something."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; nobody may log in before `archive admin add`."""
    op.create_table(
        "admins",
        sa.Column(
            "name",
            sa.String(80),
            nullable=False,
            comment="operator: what the admin types; signs acts",
        ),
        sa.Column(
            "password", sa.Text, nullable=False, comment="operator: argon2id hash in its own encoded form"
        ),
        sa.Column("added_at", UtcDateTime(), nullable=False, comment="operator: when added"),
        sa.Column(
            "changed_at", UtcDateTime(), nullable=False, comment="operator: when the password was last set"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_admins")),
        comment="Accounts of the admin pages.",
    )
    op.create_table(
        "admin_sessions",
        sa.Column(
            "token", sa.String(64), nullable=False, comment="operator: SHA-256 of the token in the cookie"
        ),
        sa.Column("admin", sa.String(80), nullable=False, comment="operator: whose"),
        sa.Column("began_at", UtcDateTime(), nullable=False, comment="operator: time of the login"),
        sa.Column(
            "seen_at", UtcDateTime(), nullable=False, comment="operator: time of the last request, by minutes"
        ),
        sa.ForeignKeyConstraint(["admin"], ["admins.name"], name=op.f("fk_admin_sessions_admin")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_admin_sessions")),
        comment="Who is logged in.",
    )
    op.create_table(
        "login_attempts",
        sa.Column("key", sa.String(120), nullable=False, comment="operator: name:… or address:…"),
        sa.Column("failed", sa.Integer, nullable=False, comment="operator: failures since the last success"),
        sa.Column("last_at", UtcDateTime(), nullable=False, comment="operator: time of the last failure"),
        sa.Column("until", UtcDateTime(), comment="operator: no attempt is looked at before; NULL for none"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_attempts")),
        comment="Failed logins, by name and by address.",
    )
    op.create_table(
        "acts",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False, comment="operator: when"),
        sa.Column("who", sa.String(80), nullable=False, comment="operator: name of the admin"),
        sa.Column("act", sa.String(40), nullable=False, comment="operator: what was done, as site.pause"),
        sa.Column("target", sa.Text, nullable=False, comment="operator: to what: a site, an id, a name"),
        sa.Column("detail", sa.JSON, nullable=False, comment="operator: what else was said"),
        sa.Column(
            "origin", sa.String(64), nullable=False, comment="operator: address of the browser, or 'terminal'"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        comment="Every act of an admin.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_acts_at"), "acts", ["at"])
    op.create_table(
        "removal_requests",
        sa.Column(
            "id", sa.String(16), nullable=False, comment="operator: random; lets who asked see the state"
        ),
        sa.Column("at", UtcDateTime(), nullable=False, comment="operator: when asked"),
        sa.Column("target", sa.Text, nullable=False, comment="operator: what it is about, as typed"),
        sa.Column("reason", sa.Text, nullable=False, comment="operator: why, as typed"),
        sa.Column(
            "contact", sa.Text, nullable=False, comment="operator: how to answer, as typed; '' if not said"
        ),
        sa.Column(
            "origin", sa.String(32), nullable=False, comment="operator: hash of sender's network and day"
        ),
        sa.Column("state", sa.String(16), nullable=False, comment="operator: new, granted or refused"),
        sa.Column("answer", sa.Text, nullable=False, comment="operator: a sentence for who asked"),
        sa.Column("answered_by", sa.String(80), nullable=False, comment="operator: name of the admin"),
        sa.Column("answered_at", UtcDateTime(), comment="operator: when; NULL while new"),
        sa.Column(
            "takedown", sa.String(16), nullable=False, comment="operator: the takedown that followed, or ''"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal_requests")),
        comment="Requests of readers to remove or correct something.",
    )
    op.create_index(op.f("ix_removal_requests_state_at"), "removal_requests", ["state", "at"])
