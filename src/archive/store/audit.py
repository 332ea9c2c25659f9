"""What verification asks of the database: rows to compare with records, and what depends on a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select, text

from archive import wire
from archive.model import Capture
from archive.store.queries import counts
from archive.store.rows import capture_of
from archive.store.schema import aliases, captures, extractions, versions


def capture_count(connection: Connection) -> int:
    """How many captures there are."""
    return connection.execute(select(func.count()).select_from(captures)).scalar_one()


def captures_in(connection: Connection, file: str) -> dict[int, Capture]:
    """The captures whose records are said to be in a file, by offset."""
    statement = select(captures).where(captures.c.warc_file == file)
    return {row.warc_offset: capture_of(row) for row in connection.execute(statement)}


def files_named(connection: Connection) -> set[str]:
    """The files that captures name."""
    return set(connection.execute(select(captures.c.warc_file).distinct()).scalars())


@dataclass(frozen=True, slots=True)
class Dependant:
    """A version that a reader would miss something of."""

    article: str
    number: int
    url: str
    how: str
    """"text" when it was read from the record, "picture" when it shows it."""

    def __str__(self) -> str:
        what = "" if self.how == "text" else "a picture of "
        return f"{what}version {self.number} of article {self.article} ({self.url})"


def dependants(connection: Connection, capture_ids: list[str]) -> list[Dependant]:
    """The versions that rest on captures, or on revisits of them."""
    found: list[Dependant] = []
    for start in range(0, len(capture_ids), 200):
        chunk = capture_ids[start : start + 200]
        wanted = select(captures.c.id).where(or_(captures.c.id.in_(chunk), captures.c.revisit_of.in_(chunk)))
        read_from = (
            select(versions.c.article, versions.c.number, captures.c.url)
            .join(captures, captures.c.id == versions.c.capture)
            .where(versions.c.capture.in_(wanted))
            .order_by(versions.c.article, versions.c.number)
        )
        found += [
            Dependant(row.article, row.number, row.url, "text") for row in connection.execute(read_from)
        ]
        # A picture was found on the page named by `via`: the versions of the article there show it.
        shown_on = (
            select(versions.c.article, func.max(versions.c.number).label("number"), aliases.c.url)
            .join(aliases, aliases.c.article == versions.c.article)
            .join(captures, (captures.c.via == aliases.c.url) & (captures.c.site == aliases.c.site))
            .where(captures.c.id.in_(wanted), captures.c.mime.startswith("image/"))
            .group_by(versions.c.article, aliases.c.url)
            .order_by(versions.c.article)
        )
        found += [
            Dependant(row.article, row.number, row.url, "picture") for row in connection.execute(shown_on)
        ]
    return list(dict.fromkeys(found))


def lost_holders(connection: Connection) -> list[Capture]:
    """Revisits whose payload stands in a capture that is not known."""
    holder = captures.alias()
    statement = (
        select(captures)
        .outerjoin(holder, holder.c.id == captures.c.revisit_of)
        .where(captures.c.revisit_of.is_not(None), holder.c.id.is_(None))
    )
    return [capture_of(row) for row in connection.execute(statement)]


def broken_extractions(connection: Connection) -> Iterator[tuple[str, str]]:
    """Capture and extractor of stored extractions that do not have the hash stored with them."""
    statement = select(extractions).execution_options(yield_per=200)
    for row in connection.execute(statement):
        try:
            sound = wire.content_hash(wire.loads(row.data)) == row.content_hash
        except (ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            yield row.capture, row.extractor


def false_tallies(connection: Connection) -> list[str]:
    """Counted numbers that do not hold."""
    is_picture = captures.c.mime.startswith("image/") & (captures.c.status == 200)
    distinct = select(func.count(captures.c.payload_digest.distinct())).where(is_picture)
    actual = {
        "captures": capture_count(connection),
        "pictures": connection.execute(distinct).scalar_one(),
    }
    stated = counts(connection)
    return [
        f"the tally of {name} is {stated.get(name, 0)}, there are {number}"
        for name, number in actual.items()
        if stated.get(name, 0) != number
    ]


def database_problems(connection: Connection) -> list[str]:
    """What SQLite's own check of its pages and keys finds; of PostgreSQL, what it has noticed by itself."""
    if connection.dialect.name == "postgresql":
        return _noticed_by_postgresql(connection)
    pages = [str(value) for value in connection.execute(text("PRAGMA quick_check(20)")).scalars()]
    keys = [
        f"{row[0]} row {row[1]} points to a missing row of {row[2]}"
        for row in connection.execute(text("PRAGMA foreign_key_check"))
    ]
    return [item for item in pages if item != "ok"] + keys[:20]


def _noticed_by_postgresql(connection: Connection) -> list[str]:
    """Pages whose checksum did not hold when they were read, and indexes that must not be used."""
    failures = connection.execute(
        text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
    ).scalar()
    broken = connection.execute(
        text(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
            "WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
        )
    ).scalars()
    found = [f"{failures} pages had a checksum that does not hold; see pg_amcheck"] if failures else []
    return found + [f"the index {name} is not valid: REINDEX INDEX {name}" for name in broken]
