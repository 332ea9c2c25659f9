"""The tables. Each column's comment says whose fact it is.

- *server*: as a server sent it, and as the WARC record holds it;
- *crawl*: what the crawler decided or measured;
- *ingest*: derived by `archive.ingest` from the two above, and derived again by a replay;
- *extract*: the output of one extractor version;
- *operator*: from the sites file.

Nothing here is the only copy of a server's fact: all but the frontier's plans and the runs can be made
again from the WARC files. The schema is kept to what SQLite and PostgreSQL both do.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
    text,
)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC `datetime` with microseconds.

    PostgreSQL keeps the instant; SQLite keeps the UTC wall clock as text that sorts in order of time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime was given: {value!r}")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# SQLite gives out row numbers only for a column declared as INTEGER.
SERIAL = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    # Named, so that a migration can drop what an earlier one made, on either database.
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

sites = Table(
    "sites",
    metadata,
    Column("id", String(80), primary_key=True, comment="operator: short id, part of addresses"),
    Column("name", Text, nullable=False, comment="operator: as readers see it"),
    Column("start", JSON, nullable=False, comment="operator: list of seed addresses"),
    Column("settings", JSON, nullable=False, comment="operator: all fields of the sites entry"),
    Column("sample", Boolean, nullable=False, comment="operator: invented data, never mixed with real"),
    Column("added_at", UtcDateTime, nullable=False, comment="crawl: when first listed"),
    Column("paused", Text, comment="operator: why it is not crawled; NULL when it is"),
    comment="The portals that an admin listed.",
)

runs = Table(
    "runs",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("site", String(80), ForeignKey(sites.c.id), nullable=False, comment="operator: which site"),
    Column("started_at", UtcDateTime, nullable=False, comment="crawl: begin"),
    Column("ended_at", UtcDateTime, comment="crawl: end; NULL while running or when killed"),
    Column("result", JSON, comment="crawl: the row of the results table"),
    Column("is_full", Boolean, comment="crawl: asks for all known pages"),
    Column("progress", JSON, comment="crawl: how far it is, every few seconds"),
    Column("measures", JSON, comment="crawl: archive.model.Measures"),
    Index(None, "site", "started_at"),
    comment="One crawl of one site.",
)

schedules = Table(
    "schedules",
    metadata,
    Column("site", String(80), primary_key=True, comment="operator: which site"),
    Column("slot", UtcDateTime, nullable=False, comment="crawl: the newest turn that was made a job"),
    comment="Up to when each schedule is kept: what lies between this and now was missed.",
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("kind", String(16), nullable=False, comment="operator: jobs.JobKind"),
    Column("site", String(80), nullable=False, comment="operator: of which site, '' for none"),
    Column("args", JSON, nullable=False, comment="operator: what the kind needs to know"),
    Column("key", String(200), nullable=False, comment="operator: no two open jobs with one key; '' free"),
    Column("state", String(16), nullable=False, comment="crawl: jobs.JobState"),
    Column("attempts", Integer, nullable=False, comment="crawl: times that it was begun"),
    Column("asked_at", UtcDateTime, nullable=False, comment="operator: when asked for"),
    Column("asked_by", Text, nullable=False, comment="operator: admin's name, or 'schedule'"),
    Column("not_before", UtcDateTime, comment="crawl: not to be begun before"),
    Column("started_at", UtcDateTime, comment="crawl: when last begun"),
    Column("ended_at", UtcDateTime, comment="crawl: end; NULL while it is open"),
    Column("stop", Boolean, nullable=False, comment="operator: asked to end early"),
    Column("progress", JSON, nullable=False, comment="crawl: how far it is"),
    Column("result", JSON, nullable=False, comment="crawl: what came of it"),
    Column("error", Text, nullable=False, comment="crawl: why it failed or waits, '' if nothing"),
    Index(None, "state", "id"),
    comment="Work that admins and the clock ask for and the scheduler does.",
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("site", String(80), nullable=False, comment="operator: which site"),
    Column("field", String(32), nullable=False, comment="crawl: archive.watch.Field"),
    Column("profile", String(80), nullable=False, comment="extract: profile of the pages, or ''"),
    Column("usual", Float, comment="crawl: what was usual; NULL when only a floor is known"),
    Column("now", Float, nullable=False, comment="crawl: what the newest run measured"),
    Column("sample", Integer, nullable=False, comment="crawl: pages that `now` is of"),
    Column("detail", Text, nullable=False, comment="crawl: more in words, '' if nothing"),
    Column("examples", JSON, nullable=False, comment="crawl: addresses to look at"),
    Column("first_run", BigInteger, nullable=False, comment="crawl: the run that opened it"),
    Column("last_run", BigInteger, nullable=False, comment="crawl: the last run that had it"),
    Column("opened_at", UtcDateTime, nullable=False, comment="crawl: when opened"),
    Column("last_seen", UtcDateTime, nullable=False, comment="crawl: when last found true"),
    Column("closed_at", UtcDateTime, comment="crawl: when it was no longer true, or taken note of"),
    Column("acknowledged_by", Text, nullable=False, comment="operator: who took note, '' if none"),
    Column("note", Text, nullable=False, comment="operator: what they said of it"),
    Index(None, "site", "field"),
    comment="Portals that do not yield what they did.",
)

alarm_notices = Table(
    "alarm_notices",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("alarm", BigInteger, ForeignKey(alarms.c.id), nullable=False, comment="crawl: of which alarm"),
    Column("event", String(16), nullable=False, comment="crawl: opened or closed"),
    Column("channel", String(16), nullable=False, comment="operator: mail or webhook"),
    Column("made_at", UtcDateTime, nullable=False, comment="crawl: when it was to be told"),
    Column("not_before", UtcDateTime, comment="crawl: when to try again"),
    Column("attempts", Integer, nullable=False, comment="crawl: failed tries"),
    Column("sent_at", UtcDateTime, comment="crawl: when it went out; NULL while it has not"),
    Column("error", Text, nullable=False, comment="crawl: why the last try failed, '' if none"),
    comment="What of the alarms is to be told outside, until it is.",
)

warc_files = Table(
    "warc_files",
    metadata,
    Column("name", String(200), primary_key=True, comment="crawl: file name in the WARC folder"),
    Column("site", String(80), nullable=False, comment="crawl: whose captures it holds"),
    Column(
        "committed",
        BigInteger,
        nullable=False,
        comment="ingest: bytes whose exchanges have rows; what lies beyond is an orphan",
    ),
    Column("created_at", UtcDateTime, nullable=False, comment="ingest: time of its first exchange"),
    comment="How far each capture file is in the database.",
)

captures = Table(
    "captures",
    metadata,
    Column("id", String(32), primary_key=True, comment="crawl: UUID of the WARC record, hex"),
    Column("site", String(80), ForeignKey(sites.c.id), nullable=False, comment="crawl: crawled for"),
    Column("url", Text, nullable=False, comment="crawl: address asked for"),
    Column("urlkey", Text, nullable=False, comment="ingest: SURT form of url"),
    Column("at", UtcDateTime, nullable=False, comment="crawl: when the request was sent"),
    Column("method", String(16), nullable=False, comment="crawl: GET or POST"),
    Column("status", Integer, nullable=False, comment="server: HTTP status"),
    Column("mime", String(200), nullable=False, comment="server: media type, lower case; '' if none"),
    Column(
        "payload_digest",
        String(80),
        nullable=False,
        comment="ingest: sha256: and hex over the payload, content-coding removed; for a 304, the "
        "payload it vouches for",
    ),
    Column("size", BigInteger, nullable=False, comment="ingest: bytes of that decoded payload"),
    Column("warc_file", String(200), nullable=False, comment="crawl: name of the WARC file"),
    Column("warc_offset", BigInteger, nullable=False, comment="crawl: where its gzip member begins"),
    Column("warc_length", BigInteger, nullable=False, comment="crawl: bytes of the gzip member"),
    Column("warc_sha256", String(64), nullable=False, comment="crawl: hex over the gzip member"),
    # No foreign key: a replay may meet the revisit before the record it points to, when clocks jumped.
    Column("revisit_of", String(32), comment="crawl: capture that holds the payload, for a revisit"),
    Column("truncated", String(16), nullable=False, comment="crawl: why the body was cut, '' if whole"),
    Column("redirect_to", Text, comment="server: Location, absolute and canonical"),
    Column("robots", Text, nullable=False, comment="crawl: the robots decision"),
    Column("via", Text, nullable=False, comment="crawl: page the address was found on"),
    Column("kind", String(16), nullable=False, comment="extract: page kind; '' when not extracted"),
    Column("article", String(16), comment="ingest: article that it showed, or whose absence it showed"),
    Column(
        "source",
        Text,
        nullable=False,
        server_default="",
        comment="operator: file that it was imported from, with its SHA-256; '' when crawled",
    ),
    Index(None, "urlkey", "at"),
    # Old links are looked up whatever their letter case.
    Index("ix_captures_urlkey_lower", func.lower(text("urlkey"))),
    Index(None, "site", "url", "at"),
    Index(None, "payload_digest"),
    Index(None, "warc_file", "warc_offset", unique=True),
    Index("ix_captures_redirect_to", "redirect_to"),
    Index(None, "article"),
    comment="One exchange with a server: the capture index.",
)

tallies = Table(
    "tallies",
    metadata,
    Column("name", String(16), primary_key=True, comment="ingest: 'captures' or 'pictures'"),
    Column("value", BigInteger, nullable=False, comment="ingest: how many there are"),
    comment="Numbers that every front page shows and that take seconds to count in a large archive.",
)

articles = Table(
    "articles",
    metadata,
    Column("id", String(16), primary_key=True, comment="ingest: hash of site, url and count before it"),
    Column("site", String(80), ForeignKey(sites.c.id), nullable=False, comment="crawl: its site"),
    Column("url", Text, nullable=False, comment="crawl: canonical address of the first capture"),
    Column("first_seen", UtcDateTime, nullable=False, comment="ingest: time of the first capture"),
    Column("last_seen", UtcDateTime, nullable=False, comment="ingest: when last found at an address"),
    Column("state", String(16), nullable=False, comment="ingest: live, changed or gone"),
    Column("gone_at", UtcDateTime, comment="ingest: when it was found missing"),
    Column("versions", Integer, nullable=False, comment="ingest: how many versions there are"),
    Column(
        "current",
        Integer,
        nullable=False,
        server_default="0",
        comment="ingest: number of the version that is newest by date: an import may bring older ones later",
    ),
    Column(
        "published",
        String(32),
        nullable=False,
        comment="extract: DateFact.iso() of the newest version; '' when undated, so that it sorts last",
    ),
    Column(
        "recorded_at",
        UtcDateTime,
        comment="ingest: when what is shown of it last changed here; NULL until its transaction ends",
    ),
    Index("ix_articles_published_id", "published", "id"),
    Index("ix_articles_site_published_id", "site", "published", "id"),
    Index(None, "site", "published", "state"),
    Index("ix_articles_recorded_at_id", "recorded_at", "id"),
    Index("ix_articles_site_recorded_at_id", "site", "recorded_at", "id"),
    comment="Stable identities.",
)

aliases = Table(
    "aliases",
    metadata,
    Column("site", String(80), ForeignKey(sites.c.id), primary_key=True, comment="crawl: the site"),
    Column("url", Text, primary_key=True, comment="ingest: canonical address"),
    Column(
        "number",
        Integer,
        primary_key=True,
        comment="ingest: 0 for the first article at this address; the highest is the present one",
    ),
    Column("article", String(16), ForeignKey(articles.c.id), nullable=False, comment="ingest: which"),
    Column(
        "basis",
        String(16),
        nullable=False,
        comment="ingest: 'fetched' when captured there, 'claimed' when only rel=canonical names it",
    ),
    Column("since", UtcDateTime, nullable=False, comment="ingest: first found there"),
    Column("gone_at", UtcDateTime, comment="ingest: found missing there; NULL while it stands"),
    Index(None, "url"),
    Index(None, "article"),
    comment="Addresses of articles, one article under several, several articles under one over time.",
)

versions = Table(
    "versions",
    metadata,
    Column("article", String(16), ForeignKey(articles.c.id), primary_key=True, comment="ingest: of which"),
    Column("number", Integer, primary_key=True, comment="ingest: from 1 in order of acquisition"),
    Column("capture", String(32), ForeignKey(captures.c.id), nullable=False, comment="ingest: evidence"),
    Column("at", UtcDateTime, nullable=False, comment="ingest: time of that capture"),
    Column("content_hash", String(64), nullable=False, comment="extract: wire.content_hash"),
    Column("extractor", String(80), nullable=False, comment="extract: which saw it as a new version"),
    Column(
        "shown",
        String(80),
        nullable=False,
        comment="ingest: newest extractor that read this capture; readers see its extraction",
    ),
    Index(None, "capture"),
    Index(None, "content_hash"),
    comment="What an article said at one capture. Never changed but for `shown`.",
)

extractions = Table(
    "extractions",
    metadata,
    Column("capture", String(32), ForeignKey(captures.c.id), primary_key=True, comment="crawl: input"),
    Column("extractor", String(80), primary_key=True, comment="extract: name and version"),
    Column("content_hash", String(64), nullable=False, comment="extract: wire.content_hash"),
    Column("data", Text, nullable=False, comment="extract: JSON of archive.wire"),
    comment="Pure outputs of one extractor version on one capture; kept for captures with a version.",
)

changes = Table(
    "changes",
    metadata,
    Column("seq", SERIAL, primary_key=True, comment="ingest: order of the log; never used again"),
    Column("article", String(16), nullable=False, comment="ingest: which article"),
    Column("kind", String(16), nullable=False, comment="ingest: upsert or delete"),
    Column("at", UtcDateTime, nullable=False, comment="ingest: time of the capture that caused it"),
    sqlite_autoincrement=True,
    comment="The change log that the index follows.",
)

site_knowledge = Table(
    "site_knowledge",
    metadata,
    Column("site", String(80), ForeignKey(sites.c.id), primary_key=True, comment="crawl: of which site"),
    Column("version", Integer, primary_key=True, comment="ingest: from 1"),
    Column("at", UtcDateTime, nullable=False, comment="ingest: when learnt"),
    Column("data", JSON, nullable=False, comment="extract: text that recurs on the site's pages"),
    comment="What an extractor learnt of a site: a versioned input of extractions.",
)

frontier = Table(
    "frontier",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("site", String(80), ForeignKey(sites.c.id), nullable=False, comment="crawl: whose queue"),
    Column("key", Text, nullable=False, comment="crawl: canonical address, and form data if posted"),
    Column("url", Text, nullable=False, comment="crawl: address to ask for"),
    Column("kind", String(16), nullable=False, comment="crawl: seed, list, article, media, feed …"),
    Column("depth", Integer, nullable=False, comment="crawl: links from a seed, paging not counted"),
    Column("section", Text, nullable=False, comment="crawl: list it was found in, for trap limits"),
    Column("priority", Float, nullable=False, comment="crawl: smaller is asked for sooner"),
    Column("state", String(16), nullable=False, comment="crawl: queued, done, failed, excluded or gone"),
    Column("attempts", Integer, nullable=False, comment="crawl: failed tries since the last success"),
    Column("not_before", UtcDateTime, comment="crawl: not to be asked for before"),
    Column("last_fetch", UtcDateTime, comment="crawl: last time asked for"),
    Column("last_status", Integer, comment="server: status of the last answer"),
    Column("etag", Text, comment="server: validator for a conditional request"),
    Column("last_modified", Text, comment="server: validator for a conditional request"),
    Column("digest", String(80), comment="ingest: payload digest of the last 200 answer"),
    Column("hint", JSON, comment="crawl: what the list said of it (title, day)"),
    Column("reason", String(32), comment="crawl: model.Reason of a failure or exclusion"),
    Column("detail", Text, comment="crawl: that failure in a sentence"),
    Column("via", Text, nullable=False, comment="crawl: page it was found on"),
    Column("hops", Text, nullable=False, comment="crawl: hopsFromSeed"),
    Column("form", JSON, comment="crawl: fields of a form to post, in order; NULL for GET"),
    Column("run", BigInteger, comment="crawl: last run that handled it"),
    Column("published", String(10), comment="crawl: day of publication known or hinted, for order"),
    Column("last_changed", UtcDateTime, comment="crawl: when its payload was last seen to change"),
    Column("visits", Integer, comment="crawl: visits after the first"),
    Column("changes", Integer, comment="crawl: those that found other bytes"),
    UniqueConstraint("site", "key"),
    Index(None, "site", "state", "priority", "id"),
    Index(None, "site", "state", "not_before"),
    Index(None, "site", "kind", "section"),
    Index(None, "kind", "state", "site"),
    comment="The persistent queue of the crawl.",
)
