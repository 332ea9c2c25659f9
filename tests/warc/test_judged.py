"""Our capture files as others read them: warcio record by record, pywb beside our own replay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.coding import decode_content
from archive.preserve import verify
from archive.preserve.importing import Target, import_source, open_source
from archive.warc import ScannedRecord, Tail, scan
from tests.preserve.judges import fetch, needs_judges, pywb
from tests.store.scene import BASE, BODY, NOT_FOUND, OTHER_BODY, OTHER_TITLE, SITE, Scene, article_html

_JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


@pytest.fixture
def filled(scene: Scene) -> Scene:
    """Several crawls and files (rotation by size), revisits across them, coded bodies, redirects."""
    scene.max_size = 4000
    scene.next_crawl()
    html = article_html(pictures=[("/1.jpg", "Đại biểu")])
    first = scene.get("/a.html", html, compressed=True).capture
    picture = scene.get("/1.jpg", _JPEG, content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html").capture
    scene.next_crawl()
    scene.get("/a.html", status=304, revisit=first)
    scene.get("/2.jpg", _JPEG, content_type="image/jpeg", hops="LE", revisit=picture)
    scene.get("/cu.html", status=301, location="/moi.html")
    scene.get("/moi.html", article_html(OTHER_TITLE, OTHER_BODY), hops="LR")
    scene.get("/mat.html", NOT_FOUND, status=404)
    scene.next_crawl()
    scene.get("/a.html", article_html(body=BODY[:2]))
    return scene


def _files(scene: Scene) -> list[Path]:
    return sorted(scene.warcs.glob("*.warc.gz"), key=lambda path: path.name[-13:])


def test_warcio_reads_every_record_as_we_do(filled: Scene) -> None:
    assert len(_files(filled)) >= 4
    kinds = set()
    for path in _files(filled):
        ours = [item for item in scan(path) if isinstance(item, ScannedRecord)]
        with path.open("rb") as file:
            iterator = ArchiveIterator(file, check_digests="raise")
            theirs = 0
            for item, found in zip(ours, iterator, strict=True):
                theirs += 1
                assert found.rec_headers.get_header("WARC-Record-ID") == item.record.get("WARC-Record-ID")
                assert found.rec_type == item.record.kind
                kinds.add(found.rec_type)
                if found.rec_type == "response":
                    coding = found.http_headers.get_header("Content-Encoding") or ""
                    ours_decoded = decode_content(item.record.payload(), coding, 1 << 20)
                    assert found.content_stream().read() == ours_decoded
                else:
                    found.content_stream().read()
                assert (iterator.get_record_offset(), item.problems) == (item.offset, ())
        assert theirs == len(ours) > 1
        checked = subprocess.run([_command("warcio"), "check", path], capture_output=True, check=False)
        assert checked.returncode == 0, checked.stdout
    assert kinds == {"warcinfo", "response", "revisit", "request", "metadata"}


def _command(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def test_strict_verification_sees_cuts_that_warcio_check_passes(filled: Scene) -> None:
    path = _files(filled)[0]
    whole = path.read_bytes()
    passed = 0
    for cut in range(1, len(whole) - 1, max(1, len(whole) // 8)):
        path.write_bytes(whole[:-cut])
        end = max((item.end for item in scan(path) if isinstance(item, ScannedRecord)), default=0)
        is_seen = end < len(whole) - cut or any(isinstance(item, Tail) for item in scan(path))
        assert is_seen or end == len(whole) - cut  # cut between two records: for the database to know
        assert verify(filled.store, filled.warcs).findings
        result = subprocess.run([_command("warcio"), "check", path], capture_output=True, check=False)
        passed += result.returncode == 0
    # If warcio begins to see them all, this test has lost its point and can go.
    assert passed > 0


@needs_judges
def test_pywb_replays_the_same_files(filled: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "pywb"
    folder.mkdir()
    with pywb(folder, _files(filled)) as collection:
        for view in filled.store.newest(9):
            for version in filled.store.versions(view.article.id):
                capture = filled.store.capture(version.capture)
                assert capture is not None
                stamp = f"{capture.at:%Y%m%d%H%M%S}"
                status, body, moment = fetch(f"{collection}/{stamp}id_/{capture.url}")
                assert (status, body) == (200, filled.bodies[capture.payload_digest])
                assert moment == f"{capture.at:%a, %d %b %Y %H:%M:%S} GMT"
        # A revisit resolves to the payload that another file holds.
        status, body, _ = fetch(f"{collection}/2022id_/{BASE}/2.jpg")
        assert (status, body) == (200, _JPEG)
        assert fetch(f"{collection}/2022id_/{BASE}/mat.html")[0] == 404
        assert fetch(f"{collection}/2022id_/{BASE}/nie.html")[0] == 404


@needs_judges
def test_pywb_replays_what_was_imported(scene: Scene, tmp_path: Path) -> None:
    mirror = tmp_path / "dam-ha.example"
    mirror.mkdir()
    (mirror / "a.html").write_text(article_html(), "utf-8")
    report = import_source(scene.settings, scene.store, open_source(mirror), target=Target(site=SITE))
    assert report.counts["taken"] == 1
    folder = tmp_path / "pywb"
    folder.mkdir()
    with pywb(folder, _files(scene)) as collection:
        status, body, _ = fetch(f"{collection}/id_/{BASE}/a.html")
    assert (status, body) == (200, article_html().encode())
