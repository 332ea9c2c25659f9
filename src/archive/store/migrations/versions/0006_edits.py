"""The ledger of silent edits, how portals stand, and captures found whatever the letter case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """The rows of edits are made from the versions at the next opening (`archive.store.edits.catch_up`)."""
    op.create_index("ix_captures_urlkey_lower", "captures", [sa.func.lower(sa.text("urlkey"))])
    op.create_table(
        "edits",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("site", sa.String(80), nullable=False, comment="crawl: site of the article"),
        sa.Column("article", sa.String(16), nullable=False, comment="ingest: which"),
        sa.Column("number", sa.Integer, nullable=False, comment="ingest: the version that it made or left"),
        sa.Column("at", UtcDateTime, nullable=False, comment="ingest: time of the capture that showed it"),
        sa.Column("event", sa.String(16), nullable=False, comment="ingest: edit, gone, back or moved"),
        sa.Column("kinds", sa.Text, nullable=False, comment="extract: kinds of an edit between spaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
        comment="What portals did to articles after they had been captured: the ledger of silent edits.",
    )
    op.create_index(op.f("ix_edits_at_id"), "edits", ["at", "id"])
    op.create_index(op.f("ix_edits_site_at"), "edits", ["site", "at"])
    op.create_index(op.f("ix_edits_article_number"), "edits", ["article", "number"])
    op.create_table(
        "site_states",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("site", sa.String(80), nullable=False, comment="crawl: which site"),
        sa.Column("at", UtcDateTime, nullable=False, comment="ingest: time of what showed it"),
        sa.Column("state", sa.String(16), nullable=False, comment="ingest: live, moved, dark or taken-over"),
        sa.Column("detail", sa.Text, nullable=False, comment="ingest: new address, or what speaks for it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_states")),
        comment="How each portal as a whole stood, from when on.",
    )
    op.create_index(op.f("ix_site_states_site_at"), "site_states", ["site", "at"])
