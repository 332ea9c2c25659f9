"""All rows of one database into another, of whatever kind, while the first is read; and the proof of it.

How it goes, each step safe to repeat after a crash at any moment:

1. The target gets the schema and a mark that a move is under way. One that holds an archive is refused.
2. A pass over all tables, in order of their keys on both sides: what is missing or differs is written, what
   is no longer there is removed. Writers of the source go on meanwhile. A pass over equal tables only reads,
   so that a second start takes up where the first was killed.
3. Writers of the source are held, in one transaction. A second pass brings what they wrote meanwhile.
4. The proof, still under that hold: count and hash of each table on both sides, and the hash of each
   article's content computed anew from what the target holds.
5. The source is sealed by triggers. Commit: from here on whoever still writes to it is told where it went;
   before, it is as it was. The mark goes last.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Row,
    String,
    Table,
    Text,
    and_,
    collate,
    delete,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from archive.errors import StoreError
from archive.store import audit, migrate, seal
from archive.store.schema import UtcDateTime, articles, captures, extractions, metadata, sites
from archive.store.store import Store

_ROWS = 200
"""Rows that are held in memory and written together: an extraction may have 100 kB."""
MARK = Table(
    "moving",
    MetaData(),
    Column("source", Text, nullable=False, comment="operator: where the rows come from"),
    Column("began_at", UtcDateTime, nullable=False, comment="operator: when"),
)
"""In the target until it is proven equal."""

Told = Callable[[str, str, int], None]
"""Called with a step (`copy`, `held`, `proof`), a table's name, and rows done."""


@dataclass(frozen=True, slots=True)
class TableProof:
    """One table on both sides."""

    table: str
    rows: int
    sha256: str
    """Hex over all rows in order of their keys, as JSON."""


@dataclass(slots=True)
class Moved:
    """What was done, and what proves it."""

    source: str
    target: str
    written: int = 0
    """Rows written to the target, those removed there among them."""
    while_held: int = 0
    """Of these: rows that were written to the source during the first pass."""
    tables: list[TableProof] = field(default_factory=list)
    articles: int = 0
    contents: int = 0
    """Extractions whose content hash was computed anew from the target, and holds."""


def move(source: Store, target: Store, told: Told | None = None) -> Moved:
    """Bring all rows of `source` to `target`, prove it, and seal the source.

    :param target: opened with its schema made; empty, or left by a move that was interrupted.
    :raises StoreError: the target holds an archive, or another move's rows; the source was moved before; a
        proof fails. The source is as it was.
    :raises StoreBusyError: a writer does not let go of the source.
    """
    tell = told or (lambda *_: None)
    report = Moved(source.place, target.place)
    with source.read() as connection:
        if _check_source(connection, source, target):
            # Sealed, but killed before the mark went: nobody can have written to either.
            _prove(connection, target, report, lambda table, rows: tell("proof", table, rows))
            _end(target)
            return report
        _begin(source, target)
        report.written = _pass(connection, target, lambda table, rows: tell("copy", table, rows))
    with source.begin() as connection:
        seal.hold(connection, metadata.sorted_tables)
        report.while_held = _pass(connection, target, lambda table, rows: tell("held", table, rows))
        report.written += report.while_held
        _prove(connection, target, report, lambda table, rows: tell("proof", table, rows))
        target.checkpoint()
        seal.close(connection, metadata.sorted_tables, target.place)
    _end(target)
    return report


def reopen(store: Store) -> str:
    """Let a database that was moved away be written again. Returns where it had gone; "" when nowhere."""
    with store.begin() as connection:
        place = seal.moved_to(connection)
        seal.reopen(connection, metadata.sorted_tables)
    return place


def _end(target: Store) -> None:
    with target.begin() as connection:
        MARK.drop(connection)


# ---------------------------------------------------------------------------------------- before


def _check_source(connection: Connection, source: Store, target: Store) -> bool:
    """Whether the source is sealed, and only the target's mark is left to be removed."""
    if moved_to := seal.moved_to(connection):
        with target.read() as there:
            if moved_to == target.place and inspect(there).has_table(MARK.name):
                return True
        raise StoreError(
            f"The database {source.place} was moved to {moved_to} already.",
            "Set `database` to that one; or let this one be written again: archive migrate --reopen.",
        )
    if inspect(connection).has_table(MARK.name):
        raise StoreError(
            f"The database {source.place} is the target of a move that did not end.",
            "Start that move again, from the database that it came from.",
        )
    return False


def _begin(source: Store, target: Store) -> None:
    """Mark the target; one that holds anything else is refused."""
    if source.place == target.place:
        raise StoreError(f"{source.place} is the database in use.", "Give another address.")
    with target.begin() as connection:
        with source.read() as other:
            if (theirs := migrate.revision(other)) != (ours := migrate.revision(connection)):
                raise StoreError(f"The schemas differ: {theirs} and {ours}.", "Run `archive status` first.")
        if inspect(connection).has_table(MARK.name):
            began = connection.execute(select(MARK.c.source)).scalar()
            if began != source.place:
                raise StoreError(
                    f"{target.place} has part of another database ({began}).", "Give an empty one."
                )
            return
        for table in (sites, captures, articles):
            if connection.execute(select(func.count()).select_from(table)).scalar_one():
                raise StoreError(
                    f"{target.place} holds an archive already.", "Give an empty database, or move it away."
                )
        MARK.create(connection)
        connection.execute(MARK.insert().values(source=source.place, began_at=dt.datetime.now(dt.UTC)))


# ------------------------------------------------------------------------------------ one pass


