from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from archive.cli import main
from archive.config import Settings
from archive.errors import ConfigError
from archive.preserve import replay, takedown, verify
from archive.preserve.exporting import (
    Selection,
    Tally,
    evidence_stream,
    export_jsonl,
    export_parquet,
    export_wacz,
    export_warc,
)
from archive.preserve.exporting.tables import FIELDS, row
from archive.preserve.importing import Target, expand, import_source, open_source
from archive.store import Store
from archive.store.takedowns import Scope
from tests.preserve.judges import fetch, judge, needs_judges, pywb
from tests.store.scene import (
    BASE,
    BODY,
    NOT_FOUND,
    OTHER_BODY,
    OTHER_TITLE,
    SITE,
    Scene,
    article_html,
    list_html,
)


@pytest.fixture
def filled(scene: Scene) -> Scene:
    """Two articles, one edited, with a picture; revisits, a redirect, a page gone."""
    scene.get("/", list_html())
    scene.get("/a.html", article_html(pictures=[("/1.jpg", "Đại biểu")]), compressed=True)
    scene.get("/1.jpg", b"\xff\xd8jpeg" * 50, content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html")
    scene.next_crawl()
    scene.get("/a.html", article_html(body=BODY[:2], pictures=[("/1.jpg", "Các đại biểu")]))
    held = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY)).capture
    scene.next_crawl()
    scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY), revisit=held)
    scene.get("/b.html", status=304, revisit=held)
    scene.get("/c", status=302, location="/b.html")
    scene.get("/b.html", NOT_FOUND, status=404)
    return scene


def _ids(scene: Scene) -> dict[str, str]:
    return {view.article.url.rpartition("/")[2]: view.article.id for view in scene.store.newest(99)}


def _everything(store: Store) -> dict[str, object]:
    """All that an import of an export must give again."""
    found: dict[str, object] = {}
    for identity in store.article_ids(limit=1000):
        view = store.article(identity)
        assert view is not None
        versions = [dataclasses.astuple(item) for item in store.versions(identity)]
        pictures = {url: item.payload_digest for url, item in view.pictures.items()}
        found[identity] = (view.article, view.current, view.extraction, versions, pictures)
    found["captures"] = store.totals().captures
    return found


def _imported(folder: Path, paths: list[Path]) -> dict[str, object]:
    settings = Settings(var=folder / "var", index=folder / "index")
    with closing(Store.open(settings.database_url)) as store:
        for path in expand(paths):
            report = import_source(settings, store, open_source(path), target=Target())
            assert report.skipped == []
        assert verify(store, settings.warc_dir).findings == []
        return _everything(store)


# ------------------------------------------------------------------------------------- WARC and WACZ


def test_an_export_imported_into_an_empty_archive_gives_the_same_archive(
    filled: Scene, tmp_path: Path
) -> None:
    expected = _everything(filled.store)
    tally = export_warc(filled.store, filled.warcs, Selection(), tmp_path / "out", operator="Kho")
    assert (tally.counts["captures"], tally.lost) == (9, [])
    assert _imported(tmp_path / "one", [tmp_path / "out"]) == expected
    export_wacz(filled.store, filled.warcs, Selection(), tmp_path / "out.wacz", operator="Kho", title="Kho")
    assert _imported(tmp_path / "two", [tmp_path / "out.wacz"]) == expected


def test_an_exported_folder_can_stand_in_for_lost_files(filled: Scene, tmp_path: Path) -> None:
    expected = _everything(filled.store)
    settings = Settings(var=tmp_path / "other", index=tmp_path / "index")
    settings.var.mkdir()
    export_warc(filled.store, filled.warcs, Selection(), settings.warc_dir, operator="")
    replay(settings)
    with closing(Store.open(settings.database_url)) as store:
        assert _everything(store) == expected


