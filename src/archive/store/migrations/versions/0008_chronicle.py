"""Events, people's offices and places as read out of the articles; corrections of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the next `archive index update`, from all articles."""
    op.create_table(
        "events",
        sa.Column(
            "id", sa.String(length=16), nullable=False, comment="ingest: hash of article, sort and sentence"
        ),
        sa.Column(
            "gathering",
            sa.String(length=16),
            nullable=False,
            comment="ingest: first event told of the same thing",
        ),
        sa.Column("article", sa.String(length=16), nullable=False, comment="ingest: which tells it"),
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: its site"),
        sa.Column("sort", sa.String(length=16), nullable=False, comment="extract: EventClass"),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="extract: id of the kind"),
        sa.Column("name", sa.Text(), nullable=False, comment="extract: the words that name it"),
        sa.Column(
            "day", sa.String(length=10), nullable=False, comment="extract: its (first) day, '' when open"
        ),
        sa.Column(
            "until", sa.String(length=10), nullable=False, comment="extract: its last day, '' when open"
        ),
        sa.Column(
            "month_day",
            sa.String(length=5),
            nullable=False,
            comment="extract: '09-28' of an occasion's day, else ''",
        ),
        sa.Column(
            "read",
            sa.JSON(),
            nullable=False,
            comment="extract: archive.model.events.Event as the rules read it",
        ),
        sa.Column("data", sa.JSON(), nullable=False, comment="operator: the same as corrected"),
        sa.Column(
            "hidden", sa.Boolean(), nullable=False, comment="operator: a correction says that there is none"
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_events_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        comment="What one article tells of one event.",
    )
    op.create_index(op.f("ix_events_article"), "events", ["article"], unique=False)
    op.create_index(op.f("ix_events_gathering"), "events", ["gathering"], unique=False)
    op.create_index(op.f("ix_events_month_day"), "events", ["month_day"], unique=False)
    op.create_index(op.f("ix_events_site_sort_day"), "events", ["site", "sort", "day"], unique=False)
    op.create_index(op.f("ix_events_sort_day"), "events", ["sort", "day"], unique=False)
    op.create_table(
        "event_places",
        sa.Column("event", sa.String(length=16), nullable=False, comment="ingest: which"),
        sa.Column("key", sa.String(length=120), nullable=False, comment="ingest: folded name of the place"),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name=op.f("fk_event_places_event")),
        sa.PrimaryKeyConstraint("event", "key", name=op.f("pk_event_places")),
        comment="Where events took place.",
    )
    op.create_index(op.f("ix_event_places_key"), "event_places", ["key"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.String(length=16), nullable=False, comment="ingest: hash of site and name"),
        sa.Column("article", sa.String(length=16), nullable=False, comment="ingest: which says it"),
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: its site"),
        sa.Column("name", sa.Text(), nullable=False, comment="extract: as written"),
        sa.Column("name_key", sa.String(length=120), nullable=False, comment="ingest: folded name"),
        sa.Column(
            "day", sa.String(length=10), nullable=False, comment="extract: of the article, '' when undated"
        ),
        sa.Column(
            "data", sa.JSON(), nullable=False, comment="extract: the claim as archive.model.events.Claim"
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_claims_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        comment="What one sentence says of one person's offices.",
    )
    op.create_index(op.f("ix_claims_article"), "claims", ["article"], unique=False)
    op.create_index(op.f("ix_claims_name_key"), "claims", ["name_key"], unique=False)
    op.create_index(op.f("ix_claims_person_day"), "claims", ["person", "day"], unique=False)
    op.create_table(
        "article_places",
        sa.Column("article", sa.String(length=16), nullable=False, comment="ingest: which names it"),
        sa.Column("key", sa.String(length=120), nullable=False, comment="ingest: folded name"),
        sa.Column("name", sa.Text(), nullable=False, comment="extract: as first written"),
        sa.PrimaryKeyConstraint("article", "key", name=op.f("pk_article_places")),
        comment="Places that articles name.",
    )
    op.create_index(op.f("ix_article_places_key"), "article_places", ["key"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "action", sa.String(length=16), nullable=False, comment="operator: hide, change, same or rename"
        ),
        sa.Column(
            "target", sa.String(length=16), nullable=False, comment="operator: id of an event, or of a person"
        ),
        sa.Column(
            "data", sa.JSON(), nullable=False, comment="operator: new values; for same, the other person"
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="operator: why"),
        sa.Column("by", sa.Text(), nullable=False, comment="operator: who"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="operator: when"),
        sa.Column(
            "lifted_at",
            UtcDateTime(),
            nullable=True,
            comment="operator: when taken back; NULL while in force",
        ),
        sa.Column("lifted_by", sa.Text(), nullable=True, comment="operator: who took it back"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        comment="What people corrected in the readings, journalled.",
    )
    op.create_index(op.f("ix_corrections_target"), "corrections", ["target"], unique=False)
    op.create_table(
        "chronicle",
        sa.Column("id", sa.Integer(), nullable=False, comment="ingest: 1"),
        sa.Column(
            "rules",
            sa.String(length=80),
            nullable=False,
            comment="extract: version of the rules that read all rows",
        ),
        sa.Column(
            "seq",
            sa.BigInteger(),
            nullable=False,
            comment="ingest: last line of the change log that was read",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chronicle")),
        comment="How far the readings are.",
    )
