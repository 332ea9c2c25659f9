"""Keys of the API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nobody has a key yet."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(8), nullable=False, comment="operator: public part of the key"),
        sa.Column("name", sa.String(120), nullable=False, comment="operator: whom it is for"),
        sa.Column("hash", sa.String(64), nullable=False, comment="operator: SHA-256 of the whole key"),
        sa.Column("requests", sa.Integer, nullable=False, comment="operator: in each minute; 0 for no limit"),
        sa.Column("added_at", UtcDateTime(), nullable=False, comment="operator: when given"),
        sa.Column(
            "added_by", sa.String(80), nullable=False, comment="operator: name of the admin, or 'terminal'"
        ),
        sa.Column("revoked_at", UtcDateTime(), comment="operator: when revoked; NULL while good"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        comment="Keys of the API.",
    )
