"""Capture files in a bucket: what a real S3 server and its faults make of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.config import Settings
from archive.errors import ConfigError, StorageError
from archive.warc.files import capture_files
from archive.warc.patching import patch
from archive.warc.s3 import Bucket
from tests.warc.bucket_server import BUCKET, Proxy, free_port, proxy

DATA = bytes(range(256)) * 12_000
NAME = "dam-ha-20220928080000-0a1b2c3d-00000.warc.gz"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / NAME
    made.write_bytes(DATA)
    return made


@pytest.fixture
def bad_day(in_bucket: Settings) -> Iterator[tuple[Proxy, Bucket]]:
    with proxy(in_bucket.captures_endpoint) as server:
        yield server, Bucket(in_bucket.captures, server.address, connect=2, read=5)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def whole(bucket: Bucket, name: str = NAME) -> bytes:
    with bucket.open(name) as file:
        return file.read()


def test_a_record_is_read_by_a_range_request(bad_day: tuple[Proxy, Bucket], path: Path) -> None:
    server, bucket = bad_day
    bucket.put(NAME, path, sha256(DATA))
    server.seen.clear()
    assert bucket.read(NAME, 1000, 300) == DATA[1000:1300]
    assert bucket.read(NAME, len(DATA) - 5, 300) == DATA[-5:]
    assert bucket.read(NAME, len(DATA), 10) == b""
    assert server.seen[0][1].endswith(" bytes=1000-1299")
    with bucket.open(NAME, 2_000_000) as file:
        assert file.read(10) == DATA[2_000_000:2_000_010]
        assert file.read() == DATA[2_000_010:]
    assert (bucket.sizes(), bucket.size(NAME), bucket.size("other")) == ({NAME: len(DATA)}, len(DATA), None)
    with pytest.raises(FileNotFoundError):
        bucket.read("other", 0, 5)


def test_nothing_is_written_over(bad_day: tuple[Proxy, Bucket], path: Path) -> None:
    _, bucket = bad_day
    bucket.put(NAME, path, sha256(DATA))
    bucket.put(NAME, path, sha256(DATA))  # the same again: what a crash before the note leaves
    path.write_bytes(b"another")
    with pytest.raises(StorageError, match="another content"):
        bucket.put(NAME, path, sha256(b"another"))
    assert whole(bucket) == DATA


def test_the_server_itself_refuses_a_second_writer(
    bad_day: tuple[Proxy, Bucket], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that both saw nothing there: the condition of the request decides."""
    _, bucket = bad_day
    bucket.put(NAME, path, sha256(DATA))
    monkeypatch.setattr(bucket, "size", lambda _: None)
    path.write_bytes(b"another")
    with pytest.raises(StorageError, match="another content"):
        bucket.put(NAME, path, sha256(b"another"))
    assert whole(bucket) == DATA


@pytest.mark.parametrize("fault", ["slow-down", "cut-request", "lost-answer"])
def test_an_upload_outlives_a_bad_moment(bad_day: tuple[Proxy, Bucket], path: Path, fault: str) -> None:
    server, bucket = bad_day
    server.faults = [("PUT", fault)]
    bucket.put(NAME, path, sha256(DATA))
    assert server.faults == []
    assert whole(bucket) == DATA


def test_reading_goes_on_where_an_answer_broke_off(bad_day: tuple[Proxy, Bucket], path: Path) -> None:
    server, bucket = bad_day
    bucket.put(NAME, path, sha256(DATA))
    server.faults = [("GET", "cut-answer"), ("GET", "slow-down"), ("GET", "cut-answer")]
    assert whole(bucket) == DATA
    server.faults = [("GET", "cut-answer")]
    assert bucket.read(NAME, 7, 100_000) == DATA[7:100_007]
    assert server.faults == []


def test_what_was_changed_on_the_way_is_not_taken_for_sent(bad_day: tuple[Proxy, Bucket], path: Path) -> None:
    _, bucket = bad_day
    with pytest.raises(StorageError):
        bucket.put(NAME, path, sha256(b"what was hashed before the disk failed"))


def test_each_trouble_names_what_mends_it(
    in_bucket: Settings, bad_day: tuple[Proxy, Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, bucket = bad_day
    server.faults = [("GET", "slow-down")] * 9
    with pytest.raises(StorageError, match=r"too busy \(SlowDown\), after 4 tries"):
        bucket.sizes()
    server.faults = [("GET", "refuse")]
    with pytest.raises(StorageError, match=r"refuses these credentials.*AWS_ACCESS_KEY_ID"):
        bucket.sizes()
    missing = Bucket("s3://nobody/has/it", in_bucket.captures_endpoint)
    for ask in (missing.sizes, lambda: missing.size(NAME), lambda: missing.read(NAME, 0, 9)):
        with pytest.raises(StorageError, match="no bucket 'nobody'"):
            ask()
    down = Bucket(in_bucket.captures, f"http://127.0.0.1:{free_port()}", connect=1)
    with pytest.raises(StorageError, match="does not answer at http"):
        down.sizes()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StorageError, match="no credentials"):
        Bucket(in_bucket.captures, in_bucket.captures_endpoint).sizes()


@pytest.mark.parametrize("address", ["kho", "s3://", "https://kho/x", "s3://kho?x=1"])
def test_an_address_that_is_none_is_told(settings: Settings, address: str) -> None:
    with pytest.raises(ConfigError, match="s3://bucket/prefix"):
        capture_files(replace(settings, captures=address))


def test_the_file_here_comes_first_and_one_there_second(in_bucket: Settings, path: Path) -> None:
    files = capture_files(in_bucket)
    assert files.remote is not None
    files.remote.put(NAME, path, sha256(DATA))
    file = files.file(NAME)
    assert (file.size(), file.read(3, 4)) == (len(DATA), DATA[3:7])
    assert str(file) == f"s3://{BUCKET}/{in_bucket.captures.rpartition('/')[2]}/{NAME}"
    files.folder.mkdir(parents=True)
    file.path.write_bytes(b"here")
    assert (file.size(), file.read(0, 9), files.sizes()) == (4, b"here", {NAME: 4})


def test_destroying_puts_a_changed_copy_there(in_bucket: Settings, path: Path) -> None:
    files = capture_files(in_bucket)
    assert files.remote is not None
    files.remote.put(NAME, path, sha256(DATA))
    file = files.file(NAME)
    assert patch(file, {10: b"gone", 5000: b"too"}) == 2
    assert patch(file, {10: b"gone", 5000: b"too"}) == 0
    expected = bytearray(DATA)
    expected[10:14], expected[5000:5003] = b"gone", b"too"
    with file.open() as now:
        assert now.read() == bytes(expected)
    assert list(files.folder.iterdir()) == []
