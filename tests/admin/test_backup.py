"""A backup made while the archive works, brought back to a fresh place, is the archive."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.config import Settings
from archive.errors import BusyError, ConfigError, StoreError
from archive.preserve import destroy, takedown, verify
from archive.preserve.backup import MANIFEST, _locked, backup, find_backup, read_manifest
from archive.preserve.restore import restore
from archive.preserve.takedown import Order
from archive.search import indexer
from archive.store import Store, admins
from archive.store.takedowns import Scope
from tests.admin.scene import TELLING, Hiding, client_of, look
from tests.web.library import article


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "other-disk"


def fresh(hiding: Hiding, tmp_path: Path) -> Settings:
    new = tmp_path / "new-machine" / "srv"
    return replace(hiding.settings, var=new / "var", index=new / "index")


def opened(hiding: Hiding, settings: Settings) -> Hiding:
    hiding.store.close()
    hiding.settings = settings
    hiding.store = Store.open(settings.database_url)
    return hiding


def test_a_restored_archive_is_the_archive(hiding: Hiding, place: Path, tmp_path: Path) -> None:
    before = {item.address: item.text for item in look(hiding)}
    totals = hiding.store.totals()
    with hiding.store.begin() as connection:
        admins.put(connection, "lan", "$argon2id$x")
    report = backup(hiding.store, hiding.settings, place)
    assert report.files == len(read_manifest(Path(report.folder)))
    there = restore(fresh(hiding, tmp_path), place)
    assert not there.index
    restored = opened(hiding, fresh(hiding, tmp_path))
    assert restored.store.totals() == totals
    assert verify(restored.store, restored.settings.warc_dir).clean
    indexer.rebuild(restored.store, restored.settings)
    after = {item.address: item.text for item in look(restored)}
    assert {key: text for key, text in after.items() if text != before[key]} == {}
    with restored.store.read() as connection:
        assert [admin.name for admin in admins.listed(connection)] == ["lan"]


def test_it_is_made_while_a_crawl_writes(hiding: Hiding, place: Path, tmp_path: Path) -> None:
    """Whatever moment the copy is of, no row names a record that is not in it. (A record may wait for its
    row: the next crawl takes it up, as after a crash.)"""
    stop, wrote = threading.Event(), 0

    def crawl() -> None:
        nonlocal wrote
        while not stop.is_set():
            wrote += 1
            hiding.add(
                f"/tin/them-{wrote}.html", article(f"Tin thêm {wrote}", f"Nội dung số {wrote} của tin.")
            )

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        with closing(Store.open(hiding.settings.database_url)) as second:
            reports = [backup(second, hiding.settings, place) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert wrote > 3
    counts = []
    for number, report in enumerate(reports):
        settings = fresh(hiding, tmp_path / str(number))
        restore(settings, Path(report.folder))
        with closing(Store.open(settings.database_url)) as store:
            counts.append(store.totals().captures)
            checked = verify(store, settings.warc_dir)
            assert [str(item) for item in checked.findings] == []
            assert indexer.rebuild(store, settings).articles == store.article_count()
    assert counts == sorted(counts)


def test_takedowns_act_after_a_restore(hiding: Hiding, place: Path, tmp_path: Path) -> None:
    takedown.withhold(hiding.store, hiding.settings, Order(Scope.ARTICLE, hiding.secret, "Lý do.", "x"))
    backup(hiding.store, hiding.settings, place, index=True)
    report = restore(fresh(hiding, tmp_path), place)
    assert (report.takedowns, report.index) == (1, True)
    restored = opened(hiding, fresh(hiding, tmp_path))
    shown = [f"{item.address}: {word}" for item in look(restored) for word in TELLING if word in item.text]
    assert shown == []
    assert client_of(restored).get(f"/a/{hiding.secret}").status_code == 410


def test_a_surviving_journal_knows_what_was_ordered_after_the_backup(
    hiding: Hiding, place: Path, tmp_path: Path
) -> None:
    """The disk with database and captures is lost; the journal, kept elsewhere, is not."""
    takedown.withhold(hiding.store, hiding.settings, Order(Scope.VERSION, f"{hiding.edited}/1", "L.", "x"))
    backup(hiding.store, hiding.settings, place)
    item = takedown.withhold(
        hiding.store, hiding.settings, Order(Scope.ARTICLE, hiding.secret, "Lý do.", "x")
    ).takedown
    destroy.destroy(hiding.store, hiding.settings, item.id, by="x")
    surviving = tmp_path / "takedowns.jsonl"
    surviving.write_bytes((hiding.settings.journal_dir / "takedowns.jsonl").read_bytes())
    report = restore(fresh(hiding, tmp_path), place, newer_journal=surviving)
    assert report.takedowns == 2
    restored = opened(hiding, fresh(hiding, tmp_path))
    assert client_of(restored).get(f"/a/{hiding.secret}").status_code == 410
    checked = verify(restored.store, restored.settings.warc_dir)
    assert checked.clean
    assert len(checked.destroyed) == 3


def test_what_has_not_changed_is_linked(hiding: Hiding, place: Path) -> None:
    first = backup(hiding.store, hiding.settings, place)
    hiding.add("/tin/moi.html", article("Tin mới", "Một bài mới nữa."))
    second = backup(hiding.store, hiding.settings, place)
    assert first.linked == 0
    assert second.linked >= len(list(hiding.settings.warc_dir.glob("*.warc.gz"))) - 1
    for one in (first, second):
        for item in read_manifest(Path(one.folder)):
            assert (Path(one.folder) / item.path).stat().st_size == item.size


def test_a_destroyed_record_is_not_linked_from_before(hiding: Hiding, place: Path) -> None:
    backup(hiding.store, hiding.settings, place)
    item = takedown.withhold(hiding.store, hiding.settings, Order(Scope.ARTICLE, hiding.secret, "L.", "x"))
    destroy.destroy(hiding.store, hiding.settings, item.takedown.id, by="x")
    report = backup(hiding.store, hiding.settings, place, keep=1)
    assert len(report.removed) == 1
    assert [path.name for path in place.iterdir() if path.is_dir()] == [Path(report.folder).name]


# -------------------------------------------------------------------------------------------- refusals


def test_a_damaged_backup_is_refused_whole(hiding: Hiding, place: Path, tmp_path: Path) -> None:
    made = Path(backup(hiding.store, hiding.settings, place).folder)
    target = next((made / "warc").iterdir())
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.unlink()
    target.write_bytes(data)
    settings = fresh(hiding, tmp_path)
    with pytest.raises(StoreError, match="not as it was"):
        restore(settings, place)
    assert not settings.var.exists()
    target.unlink()
    with pytest.raises(StoreError, match="is missing"):
        restore(settings, place)
    assert not settings.var.exists()


def test_an_archive_is_never_restored_over(hiding: Hiding, place: Path) -> None:
    backup(hiding.store, hiding.settings, place)
    with pytest.raises(ConfigError, match="holds something already"):
        restore(hiding.settings, place)


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "warc/../../evil", "a\\..\\b"])
def test_a_manifest_that_leads_out_is_refused(hiding: Hiding, place: Path, tmp_path: Path, path: str) -> None:
    made = Path(backup(hiding.store, hiding.settings, place).folder)
    told = json.loads((made / MANIFEST).read_text())
    told["files"].append({"path": path, "size": 1, "sha256": "0" * 64, "mtime_ns": 0})
    (made / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(StoreError, match="leads out"):
        restore(fresh(hiding, tmp_path), place)
    assert not (tmp_path / "evil").exists()


def test_a_half_made_backup_is_none_and_is_swept_away(hiding: Hiding, place: Path, tmp_path: Path) -> None:
    (place / "20260101T000000Z.partial").mkdir(parents=True)
    with pytest.raises(ConfigError, match="is no backup"):
        restore(fresh(hiding, tmp_path), place)
    report = backup(hiding.store, hiding.settings, place)
    assert find_backup(place) == Path(report.folder)
    assert not list(place.glob("*.partial"))


@pytest.mark.sqlite
def test_a_damaged_database_is_not_backed_up(hiding: Hiding, place: Path) -> None:
    backup(hiding.store, hiding.settings, place)
    hiding.store.checkpoint()
    hiding.store.close()
    path = hiding.settings.var / "archive.db"
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute(
            "UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'ix_changes_article' OR name = 'alarms'"
        )
    with closing(Store.open(hiding.settings.database_url, migrate=False)) as store, pytest.raises(StoreError):
        backup(store, hiding.settings, place)
    hiding.store = Store.open(f"sqlite:///{find_backup(place) / 'archive.db'}")
    assert len([path for path in place.iterdir() if path.is_dir() and path.suffix != ".partial"]) == 1


def test_two_backups_to_one_place_take_turns(hiding: Hiding, place: Path) -> None:
    with _locked(place), pytest.raises(BusyError, match="Another backup"):
        backup(hiding.store, hiding.settings, place)


def test_the_commands_say_what_they_did(hiding: Hiding, place: Path, tmp_path: Path) -> None:
    here = ["--var", str(hiding.settings.var), "--index", str(hiding.settings.index)]
    made = CliRunner().invoke(main, [*here, "backup", str(place), "--json"])
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert told["files"] == len(read_manifest(Path(told["folder"])))
    new = fresh(hiding, tmp_path)
    there = ["--var", str(new.var), "--index", str(new.index)]
    back = CliRunner().invoke(main, [*there, "restore", str(place)])
    assert back.exit_code == 0, back.output
    assert "0 takedowns in force" in back.stdout
    assert "archive index rebuild" in back.stderr
    checked = CliRunner().invoke(main, [*there, "verify"])
    assert checked.exit_code == 0, checked.output
    again = CliRunner().invoke(main, [*there, "restore", str(place)])
    assert again.exit_code == 2
