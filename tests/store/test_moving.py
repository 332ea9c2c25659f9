"""A database is moved to another while its archive is read and written, and nothing is lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from archive.cli import main
from archive.config import Settings
from archive.errors import StoreError
from archive.preserve import verify
from archive.store import Store, moving, schema
from archive.store.moving import digest, move
from archive.web import create_app
from tests import postgresql
from tests.store.scene import BODY, OTHER_BODY, OTHER_TITLE, Scene, article_html

ROOT = Path(__file__).parents[2]


@pytest.fixture
def filled(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    for number in range(12):
        made.get(f"/bai-{number}.html", article_html(f"{OTHER_TITLE} lần {number}", OTHER_BODY))
    made.get("/bai-3.html", article_html(f"{OTHER_TITLE} lần 3", BODY))
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'archive.db'}"
        return
    yield postgresql.cluster().archive(tmp_path / "elsewhere")
    postgresql.cluster().drop(postgresql.name_of(tmp_path / "elsewhere"))


def state(store: Store) -> list[moving.TableProof]:
    with store.read() as connection:
        return [digest(connection, table) for table in schema.metadata.sorted_tables]


def test_the_target_is_the_same_archive(filled: Scene, target: str) -> None:
    before = state(filled.store)
    with closing(Store.open(target)) as there:
        report = move(filled.store, there)
        assert state(there) == before == report.tables
        assert (report.articles, report.contents) == (12, 13)
        assert report.while_held == 0
        assert verify(there, filled.settings.warc_dir).clean
        # It goes on there: numbers that were given out are not given out again.
        with there.begin() as connection:
            newest = connection.execute(select(func.max(schema.changes.c.seq))).scalar_one()
            added = connection.execute(
                schema.changes.insert().values(article="a", kind="upsert", at=filled.now)
            )
            assert added.inserted_primary_key[0] == newest + 1  # type: ignore[index]


def test_the_source_is_read_on_and_written_no_more(filled: Scene, target: str) -> None:
    app = create_app(filled.settings)
    app.testing = True
    with closing(Store.open(target)) as there:
        move(filled.store, there)
        assert app.test_client().get("/").status_code == 200
        assert len(filled.store.articles(filled.store.article_ids("", 50))) == 12
        with pytest.raises(StoreError, match=rf"was moved to {re.escape(there.place)} .* Set `database`"):
            filled.get("/bai-99.html", article_html())
        with pytest.raises(StoreError, match="already"):
            move(filled.store, there)
        assert moving.reopen(filled.store) == there.place
        filled.get("/bai-99.html", article_html())


def test_what_is_written_meanwhile_comes_too(filled: Scene, target: str) -> None:
    """A crawl writes between the tables of the first pass: new rows, changed ones, and one that goes."""
    written: list[str] = []

    def crawl(step: str, table: str, _: int) -> None:
        if step == "copy" and table in ("captures", "versions"):
            path = f"/moi-{len(written)}.html"
            filled.get(path, article_html(f"Tin mới số {len(written)}", OTHER_BODY))
            filled.get("/bai-5.html", article_html(f"{OTHER_TITLE} lần 5", [*BODY, path]))
            written.append(path)

    with closing(Store.open(target)) as there:
        report = move(filled.store, there, crawl)
        assert len(written) == 2
        assert report.while_held > 0
        assert state(there) == state(filled.store)
        assert there.totals().articles == 14


def test_killed_at_any_moment_it_goes_on(filled: Scene, target: str) -> None:
    moments = [
        ("copy", "captures"),
        ("held", "extractions"),
        ("proof", "versions"),
    ]
    before = state(filled.store)
    for moment in moments:
        command = [
            sys.executable,
            "-m",
            "tests.store.move_child",
            filled.settings.database_url,
            target,
            *moment,
        ]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
        filled.get("/bai-1.html", article_html(f"{OTHER_TITLE} {moment}", BODY))  # the source is in force
        before = state(filled.store)
    with closing(Store.open(target)) as there:
        move(filled.store, there)
        assert state(there) == before


def test_killed_before_the_mark_went_it_ends(
    filled: Scene, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store.open(target)) as there:
        with monkeypatch.context() as patch:
            patch.setattr(moving, "_end", _die)
            with pytest.raises(KeyboardInterrupt):
                move(filled.store, there)
        assert move(filled.store, there).tables == state(there)


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_target_that_differs_is_no_target(
    filled: Scene, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes to the target behind the move's back: the proof fails, the source stays in force."""
    before = state(filled.store)
    with closing(Store.open(target)) as there:
        real = moving._prove

        def prove(*arguments: object) -> None:
            with there.begin() as connection:
                connection.execute(update(schema.articles).values(state="gone"))
            real(*arguments)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(moving, "_prove", prove)
            with pytest.raises(StoreError, match=r"Table articles has 12 rows .* The source stays in force"):
                move(filled.store, there)
        assert state(filled.store) == before
        filled.get("/bai-99.html", article_html())
        move(filled.store, there)
        assert state(there) == state(filled.store)


def test_another_archive_is_not_written_over(filled: Scene, target: str, tmp_path: Path) -> None:
    other = Scene(Settings(var=tmp_path / "other"))
    other.get("/bai-1.html", article_html())
    with pytest.raises(StoreError, match="holds an archive already"):
        move(filled.store, other.store)
    with pytest.raises(StoreError, match="is the database in use"):
        move(filled.store, filled.store)
    with closing(Store.open(target)) as there:
        with pytest.raises(KeyboardInterrupt):
            move(filled.store, there, _die)
        with pytest.raises(StoreError, match="part of another database"):
            move(other.store, there)
        with pytest.raises(StoreError, match="target of a move that did not end"):
            move(there, other.store)
    other.close()


def test_the_command_prints_proof_and_setting(filled: Scene, target: str) -> None:
    env = filled.settings.to_environment()
    done = CliRunner().invoke(main, ["migrate", "--to", target], env=env)
    assert done.exit_code == 0, done.output
    assert "are equal" in done.stdout
    assert f'database = "{target}"' in done.stdout
    there = CliRunner().invoke(main, ["status", "--json"], env={**env, "ARCHIVE_DATABASE": target})
    assert json.loads(there.stdout)["articles"] == 12
    again = CliRunner().invoke(main, ["migrate", "--reopen"], env=env)
    assert "may be written again" in again.stdout
    assert CliRunner().invoke(main, ["migrate"], env=env).exit_code == 2
