"""Several crawlers at once: leases, turns of hosts, who does a job, tallies that they need not share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them; what was counted so far is of no site."""
    op.create_table(
        "leases",
        sa.Column("name", sa.String(120), nullable=False, comment="crawl: what is held, as site:dam-ha"),
        sa.Column("holder", sa.Text, nullable=False, comment="crawl: process that holds it; '' for nobody"),
        sa.Column("lock", sa.Text, nullable=False, comment="crawl: lock file that the holder has, or ''"),
        sa.Column("taken_at", UtcDateTime(), nullable=False, comment="crawl: since when"),
        sa.Column("until", UtcDateTime(), nullable=False, comment="crawl: when it ends, if not renewed"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        comment="What one process holds, on whichever host, for as long as it renews it.",
    )
    op.create_table(
        "turns",
        sa.Column("host", sa.String(300), nullable=False, comment="crawl: host:port of a portal"),
        sa.Column("next_at", UtcDateTime(), nullable=False, comment="crawl: not to be asked before"),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_turns")),
        comment="When each host may be asked again, by any process.",
    )
    op.add_column("jobs", sa.Column("worker", sa.Text, comment="crawl: process that does it, as in leases"))
    connection = op.get_bind()
    counted = connection.execute(sa.text("SELECT name, value FROM tallies")).all()
    op.drop_table("tallies")
    made = op.create_table(
        "tallies",
        sa.Column("site", sa.String(80), nullable=False, comment="crawl: of which site; '' for before 0013"),
        sa.Column("name", sa.String(16), nullable=False, comment="ingest: 'captures' or 'pictures'"),
        sa.Column("value", sa.BigInteger, nullable=False, comment="ingest: how many there are"),
        sa.PrimaryKeyConstraint("site", "name", name=op.f("pk_tallies")),
        comment="Numbers that every front page shows and that take seconds to count in a large archive.",
    )
    if connection.dialect.name != "sqlite":  # which keeps no comments
        op.alter_column(
            "articles", "versions", comment="ingest: how many versions there are",
            existing_comment="ingest: number of the newest version",
        )  # fmt: skip
    if counted:
        connection.execute(sa.insert(made), [{"site": "", "name": name, "value": n} for name, n in counted])
