"""Bytes destroyed by order: nothing is left of them, everything else is as it was, and the record remains."""

from __future__ import annotations

import datetime as dt
import gzip
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.config import Settings
from archive.errors import StoreError, WarcError
from archive.preserve import destroy, replay, takedown, verify
from archive.preserve.takedown import Order
from archive.search import indexer
from archive.store import Store
from archive.store.jobs import JobKind, JobState
from archive.store.journal import Journal, line_of
from archive.store.takedowns import Bytes, Scope, Takedown
from archive.warc import CaptureFile, ScannedRecord, patching, scan, tombstone
from archive.warc.scan import parse_member
from crawler import load_sites
from crawler.schedule.scheduler import Scheduler
from tests.admin.scene import FILE, TELLING, Hiding, client_of, look
from tests.postgresql import lose_database
from tests.web.library import article

RAW = ("Vọoc".encode(), b"V\xe1\xbb\x8doc", FILE)


def destroyed(hiding: Hiding, scope: Scope = Scope.ARTICLE, target: str = "") -> str:
    order = Order(scope, target or hiding.secret, "Theo bản án.", "tòa án")
    item = takedown.withhold(hiding.store, hiding.settings, order).takedown
    destroy.destroy(hiding.store, hiding.settings, item.id, by="tòa án")
    return item.id


def found_of(hiding: Hiding) -> list[str]:
    """What any page, search or file of the site tells of it."""
    return [f"{item.address}: {word}" for item in look(hiding) for word in TELLING if word in item.text]


def schedule_once(hiding: Hiding, folder: Path) -> None:
    """A scheduler begins, does what is to be done, and ends."""
    sites = folder / "none.toml"
    sites.write_text('[[site]]\nid = "xa"\nname = "Xa"\nstart = "http://xa.invalid/"\n', "utf-8")
    hiding.store.put_site(load_sites(sites)[0])
    hiding.store.pause_site("xa", "Không có thật.")
    Scheduler(hiding.settings, sites, hiding.store, stop=Event()).run(once=True)


def everywhere(root: Path) -> list[str]:
    """Files below a folder in which any byte of the secret can still be read, compressed or not."""
    found = []
    for path in root.rglob("*"):
        if not path.is_file() or path.suffix == ".jsonl":
            continue
        data = path.read_bytes()
        if path.name.endswith(".warc.gz"):
            data = gzip.decompress(data)
        found += [f"{path.name}: {raw!r}" for raw in RAW if raw in data]
    return found


def test_no_byte_of_it_is_left_anywhere(hiding: Hiding) -> None:
    assert len({item.split(":")[0] for item in everywhere(hiding.settings.var.parent)}) >= 3
    destroyed(hiding)
    hiding.store.close()
    assert everywhere(hiding.settings.var.parent) == []


def test_every_other_record_is_where_it_was_and_sound(hiding: Hiding) -> None:
    def records() -> dict[tuple[str, int], ScannedRecord]:
        return {
            (path.name, item.offset): item
            for path in sorted(hiding.settings.warc_dir.glob("*.warc.gz"))
            for item in scan(path)
            if isinstance(item, ScannedRecord)
        }

    before = records()
    sizes = {path.name: path.stat().st_size for path in hiding.settings.warc_dir.glob("*.warc.gz")}
    identity = destroyed(hiding)
    after = records()
    assert set(after) == set(before)
    changed = [key for key in before if before[key].sha256 != after[key].sha256]
    assert len(changed) == 3  # the page, its picture, its file
    for key in changed:
        told = tombstone.read(after[key].record)
        assert told is not None
        assert told.takedown == identity
        assert after[key].problems == ()
        assert after[key].record.get("WARC-Record-ID") == before[key].record.get("WARC-Record-ID")
    assert sizes == {path.name: path.stat().st_size for path in hiding.settings.warc_dir.glob("*.warc.gz")}
    for name in sizes:
        with (hiding.settings.warc_dir / name).open("rb") as file:
            assert sum(1 for _ in ArchiveIterator(file)) == sum(key[0] == name for key in after)
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *hiding.settings.warc_dir.glob("*.warc.gz")],
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_verification_calls_it_destroyed_and_not_damaged(hiding: Hiding) -> None:
    identity = destroyed(hiding)
    report = verify(hiding.store, hiding.settings.warc_dir)
    assert [str(item) for item in report.findings] == []
    assert len(report.destroyed) == 3
    assert all(identity in line for line in report.destroyed)


