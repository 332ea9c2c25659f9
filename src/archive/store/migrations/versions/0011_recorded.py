"""When the record of each article last changed in this database: the datestamps of OAI-PMH."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Nobody can have asked before, so all that is there counts as recorded now."""
    comment = "ingest: when what is shown of it last changed here; NULL until its transaction ends"
    op.add_column("articles", sa.Column("recorded_at", UtcDateTime, comment=comment))
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    articles = sa.table("articles", sa.column("recorded_at", UtcDateTime))
    op.execute(sa.update(articles).values(recorded_at=now))
    op.create_index("ix_articles_recorded_at_id", "articles", ["recorded_at", "id"])
    op.create_index("ix_articles_site_recorded_at_id", "articles", ["site", "recorded_at", "id"])