def test_the_manifest_holds_the_hash_of_every_file(filled: Scene, tmp_path: Path) -> None:
    export_warc(filled.store, filled.warcs, Selection(site=SITE.id), tmp_path / "out", operator="Kho")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["selection"] == {"of": "site", "site": "dam-ha"}
    assert (manifest["counts"]["captures"], manifest["operator"]) == (9, "Kho")
    assert len(manifest["files"]) == 3
    for item in manifest["files"]:
        data = (tmp_path / "out" / item["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (item["sha256"], item["bytes"])


@needs_judges
def test_wacz_passes_its_validator(filled: Scene, tmp_path: Path) -> None:
    path = tmp_path / "out.wacz"
    export_wacz(filled.store, filled.warcs, Selection(), path, operator="Kho", title="Kho tin huyện")
    result = judge("wacz", "validate", "-f", path)
    assert result.returncode == 0, result.stdout + result.stderr


@needs_judges
def test_pywb_plays_a_wacz(filled: Scene, tmp_path: Path) -> None:
    path, folder = tmp_path / "out.wacz", tmp_path / "pywb"
    folder.mkdir()
    export_wacz(filled.store, filled.warcs, Selection(), path, operator="", title="Kho")
    with pywb(folder, [path], "--unpack-wacz") as collection:
        for view in filled.store.newest(9):
            capture = view.capture
            status, body, _ = fetch(f"{collection}/{capture.at:%Y%m%d%H%M%S}id_/{capture.url}")
            assert (status, body) == (200, filled.bodies[capture.payload_digest])


def test_the_index_of_a_wacz_leads_to_its_records(filled: Scene, tmp_path: Path) -> None:
    path = tmp_path / "out.wacz"
    export_wacz(filled.store, filled.warcs, Selection(), path, operator="", title="Kho")
    with zipfile.ZipFile(path) as package:
        lines = package.read("indexes/index.cdx").decode().splitlines()
        pages = [json.loads(text) for text in package.read("pages/pages.jsonl").decode().splitlines()]
        assert lines == sorted(lines)
        for text in lines:
            key, moment, facts = text.split(" ", 2)
            found = json.loads(facts)
            data = package.read(f"archive/{found['filename']}")
            start = int(found["offset"])
            member = data[start : start + int(found["length"])]
            (record,) = ArchiveIterator(io.BytesIO(member))
            assert record.rec_headers.get_header("WARC-Target-URI") == found["url"]
            assert record.rec_headers.get_header("WARC-Date")[:19] == (
                f"{moment[:4]}-{moment[4:6]}-{moment[6:8]}T{moment[8:10]}:{moment[10:12]}:{moment[12:]}"
            )
            assert key.startswith("example,dam-ha)/")
        for info in package.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
    assert pages[0]["format"] == "json-pages-1.0"
    moments = {(json.loads(text.split(" ", 2)[2])["url"], text.split(" ")[1]) for text in lines}
    for page in pages[1:]:
        assert (page["url"], "".join(sign for sign in page["ts"][:19] if sign.isdigit())) in moments


def test_a_revisit_brings_the_record_that_it_rests_on(filled: Scene, tmp_path: Path) -> None:
    article = _ids(filled)["b.html"]
    tally = export_warc(
        filled.store, filled.warcs, Selection(query="x", articles=(article,)), tmp_path / "out", operator=""
    )
    assert tally.counts["captures"] == 4
    settings = Settings(var=tmp_path / "other", index=tmp_path / "index")
    with closing(Store.open(settings.database_url)) as store:
        for path in expand([tmp_path / "out"]):
            import_source(settings, store, open_source(path), target=Target())
        assert list(store.article_ids()) == [article]


def test_what_is_damaged_is_left_out_and_told(filled: Scene, tmp_path: Path) -> None:
    (view,) = [item for item in filled.store.newest(9) if item.article.url.endswith("b.html")]
    ref = filled.store.capture(view.version.capture).ref  # type: ignore[union-attr]
    path = filled.warcs / ref.file
    data = bytearray(path.read_bytes())
    data[ref.offset + 40] ^= 0xFF
    path.write_bytes(data)
    tally = export_warc(filled.store, filled.warcs, Selection(), tmp_path / "out", operator="")
    assert [item.capture.id for item in tally.lost] == [view.version.capture]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["left_out"][0]["url"] == f"{BASE}/b.html"


def test_an_export_is_whole_or_not_there(
    filled: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"

    def fail(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("archive.preserve.exporting.warcs.manifest", fail)
    with pytest.raises(KeyboardInterrupt):
        export_warc(filled.store, filled.warcs, Selection(), target, operator="")
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []
    monkeypatch.undo()
    export_warc(filled.store, filled.warcs, Selection(), target, operator="")
    with pytest.raises(ConfigError, match="is there already"):
        export_warc(filled.store, filled.warcs, Selection(), target, operator="")


def test_what_a_killed_export_left_is_written_over(filled: Scene, tmp_path: Path) -> None:
    rest = tmp_path / ".out.part"
    rest.mkdir()
    (rest / "half.warc.gz").write_bytes(b"half")
    (tmp_path / ".out.wacz.part").write_bytes(b"half" * 100_000)
    export_warc(filled.store, filled.warcs, Selection(), tmp_path / "out", operator="")
    export_wacz(filled.store, filled.warcs, Selection(), tmp_path / "out.wacz", operator="", title="")
    assert not list(tmp_path.glob(".*.part"))
    assert not (tmp_path / "out" / "half.warc.gz").exists()
    with zipfile.ZipFile(tmp_path / "out.wacz") as package:
        assert package.testzip() is None


# ------------------------------------------------------------------------------------------- withheld


_Export = Callable[[Scene, Path], list[bytes]]


def _warc(scene: Scene, folder: Path) -> list[bytes]:
    export_warc(scene.store, scene.warcs, Selection(), folder / "out", operator="")
    return [_plain(path.read_bytes()) for path in (folder / "out").iterdir()]


def _wacz(scene: Scene, folder: Path) -> list[bytes]:
    export_wacz(scene.store, scene.warcs, Selection(), folder / "out.wacz", operator="", title="")
    with zipfile.ZipFile(folder / "out.wacz") as package:
        return [_plain(package.read(name)) for name in package.namelist()]


def _jsonl(scene: Scene, folder: Path) -> list[bytes]:
    export_jsonl(
        scene.store, Selection(), folder / "out.jsonl", public_base="http://x", operator="", all_versions=True
    )
    return [(folder / "out.jsonl").read_bytes()]


def _plain(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    return b"".join(
        record.content_stream().read() + str(record.rec_headers.headers).encode()
        for record in ArchiveIterator(io.BytesIO(data))
    )


@pytest.mark.parametrize("export", [_warc, _wacz, _jsonl])
@pytest.mark.parametrize("scope", [Scope.ARTICLE, Scope.ADDRESS, Scope.NAME])
def test_what_is_withheld_goes_out_in_no_form(
    filled: Scene, tmp_path: Path, export: _Export, scope: Scope
) -> None:
    article = _ids(filled)["b.html"]
    target = {Scope.ARTICLE: article, Scope.ADDRESS: f"{BASE}/b.html", Scope.NAME: "Trung tâm Y tế"}[scope]
    order = takedown.Order(scope, target, reason="Theo đơn", reference="1", by="Quản trị")
    takedown.withhold(filled.store, filled.settings, order, index=False)
    texts = export(filled, tmp_path)
    assert texts
    assert not any("Trung tâm Y tế tiếp nhận ba máy thở".encode() in text for text in texts)
    assert any(BODY[0].encode() in text for text in texts)


# -------------------------------------------------------------------------------------------- tables


def test_tables_of_articles(filled: Scene, tmp_path: Path) -> None:
    tallies: list[Tally] = []
    for write, name in ((export_jsonl, "a.jsonl"), (export_parquet, "a.parquet")):
        place, base = tmp_path / name, "http://kho.example"
        tallies.append(
            write(filled.store, Selection(), place, public_base=base, operator="Kho", all_versions=True)
        )
    rows = [json.loads(text) for text in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == rows
    assert [tally.counts["versions"] for tally in tallies] == [3, 3]
    newest = {item["url"]: item for item in rows if item["is_current"]}
    edited = newest[f"{BASE}/a.html"]
    assert (edited["version"], edited["pictures"][0]["caption"]) == (2, "Các đại biểu")
    assert edited["permalink"] == f"http://kho.example/a/{edited['id']}/v/2"
    for name in ("a.jsonl", "a.parquet"):
        manifest = json.loads((tmp_path / f"{name}.manifest.json").read_bytes())
        data = (tmp_path / name).read_bytes()
        assert manifest["files"][0]["sha256"] == hashlib.sha256(data).hexdigest()


def test_the_columns_are_those_of_a_row(filled: Scene) -> None:
    assert tuple(row(filled.store.newest(1)[0], "")) == FIELDS


# ----------------------------------------------------------------------------------- evidence packs


def test_an_evidence_pack_checks_out_with_sha256sum_and_warcio(filled: Scene, tmp_path: Path) -> None:
    article = _ids(filled)["a.html"]
    result = CliRunner().invoke(
        main, ["--var", str(filled.settings.var), "export", str(tmp_path / "e.zip"), "--article", article]
    )
    assert result.exit_code == 0, result.output
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "e.zip") as package:
        package.extractall(folder)
    subprocess.run(
        ["sha256sum", "--strict", "--check", "SHA256SUMS"], cwd=folder, check=True, capture_output=True
    )
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - listed == {"SHA256SUMS"}
    kinds = []
    for path in sorted((folder / "captures").iterdir()):
        subprocess.run(["warcio", "check", str(path)], check=True, capture_output=True, env=_with_venv())
        with path.open("rb") as file:
            kinds += [record.rec_type for record in ArchiveIterator(file)]
    assert kinds.count("response") == 3  # two versions and the picture
    text = (folder / "VERIFY.txt").read_text("utf-8")
    assert "KIỂM CHỨNG" in text
    assert "HOW TO VERIFY" in text
    assert "no timestamp" in text
    assert BODY[0] in (folder / "article" / "v1.txt").read_text("utf-8")
    assert json.loads((folder / "article" / "v2.json").read_bytes())["extraction"]["kind"] == "article"
    assert {path.name for path in (folder / "citation" / "v1").iterdir()} == {
        "citation.txt", "citation.bib", "citation.ris", "citation.json",
    }  # fmt: skip


def _with_venv() -> dict[str, str]:
    import os
    import sys

    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_a_pack_for_the_web_is_the_same_and_of_nothing_withheld(filled: Scene) -> None:
    article = _ids(filled)["a.html"]
    made = evidence_stream(filled.store, filled.settings, article, citations=lambda view: {"c.txt": "c"})
    assert made is not None
    file, size = made
    with file, zipfile.ZipFile(file) as package:
        assert package.testzip() is None
        assert size > 1000
    order = takedown.Order(Scope.ARTICLE, article, reason="Theo đơn", reference="1", by="Quản trị")
    takedown.withhold(filled.store, filled.settings, order, index=False)
    assert evidence_stream(filled.store, filled.settings, article, citations=lambda view: {}) is None
