from __future__ import annotations

import dataclasses
import datetime as dt
import os
import resource
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import wire
from archive.errors import DamagedRecordError, WarcError
from archive.extract import extract
from archive.ingest import page_of
from archive.model import Exchange
from archive.warc import (
    ScannedRecord,
    WarcWriter,
    read_exchange,
    read_payload,
    read_record,
    scan,
    site_files,
)
from archive.warc.record import parse_warc_fields
from tests.store.scene import SITE, Scene, article_html, digest_of


def _records(path: Path) -> list[ScannedRecord]:
    items = list(scan(path))
    assert all(isinstance(item, ScannedRecord) for item in items), items[-1]
    return [item for item in items if isinstance(item, ScannedRecord)]


def _only(folder: Path) -> Path:
    (path,) = folder.glob("*.warc.gz")
    return path


@pytest.fixture
def exchange(scene: Scene) -> Exchange:
    return dataclasses.replace(
        scene.exchange("/a.html?p=1&q=đ".replace("đ", "%C4%91"), article_html()),
        method="POST",
        request_body=b"__EVENTTARGET=pager&page=2",
        headers=(
            ("Content-Type", "text/html; charset=utf-8"),
            ("Transfer-Encoding", "chunked"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("X-Name", "Qu\u00e1n"),
        ),
        via="http://dam-ha.example/",
        hops="LL",
    )


def test_an_exchange_comes_back_as_it_went_over_the_wire(scene: Scene, exchange: Exchange) -> None:
    written = scene.writer.write(exchange, digest=digest_of(exchange))
    assert read_exchange(scene.warcs, written.ref) == exchange


def test_an_exchange_is_response_request_and_metadata_that_name_each_other(
    scene: Scene, exchange: Exchange
) -> None:
    written = scene.writer.write(exchange, digest=digest_of(exchange))
    info, response, request, metadata = _records(_only(scene.warcs))
    assert [item.record.kind for item in (info, response, request, metadata)] == [
        "warcinfo", "response", "request", "metadata",
    ]  # fmt: skip
    mine = response.record.get("WARC-Record-ID")
    assert mine.replace("-", "") == f"<urn:uuid:{written.capture_id}>"
    assert request.record.get("WARC-Concurrent-To") == mine
    assert metadata.record.get("WARC-Refers-To") == mine
    assert {item.record.get("WARC-Warcinfo-ID") for item in (response, request, metadata)} == {
        info.record.get("WARC-Record-ID")
    }
    assert response.record.get("WARC-Date") == "2022-09-28T09:00:00.000000Z"
    assert response.record.get("WARC-IP-Address") == "127.0.0.1"
    assert b"\r\nX-Orig-Transfer-Encoding: chunked\r\n" in response.record.block
    assert request.record.block.startswith(b"POST /a.html?p=1&q=%C4%91 HTTP/1.1\r\n")
    assert dict(parse_warc_fields(metadata.record.block)) == {
        "via": "http://dam-ha.example/", "hopsFromSeed": "LL", "fetchTimeMs": "12", "robots": "allowed",
    }  # fmt: skip
    facts = dict(parse_warc_fields(info.record.block))
    assert (facts["operator"], facts["isPartOf"], facts["description"]) == ("Tester", SITE.id, SITE.name)
    assert facts["http-header-user-agent"] == "test/1.0"


def test_other_tools_read_the_same_and_confirm_the_digests(scene: Scene) -> None:
    scene.get("/a.html", article_html(), compressed=True)
    held = scene.get("/1.jpg", b"jpeg", content_type="image/jpeg").capture
    scene.get("/2.jpg", b"jpeg", content_type="image/jpeg", revisit=held)
    scene.get("/1.jpg", status=304, revisit=held)
    with _only(scene.warcs).open("rb") as file:
        read = [
            (record.rec_type, record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]
    stored, referred = ["response", "request", "metadata"], ["revisit", "request", "metadata"]
    assert [kind for kind, _ in read] == ["warcinfo", *stored * 2, *referred * 2]
    assert read[1][1].decode() == article_html()


def test_one_append_and_one_fsync_an_exchange(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real_write, real_fsync = os.write, os.fsync
    scene.warcs.mkdir(parents=True)  # a new one would be fsynced in the folder above it, once

    def write(fd: int, data: bytes) -> int:
        calls.append("write")
        return real_write(fd, data)

    def fsync(fd: int) -> None:
        calls.append("fsync folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "fsync")  # noqa: PTH112
        real_fsync(fd)

    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(os, "fsync", fsync)
    for path in ("/a", "/b"):
        exchange = scene.exchange(path, "text")
        scene.writer.write(exchange, digest=digest_of(exchange))
    assert calls == ["fsync folder", "write", "fsync", "write", "fsync"]


def test_a_crawl_that_captures_nothing_leaves_no_file(scene: Scene) -> None:
    scene.writer.close()
    assert not scene.warcs.exists()


def test_files_are_rotated_by_size_and_numbered_on_when_the_clock_jumps_back(scene: Scene) -> None:
    writer = WarcWriter(scene.warcs, SITE, user_agent="t", operator="", max_size=3000)
    for _ in range(6):
        scene.now -= dt.timedelta(days=2)
        exchange = scene.exchange("/a", os.urandom(900), content_type="image/png")
        writer.write(exchange, digest=digest_of(exchange))
    writer.close()
    files = site_files(scene.warcs, SITE.id)
    assert [item.serial for item in files] == [0, 1, 2]
    assert [_records(scene.warcs / item.name)[0].record.kind for item in files] == ["warcinfo"] * 3


def test_a_site_whose_id_begins_like_another_keeps_its_own_files(scene: Scene) -> None:
    other = dataclasses.replace(SITE, id="dam-ha-2")
    writer = WarcWriter(scene.warcs, other, user_agent="t", operator="", max_size=1000)
    exchange = scene.exchange("/a", "text")
    writer.write(exchange, digest=digest_of(exchange))
    writer.close()
    assert site_files(scene.warcs, "dam-ha") == []
    assert [item.serial for item in site_files(scene.warcs, "dam-ha-2")] == [0]


def test_the_same_payload_is_stored_once(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    size = _only(scene.warcs).stat().st_size
    again = scene.get("/a.html", article_html(), revisit=first.capture)
    assert again.capture.revisit_of == first.capture.id
    record = read_record(scene.warcs, again.capture.ref)
    assert record.get("WARC-Profile").endswith("/1.1/revisit/identical-payload-digest")
    assert record.get("WARC-Refers-To-Target-URI") == first.capture.url
    assert record.get("WARC-Refers-To-Date") == "2022-09-28T09:00:00.000000Z"
    assert record.get("WARC-Payload-Digest") == first.capture.payload_digest
    assert _only(scene.warcs).stat().st_size - size < size
    assert read_payload(scene.warcs, again.capture, scene.store.capture).decode() == article_html()


def test_the_same_text_packed_otherwise_is_no_revisit(scene: Scene) -> None:
    """Its stored bytes differ, and a replaying tool would put them under the wrong Content-Encoding."""
    first = scene.get("/a.html", article_html(), compressed=True)
    again = scene.get("/a.html", article_html(), revisit=first.capture)
    assert again.capture.revisit_of is None
    assert again.capture.payload_digest == first.capture.payload_digest
    for outcome in (first, again):
        assert read_payload(scene.warcs, outcome.capture, scene.store.capture).decode() == article_html()


def test_nothing_is_hung_on_a_damaged_record(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    path = _only(scene.warcs)
    data = bytearray(path.read_bytes())
    data[first.capture.ref.offset + 100] ^= 1
    path.write_bytes(data)
    again = scene.get("/a.html", article_html(), revisit=first.capture)
    assert again.capture.revisit_of is None
    assert read_payload(scene.warcs, again.capture, scene.store.capture).decode() == article_html()


def test_a_304_vouches_for_the_payload_it_did_not_send(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    again = scene.get("/a.html", status=304, revisit=first.capture).capture
    record = read_record(scene.warcs, again.ref)
    assert (record.kind, record.get("WARC-Payload-Digest")) == ("revisit", "")
    assert record.get("WARC-Profile").endswith("/1.1/revisit/server-not-modified")
    assert (again.status, again.payload_digest, again.size) == (
        304, first.capture.payload_digest, first.capture.size,
    )  # fmt: skip
    assert read_payload(scene.warcs, again, scene.store.capture).decode() == article_html()


@pytest.mark.parametrize("place", ["http head", "name"])
def test_line_breaks_of_a_server_forge_no_field(scene: Scene, place: str) -> None:
    exchange = dataclasses.replace(
        scene.exchange("/a", "text"), headers=(("X", "1\r\nSet-Cookie: forged\n\nbody"),)
    )
    written = scene.writer.write(exchange, digest=digest_of(exchange))
    back = read_exchange(scene.warcs, written.ref)
    assert [name for name, _ in back.headers] == ["X"]
    assert back.payload == b"text"


# ---------------------------------------------------------------------------------------------- faults


def test_a_disk_without_room_is_told_and_the_file_is_as_before(scene: Scene) -> None:
    """The limit on file size makes the kernel refuse in the middle of an append, as a full disk does."""
    kept = scene.get("/a.html", article_html())
    path = _only(scene.warcs)
    before = path.read_bytes()
    exchange = scene.exchange("/1.jpg", os.urandom(100_000), content_type="image/jpeg")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5_000, hard))
    try:
        with pytest.raises(WarcError, match=r"could not be written.*"):
            scene.writer.write(exchange, digest=digest_of(exchange))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert read_exchange(scene.warcs, kept.capture.ref).payload
    # There is room again: the same writer goes on, in a file of its own.
    written = scene.writer.write(exchange, digest=digest_of(exchange))
    assert written.ref.file != path.name
    assert read_exchange(scene.warcs, written.ref) == exchange


def test_a_first_write_that_fails_leaves_no_empty_file(scene: Scene) -> None:
    exchange = scene.exchange("/1.jpg", os.urandom(100_000), content_type="image/jpeg")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(WarcError):
            scene.writer.write(exchange, digest=digest_of(exchange))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(scene.warcs.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(scene: Scene) -> None:
    scene.warcs.parent.mkdir(exist_ok=True)
    scene.warcs.write_text("a file stands where the folder should")
    exchange = scene.exchange("/a", "text")
    with pytest.raises(WarcError, match=str(scene.warcs)):
        scene.writer.write(exchange, digest=digest_of(exchange))


# --------------------------------------------------------------------------------------------- reading


def test_a_changed_a_cut_and_a_missing_record_are_told_apart(scene: Scene) -> None:
    ref = scene.get("/a.html", article_html()).capture.ref
    path = _only(scene.warcs)
    data = path.read_bytes()
    path.write_bytes(data[: ref.offset + 50] + b"\x00" + data[ref.offset + 51 :])
    with pytest.raises(DamagedRecordError, match=r"has changed.*archive verify"):
        read_record(scene.warcs, ref)
    path.write_bytes(data[: ref.offset + 50])
    with pytest.raises(DamagedRecordError, match="cut off"):
        read_record(scene.warcs, ref)
    path.unlink()
    with pytest.raises(DamagedRecordError, match="No such file"):
        read_record(scene.warcs, ref)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", ".", "a\\b"])
def test_a_reference_never_leads_out_of_the_folder(scene: Scene, name: str) -> None:
    ref = scene.get("/a.html", article_html()).capture.ref
    with pytest.raises(DamagedRecordError, match="no name"):
        read_record(scene.warcs, dataclasses.replace(ref, file=name))


def test_a_revisit_of_an_unknown_capture_is_no_endless_search(scene: Scene) -> None:
    capture = scene.get("/a.html", article_html()).capture
    loop = dataclasses.replace(capture, revisit_of=capture.id)
    with pytest.raises(DamagedRecordError, match="not known"):
        read_payload(scene.warcs, loop, lambda _: loop)
    with pytest.raises(DamagedRecordError, match="not known"):
        read_payload(scene.warcs, loop, lambda _: None)


def test_the_metadata_record_tells_what_was_read(scene: Scene) -> None:
    exchange = scene.exchange("/a.html", article_html())
    page = page_of(exchange)
    assert page is not None
    found = extract(page)
    scene.writer.write(exchange, digest=digest_of(exchange), extraction=found)
    facts = dict(parse_warc_fields(_records(_only(scene.warcs))[-1].record.block))
    assert (facts["page-kind"], facts["extractor"]) == ("article", found.extractor)
    assert (facts["title"], facts["content-sha256"]) == (found.title, wire.content_hash(found))
