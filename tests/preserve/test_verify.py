from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from archive.ingest import Outcome
from archive.model import Capture
from archive.preserve import Finding, FindingKind, VerifyReport, verify
from archive.store import schema
from tests.store.scene import BASE, OTHER_BODY, OTHER_TITLE, SITE, Scene, article_html, digest_of


@pytest.fixture
def filled(scene: Scene) -> Scene:
    """Two articles, one with two versions and a picture; three files."""
    scene.get("/a.html", article_html(pictures=[("/1.jpg", "Đại biểu")]), compressed=True)
    scene.get("/1.jpg", b"jpeg" * 50, content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html")
    scene.next_crawl()
    scene.get("/a.html", article_html(pictures=[("/1.jpg", "Các đại biểu")]))
    held = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY)).capture
    scene.next_crawl()
    scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY), revisit=held)
    scene.get("/b.html", status=304, revisit=held)
    scene.get("/c", status=302, location="/b.html")
    return scene


def _files(scene: Scene) -> list[Path]:
    return sorted(scene.warcs.glob("*.warc.gz"), key=lambda path: path.name[-13:])


def _captures(scene: Scene) -> list[Capture]:
    with scene.store.read() as connection:
        ids = list(connection.execute(schema.captures.select().order_by(schema.captures.c.at)).scalars())
    found = [scene.store.capture(item) for item in ids]
    return [item for item in found if item is not None]


def _verify(scene: Scene) -> VerifyReport:
    return verify(scene.store, scene.warcs)


def _of_records(scene: Scene) -> list[Finding]:
    """Findings but those of the tallies, which a row that vanished or was forged makes false as well."""
    return [item for item in _verify(scene).findings if item.kind is not FindingKind.DATABASE]


def _kinds(report: VerifyReport) -> list[FindingKind]:
    return [item.kind for item in report.findings]


def test_a_sound_archive_is_clean(filled: Scene) -> None:
    steps: list[tuple[int, int]] = []
    report = verify(filled.store, filled.warcs, lambda done, total: steps.append((done, total)))
    assert report.findings == []
    assert (report.clean, report.files, report.captures, report.records) == (True, 3, 7, 24)
    assert report.pending == []
    assert steps[-1] == (24, 24)
    assert json.loads(json.dumps(report.to_dict()))["clean"] is True


def test_an_archive_without_anything_is_clean(scene: Scene) -> None:
    assert _verify(scene).clean


@pytest.mark.parametrize("place", ["header", "content", "checksum"])
def test_a_flipped_byte_is_named_with_all_that_depends_on_it(filled: Scene, place: str) -> None:
    capture = _captures(filled)[0]
    path = filled.warcs / capture.ref.file
    data = bytearray(path.read_bytes())
    # The time in gzip's header is covered by no checksum of its own.
    where = {"header": 5, "content": capture.ref.length // 2, "checksum": capture.ref.length - 6}[place]
    data[capture.ref.offset + where] ^= 0x10
    path.write_bytes(data)
    (finding,) = _verify(filled).findings
    assert finding.kind is (FindingKind.MISMATCH if place == "header" else FindingKind.DAMAGED_RECORD)
    assert (finding.file, finding.offset, finding.captures) == (path.name, capture.ref.offset, (capture.id,))
    (dependant,) = finding.dependants
    assert dependant.startswith("version 1 of article ")
    assert f"{path.name} at byte {capture.ref.offset}: " in str(finding)
    assert "Depends on it: version 1" in str(finding)


def test_every_damaged_record_of_a_file_is_found_not_only_the_first(filled: Scene) -> None:
    path = _files(filled)[1]
    data = bytearray(path.read_bytes())
    wanted = [item for item in _captures(filled) if item.ref.file == path.name]
    for capture in wanted:
        data[capture.ref.offset + 60] ^= 0xFF
    path.write_bytes(data)
    report = _verify(filled)
    assert [item.captures for item in report.findings] == [(item.id,) for item in wanted]
    assert set(_kinds(report)) == {FindingKind.DAMAGED_RECORD}
    # The second is an article of its own, and the revisits of the third file rest on it.
    assert len(report.findings[1].dependants) == 1


def test_a_damaged_request_or_metadata_record_is_found_too(filled: Scene) -> None:
    capture = _captures(filled)[0]
    path = filled.warcs / capture.ref.file
    data = bytearray(path.read_bytes())
    data[capture.ref.offset + capture.ref.length + 60] ^= 0xFF
    path.write_bytes(data)
    (finding,) = _verify(filled).findings
    assert (finding.kind, finding.offset) == (
        FindingKind.DAMAGED_RECORD, capture.ref.offset + capture.ref.length,
    )  # fmt: skip


@pytest.mark.parametrize("where", ["within a record", "between records"])
def test_a_truncated_file_is_found_wherever_it_was_cut(filled: Scene, where: str) -> None:
    captures = [item for item in _captures(filled) if item.ref.file == _files(filled)[1].name]
    path = filled.warcs / captures[1].ref.file
    cut = captures[1].ref.offset + (100 if where == "within a record" else 0)
    path.write_bytes(path.read_bytes()[:cut])
    report = _verify(filled)
    (finding,) = report.findings
    assert (finding.kind, finding.captures) == (FindingKind.CUT_FILE, (captures[1].id,))
    assert any("version 1" in item for item in finding.dependants)


def test_a_deleted_file_is_named_with_all_that_it_held(filled: Scene) -> None:
    path = _files(filled)[0]
    path.unlink()
    (finding,) = _verify(filled).findings
    assert (finding.kind, finding.file, len(finding.captures)) == (FindingKind.MISSING_FILE, path.name, 2)
    assert [item.split(" of article")[0] for item in finding.dependants] == [
        "version 1", "a picture of version 2",
    ]  # fmt: skip


def test_a_record_without_a_row_is_found(filled: Scene) -> None:
    capture = _captures(filled)[-1]
    with filled.store.begin() as connection:
        connection.execute(delete(schema.captures).where(schema.captures.c.id == capture.id))
    (finding,) = _of_records(filled)
    assert (finding.kind, finding.offset) == (FindingKind.RECORD_WITHOUT_ROW, capture.ref.offset)
    assert capture.url in finding.what


def test_a_row_without_a_record_is_found(filled: Scene) -> None:
    capture = _captures(filled)[0]
    values = {"id": "f" * 32, "warc_offset": capture.ref.offset + 1}
    with filled.store.begin() as connection:
        row = connection.execute(schema.captures.select().where(schema.captures.c.id == capture.id)).one()
        connection.execute(schema.captures.insert().values({**row._mapping, **values}))
    (finding,) = _of_records(filled)
    assert (finding.kind, finding.captures) == (FindingKind.ROW_WITHOUT_RECORD, ("f" * 32,))


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"status": 404}, "status 404"),
        ({"url": f"{BASE}/x.html"}, "the row of http"),
        ({"payload_digest": "sha256:" + "0" * 64}, "another digest"),
        ({"warc_sha256": "0" * 64}, "not those that were written"),
        ({"warc_length": 7}, "not those that were written"),
    ],
)
def test_a_row_that_says_otherwise_than_its_record_is_found(
    filled: Scene, values: dict[str, object], what: str
) -> None:
    capture = _captures(filled)[0]
    with filled.store.begin() as connection:
        table = schema.captures
        connection.execute(update(table).where(table.c.id == capture.id).values(**values))
    (finding,) = _verify(filled).findings
    assert finding.kind is FindingKind.MISMATCH
    assert what in finding.what


