from __future__ import annotations

import functools
import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.config import Settings
from archive.errors import WarcError
from archive.warc import Record, ScannedRecord, Tail, next_member, scan
from archive.warc.record import date, member, parse_date, record_id, sha256, uuid_of, warc_fields
from archive.warc.scan import digest_holds, parse
from tests.store.scene import Scene, article_html


@functools.cache
def _sample() -> tuple[bytes, tuple[int, ...]]:
    """A file of three exchanges, and where each of its records ends."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Settings(var=Path(folder), index=Path(folder)))
        scene.get("/a.html", article_html(), compressed=True)
        scene.get("/1.jpg", bytes(range(256)) * 8, content_type="image/jpeg")
        scene.get("/b.html", "", status=404)
        (path,) = scene.warcs.glob("*.warc.gz")
        ends = tuple(item.end for item in scan(path) if isinstance(item, ScannedRecord))
        data = path.read_bytes()
        scene.close()
    assert ends[-1] == len(data)
    assert len(ends) == 10
    return data, ends


def _walk(data: bytes) -> tuple[list[ScannedRecord], Tail | None]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.warc.gz")
        path.write_bytes(data)
        items = list(scan(path))
    tail = items[-1] if items and isinstance(items[-1], Tail) else None
    return [item for item in items if isinstance(item, ScannedRecord)], tail


def test_places_and_hashes_are_exact() -> None:
    data, ends = _sample()
    records, tail = _walk(data)
    assert tail is None
    assert [item.end for item in records] == list(ends)
    for item in records:
        assert sha256(data[item.offset : item.end]) == f"sha256:{item.sha256}"
        assert item.problems == ()


@given(st.data())
@settings(max_examples=60)
def test_a_cut_anywhere_is_found_at_the_last_good_end(data: st.DataObject) -> None:
    whole, ends = _sample()
    cut = data.draw(st.integers(1, len(whole) - 1))
    records, tail = _walk(whole[:cut])
    good = [end for end in ends if end <= cut]
    assert [item.end for item in records] == good
    if cut in ends:
        assert tail is None
    else:
        assert tail == Tail(good[-1] if good else 0, "the file ends within a record")


@given(st.data())
@settings(max_examples=120)
def test_a_flipped_bit_in_what_is_compressed_never_passes(data: st.DataObject) -> None:
    whole, ends = _sample()
    place = data.draw(st.integers(0, len(whole) - 1))
    start = max((end for end in (0, *ends) if end <= place), default=0)
    if place - start in range(3, 10):
        return  # flags, time and system in gzip's own header: no checksum covers them, the database's does
    damaged = bytearray(whole)
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    records, tail = _walk(bytes(damaged))
    assert tail is not None
    assert tail.offset == start
    assert len(records) == [0, *ends].index(start)


def test_what_stands_behind_a_damage_is_found_again(tmp_path: Path) -> None:
    whole, ends = _sample()
    damaged = bytearray(whole)
    damaged[ends[0] + 60] ^= 0xFF
    path = tmp_path / "x.warc.gz"
    path.write_bytes(damaged)
    (_, tail) = list(scan(path))
    assert isinstance(tail, Tail)
    assert next_member(path, tail.offset + 1) == ends[1]
    assert next_member(path, ends[-2] + 1) is None


def test_scanning_can_begin_at_any_record(tmp_path: Path) -> None:
    whole, ends = _sample()
    path = tmp_path / "x.warc.gz"
    path.write_bytes(whole)
    assert [item.end for item in scan(path, ends[3]) if isinstance(item, ScannedRecord)] == list(ends[4:])


def test_a_missing_file_is_an_error_and_an_empty_one_has_no_records(tmp_path: Path) -> None:
    with pytest.raises(WarcError, match="No such file"):
        next(scan(tmp_path / "x.warc.gz"))
    (tmp_path / "y.warc.gz").touch()
    assert list(scan(tmp_path / "y.warc.gz")) == []


FIELDS = [("WARC-Record-ID", record_id("0" * 32)), ("WARC-Date", "2022-09-28T01:02:03Z")]


def _raw(head: str, block: bytes = b"", end: bytes = b"\r\n\r\n") -> bytes:
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + block + end


GOOD = "WARC/1.1\nWARC-Type: metadata\nWARC-Record-ID: <urn:x>\nWARC-Date: 2022-09-28T01:02:03Z"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (_raw(GOOD.replace("1.1", "2.0") + "\nContent-Length: 0"), "not a WARC record"),
        (_raw(GOOD), "Content-Length is missing"),
        (_raw(GOOD + "\nContent-Length: 5", b"abc"), "Content-Length is 5, but 3 bytes"),
        (_raw(GOOD + "\nContent-Length: -1", b""), "Content-Length is -1"),
        (_raw(GOOD + "\nContent-Length: 3", b"abc", b"\r\n"), "Content-Length is 3"),
        (_raw(GOOD + "\nContent-Length: 3", b"abc", b"\r\n\r\nx"), "Content-Length is 3"),
        (_raw(GOOD + "\nno field\nContent-Length: 0"), "not a named field"),
        (_raw(GOOD.replace("WARC-Type", "Type") + "\nContent-Length: 0"), "WARC-Type is missing"),
        (b"WARC/1.1\r\nWARC-Type: x", "head has no end"),
        (b"WARC/1.1\r\nX: \xff\r\n\r\n\r\n\r\n", "not UTF-8"),
    ],
)
def test_what_is_no_record_is_told_why(raw: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        parse(raw)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(raw))
    (tail,) = scan(path)
    assert isinstance(tail, Tail)
    assert why in tail.reason


def test_two_records_in_one_member_are_refused(tmp_path: Path) -> None:
    raw = _raw(GOOD + "\nContent-Length: 3", b"abc")
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(raw + raw))
    (tail,) = scan(path)
    assert isinstance(tail, Tail)


def test_false_digests_and_dates_are_problems_of_a_readable_record(tmp_path: Path) -> None:
    fields = [*FIELDS[:1], ("WARC-Date", "yesterday"), ("WARC-Payload-Digest", "sha1:" + "A" * 32)]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(member("metadata", fields, b"via: x\r\n", "application/warc-fields"))
    (item,) = scan(path)
    assert isinstance(item, ScannedRecord)
    assert item.problems == ("the payload digest does not hold", "WARC-Date is no date")


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        ("sha1:VYKRGF3DPVJPDRJTFQZNYXQDV6MSYXOF", False),
        ("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", True),
        ("sha1:a9993e364706816aba3e25717850c26c9cd0d89d", True),
        ("sha-256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", True),
        ("md5:900150983cd24fb0d6963f7d28e17f72", True),
        ("md5:900150983cd24fb0d6963f7d28e17f73", False),
        ("sha1:not base32!", False),
        ("blake9:whatever", True),
        ("", True),
    ],
)
def test_digests_in_the_spellings_of_the_field(stated: str, holds: bool) -> None:
    assert digest_holds(stated, b"abc") is holds


def test_dates_of_any_precision_are_read() -> None:
    for text in ("2022-09-28T01:02:03Z", "2022-09-28T01:02:03.000000Z", "2022-09-28T08:02:03+07:00"):
        assert date(parse_date(text)) == "2022-09-28T01:02:03.000000Z"


def test_foreign_record_ids_give_stable_ids() -> None:
    assert uuid_of("<urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6>") == "f81d4fae7dec11d0a76500a0c91e6bf6"
    assert uuid_of("<urn:sha1:ABC>") == uuid_of(" <urn:sha1:ABC>") != uuid_of("<urn:sha1:ABD>")
    assert len(uuid_of("<urn:sha1:ABC>")) == 32


def test_folded_fields_and_repeated_ones_are_read() -> None:
    record = parse(_raw(GOOD + "\nX: one\n  two\nX: three\nContent-Length: 0"))
    assert record.get("x") == "one two"
    assert record.fields.count(("X", "three")) == 1
    assert isinstance(record, Record)


def test_fields_of_a_block_keep_to_their_lines() -> None:
    assert warc_fields([("via", "a\r\nforged: b"), ("empty", "")]) == b"via: a forged: b\r\n"
