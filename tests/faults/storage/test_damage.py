"""Files damaged on purpose: told, with the command that mends it; and the command does (faults 33 to 35)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.search.whoosh.generations import read_pointer, write_pointer
from archive.store import Store
from archive.web import create_app
from tests.crawler.crawling import contents
from tests.faults.storage.deeds import ARTICLES
from tests.faults.storage.scenes import Base, Place, captures_of, sound


@pytest.fixture
def place(base: Base, tmp_path: Path) -> Place:
    root = tmp_path / "x"
    shutil.copytree(base.root, root)
    return Place(root, base)


def warc(place: Place) -> Path:
    (path,) = place.settings.warc_dir.glob("*.warc.gz")
    return path


def flip(path: Path, at: int, count: int = 1) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        data = file.read(count)
        file.seek(at)
        file.write(bytes(byte ^ 0xFF for byte in data))


def whole_again(place: Place) -> None:
    sound(place)
    assert captures_of(place.settings) >= place.base.captures
    with closing(Store.open(place.settings.database_url)) as store:
        assert len(store.article_ids()) == ARTICLES - 1
        assert len(store.takedowns(active=True)) == 1


# ------------------------------------------------------------------------------------------ the database


def _flipped(path: Path) -> None:
    flip(path, 4096, path.stat().st_size - 4096)


def _truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _no_database(path: Path) -> None:
    path.write_bytes(b"Xin chao. " * 1000)


@pytest.mark.parametrize("damage", [_flipped, _truncated, _no_database])
def test_a_damaged_database_is_made_anew(place: Place, damage: Callable[[Path], None]) -> None:
    run, database = place.base.machine.run, place.settings.var / "archive.db"
    damage(database)
    for words in (["verify"], ["status"], ["backup"]):
        ended = run(place.settings, *words)
        assert ended.code == 1, ended
        assert "archive replay" in ended.out + ended.err, ended
        assert "move" in (ended.out + ended.err).lower()
    assert len([path for path in (place.root / "backup").iterdir() if path.is_dir()]) == 1
    for path in database.parent.glob("archive.db*"):
        path.rename(place.root / path.name)
    place.base.machine.done(place.settings, "replay")
    place.base.machine.done(place.settings, "index", "rebuild")
    whole_again(place)


def test_wrong_rows_are_found_and_made_anew(place: Place) -> None:
    database = place.settings.var / "archive.db"
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("UPDATE extractions SET data = replace(data, 'thi đua', 'thi hành')")
        raw.execute("DELETE FROM captures WHERE mime = 'image/jpeg'")
        raw.commit()
    ended = place.base.machine.run(place.settings, "verify")
    assert ended.code == 1
    assert "has not the hash stored with it" in ended.out
    assert "archive replay" in ended.out
    for path in database.parent.glob("archive.db*"):
        path.unlink()
    place.base.machine.done(place.settings, "replay")
    place.base.machine.done(place.settings, "index", "rebuild")
    whole_again(place)


def test_a_locked_database_is_waited_for_and_told(place: Place) -> None:
    with closing(sqlite3.connect(place.settings.var / "archive.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        ended = place.base.machine.run(
            place.settings, "takedown", "lift", place.base.takedown, "--why", "Rút đơn.",
            constants={"archive.store.dialect.BUSY_SECONDS": 1},
        )  # fmt: skip
        assert ended.code == 1
        assert "locked by another process" in ended.err
        assert "Wait for that process, or end it" in ended.err
    place.base.machine.done(place.settings, "status")
    sound(place)


def test_a_newer_schema_is_refused_and_left_alone(place: Place) -> None:
    database = place.settings.var / "archive.db"
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
        before = list(raw.iterdump())
    for words in (["crawl", "--sites", place.base.sites], ["status"], ["verify"], ["index", "update"]):
        ended = place.base.machine.run(place.settings, *words)
        assert ended.code == 1
        assert "newer than this program" in ended.err
        assert "Update the program" in ended.err
    with closing(sqlite3.connect(database)) as raw:
        assert list(raw.iterdump()) == before


# ------------------------------------------------------------------------------------- the capture files


def _byte(place: Place) -> None:
    with closing(sqlite3.connect(place.settings.var / "archive.db")) as raw:
        row = raw.execute(
            "SELECT warc_offset, warc_length FROM captures WHERE mime = 'image/jpeg'"
        ).fetchone()
    flip(warc(place), row[0] + row[1] // 2)


def _cut_off(place: Place) -> None:
    with warc(place).open("r+b") as file:
        file.truncate(warc(place).stat().st_size // 2)


def _deleted(place: Place) -> None:
    warc(place).unlink()


@pytest.mark.parametrize("damage", [_byte, _cut_off, _deleted])
def test_a_damaged_capture_file_comes_back_from_a_backup(
    place: Place, damage: Callable[[Place], None]
) -> None:
    run = place.base.machine.run
    damage(place)
    found = run(place.settings, "verify")
    assert found.code == 1
    assert "Depends on it:" in found.out
    assert "archive mend BACKUP" in found.out
    as_json = json.loads(run(place.settings, "verify", "--json").out)
    assert all("archive mend" in item["mend"] for item in as_json["findings"])
    mended = run(place.settings, "mend", place.root / "backup")
    assert mended.code == 0, mended
    assert "brought back" in mended.out
    whole_again(place)


def test_what_was_captured_after_the_backup_stays(place: Place) -> None:
    """The backup's file, then what was written since; what was destroyed stays destroyed."""
    done = place.base.machine.done
    done(place.settings, "takedown", "destroy", place.base.takedown, "--yes")
    path = warc(place)
    begun = path.read_bytes()
    _byte(place)
    assert place.base.machine.run(place.settings, "mend", place.root / "backup").code == 0
    assert path.read_bytes() == begun
    sound(place)


