"""An archive whose finished captures are in a bucket is the same archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.config import Settings
from archive.errors import StorageError
from archive.model import Capture
from archive.preserve import putaway, replay, verify
from archive.preserve.backup import backup, read_manifest
from archive.preserve.exporting import Selection, export_wacz
from archive.preserve.putaway import Notes, put_away, put_away_after_work, put_away_all
from archive.preserve.restore import restore
from archive.store import Store, audit
from archive.warc import capture_files, read_payload
from archive.web import create_app
from tests.store.scene import BASE, OTHER_BODY, OTHER_TITLE, SITE, Scene, article_html
from tests.warc.bucket_server import BUCKET, client, free_port


@pytest.fixture
def filled(in_bucket: Settings) -> Iterator[Scene]:
    """Two files of captures; the second has a revisit of what is in the first."""
    made = Scene(in_bucket)
    first = made.get("/bai-1.html", article_html())
    made.get("/bai-2.html", article_html(OTHER_TITLE, OTHER_BODY))
    made.next_crawl()
    made.get("/bai-3.html", article_html(), revisit=first.capture)
    made.writer.close()
    yield made
    made.close()


def all_captures(scene: Scene) -> list[Capture]:
    with scene.store.read() as connection:
        files = audit.files_named(connection)
        return [row for name in sorted(files) for row in audit.captures_in(connection, name).values()]


def names(scene: Scene) -> list[str]:
    return sorted(capture_files(scene.settings).sizes())


def test_everything_works_from_there(filled: Scene, tmp_path: Path) -> None:
    settings, files = filled.settings, capture_files(filled.settings)
    before = names(filled)
    captures = all_captures(filled)
    payloads = [read_payload(files, item, filled.store.capture) for item in captures]
    local = tmp_path / "local.wacz"
    export_wacz(filled.store, files, Selection(), local, operator="", title="Kho")

    report = put_away(settings, filled.store, SITE.id)
    assert (report.sent, report.unfinished) == (2, [])
    assert list(settings.warc_dir.iterdir()) == []
    assert names(filled) == before

    assert [read_payload(files, item, filled.store.capture) for item in captures] == payloads
    checked = verify(filled.store, files)
    assert (checked.clean, checked.pending, checked.files) == (True, [], 2)
    app = create_app(settings)
    app.testing = True
    page = app.test_client().get(f"/web/2022/{BASE}/bai-3.html", follow_redirects=True)
    assert "nông thôn" in page.text

    there = tmp_path / "there.wacz"
    export_wacz(filled.store, files, Selection(), there, operator="", title="Kho")
    with zipfile.ZipFile(local) as one, zipfile.ZipFile(there) as two:
        packed = [name for name in one.namelist() if name.startswith("archive/")]
        assert packed
        assert all(one.read(name) == two.read(name) for name in packed)

    made = backup(filled.store, settings, tmp_path / "backup")
    assert {f"warc/{name}" for name in before} <= {item.path for item in read_manifest(Path(made.folder))}
    assert backup(filled.store, settings, tmp_path / "backup").linked >= 2
    restored = replace(settings, var=tmp_path / "new", index=tmp_path / "new-index", captures="")
    restore(restored, tmp_path / "backup")
    store = Store.open(restored.database_url)
    assert verify(store, restored.warc_dir).clean
    store.close()

    empty = replace(settings, var=tmp_path / "anew")
    assert replay(empty).captures == len(captures)
    store = Store.open(empty.database_url)
    assert [store.capture(item.id) for item in captures] == captures
    store.close()


def test_the_next_crawl_goes_on_from_what_is_there(filled: Scene) -> None:
    put_away(filled.settings, filled.store, SITE.id)
    filled.next_crawl()
    filled.get("/bai-4.html", article_html())
    filled.writer.close()
    assert [name.rpartition("-")[2] for name in names(filled)] == [
        "00000.warc.gz", "00001.warc.gz", "00002.warc.gz"
    ]  # fmt: skip


def test_what_the_database_does_not_know_stays_here(filled: Scene) -> None:
    """A crash between record and row: the next crawl adopts it, then it may go."""
    filled.next_crawl()
    filled.writer.write(filled.exchange("/bai-9.html", article_html()), digest="sha256:0")
    filled.writer.close()
    report = put_away(filled.settings, filled.store, SITE.id)
    assert (report.sent, len(report.unfinished)) == (2, 1)
    assert [path.name for path in filled.settings.warc_dir.iterdir()] == report.unfinished


@pytest.mark.parametrize("moment", ["sent", "noted"])
def test_a_crash_on_the_way_loses_and_doubles_nothing(
    filled: Scene, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before = {path.name: path.read_bytes() for path in filled.settings.warc_dir.iterdir()}
    with monkeypatch.context() as patch:
        if moment == "sent":
            patch.setattr(Notes, "add", _die)
        else:
            patch.setattr(putaway, "fsync_folder", _die)
            patch.setattr(Path, "unlink", _die)
        with pytest.raises(KeyboardInterrupt):
            put_away(filled.settings, filled.store, SITE.id)
    assert {path.name for path in filled.settings.warc_dir.iterdir()} == set(before)
    assert verify(filled.store, capture_files(filled.settings)).clean
    assert put_away_all(filled.settings, filled.store).sent == 2
    remote = capture_files(filled.settings).remote
    assert remote is not None
    for name, data in before.items():
        with remote.open(name) as file:
            assert file.read() == data
    assert remote.sizes() == {name: len(data) for name, data in before.items()}


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_bucket_that_does_not_serve_fails_no_crawl_and_is_no_damage(filled: Scene, tmp_path: Path) -> None:
    down = replace(filled.settings, captures_endpoint=f"http://127.0.0.1:{free_port()}")
    assert "does not answer" in put_away_after_work(down, filled.store, [SITE.id])
    assert len(list(down.warc_dir.iterdir())) == 2
    with pytest.raises(StorageError, match="does not answer"):
        verify(filled.store, capture_files(down))
    put_away(filled.settings, filled.store, SITE.id)
    with pytest.raises(StorageError, match="does not answer"):
        export_wacz(
            filled.store, capture_files(down), Selection(), tmp_path / "x.wacz", operator="", title="Kho"
        )
    assert not (tmp_path / "x.wacz").exists()
    app = create_app(down)
    app.testing = True
    page = app.test_client().get(f"/web/2022/{BASE}/bai-3.html", follow_redirects=True)
    assert (page.status_code, "không mất gì" in page.text) == (503, True)


def test_captures_move_to_a_bucket_and_back(filled: Scene, tmp_path: Path) -> None:
    """Under the setting of before; a file that is being written stays, and goes when it is finished."""
    before = {path.name: path.read_bytes() for path in filled.settings.warc_dir.iterdir()}
    on_disk = replace(filled.settings, captures="", captures_endpoint="")
    there = ["--to", filled.settings.captures, "--endpoint", filled.settings.captures_endpoint]
    sent = CliRunner().invoke(main, ["migrate", *there], env=on_disk.to_environment())
    assert "2 files" in sent.stdout, sent.output
    assert f'captures = "{filled.settings.captures}"' in sent.stdout
    assert {path.name for path in on_disk.warc_dir.iterdir()} == set(before)

    remote = capture_files(filled.settings).remote
    assert remote is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote, "put", _die)  # known by its note: not sent and not read a second time
        assert put_away_all(filled.settings, filled.store).sent == 2
    assert list(on_disk.warc_dir.iterdir()) == []

    (on_disk.warc_dir / f".{min(before)}.part").write_bytes(b"of a copy that was killed")
    back = CliRunner().invoke(main, ["migrate", "--to", "disk"], env=filled.settings.to_environment())
    assert 'captures = ""' in back.stdout, back.output
    assert {path.name: path.read_bytes() for path in on_disk.warc_dir.iterdir()} == before
    assert verify(filled.store, on_disk.warc_dir).clean


def test_a_file_that_was_changed_in_the_bucket_does_not_come_back(filled: Scene) -> None:
    put_away(filled.settings, filled.store, SITE.id)
    name = names(filled)[0]
    place = filled.settings.captures.rpartition("/")[2]
    size = capture_files(filled.settings).file(name).size() or 0
    client(filled.settings.captures_endpoint).put_object(
        Bucket=BUCKET, Key=f"{place}/{name}", Body=b"x" * size
    )
    back = CliRunner().invoke(main, ["migrate", "--to", "disk"], env=filled.settings.to_environment())
    assert "has not the SHA-256" in back.stderr
    assert back.exit_code == 1
    assert list(filled.settings.warc_dir.iterdir()) == []
    (filled.settings.warc_dir / name).write_bytes(b"y" * size)
    again = CliRunner().invoke(main, ["migrate", "--to", "disk"], env=filled.settings.to_environment())
    assert "has not the SHA-256 of the file of that name here" in again.stderr


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_what_is_damaged_in_the_bucket_is_mended_there(
    in_bucket: Settings, tmp_path: Path, damage: str
) -> None:
    """From a backup, followed by what was written after it; the damaged object is kept here."""
    scene = Scene(in_bucket)
    scene.get("/bai-1.html", article_html())
    backup(scene.store, in_bucket, tmp_path / "backup")
    if damage == "changed":
        scene.get("/bai-2.html", article_html(OTHER_TITLE, OTHER_BODY))
    scene.writer.close()
    (path,) = in_bucket.warc_dir.iterdir()
    name, whole = path.name, path.read_bytes()
    put_away(in_bucket, scene.store, SITE.id)
    files = capture_files(in_bucket)
    server, key = client(in_bucket.captures_endpoint), f"{in_bucket.captures.rpartition('/')[2]}/{name}"
    damaged = whole[:300] + bytes([whole[300] ^ 1]) + whole[301:]
    if damage == "changed":
        server.put_object(Bucket=BUCKET, Key=key, Body=damaged)
    else:
        server.delete_object(Bucket=BUCKET, Key=key)
    assert not verify(scene.store, files).clean

    mended = CliRunner().invoke(main, ["mend", str(tmp_path / "backup")], env=in_bucket.to_environment())
    assert mended.exit_code == 0, mended.output
    assert verify(scene.store, files).clean
    assert files.file(name).read(0, len(whole) + 1) == whole
    kept = in_bucket.warc_dir / "damaged" / name
    if damage == "changed":
        assert kept.read_bytes() == damaged
        assert files.local() == {}, "what was sent to the bucket does not stay here"
    assert put_away(in_bucket, scene.store, SITE.id).unfinished == []
    assert files.remote is not None
    assert files.remote.sizes() == {name: len(whole)}
    scene.close()


def test_the_commands_tell_where_the_files_are(filled: Scene) -> None:
    env = filled.settings.to_environment()
    sent = CliRunner().invoke(main, ["captures", "send"], env=env)
    assert "2 files" in sent.stdout, sent.output
    listed = CliRunner().invoke(main, ["captures", "list", "--json"], env=env)
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [(row["file"], row["places"]) for row in rows] == [(name, ["there"]) for name in names(filled)]
    status = json.loads(CliRunner().invoke(main, ["status", "--json"], env=env).stdout)
    assert (status["bucket"]["files"], status["warc_files"]) == (2, 0)