def test_a_false_tally_is_found(filled: Scene) -> None:
    with filled.store.begin() as connection:
        of_one = schema.tallies.c.site == SITE.id
        connection.execute(delete(schema.tallies).where(~of_one))
        connection.execute(update(schema.tallies).where(of_one).values(value=99))
    report = _verify(filled)
    assert [item.what for item in report.findings] == [
        "the tally of captures is 99, there are 7", "the tally of pictures is 99, there are 1",
    ]  # fmt: skip


def test_a_revisit_without_its_payload_is_found(filled: Scene) -> None:
    revisit = _captures(filled)[4]
    with filled.store.begin() as connection:
        table = schema.captures
        connection.execute(update(table).where(table.c.id == revisit.id).values(revisit_of="0" * 32))
    assert _kinds(_verify(filled)) == [FindingKind.LOST_PAYLOAD]


def test_a_changed_extraction_is_found(filled: Scene) -> None:
    with filled.store.begin() as connection:
        table = schema.extractions
        first = connection.execute(table.select().order_by(table.c.capture)).first()
        assert first is not None
        changed = first.data.replace("huyện", "tỉnh") if "huyện" in first.data else "{}"
        connection.execute(update(table).where(table.c.capture == first.capture).values(data=changed))
    (finding,) = _verify(filled).findings
    assert finding.kind is FindingKind.DATABASE
    assert len(finding.dependants) == 1


def test_what_was_never_acknowledged_is_pending_not_damage(filled: Scene) -> None:
    exchange = filled.exchange("/d.html", article_html())
    filled.writer.write(exchange, digest=digest_of(exchange))
    path = _files(filled)[-1]
    with path.open("ab") as file:
        file.write(b"\x1f\x8b\x08half a record")
    report = _verify(filled)
    assert report.clean
    assert [text.partition(": ")[2].split(" (")[0] for text in report.pending] == [
        f"{BASE}/d.html is not in the database yet", "half-written",
    ]  # fmt: skip


def test_a_foreign_file_in_the_folder_is_told(filled: Scene) -> None:
    path = filled.warcs / "other.warc.gz"
    path.write_bytes(_files(filled)[0].read_bytes())
    report = _verify(filled)
    assert report.clean
    assert all("other.warc.gz" in text for text in report.pending)


def test_many_dependants_are_counted(filled: Scene) -> None:
    outcome: Outcome = filled.get("/e.html", article_html("Bài năm", ["Nội dung khác. " * 30]))
    finding = _verify_missing(filled, outcome)
    long = dataclasses.replace(finding, dependants=tuple(f"version {n}" for n in range(15)))
    assert str(long).endswith("version 9; and 5 more.")


def _verify_missing(scene: Scene, outcome: Outcome) -> Finding:
    (scene.warcs / outcome.capture.ref.file).unlink()
    (finding,) = _verify(scene).findings
    return finding
