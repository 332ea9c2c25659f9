"""Articles of several pages, text of attached files, titles to find other views of an article by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by what is captured from now on, and for the rest by `archive replay --extract`."""
    op.create_table(
        "version_parts",
        sa.Column("article", sa.String(16), nullable=False, comment="ingest: of which article"),
        sa.Column("version", sa.Integer, nullable=False, comment="ingest: of which version"),
        sa.Column("position", sa.Integer, nullable=False, comment="ingest: page of the article, from 1"),
        sa.Column("capture", sa.String(32), nullable=False, comment="ingest: evidence"),
        sa.PrimaryKeyConstraint("article", "version", "position", name=op.f("pk_version_parts")),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_version_parts_capture")),
        sa.ForeignKeyConstraint(
            ["article", "version"],
            ["versions.article", "versions.number"],
            name=op.f("fk_version_parts_article"),
        ),
        comment="The captures of a version that stands on several pages; no rows for an article of one page.",
    )
    op.create_index(op.f("ix_version_parts_capture"), "version_parts", ["capture"])
    op.create_table(
        "documents",
        sa.Column("digest", sa.String(80), nullable=False, comment="server: payload digest of the file"),
        sa.Column(
            "reader", sa.String(80), nullable=False, comment="extract: name and version of what read it"
        ),
        sa.Column("kind", sa.String(16), nullable=False, comment="extract: pdf, doc …; '' for another kind"),
        sa.Column("text", sa.Text, nullable=False, comment="extract: what it says, a paragraph a line"),
        sa.Column(
            "problem", sa.Text, nullable=False, comment="extract: why it could not be read, '' if it could"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_documents")),
        comment="Text of attached files, by content: one file under many addresses is read once.",
    )
    op.create_table(
        "attachment_links",
        sa.Column("site", sa.String(80), nullable=False, comment="crawl: the article's site"),
        sa.Column("urlkey", sa.Text, nullable=False, comment="extract: SURT form of the file's address"),
        sa.Column("article", sa.String(16), nullable=False, comment="ingest: that links"),
        sa.PrimaryKeyConstraint("site", "urlkey", "article", name=op.f("pk_attachment_links")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_attachment_links_site")),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_attachment_links_article")),
        comment="Which articles are to be indexed again when a file comes in.",
    )
    op.create_index(op.f("ix_attachment_links_article"), "attachment_links", ["article"])
    op.create_table(
        "article_titles",
        sa.Column("site", sa.String(80), nullable=False, comment="crawl: its site"),
        sa.Column(
            "title", sa.String(200), nullable=False, comment="extract: letters and digits, folded, cut off"
        ),
        sa.Column("article", sa.String(16), nullable=False, comment="ingest: which"),
        sa.PrimaryKeyConstraint("site", "title", "article", name=op.f("pk_article_titles")),
        sa.ForeignKeyConstraint(["site"], ["sites.id"], name=op.f("fk_article_titles_site")),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_article_titles_article")),
        comment="Titles that articles bear or bore.",
    )
