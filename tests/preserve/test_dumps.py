"""A dump holds all that readers may see, whole or not at all, and is closed when something of it must go."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from archive import chronicle
from archive.cli import main
from archive.errors import ConfigError, StoreError
from archive.model import Byline
from archive.preserve import dumps, takedown
from archive.preserve.dumps import files, making
from archive.preserve.exporting import tables
from archive.preserve.replay import replay
from archive.store import Chronicle
from archive.store.takedowns import Scope, Takedown
from archive.web import create_app
from tests.web.library import Library, article, on, real_article

KEPT_BACK = "Nguyễn Văn Kín"
MEETING = (
    "Sáng ngày 5/1/2020, tại xã Quảng Tân, huyện Đầm Hà tổ chức hội nghị bàn việc. "
    "Đồng chí Lê Thị Mơ, Bí thư Huyện ủy dự hội nghị."
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    root = tmp_path_factory.mktemp("dumps")
    library = Library.at(root, dumps=str(root / "dumps"))
    real = real_article(library)
    library.add("/tin/28-9.html", real)
    library.add("/tin/28-9.html", replace(real, lead="Lời dẫn đã sửa."))
    library.add("/2020.html", article("Hội nghị", MEETING, published=on(2020, 1, 6)))
    library.add("/khong-ngay.html", article("Bài không ngày", MEETING))
    library.add(
        "/kin.html",
        article(f"Ông {KEPT_BACK}", f"Đồng chí {KEPT_BACK}, Bí thư Huyện ủy.", published=on(2021, 1, 1)),
    )
    yield library
    library.store.close()


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, of JSON Lines; checked to be those of Parquet."""
    found = []
    for path in sorted((folder / table).rglob("*.jsonl.gz")):
        lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        columns = pq.read_table(path.with_name(path.name.replace(".jsonl.gz", ".parquet"))).to_pylist()
        assert columns == lines
        found += lines
    return found


@contextlib.contextmanager
def withheld(library: Library, scope: Scope, target: str) -> Iterator[Takedown]:
    order = takedown.Order(scope, target, reason="theo đơn", by="thử")
    given = takedown.withhold(library.store, library.settings, order, index=False).takedown
    try:
        yield given
    finally:
        takedown.lift(library.store, library.settings, given.id, by="thử", why="xong", index=False)


def test_it_holds_every_version_with_the_hash_of_its_capture(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_GROUP", 2)
    monkeypatch.setattr(making, "_ARTICLES", 1)
    dump = dumps.make(filled.store, filled.settings, tmp_path / "all")
    found = rows(tmp_path / "all", "articles")
    shown = []
    for article_id in filled.store.article_ids():
        for version in filled.store.versions(article_id):
            view = filled.store.article_version(article_id, version.number)
            assert view is not None
            shown.append(tables.row(view, filled.settings.public_base))
    key = lambda row: (row["id"], row["version"])  # noqa: E731
    assert sorted(found, key=key) == sorted(shown, key=key)
    for row in found:
        record = (filled.settings.warc_dir / row["warc_file"]).read_bytes()
        record = record[row["warc_offset"] : row["warc_offset"] + row["warc_length"]]
        assert hashlib.sha256(record).hexdigest() == row["warc_sha256"]
    assert {part.path for part in dump.parts if part.table == "articles" and part.path.endswith("t")} == {
        f"articles/dam-ha/{year}.parquet" for year in ("2020", "2021", "2022", "undated")
    }
    events, people = rows(tmp_path / "all", "events"), rows(tmp_path / "all", "people")
    assert "hội nghị bàn việc" in {row["name"] for row in events}
    assert {row["name"] for row in people} >= {"Lê Thị Mơ", KEPT_BACK}
    counts = {"articles": 4, "versions": 5, "events": len(events), "people": len(people)}
    assert dump.counts == counts


def test_the_same_archive_gives_the_same_bytes_and_sha256sum_agrees(filled: Library, tmp_path: Path) -> None:
    for name in ("one", "two"):
        dumps.make(filled.store, filled.settings, tmp_path / name)
    sums = (tmp_path / "one" / "SHA256SUMS").read_text()
    assert sums == (tmp_path / "two" / "SHA256SUMS").read_text()
    judged = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "one", check=False
    )
    assert judged.returncode == 0


