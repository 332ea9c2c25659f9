"""Attached files: the text that was read in them, and which articles link to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, ForeignKey, Index, String, Table, Text, delete, insert, select

from archive.model import Capture
from archive.store.dialect import upsert
from archive.store.rows import capture_of
from archive.store.schema import articles, captures, metadata, sites

_CHUNK = 500

documents = Table(
    "documents",
    metadata,
    Column("digest", String(80), primary_key=True, comment="server: payload digest of the file"),
    Column("reader", String(80), nullable=False, comment="extract: name and version of what read it"),
    Column("kind", String(16), nullable=False, comment="extract: pdf, doc …; '' for another kind"),
    Column("text", Text, nullable=False, comment="extract: what it says, a paragraph a line"),
    Column("problem", Text, nullable=False, comment="extract: why it could not be read, '' if it could"),
    comment="Text of attached files, by content: one file under many addresses is read once.",
)

links = Table(
    "attachment_links",
    metadata,
    Column("site", String(80), ForeignKey(sites.c.id), primary_key=True, comment="crawl: the article's site"),
    Column("urlkey", Text, primary_key=True, comment="extract: SURT form of the file's address"),
    Column("article", String(16), ForeignKey(articles.c.id), primary_key=True, comment="ingest: that links"),
    Index(None, "article"),
    comment="Which articles are to be indexed again when a file comes in.",
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What was read in one file."""

    digest: str
    reader: str
    kind: str
    text: str
    problem: str


def document(connection: Connection, digest: str) -> DocumentRow | None:
    """What was read in a file; None when it was not read yet."""
    return next(iter(documents_of(connection, [digest]).values()), None)


def documents_of(connection: Connection, digests: Iterable[str]) -> dict[str, DocumentRow]:
    """What was read in many files, by digest."""
    found: dict[str, DocumentRow] = {}
    for chunk in _chunks(sorted(set(digests))):
        for row in connection.execute(select(documents).where(documents.c.digest.in_(chunk))):
            found[row.digest] = DocumentRow(row.digest, row.reader, row.kind, row.text, row.problem)
    return found


def put_document(connection: Connection, row: DocumentRow) -> None:
    """Keep what was read in a file, in place of what another reader found."""
    values = {
        "digest": row.digest,
        "reader": row.reader,
        "kind": row.kind,
        "text": row.text,
        "problem": row.problem,
    }
    connection.execute(upsert(connection, documents, values, ["digest"]))


def to_read(connection: Connection, reader: str, after: str, limit: int) -> list[str]:
    """Digests of captured files that articles link to and that a reader has not read, in order, a page at a
    time."""
    statement = (
        select(captures.c.payload_digest)
        .join(links, (links.c.urlkey == captures.c.urlkey) & (links.c.site == captures.c.site))
        .outerjoin(documents, documents.c.digest == captures.c.payload_digest)
        .where(captures.c.status == 200, captures.c.truncated == "", captures.c.payload_digest > after)
        .where(documents.c.digest.is_(None) | (documents.c.reader != reader))
        .distinct()
        .order_by(captures.c.payload_digest)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def with_problems(connection: Connection) -> list[tuple[Capture, str]]:
    """Captures of attached files that could not be read, or not whole, with the reason, by site."""
    statement = (
        select(captures, documents.c.problem)
        .join(documents, documents.c.digest == captures.c.payload_digest)
        .where(documents.c.problem != "", captures.c.status == 200)
        .order_by(captures.c.site, captures.c.url, captures.c.at)
    )
    return [(capture_of(row), row.problem) for row in connection.execute(statement)]


def put_links(connection: Connection, site: str, article: str, urlkeys: Iterable[str]) -> None:
    """Note the files that an article's newest version links to, in place of those it linked to before."""
    connection.execute(delete(links).where(links.c.site == site, links.c.article == article))
    values = [{"site": site, "urlkey": key, "article": article} for key in sorted(set(urlkeys))]
    if values:
        connection.execute(insert(links), values)


def linking(connection: Connection, site: str, urlkey: str) -> list[str]:
    """The articles of a site that link to a file, by id."""
    statement = (
        select(links.c.article)
        .where(links.c.site == site, links.c.urlkey == urlkey)
        .order_by(links.c.article)
    )
    return list(connection.execute(statement).scalars())


def articles_with(connection: Connection, digest: str) -> list[str]:
    """The articles that link to an address at which a file was captured."""
    statement = (
        select(links.c.article)
        .join(captures, (captures.c.urlkey == links.c.urlkey) & (captures.c.site == links.c.site))
        .where(captures.c.payload_digest == digest)
        .distinct()
        .order_by(links.c.article)
    )
    return list(connection.execute(statement).scalars())


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
