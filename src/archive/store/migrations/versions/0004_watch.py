"""Schedules, jobs, alarms; figures of a run; how often an address was asked for and had changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; what runs before this one measured is not known and stays NULL."""
    op.add_column(
        "sites", sa.Column("paused", sa.Text, comment="operator: why it is not crawled; NULL when it is")
    )
    op.add_column("runs", sa.Column("is_full", sa.Boolean, comment="crawl: asks for all known pages"))
    op.add_column("runs", sa.Column("progress", sa.JSON, comment="crawl: how far it is, every few seconds"))
    op.add_column("runs", sa.Column("measures", sa.JSON, comment="crawl: archive.model.Measures"))
    op.add_column("frontier", sa.Column("visits", sa.Integer, comment="crawl: visits after the first"))
    op.add_column("frontier", sa.Column("changes", sa.Integer, comment="crawl: those that found other bytes"))
    op.create_table(
        "schedules",
        sa.Column("site", sa.String(80), nullable=False, comment="operator: which site"),
        sa.Column(
            "slot", UtcDateTime(), nullable=False, comment="crawl: the newest turn that was made a job"
        ),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_schedules")),
        comment="Up to when each schedule is kept: what lies between this and now was missed.",
    )
    op.create_table(
        "jobs",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False, comment="operator: jobs.JobKind"),
        sa.Column("site", sa.String(80), nullable=False, comment="operator: of which site, '' for none"),
        sa.Column("args", sa.JSON, nullable=False, comment="operator: what the kind needs to know"),
        sa.Column(
            "key", sa.String(200), nullable=False, comment="operator: no two open jobs with one key; '' free"
        ),
        sa.Column("state", sa.String(16), nullable=False, comment="crawl: jobs.JobState"),
        sa.Column("attempts", sa.Integer, nullable=False, comment="crawl: times that it was begun"),
        sa.Column("asked_at", UtcDateTime(), nullable=False, comment="operator: when asked for"),
        sa.Column("asked_by", sa.Text, nullable=False, comment="operator: admin's name, or 'schedule'"),
        sa.Column("not_before", UtcDateTime(), comment="crawl: not to be begun before"),
        sa.Column("started_at", UtcDateTime(), comment="crawl: when last begun"),
        sa.Column("ended_at", UtcDateTime(), comment="crawl: end; NULL while it is open"),
        sa.Column("stop", sa.Boolean, nullable=False, comment="operator: asked to end early"),
        sa.Column("progress", sa.JSON, nullable=False, comment="crawl: how far it is"),
        sa.Column("result", sa.JSON, nullable=False, comment="crawl: what came of it"),
        sa.Column("error", sa.Text, nullable=False, comment="crawl: why it failed or waits, '' if nothing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        comment="Work that admins and the clock ask for and the scheduler does.",
    )
    op.create_index(op.f("ix_jobs_state_id"), "jobs", ["state", "id"])
    op.create_table(
        "alarms",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("site", sa.String(80), nullable=False, comment="operator: which site"),
        sa.Column("field", sa.String(32), nullable=False, comment="crawl: archive.watch.Field"),
        sa.Column("profile", sa.String(80), nullable=False, comment="extract: profile of the pages, or ''"),
        sa.Column("usual", sa.Float, comment="crawl: what was usual; NULL when only a floor is known"),
        sa.Column("now", sa.Float, nullable=False, comment="crawl: what the newest run measured"),
        sa.Column("sample", sa.Integer, nullable=False, comment="crawl: pages that `now` is of"),
        sa.Column("detail", sa.Text, nullable=False, comment="crawl: more in words, '' if nothing"),
        sa.Column("examples", sa.JSON, nullable=False, comment="crawl: addresses to look at"),
        sa.Column("first_run", sa.BigInteger, nullable=False, comment="crawl: the run that opened it"),
        sa.Column("last_run", sa.BigInteger, nullable=False, comment="crawl: the last run that had it"),
        sa.Column("opened_at", UtcDateTime(), nullable=False, comment="crawl: when opened"),
        sa.Column("last_seen", UtcDateTime(), nullable=False, comment="crawl: when last found true"),
        sa.Column("closed_at", UtcDateTime(), comment="crawl: when it was no longer true, or taken note of"),
        sa.Column("acknowledged_by", sa.Text, nullable=False, comment="operator: who took note, '' if none"),
        sa.Column("note", sa.Text, nullable=False, comment="operator: what they said of it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        comment="Portals that do not yield what they did.",
    )
    op.create_index(op.f("ix_alarms_site_field"), "alarms", ["site", "field"])
    op.create_table(
        "alarm_notices",
        sa.Column("id", _Serial, nullable=False),
        sa.Column("alarm", sa.BigInteger, nullable=False, comment="crawl: of which alarm"),
        sa.Column("event", sa.String(16), nullable=False, comment="crawl: opened or closed"),
        sa.Column("channel", sa.String(16), nullable=False, comment="operator: mail or webhook"),
        sa.Column("made_at", UtcDateTime(), nullable=False, comment="crawl: when it was to be told"),
        sa.Column("not_before", UtcDateTime(), comment="crawl: when to try again"),
        sa.Column("attempts", sa.Integer, nullable=False, comment="crawl: failed tries"),
        sa.Column("sent_at", UtcDateTime(), comment="crawl: when it went out; NULL while it has not"),
        sa.Column("error", sa.Text, nullable=False, comment="crawl: why the last try failed, '' if none"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_notices")),
        sa.ForeignKeyConstraint(["alarm"], ["alarms.id"], name=op.f("fk_alarm_notices_alarm")),
        comment="What of the alarms is to be told outside, until it is.",
    )
