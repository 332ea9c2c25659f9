"""An import by several processes makes what one makes, row by row."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Table, select

from archive.cli import main
from archive.config import Settings
from archive.ingest.ahead import ReadAhead
from archive.model import Page
from archive.preserve import verify
from archive.preserve.importing import Target, import_all
from archive.store import Store, schema
from tests.preserve.test_import import Foreign
from tests.store.scene import BODY, OTHER_BODY, article_html

SLOGAN = "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh trên địa bàn toàn huyện hôm nay."


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Pages enough that the site is learnt of on the way, twice, and a page that changes."""
    made = Foreign(tmp_path / "portal.warc.gz")
    for number in range(56):
        body = [SLOGAN, f"Tin số {number}. {BODY[number % 3]}", *OTHER_BODY, f"Đoạn kết thứ {number}."]
        at = f"2022-{number // 28 + 1:02}-{number % 28 + 1:02}T08:00:00Z"
        made.page(f"/bai-{number}.html", article_html(f"Bản tin thứ {number}", body), at=at)
    made.page("/bai-3.html", article_html("Bản tin thứ 3", [SLOGAN, *BODY]), at="2022-10-20T08:00:00Z")
    return made.close()


def _rows(store: Store, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        chosen = [table.c[name] for name in columns]
        return [
            tuple(row) for row in connection.execute(select(*chosen).order_by(*table.primary_key.columns))
        ]


def _made(settings: Settings, path: Path, processes: int) -> dict[str, list[tuple[Any, ...]]]:
    command = ["import", str(path), "--new-site", "Huyện", "--processes", str(processes), "--json"]
    for taken, known in ((57, 0), (0, 57)):
        done = CliRunner().invoke(main, command, env=settings.to_environment())
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert (told["taken"], told["known"]) == (taken, known)
    with closing(Store.open(settings.database_url)) as store:
        assert verify(store, settings.warc_dir).clean
        return {
            "captures": _rows(store, schema.captures, "url", "at", "payload_digest", "kind", "article"),
            "versions": _rows(
                store, schema.versions, "article", "number", "content_hash", "extractor", "shown"
            ),
            "extractions": _rows(store, schema.extractions, "extractor", "content_hash", "data"),
            "changes": _rows(store, schema.changes, "seq", "article", "kind", "at"),
            "knowledge": _rows(store, schema.site_knowledge, "site", "version", "data"),
        }


def test_the_rows_are_those_of_one_process(settings: Settings, foreign: Path, tmp_path: Path) -> None:
    by_one = _made(settings, foreign, 1)
    by_three = _made(replace(settings, var=tmp_path / "three"), foreign, 3)
    assert len(by_one["knowledge"]) >= 1
    for name, rows in by_one.items():
        key = sorted if name in ("captures", "extractions") else list  # ordered by ids that are made anew
        assert key(by_three[name]) == key(rows), name


def test_pages_are_read_ahead_and_only_with_the_same_input(foreign: Path) -> None:
    from archive.preserve.importing.files import open_source
    from archive.preserve.importing.source import Item

    exchange = next(item.exchange for item in open_source(foreign).items() if isinstance(item, Item))
    page = Page(exchange.url, exchange.payload, "text/html; charset=utf-8")
    with closing(ReadAhead(1)) as ahead:
        for expected in (page, replace(page, body=b"<p>another")):
            ahead.begin_batch()
            ahead.begin(exchange, None, None)
            future = ahead._waiting[exchange.url][0][1]
            future.result()
            found = ahead.take(expected, None, 0)
            assert (found is not None and found.title.startswith("Bản tin")) == (expected is page)
            ahead.end_batch()
        assert ahead._waiting == {}


def test_a_helper_that_dies_costs_only_time(settings: Settings, foreign: Path) -> None:
    class Dying(ReadAhead):
        def begin_batch(self) -> None:
            super().begin_batch()
            for process in list(self._pool._processes.values()):
                process.kill()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archive.preserve.importing.run.ReadAhead", Dying)
        with closing(Store.open(settings.database_url)) as store:
            reports, _ = import_all(settings, store, [foreign], target=Target(new_name="Huyện"), processes=2)
            assert (reports[0].counts["taken"], reports[0].counts["articles"]) == (57, 56)
