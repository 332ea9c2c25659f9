"""Imports, the state of fixity checks; which version is newest by date; where captures came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Until now all versions came in order of time, and all captures from crawls."""
    op.add_column(
        "captures",
        sa.Column(
            "source",
            sa.Text,
            nullable=False,
            server_default="",
            comment="operator: file that it was imported from, with its SHA-256; '' when crawled",
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "current",
            sa.Integer,
            nullable=False,
            server_default="0",
            comment="ingest: number of the version that is newest by date: an import may bring older ones "
            "later",
        ),
    )
    op.execute("UPDATE articles SET current = versions")
    op.create_table(
        "imports",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, comment="operator: of the file or folder"),
        sa.Column("target", sa.Text, nullable=False, comment="operator: into which sites it was to go"),
        sa.Column("name", sa.Text, nullable=False, comment="operator: name of the file or folder, no path"),
        sa.Column("kind", sa.String(16), nullable=False, comment="ingest: warc, wacz or folder"),
        sa.Column("size", sa.BigInteger, nullable=False, comment="ingest: bytes"),
        sa.Column(
            "imported_by", sa.Text, nullable=False, comment="operator: who imported it, '' if not said"
        ),
        sa.Column("began_at", UtcDateTime(), nullable=False, comment="ingest: when first begun"),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="ingest: when complete; NULL before"),
        sa.Column(
            "position", sa.BigInteger, nullable=False, comment="ingest: items of it that have been dealt with"
        ),
        sa.Column("counts", sa.JSON, nullable=False, comment="ingest: taken, known, articles, versions …"),
        sa.Column(
            "skipped", sa.JSON, nullable=False, comment="ingest: what was left out: place and reason, bounded"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("sha256", "target", name=op.f("uq_imports_sha256_target")),
        comment="Files that others saved and that were taken in.",
    )
    op.create_table(
        "fixity",
        sa.Column("name", sa.String(200), nullable=False, comment="crawl: name of the WARC file"),
        sa.Column("position", sa.BigInteger, nullable=False, comment="ingest: bytes checked in this round"),
        sa.Column("checked_at", UtcDateTime(), nullable=True, comment="ingest: when last checked whole"),
        sa.Column("findings", sa.JSON, nullable=False, comment="ingest: damage found in the newest round"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fixity")),
        comment="How far the check of each capture file is.",
    )