def test_what_is_withheld_is_left_out(filled: Library, tmp_path: Path) -> None:
    real = filled.store.article_id_by_url("http://portal.example/tin/28-9.html")
    assert real is not None
    view = filled.store.article(real)
    assert view is not None
    (picture,) = (capture.payload_digest for capture in view.pictures.values())
    with (
        withheld(filled, Scope.NAME, KEPT_BACK),
        withheld(filled, Scope.VERSION, f"{real}/1"),
        withheld(filled, Scope.PICTURE, picture),
    ):
        dumps.make(filled.store, filled.settings, tmp_path / "some")
    found = rows(tmp_path / "some", "articles")
    assert [(row["id"], row["version"]) for row in found if row["id"] == real] == [(real, 2)]
    text = json.dumps([*found, *rows(tmp_path / "some", "events"), *rows(tmp_path / "some", "people")])
    for hidden in (KEPT_BACK, picture, "anh/1.jpg"):
        assert json.dumps(hidden)[1:-1] not in text
    with withheld(filled, Scope.ARTICLE, real):
        dumps.make(filled.store, filled.settings, tmp_path / "fewer")
    assert real not in {row["id"] for row in rows(tmp_path / "fewer", "articles")}
    assert not (tmp_path / "fewer" / "articles" / "dam-ha" / "2022.parquet").exists()