def test_it_cannot_be_lifted_and_stays_withheld(hiding: Hiding) -> None:
    identity = destroyed(hiding)
    with pytest.raises(StoreError, match="nothing to show again"):
        takedown.lift(hiding.store, hiding.settings, identity, by="x", why="y")
    assert client_of(hiding).get(f"/a/{hiding.secret}").status_code == 410
    assert hiding.store.takedowns()[0].bytes is Bytes.DESTROYED


@pytest.mark.parametrize("bytes_too", [False, True], ids=["sealed", "destroyed"])
def test_it_is_withheld_after_a_replay_too(hiding: Hiding, bytes_too: bool) -> None:
    """A fresh database made of the capture files and the journal alone."""
    view = hiding.store.article(hiding.secret)
    assert view is not None
    before = hiding.store.totals()
    if bytes_too:
        destroyed(hiding)
    else:
        order = Order(Scope.ARTICLE, hiding.secret, "Theo bản án.", "x")
        takedown.withhold(hiding.store, hiding.settings, order)
    hiding.store.close()
    lose_database(hiding.settings)
    _forget_extraction(hiding)
    report = replay(hiding.settings)
    assert report.skipped == []
    hiding.store = Store.open(hiding.settings.database_url)
    assert hiding.store.has_article(hiding.secret) is bytes_too
    assert hiding.store.withheld_article(hiding.secret) is not None
    assert hiding.store.withheld_address(view.article.url) is not None or not bytes_too
    indexer.rebuild(hiding.store, hiding.settings)
    shown = [f"{item.address}: {word}" for item in look(hiding) for word in TELLING if word in item.text]
    assert shown == []
    assert hiding.store.totals().captures == before.captures
    assert verify(hiding.store, hiding.settings.warc_dir).clean


def _forget_extraction(hiding: Hiding) -> None:
    """The pages of this scene are no HTML: a replay reads none of them but what tombstones tell."""


def test_what_the_portal_still_shows_does_not_come_back(hiding: Hiding) -> None:
    view = hiding.store.article(hiding.secret)
    assert view is not None
    destroyed(hiding)
    assert hiding.add("/tin/ket-luan.html", view.extraction) == hiding.secret
    assert hiding.add("/tin/ban-in.html", view.extraction) == hiding.secret
    other = article("Tin khác hẳn", "Ở địa chỉ cũ nay có bài khác.")
    assert hiding.add("/tin/ket-luan.html", other) == hiding.secret
    hiding.index()
    assert [word for item in look(hiding) for word in TELLING if word in item.text] == []


def test_a_destroyed_version_leaves_the_others(hiding: Hiding) -> None:
    destroyed(hiding, Scope.VERSION, f"{hiding.edited}/2")
    page = client_of(hiding).get(f"/a/{hiding.edited}", follow_redirects=True)
    assert "bảy mươi mốt" in page.text
    same = article("Bài được sửa", "Bản sau nói về con số tám mươi hai.")
    assert hiding.add("/tin/sua.html", same) == hiding.edited
    assert client_of(hiding).get(f"/a/{hiding.edited}/v/3").status_code == 404
    third = article("Bài được sửa", "Bản ba nói về con số chín mươi ba.")
    assert hiding.add("/tin/sua.html", third) == hiding.edited
    assert "chín mươi ba" in client_of(hiding).get(f"/a/{hiding.edited}/v/3").text
    assert verify(hiding.store, hiding.settings.warc_dir).clean


def test_a_name_cannot_be_destroyed(hiding: Hiding) -> None:
    order = Order(Scope.NAME, "Lường Thị Xuân Quýnh", "Riêng tư.", "x")
    item = takedown.withhold(hiding.store, hiding.settings, order).takedown
    with pytest.raises(StoreError, match="cannot be cut out"):
        destroy.destroy(hiding.store, hiding.settings, item.id, by="x")


def test_files_from_an_older_backup_are_destroyed_again(hiding: Hiding, tmp_path: Path) -> None:
    kept = {path.name: path.read_bytes() for path in hiding.settings.warc_dir.glob("*.warc.gz")}
    destroyed(hiding)
    for name, data in kept.items():
        (hiding.settings.warc_dir / name).write_bytes(data)
    assert destroy.enforce(hiding.store, hiding.settings) == 3
    assert destroy.enforce(hiding.store, hiding.settings) == 0
    assert verify(hiding.store, hiding.settings.warc_dir).clean


