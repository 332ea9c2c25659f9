"""The tables of events, people and places; derived rows but for the corrections."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from archive.store.schema import UtcDateTime, metadata, sites

_Serial = BigInteger().with_variant(Integer, "sqlite")

events = Table(
    "events",
    metadata,
    Column("id", String(16), primary_key=True, comment="ingest: hash of article, sort and sentence"),
    Column("gathering", String(16), nullable=False, comment="ingest: first event told of the same thing"),
    Column("article", String(16), nullable=False, comment="ingest: which tells it"),
    Column("site", String(80), ForeignKey(sites.c.id), nullable=False, comment="crawl: its site"),
    Column("sort", String(16), nullable=False, comment="extract: EventClass"),
    Column("kind", String(40), nullable=False, comment="extract: id of the kind"),
    Column("name", Text, nullable=False, comment="extract: the words that name it"),
    Column("day", String(10), nullable=False, comment="extract: its (first) day, '' when open"),
    Column("until", String(10), nullable=False, comment="extract: its last day, '' when open"),
    Column("month_day", String(5), nullable=False, comment="extract: '09-28' of an occasion's day, else ''"),
    Column("read", JSON, nullable=False, comment="extract: archive.model.events.Event as the rules read it"),
    Column("data", JSON, nullable=False, comment="operator: the same as corrected"),
    Column("hidden", Boolean, nullable=False, comment="operator: a correction says that there is none"),
    Index(None, "gathering"),
    Index(None, "article"),
    Index(None, "sort", "day"),
    Index(None, "site", "sort", "day"),
    Index(None, "month_day"),
    comment="What one article tells of one event.",
)

event_places = Table(
    "event_places",
    metadata,
    Column("event", String(16), ForeignKey(events.c.id), primary_key=True, comment="ingest: which"),
    Column("key", String(120), primary_key=True, comment="ingest: folded name of the place"),
    Index(None, "key"),
    comment="Where events took place.",
)

claims = Table(
    "claims",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("person", String(16), nullable=False, comment="ingest: hash of site and name"),
    Column("article", String(16), nullable=False, comment="ingest: which says it"),
    Column("site", String(80), ForeignKey(sites.c.id), nullable=False, comment="crawl: its site"),
    Column("name", Text, nullable=False, comment="extract: as written"),
    Column("name_key", String(120), nullable=False, comment="ingest: folded name"),
    Column("day", String(10), nullable=False, comment="extract: of the article, '' when undated"),
    Column("data", JSON, nullable=False, comment="extract: the claim as archive.model.events.Claim"),
    Index(None, "person", "day"),
    Index(None, "article"),
    Index(None, "name_key"),
    comment="What one sentence says of one person's offices.",
)

article_places = Table(
    "article_places",
    metadata,
    Column("article", String(16), primary_key=True, comment="ingest: which names it"),
    Column("key", String(120), primary_key=True, comment="ingest: folded name"),
    Column("name", Text, nullable=False, comment="extract: as first written"),
    Index(None, "key"),
    comment="Places that articles name.",
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("action", String(16), nullable=False, comment="operator: hide, change, same or rename"),
    Column("target", String(16), nullable=False, comment="operator: id of an event, or of a person"),
    Column("data", JSON, nullable=False, comment="operator: new values; for same, the other person"),
    Column("reason", Text, nullable=False, comment="operator: why"),
    Column("by", Text, nullable=False, comment="operator: who"),
    Column("at", UtcDateTime, nullable=False, comment="operator: when"),
    Column("lifted_at", UtcDateTime, comment="operator: when taken back; NULL while in force"),
    Column("lifted_by", Text, comment="operator: who took it back"),
    Index(None, "target"),
    comment="What people corrected in the readings, journalled.",
)

chronicle = Table(
    "chronicle",
    metadata,
    Column("id", Integer, primary_key=True, comment="ingest: 1"),
    Column("rules", String(80), nullable=False, comment="extract: version of the rules that read all rows"),
    Column("seq", BigInteger, nullable=False, comment="ingest: last line of the change log that was read"),
    comment="How far the readings are.",
)
