"""The first schema.

Until the first release this script makes the tables as `archive.store.schema` now defines them; from then
on it is frozen and each change is a script of its own.
"""

from __future__ import annotations

from alembic import op

from archive.store.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind(), checkfirst=False)