def _pass(source: Connection, target: Store, tell: Callable[[str, int], None]) -> int:
    """Make the target's rows those of the source, as one look at it shows them. Returns how many differed."""
    written = 0
    try:
        # What is to go goes first, children before parents: its unique values may be in use again.
        for table in reversed(metadata.sorted_tables):
            written += _remove(source, target, table)
        for table in metadata.sorted_tables:
            written += _put(source, target, table, tell)
            _set_sequence(target, table)
    except IntegrityError as error:
        raise StoreError(
            f"Rows left in {target.place} by an earlier start stand in the way ({error.orig}).",
            "Empty that database and start again.",
        ) from error
    return written


def _remove(source: Connection, target: Store, table: Table) -> int:
    keys = list(table.primary_key.columns)
    count = 0
    with target.read() as there:
        if there.execute(select(table).limit(1)).first() is None:
            return 0
        with closing(_stream(there, table, keys)) as theirs, closing(_stream(source, table, keys)) as mine:
            for batch in _batches(_without(theirs, mine)):
                with target.begin() as connection:
                    for row in batch:
                        same = and_(*(column == value for column, value in zip(keys, row, strict=True)))
                        connection.execute(delete(table).where(same))
                count += len(batch)
    return count


def _without(left: Iterator[Row[Any]], right: Iterator[Row[Any]]) -> Iterator[Row[Any]]:
    """What is in the first of two ordered streams only."""
    other = next(right, None)
    for row in left:
        while other is not None and tuple(other) < tuple(row):
            other = next(right, None)
        if other is None or tuple(other) != tuple(row):
            yield row


def _put(source: Connection, target: Store, table: Table, tell: Callable[[str, int], None]) -> int:
    count = done = 0
    statement = _upsert(target, table)
    with (
        target.read() as there,
        closing(_stream(source, table)) as mine,
        closing(_stream(there, table)) as theirs,
    ):
        for batch in _batches(_differing(mine, theirs, table)):
            rows = [dict(row._mapping) for row in batch if row is not None]
            done += len(batch)
            if rows:
                with target.begin() as connection:
                    connection.execute(statement, rows)
            count += len(rows)
            tell(table.name, done)
    return count


def _differing(
    rows: Iterator[Row[Any]], others: Iterator[Row[Any]], table: Table
) -> Iterator[Row[Any] | None]:
    """For each row of the source: the row where the target lacks it or has another; else None."""
    width = [table.columns.keys().index(column.name) for column in table.primary_key.columns]

    def key(row: Row[Any]) -> tuple[Any, ...]:
        return tuple(row[index] for index in width)

    other = next(others, None)
    for row in rows:
        mine = key(row)
        while other is not None and key(other) < mine:
            other = next(others, None)
        is_same = other is not None and key(other) == mine and _told(other) == _told(row)
        yield None if is_same else row


def _upsert(target: Store, table: Table) -> Any:
    made = postgresql.insert(table) if target.dialect_name == "postgresql" else sqlite.insert(table)
    keys = [column.name for column in table.primary_key.columns]
    rest = [name for name in table.columns.keys() if name not in keys]  # noqa: SIM118 - no mapping of rows
    if not rest:
        return made.on_conflict_do_nothing(index_elements=keys)
    return made.on_conflict_do_update(index_elements=keys, set_={name: made.excluded[name] for name in rest})


def _set_sequence(target: Store, table: Table) -> None:
    """Let the next number that a server gives out be a free one; SQLite sees to that itself."""
    column = table._autoincrement_column
    if target.dialect_name != "postgresql" or column is None:
        return
    with target.begin() as connection:
        names = {"table": table.name, "column": column.name}
        found = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar()
        if found is not None:
            newest = connection.execute(select(func.max(column))).scalar()
            connection.execute(select(func.setval(found, newest or 1, newest is not None)))


# ------------------------------------------------------------------------------------- the proof


def _prove(source: Connection, target: Store, report: Moved, tell: Callable[[str, int], None]) -> None:
    """:raises StoreError: anything differs."""
    with target.read() as there:
        for table in metadata.sorted_tables:
            mine, theirs = digest(source, table), digest(there, table)
            if mine != theirs:
                raise StoreError(
                    f"Table {table.name} has {mine.rows} rows in {report.source} (SHA-256 "
                    f"{mine.sha256[:12]}…) and {theirs.rows} in {report.target} ({theirs.sha256[:12]}…).",
                    "The source stays in force. Start again; tell the developers if it comes again.",
                )
            report.tables.append(mine)
            tell(table.name, mine.rows)
        for broken in audit.broken_extractions(there):
            raise StoreError(
                f"What capture {broken[0]} says has another content in {report.target} than its hash tells.",
                "The source stays in force; run `archive verify` on it.",
            )
        report.articles = _count(there, articles)
        report.contents = _count(there, extractions)


def digest(connection: Connection, table: Table) -> TableProof:
    """Count and hash of a table, the same for the same rows in whatever database."""
    found, rows = hashlib.sha256(), 0
    for row in _stream(connection, table):
        found.update(_told(row).encode())
        found.update(b"\n")
        rows += 1
    return TableProof(table.name, rows, found.hexdigest())


def _told(row: Row[Any]) -> str:
    return json.dumps(list(row), ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value))


# --------------------------------------------------------------------------------------- streams


def _stream(
    connection: Connection, table: Table, columns: Sequence[Column[Any]] = ()
) -> Generator[Row[Any], None, None]:
    """The rows in order of their keys, compared by code points whatever the database's collation is.

    To be closed by whoever may not read it to its end.
    """
    on_server = connection.dialect.name == "postgresql"
    order = [
        collate(column, "C") if on_server and isinstance(column.type, String) else column
        for column in table.primary_key.columns
    ]
    statement = (select(*columns) if columns else select(table)).order_by(*order)
    with connection.execute(statement.execution_options(yield_per=_ROWS)) as rows:
        yield from rows


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