def test_a_backup_without_the_record_says_so(place: Place, tmp_path: Path) -> None:
    done, run = place.base.machine.done, place.base.machine.run
    done(place.settings, "crawl", "--sites", place.base.sites, "--recheck")
    newest = max(place.settings.warc_dir.glob("*.warc.gz"), key=lambda path: path.name)
    newest.unlink()
    ended = run(place.settings, "mend", place.root / "backup")
    assert ended.code == 1
    assert f"{newest.name}: captures stay damaged; the backup does not have them" in ended.out


def test_half_a_record_is_set_aside_by_the_next_crawl(place: Place) -> None:
    path = warc(place)
    with path.open("ab") as file:
        file.write(path.read_bytes()[:300])
    found = place.base.machine.run(place.settings, "verify")
    assert found.code == 0
    assert "half-written" in found.out
    assert "next `archive crawl`" in found.out
    place.base.machine.done(place.settings, "crawl", "--sites", place.base.sites)
    assert [item.stat().st_size for item in (path.parent / "damaged").iterdir()] == [300]
    whole_again(place)


# ---------------------------------------------------------------------------------------------- the index


@pytest.mark.parametrize("extension", [".arrays", ".stored", ".toc"])
def test_a_flipped_byte_of_the_index_is_found_and_made_anew(place: Place, extension: str) -> None:
    (path,) = place.settings.index.rglob(f"*{extension}")
    flip(path, path.stat().st_size // 2)
    ended = place.base.machine.run(place.settings, "verify")
    assert ended.code == 1
    told = " ".join((ended.out + ended.err).split())
    assert f"{path.name}: the file has not the bytes that were written" in told
    assert "archive index rebuild" in told
    place.base.machine.done(place.settings, "index", "rebuild")
    sound(place)
    assert create_app(place.settings).test_client().get("/search?q=thi+dua").status_code == 200


def _missing(index: Path) -> None:
    shutil.rmtree(index)


def _pointer(index: Path) -> None:
    (index / "CURRENT").write_text("{")


def _contents(index: Path) -> None:
    (path,) = index.rglob("*.toc")
    path.write_bytes(path.read_bytes()[:50])


def _segment(index: Path) -> None:
    (path,) = index.rglob("*.arrays")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _other_program(index: Path) -> None:
    write_pointer(index, replace(read_pointer(index), fingerprint="older"))


def _other_database(index: Path) -> None:
    """The database was made anew since, and its change log is shorter."""
    with closing(sqlite3.connect(index.parent / "var/archive.db")) as raw:
        raw.execute("DELETE FROM changes WHERE seq > 3")
        raw.commit()


@pytest.mark.parametrize("damage", [_missing, _pointer, _contents, _segment, _other_program, _other_database])
def test_without_a_usable_index_articles_are_read_and_the_command_is_named(
    place: Place, damage: Callable[[Path], None]
) -> None:
    damage(place.settings.index)
    app = create_app(place.settings)
    client = app.test_client()
    assert client.get(f"/a/{place.base.ids[2]}", follow_redirects=True).status_code == 200
    if damage is not _other_database:
        answer = client.get("/search?q=thi+dua")
        assert answer.status_code == 503
        assert "Traceback" not in answer.text
    said = place.base.machine.done(place.settings, "status").out
    command = "update" if damage is _missing else "rebuild"
    assert f"archive index {command}" in said
    place.base.machine.done(place.settings, "index", command)
    sound(place)
    assert create_app(place.settings).test_client().get("/search?q=thi+dua").status_code == 200
    assert contents(place.settings)
