"""The benchmark's way of filling a large archive writes what a crawl would have written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive.config import Settings
from archive.preserve.verify import Verification
from archive.store import Store, schema
from benchmarks import scale_fill
from tests import postgresql

_OWN_TIME = {"recorded_at", "added_at", "seq"}
"""Columns that say when or in which order an archive took something in."""


@pytest.fixture
def pair(settings: Settings, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    running = postgresql.cluster()
    folders = (tmp_path / "crawled", tmp_path / "copied")
    with (
        closing(Store.open(running.archive(folders[0]))) as crawled,
        closing(Store.open(running.archive(folders[1]))) as copied,
    ):
        yield crawled, copied
    for folder in folders:
        running.drop(postgresql.name_of(folder))


def _rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    with store.read() as connection:
        for table in schema.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in _OWN_TIME]
            rows = connection.execute(select(*columns))
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def test_rows_copied_in_bulk_are_those_of_a_crawl(pair: tuple[Store, Store], tmp_path: Path) -> None:
    crawled, copied = pair
    scale_fill.record(crawled, tmp_path / "warc", 0, 40)
    scale_fill.record(copied, tmp_path / "warc", 0, 15)
    scale_fill.copy(postgresql.cluster().url(postgresql.name_of(tmp_path / "copied")), 15, 40, 1)
    theirs, mine = _rows(crawled), _rows(copied)
    assert mine == theirs
    assert {name for name, rows in mine.items() if len(rows) >= 40} == {*scale_fill.COLUMNS}
    with copied.read() as connection:
        check = Verification(connection, tmp_path / "warc", None)
        check.database()
        assert check.report.findings == []
    assert copied.last_change() == crawled.last_change() == 40