def test_what_was_read_in_a_text_that_went_meanwhile_is_left_out(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version is withheld after its events were read, and before the dump begins."""
    real = filled.store.article_id_by_url("http://portal.example/tin/28-9.html")
    with contextlib.ExitStack() as stack:
        follow = chronicle.follow

        def then_withheld(*given: Any) -> None:
            follow(*given)
            stack.enter_context(withheld(filled, Scope.VERSION, f"{real}/2"))

        monkeypatch.setattr(chronicle, "follow", then_withheld)
        dumps.make(filled.store, filled.settings, tmp_path / "meanwhile")
    assert [row["version"] for row in rows(tmp_path / "meanwhile", "articles") if row["id"] == real] == [1]
    told = [*rows(tmp_path / "meanwhile", "events"), *rows(tmp_path / "meanwhile", "people")]
    assert told
    assert real not in {row["article"] for row in told}


def test_half_a_dump_is_never_there(filled: Library, tmp_path: Path) -> None:
    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "half"
    with pytest.raises(KeyboardInterrupt):
        dumps.make(filled.store, filled.settings, target, killed)
    assert list(tmp_path.iterdir()) == []
    with contextlib.ExitStack() as stack:

        def taken_down(done: int, total: int) -> None:
            if done == total:
                stack.enter_context(withheld(filled, Scope.NAME, KEPT_BACK))

        with pytest.raises(StoreError, match="taken down while the dump was written"):
            dumps.make(filled.store, filled.settings, target, taken_down)
    assert list(tmp_path.iterdir()) == []
    dumps.make(filled.store, filled.settings, target)
    with pytest.raises(ConfigError, match="there already"):
        dumps.make(filled.store, filled.settings, target)


def test_verifying_names_what_is_wrong(filled: Library, tmp_path: Path) -> None:
    folder = tmp_path / "copied"
    dumps.make(filled.store, filled.settings, folder)
    assert dumps.check(folder).faults == []
    first = folder / "articles" / "dam-ha" / "2020.jsonl.gz"
    changed = bytearray(first.read_bytes())
    changed[-5] ^= 1
    first.write_bytes(changed)
    (folder / "people" / "dam-ha.parquet").unlink()
    cut = folder / "events" / "dam-ha.jsonl.gz"
    cut.write_bytes(cut.read_bytes()[:-20])
    (folder / "added.txt").write_text("x")
    faults = "\n".join(dumps.check(folder).faults)
    assert "articles/dam-ha/2020.jsonl.gz has another SHA-256" in faults
    assert "people/dam-ha.parquet is missing" in faults
    assert "events/dam-ha.jsonl.gz has" in faults
    assert "added.txt is there and in no manifest" in faults
    assert len(faults.splitlines()) == 4
    (folder / "manifest.json").unlink()
    with pytest.raises(ConfigError, match="no dump"):
        dumps.check(folder)


def test_the_commands_tell_what_they_did(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_DUMPS", str(tmp_path / "offered"))
    where = ["--var", str(filled.settings.var), "--index", str(filled.settings.index)]

    def run(*words: str, code: int = 0) -> str:
        answer = CliRunner().invoke(main, [*where, "dump", *words])
        assert answer.exit_code == code, answer.output
        return answer.output

    assert "There is no dump" in run("list")
    assert "4 articles, 5 versions" in run("make")
    (folder,) = (tmp_path / "offered").iterdir()
    assert "all sound" in run("verify", str(folder))
    with withheld(filled, Scope.NAME, KEPT_BACK) as given:
        assert f"not offered since takedown {given.id}" in run("list")
    assert "not offered" not in run("list")
    shutil.rmtree(folder / "events")
    told = json.loads(run("verify", str(folder), "--json", code=1))
    assert len(told["faults"]) == 2
    assert "no dump" in run("verify", str(tmp_path), code=2)


# ------------------------------------------------------------------------------------- offered to readers


@pytest.fixture
def client(filled: Library) -> Iterator[FlaskClient]:
    folder = Path(filled.settings.dumps)
    folder.mkdir()
    dumps.make(filled.store, filled.settings, folder / "mau")
    yield create_app(filled.settings).test_client()
    shutil.rmtree(folder)


def take(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """An answer whose file is closed again, as a server does."""
    return client.get(path, headers=headers, buffered=True)


def test_readers_find_and_take_a_dump(client: FlaskClient, filled: Library) -> None:
    assert "/dumps/mau" in take(client, "/dumps").text
    (listed,) = take(client, "/dumps/index.json").json["results"]  # type: ignore[index]
    manifest = take(client, listed["manifest"].removeprefix(filled.settings.public_base)).json
    assert manifest is not None
    for item in manifest["files"]:
        assert f"/dumps/mau/{item['path']}" in take(client, "/dumps/mau").text
        answer = take(client, f"/dumps/mau/{item['path']}")
        assert hashlib.sha256(answer.data).hexdigest() == item["sha256"]
    again = take(client, f"/dumps/mau/{item['path']}", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    some = take(client, f"/dumps/mau/{item['path']}", Range="bytes=10-19")
    assert (some.status_code, some.data) == (206, answer.data[10:20])
    for path in (
        "mau/../../var/archive.db",
        "mau/%2e%2e/x",
        "mau/.part",
        "mau/articles",
        "nix",
        "nix/manifest.json",
    ):
        assert take(client, f"/dumps/{path}").status_code == 404
    (Path(filled.settings.dumps) / "half").mkdir()
    assert "half" not in take(client, "/dumps").text


def test_a_takedown_closes_every_earlier_dump_at_once(client: FlaskClient, filled: Library) -> None:
    paths = ("/dumps/mau", "/dumps/mau/manifest.json", "/dumps/mau/people/dam-ha.jsonl.gz")
    with withheld(filled, Scope.NAME, KEPT_BACK):
        for path in paths:
            answer = take(client, path)
            assert answer.status_code == 410
            assert "sẽ làm một bản mới" in answer.text
        page = take(client, "/dumps").text
        assert 'href="/dumps/mau"' not in page
        assert "sẽ làm một bản mới" in page
        assert take(client, "/dumps/index.json").json == {"count": 0, "results": []}
        dumps.make(filled.store, filled.settings, Path(filled.settings.dumps) / "moi")
        assert take(client, "/dumps/moi/manifest.json").status_code == 200
    assert {take(client, path).status_code for path in paths} == {200}, "what was lifted is shown again"


def test_it_stays_closed_when_the_database_is_made_anew(
    client: FlaskClient, filled: Library, tmp_path: Path
) -> None:
    with withheld(filled, Scope.NAME, KEPT_BACK):
        shutil.copytree(filled.settings.var, tmp_path / "var")
        for path in (tmp_path / "var").glob("archive.db*"):
            path.unlink()
        settings = replace(filled.settings, var=tmp_path / "var")
        replay(settings)
        assert take(create_app(settings).test_client(), "/dumps/mau").status_code == 410


def test_it_is_off_unless_a_folder_is_set(filled: Library) -> None:
    client = create_app(replace(filled.settings, dumps="")).test_client()
    for path in ("/dumps", "/dumps/index.json", "/dumps/mau", "/dumps/mau/manifest.json"):
        assert take(client, path).status_code == 404
    assert "/dumps" not in take(client, "/api").text


def test_people_whom_an_admin_joined_are_one_in_it(filled: Library, tmp_path: Path) -> None:
    added = filled.add(
        "/mo.html", article("Tin khác", "Bà Trần Thị Hoa, Chủ tịch UBND huyện.", byline=Byline())
    )
    assert added
    dumps.make(filled.store, filled.settings, tmp_path / "d")
    people = {row["name"]: row["person"] for row in rows(tmp_path / "d", "people")}
    chronicle = Chronicle(filled.store)
    number = chronicle.correct(
        "same", people["Trần Thị Hoa"], {"with": people["Lê Thị Mơ"]}, reason="một người", by="thử"
    )
    dumps.make(filled.store, filled.settings, tmp_path / "e")
    joined = {row["name"]: row["person"] for row in rows(tmp_path / "e", "people")}
    assert joined["Trần Thị Hoa"] == people["Lê Thị Mơ"] != people["Trần Thị Hoa"]
    chronicle.lift(number, by="thử")
