"""Takedowns: what readers must not see, by order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; there are none yet, or they come from the journal."""
    op.create_table(
        "takedowns",
        sa.Column(
            "id", sa.String(16), nullable=False, comment="operator: given when ordered, told to readers"
        ),
        sa.Column(
            "scope",
            sa.String(16),
            nullable=False,
            comment="operator: article, version, picture, name, address",
        ),
        sa.Column(
            "target", sa.Text, nullable=False, comment="operator: id, id/number, digest, name or URL key"
        ),
        sa.Column("reason", sa.Text, nullable=False, comment="operator: a sentence that readers are told"),
        sa.Column(
            "reference",
            sa.Text,
            nullable=False,
            comment="operator: number of the case; never shown to readers",
        ),
        sa.Column("status", sa.Integer, nullable=False, comment="operator: 410, or 451 for legal reasons"),
        sa.Column(
            "blocked_by", sa.Text, nullable=False, comment="operator: RFC 7725 blocked-by address, for 451"
        ),
        sa.Column("bytes", sa.String(16), nullable=False, comment="operator: sealed or destroyed"),
        sa.Column("ordered_by", sa.Text, nullable=False, comment="operator: name of the admin"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="operator: when ordered"),
        sa.Column(
            "pictures", sa.JSON, nullable=False, comment="ingest: digests that only what is withheld shows"
        ),
        sa.Column(
            "lifted_at", UtcDateTime(), nullable=True, comment="operator: when lifted; NULL while in force"
        ),
        sa.Column(
            "lifted_by", sa.Text, nullable=False, comment="operator: name of the admin, '' while in force"
        ),
        sa.Column(
            "lifted_why", sa.Text, nullable=False, comment="operator: why it was lifted, '' while in force"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedowns")),
        comment="What readers must not see, by order; made from the journal.",
    )
    op.create_index(op.f("ix_takedowns_scope_target"), "takedowns", ["scope", "target"], unique=False)