def test_destroying_goes_on_after_a_crash(hiding: Hiding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the journal's line and the first record."""
    real = patching.patch

    def dying(file: CaptureFile, changes: Mapping[int, bytes]) -> int:
        real(file, dict(list(changes.items())[:1]))
        raise WarcError("The disk went away.")

    monkeypatch.setattr(patching, "patch", dying)
    with pytest.raises(WarcError):
        destroyed(hiding)
    monkeypatch.setattr(patching, "patch", real)
    assert [line["act"] for line in Journal(hiding.settings.journal_dir).lines()] == ["withhold", "destroy"]
    assert destroy.enforce(hiding.store, hiding.settings) == 2
    assert verify(hiding.store, hiding.settings.warc_dir).clean


def test_who_comes_between_the_order_and_the_deed_orders_nothing_twice(
    hiding: Hiding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at once: the second finds the order of the first in the journal, nothing done, and does it too."""
    item = takedown.withhold(
        hiding.store, hiding.settings, Order(Scope.ARTICLE, hiding.secret, "Theo bản án.", "tòa án")
    ).takedown
    first = destroy.finish

    def second_comes(store: Store, settings: Settings) -> int:
        monkeypatch.setattr(destroy, "finish", first)
        destroy.destroy(store, settings, item.id, by="lan")
        return first(store, settings)

    monkeypatch.setattr(destroy, "finish", second_comes)
    destroy.destroy(hiding.store, hiding.settings, item.id, by="tòa án")
    orders = [line for line in Journal(hiding.settings.journal_dir).lines() if line["act"] == "destroy"]
    assert [line["by"] for line in orders] == ["tòa án"]
    assert everywhere(hiding.settings.var.parent) == []


@pytest.mark.parametrize("there", ["enforce", "rebuild"])
def test_a_scheduler_does_to_the_end_what_a_killed_destruction_left(
    hiding: Hiding, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: str
) -> None:
    """Killed after the order, or before the index was built anew: at no time is it found, and in the end no
    file of the index has a word of it."""

    def dying(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(destroy if there == "enforce" else indexer, there, dying)
        with pytest.raises(KeyboardInterrupt):
            destroyed(hiding)
    assert everywhere(hiding.settings.index)
    for _ in range(2):
        assert found_of(hiding) == []
        schedule_once(hiding, tmp_path)
    assert everywhere(hiding.settings.var.parent) == []
    assert found_of(hiding) == []
    done = [(job.kind, job.state) for job in hiding.store.jobs()]
    assert done == [(JobKind.INDEX_REBUILD, JobState.DONE)], "once"
    assert not destroy.owes_rebuild(hiding.settings)


def test_a_takedown_that_only_the_journal_has_is_in_force_when_a_scheduler_begins(
    hiding: Hiding, tmp_path: Path
) -> None:
    """Killed before the database had it: the index still does, and shows it to nobody."""
    now = dt.datetime.now(dt.UTC)
    item = Takedown("k1", Scope.ARTICLE, hiding.secret, "Theo đơn.", "", 410, "", Bytes.SEALED, "lan", now)
    Journal(hiding.settings.journal_dir).append(line_of(item))
    schedule_once(hiding, tmp_path)
    assert indexer.status(hiding.settings, hiding.store).behind
    assert found_of(hiding) == []


# ---------------------------------------------------------------------------------------- tombstones


@given(length=st.integers(420, 400_000))
@settings(max_examples=60, deadline=None)
def test_a_tombstone_has_any_length_that_is_wanted(length: int) -> None:
    made = tombstone.make(
        "<urn:uuid:12345678-1234-1234-1234-123456789012>",
        "2022-09-28T08:00:00.000000Z",
        "http://dam-ha.example/bai-1.html",
        [("article", "k3j9x2m1q8ab"), ("version", "1"), ("content", "a" * 64), ("payload", "b" * 64)],
        "4f1c9a20be",
        length,
    )
    assert len(made) == length
    record = parse_member(made)
    assert record.problems() == ()
    told = tombstone.read(record)
    assert told is not None
    assert told.takedown == "4f1c9a20be"
    assert gzip.decompress(made).startswith(b"WARC/1.1\r\nWARC-Type: metadata")


def test_where_there_is_no_room_the_least_important_facts_are_left_out() -> None:
    facts = [("article", "k3j9x2m1q8ab"), ("noise", "".join(map(chr, range(33, 120))) * 3)]
    args = ("<urn:uuid:12345678-1234-1234-1234-123456789012>", "2022-09-28T08:00:00Z", "http://a.example/")
    told = tombstone.read(parse_member(tombstone.make(*args, facts, "4f1c9a20be", 330)))
    assert told is not None
    assert told.facts == {"article": "k3j9x2m1q8ab"}
    with pytest.raises(WarcError, match="no room"):
        tombstone.make(*args, facts, "4f1c9a20be", 100)


def test_the_scene_keeps_its_settings(hiding: Hiding) -> None:
    assert replace(hiding.settings).journal_dir == hiding.settings.var / "journal"
