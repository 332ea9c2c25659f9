"""The first schema."""

# ruff: noqa: E501 - column comments stand on one line each

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.store.schema import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "changes",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="ingest: order of the log; never used again",
        ),
        sa.Column("article", sa.String(length=16), nullable=False, comment="ingest: which article"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="ingest: upsert or delete"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="ingest: time of the capture that caused it"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
        comment="The change log that the index follows.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sites",
        sa.Column(
            "id", sa.String(length=80), nullable=False, comment="operator: short id, part of addresses"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="operator: as readers see it"),
        sa.Column("start", sa.JSON(), nullable=False, comment="operator: list of seed addresses"),
        sa.Column("settings", sa.JSON(), nullable=False, comment="operator: all fields of the sites entry"),
        sa.Column(
            "sample", sa.Boolean(), nullable=False, comment="operator: invented data, never mixed with real"
        ),
        sa.Column("added_at", UtcDateTime(), nullable=False, comment="crawl: when first listed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        comment="The portals that an admin listed.",
    )
    op.create_table(
        "warc_files",
        sa.Column(
            "name", sa.String(length=200), nullable=False, comment="crawl: file name in the WARC folder"
        ),
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: whose captures it holds"),
        sa.Column(
            "committed",
            sa.BigInteger(),
            nullable=False,
            comment="ingest: bytes whose exchanges have rows; what lies beyond is an orphan",
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False, comment="ingest: time of its first exchange"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_warc_files")),
        comment="How far each capture file is in the database.",
    )
    op.create_table(
        "articles",
        sa.Column(
            "id",
            sa.String(length=16),
            nullable=False,
            comment="ingest: hash of site, url and count before it",
        ),
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: its site"),
        sa.Column("url", sa.Text(), nullable=False, comment="crawl: canonical address of the first capture"),
        sa.Column("first_seen", UtcDateTime(), nullable=False, comment="ingest: time of the first capture"),
        sa.Column(
            "last_seen", UtcDateTime(), nullable=False, comment="ingest: when last found at an address"
        ),
        sa.Column("state", sa.String(length=16), nullable=False, comment="ingest: live, changed or gone"),
        sa.Column("gone_at", UtcDateTime(), nullable=True, comment="ingest: when it was found missing"),
        sa.Column("versions", sa.Integer(), nullable=False, comment="ingest: number of the newest version"),
        sa.Column(
            "published",
            sa.String(length=32),
            nullable=False,
            comment="extract: DateFact.iso() of the newest version; '' when undated, so that it sorts last",
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_articles_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        comment="Stable identities.",
    )
    op.create_index("ix_articles_published_id", "articles", ["published", "id"], unique=False)
    op.create_index("ix_articles_site_published_id", "articles", ["site", "published", "id"], unique=False)
    op.create_table(
        "captures",
        sa.Column("id", sa.String(length=32), nullable=False, comment="crawl: UUID of the WARC record, hex"),
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: crawled for"),
        sa.Column("url", sa.Text(), nullable=False, comment="crawl: address asked for"),
        sa.Column("urlkey", sa.Text(), nullable=False, comment="ingest: SURT form of url"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="crawl: when the request was sent"),
        sa.Column("method", sa.String(length=16), nullable=False, comment="crawl: GET or POST"),
        sa.Column("status", sa.Integer(), nullable=False, comment="server: HTTP status"),
        sa.Column(
            "mime",
            sa.String(length=200),
            nullable=False,
            comment="server: media type, lower case; '' if none",
        ),
        sa.Column(
            "payload_digest",
            sa.String(length=80),
            nullable=False,
            comment="ingest: sha256: and hex over the payload, content-coding removed; for a 304, the payload it vouches for",
        ),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="ingest: bytes of that decoded payload"),
        sa.Column("warc_file", sa.String(length=200), nullable=False, comment="crawl: name of the WARC file"),
        sa.Column(
            "warc_offset", sa.BigInteger(), nullable=False, comment="crawl: where its gzip member begins"
        ),
        sa.Column("warc_length", sa.BigInteger(), nullable=False, comment="crawl: bytes of the gzip member"),
        sa.Column(
            "warc_sha256", sa.String(length=64), nullable=False, comment="crawl: hex over the gzip member"
        ),
        sa.Column(
            "revisit_of",
            sa.String(length=32),
            nullable=True,
            comment="crawl: capture that holds the payload, for a revisit",
        ),
        sa.Column(
            "truncated",
            sa.String(length=16),
            nullable=False,
            comment="crawl: why the body was cut, '' if whole",
        ),
        sa.Column(
            "redirect_to", sa.Text(), nullable=True, comment="server: Location, absolute and canonical"
        ),
        sa.Column("robots", sa.Text(), nullable=False, comment="crawl: the robots decision"),
        sa.Column("via", sa.Text(), nullable=False, comment="crawl: page the address was found on"),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="extract: page kind; '' when not extracted"
        ),
        sa.Column(
            "article",
            sa.String(length=16),
            nullable=True,
            comment="ingest: article that it showed, or whose absence it showed",
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_captures_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
        comment="One exchange with a server: the capture index.",
    )
    op.create_index(op.f("ix_captures_article"), "captures", ["article"], unique=False)
    op.create_index(op.f("ix_captures_payload_digest"), "captures", ["payload_digest"], unique=False)
    op.create_index("ix_captures_redirect_to", "captures", ["redirect_to"], unique=False)
    op.create_index(op.f("ix_captures_site_url_at"), "captures", ["site", "url", "at"], unique=False)
    op.create_index(op.f("ix_captures_urlkey_at"), "captures", ["urlkey", "at"], unique=False)
    op.create_index(
        op.f("ix_captures_warc_file_warc_offset"), "captures", ["warc_file", "warc_offset"], unique=True
    )
    op.create_table(
        "frontier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: whose queue"),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="crawl: canonical address, and form data if posted"
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="crawl: address to ask for"),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="crawl: seed, list, article, media, feed …"
        ),
        sa.Column(
            "depth", sa.Integer(), nullable=False, comment="crawl: links from a seed, paging not counted"
        ),
        sa.Column(
            "section", sa.Text(), nullable=False, comment="crawl: list it was found in, for trap limits"
        ),
        sa.Column("priority", sa.Float(), nullable=False, comment="crawl: smaller is asked for sooner"),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="crawl: queued, done, failed, excluded or gone",
        ),
        sa.Column(
            "attempts", sa.Integer(), nullable=False, comment="crawl: failed tries since the last success"
        ),
        sa.Column("not_before", UtcDateTime(), nullable=True, comment="crawl: not to be asked for before"),
        sa.Column("last_fetch", UtcDateTime(), nullable=True, comment="crawl: last time asked for"),
        sa.Column("last_status", sa.Integer(), nullable=True, comment="server: status of the last answer"),
        sa.Column("etag", sa.Text(), nullable=True, comment="server: validator for a conditional request"),
        sa.Column(
            "last_modified", sa.Text(), nullable=True, comment="server: validator for a conditional request"
        ),
        sa.Column(
            "digest",
            sa.String(length=80),
            nullable=True,
            comment="ingest: payload digest of the last 200 answer",
        ),
        sa.Column("hint", sa.JSON(), nullable=True, comment="crawl: what the list said of it (title, day)"),
        sa.Column(
            "reason",
            sa.String(length=32),
            nullable=True,
            comment="crawl: model.Reason of a failure or exclusion",
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="crawl: that failure in a sentence"),
        sa.Column("via", sa.Text(), nullable=False, comment="crawl: page it was found on"),
        sa.Column("hops", sa.Text(), nullable=False, comment="crawl: hopsFromSeed"),
        sa.Column(
            "form",
            sa.JSON(),
            nullable=True,
            comment="crawl: fields of a form to post, in order; NULL for GET",
        ),
        sa.Column("run", sa.BigInteger(), nullable=True, comment="crawl: last run that handled it"),
        sa.Column(
            "published",
            sa.String(length=10),
            nullable=True,
            comment="crawl: day of publication known or hinted, for order",
        ),
        sa.Column(
            "last_changed",
            UtcDateTime(),
            nullable=True,
            comment="crawl: when its payload was last seen to change",
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_frontier_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontier")),
        sa.UniqueConstraint("site", "key", name=op.f("uq_frontier_site_key")),
        comment="The persistent queue of the crawl.",
    )
    op.create_index(
        op.f("ix_frontier_site_kind_section"), "frontier", ["site", "kind", "section"], unique=False
    )
    op.create_index(
        op.f("ix_frontier_site_state_not_before"), "frontier", ["site", "state", "not_before"], unique=False
    )
    op.create_index(
        op.f("ix_frontier_site_state_priority_id"),
        "frontier",
        ["site", "state", "priority", "id"],
        unique=False,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site", sa.String(length=80), nullable=False, comment="operator: which site"),
        sa.Column("started_at", UtcDateTime(), nullable=False, comment="crawl: begin"),
        sa.Column(
            "ended_at", UtcDateTime(), nullable=True, comment="crawl: end; NULL while running or when killed"
        ),
        sa.Column("result", sa.JSON(), nullable=True, comment="crawl: the row of the results table"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_runs_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        comment="One crawl of one site.",
    )
    op.create_index(op.f("ix_runs_site_started_at"), "runs", ["site", "started_at"], unique=False)
    op.create_table(
        "site_knowledge",
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: of which site"),
        sa.Column("version", sa.Integer(), nullable=False, comment="ingest: from 1"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="ingest: when learnt"),
        sa.Column("data", sa.JSON(), nullable=False, comment="extract: text that recurs on the site's pages"),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_site_knowledge_site")),
        sa.PrimaryKeyConstraint("site", "version", name=op.f("pk_site_knowledge")),
        comment="What an extractor learnt of a site: a versioned input of extractions.",
    )
    op.create_table(
        "aliases",
        sa.Column("site", sa.String(length=80), nullable=False, comment="crawl: the site"),
        sa.Column("url", sa.Text(), nullable=False, comment="ingest: canonical address"),
        sa.Column(
            "number",
            sa.Integer(),
            nullable=False,
            comment="ingest: 0 for the first article at this address; the highest is the present one",
        ),
        sa.Column("article", sa.String(length=16), nullable=False, comment="ingest: which"),
        sa.Column(
            "basis",
            sa.String(length=16),
            nullable=False,
            comment="ingest: 'fetched' when captured there, 'claimed' when only rel=canonical names it",
        ),
        sa.Column("since", UtcDateTime(), nullable=False, comment="ingest: first found there"),
        sa.Column(
            "gone_at",
            UtcDateTime(),
            nullable=True,
            comment="ingest: found missing there; NULL while it stands",
        ),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_aliases_article")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_aliases_site")),
        sa.PrimaryKeyConstraint("site", "url", "number", name=op.f("pk_aliases")),
        comment="Addresses of articles, one article under several, several articles under one over time.",
    )
    op.create_index(op.f("ix_aliases_article"), "aliases", ["article"], unique=False)
    op.create_index(op.f("ix_aliases_url"), "aliases", ["url"], unique=False)
    op.create_table(
        "extractions",
        sa.Column("capture", sa.String(length=32), nullable=False, comment="crawl: input"),
        sa.Column("extractor", sa.String(length=80), nullable=False, comment="extract: name and version"),
        sa.Column("content_hash", sa.String(length=64), nullable=False, comment="extract: wire.content_hash"),
        sa.Column("data", sa.Text(), nullable=False, comment="extract: JSON of archive.wire"),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_extractions_capture")),
        sa.PrimaryKeyConstraint("capture", "extractor", name=op.f("pk_extractions")),
        comment="Pure outputs of one extractor version on one capture; kept for captures with a version.",
    )
    op.create_table(
        "versions",
        sa.Column("article", sa.String(length=16), nullable=False, comment="ingest: of which"),
        sa.Column("number", sa.Integer(), nullable=False, comment="ingest: from 1 in order of acquisition"),
        sa.Column("capture", sa.String(length=32), nullable=False, comment="ingest: evidence"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="ingest: time of that capture"),
        sa.Column("content_hash", sa.String(length=64), nullable=False, comment="extract: wire.content_hash"),
        sa.Column(
            "extractor",
            sa.String(length=80),
            nullable=False,
            comment="extract: which saw it as a new version",
        ),
        sa.Column(
            "shown",
            sa.String(length=80),
            nullable=False,
            comment="ingest: newest extractor that read this capture; readers see its extraction",
        ),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_versions_article")),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_versions_capture")),
        sa.PrimaryKeyConstraint("article", "number", name=op.f("pk_versions")),
        comment="What an article said at one capture. Never changed but for `shown`.",
    )
    op.create_index(op.f("ix_versions_capture"), "versions", ["capture"], unique=False)
    op.create_index(op.f("ix_versions_content_hash"), "versions", ["content_hash"], unique=False)
