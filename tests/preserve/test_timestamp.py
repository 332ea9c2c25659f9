from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.config import Settings
from archive.errors import ConfigError, TimestampError
from archive.preserve import days, fixity
from archive.preserve.exporting import export_evidence
from archive.preserve.timestamp import check_stamp, request_stamp
from tests.preserve.authority import authority
from tests.preserve.judges import needs_openssl
from tests.store.scene import BODY, OTHER_BODY, OTHER_TITLE, Scene, article_html

pytestmark = needs_openssl


def _stamped(scene: Scene, url: str, ca: Path) -> Settings:
    return dataclasses.replace(scene.settings, timestamp_url=url, timestamp_ca=str(ca))


def test_an_authority_stamps_bytes_and_the_token_is_checked_offline(tmp_path: Path) -> None:
    with authority(tmp_path / "tsa") as tsa:
        token = request_stamp(tsa.url, b"manifest", ca_file=tsa.ca)
        (asked,) = tsa.asked
        assert b"manifest" not in asked  # only a hash is sent
    stamp = check_stamp(token, b"manifest", ca_file=tmp_path / "tsa" / "ca.pem")
    assert abs(stamp.at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert (stamp.authority, stamp.policy, stamp.trusted) == ("CN=Test Authority", "1.2.3.4.1", True)
    assert not check_stamp(token, b"manifest").trusted
    with pytest.raises(TimestampError, match="of other bytes"):
        check_stamp(token, b"another")
    with pytest.raises(TimestampError, match="no timestamp"):
        check_stamp(token[:-20], b"manifest")
    with pytest.raises(ConfigError, match="timestamp_ca"):
        check_stamp(token, b"manifest", ca_file=tmp_path / "none.pem")


def test_a_token_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with authority(tmp_path / "one") as one:
        token = request_stamp(one.url, b"manifest")
    with (
        authority(tmp_path / "two") as two,
        pytest.raises(TimestampError, match="not signed by an authority"),
    ):
        check_stamp(token, b"manifest", ca_file=two.ca)


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (b"<html>", "200 OK", "no timestamp"),
        (b"", "503 Busy", "answered 503"),
        (b"\x30\x05\x30\x03\x02\x01\x02", "200 OK", "was not granted"),
    ],
)
def test_an_authority_that_misbehaves(tmp_path: Path, answer: bytes, status: str, message: str) -> None:
    with (
        authority(tmp_path / "tsa", answer=answer, status=status) as tsa,
        pytest.raises(TimestampError, match=message),
    ):
        request_stamp(tsa.url, b"manifest")


def test_an_authority_that_answers_with_an_old_token(tmp_path: Path) -> None:
    with authority(tmp_path / "tsa") as tsa:
        old = request_stamp(tsa.url, b"manifest")
    with (
        authority(tmp_path / "again", answer=old) as tsa,
        pytest.raises(TimestampError, match="another question"),
    ):
        request_stamp(tsa.url, b"manifest")


# ------------------------------------------------------------------------------------ daily manifests


def test_each_day_lists_what_is_new_and_follows_on_the_day_before(scene: Scene, tmp_path: Path) -> None:
    scene.get("/a.html", article_html())
    with authority(tmp_path / "tsa") as tsa:
        settings = _stamped(scene, tsa.url, tsa.ca)
        first = days.make_manifest(settings, scene.store, day=dt.date(2026, 11, 23))
        assert days.make_manifest(settings, scene.store, day=dt.date(2026, 11, 23)) is None
        scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY))
        scene.next_crawl()
        scene.get("/a.html", article_html(body=BODY[:2]))
        second = days.make_manifest(settings, scene.store, day=dt.date(2026, 11, 23))
    assert first is not None
    assert second is not None
    assert (first.name, first.records, second.name, second.records) == ("2026-11-23", 1, "2026-11-23-2", 2)
    lines = [line.split("  ") for line in second.list_path.read_text().splitlines()]
    assert len(lines) == 2
    for digest, file, offset, length in lines:
        data = (scene.warcs / file).read_bytes()[int(offset) : int(offset) + int(length)]
        assert hashlib.sha256(data).hexdigest() == digest
    result = days.check(settings, scene.store)
    assert (result.manifests, result.stamped, result.problems) == (2, 2, [])
    subprocess.run(
        ["openssl", "ts", "-verify", "-data", second.path, "-in", second.token_path, "-CAfile", tsa.ca],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda m: m.list_path.write_text(m.list_path.read_text().replace("a", "b")), "was changed since"),
        (lambda m: m.list_path.unlink(), "is missing"),
        (lambda m: m.path.write_text(m.path.read_text().replace("Tester", "Khác") + " "), "other bytes"),
        (lambda m: m.path.write_text("{}"), "is damaged"),
    ],
)
def test_a_manifest_that_was_touched_is_found(
    scene: Scene, tmp_path: Path, spoil: object, message: str
) -> None:
    scene.get("/a.html", article_html())
    with authority(tmp_path / "tsa") as tsa:
        settings = _stamped(scene, tsa.url, tsa.ca)
        made = days.make_manifest(settings, scene.store)
    spoil(made)  # type: ignore[operator]
    assert message in " ".join(days.check(settings, scene.store).problems)
    report = fixity.check(settings, scene.store)
    assert [item.kind.value for item in report.findings] == ["manifest"] * len(report.findings) != []


def test_a_manifest_without_its_token_gets_it_the_next_time(scene: Scene, tmp_path: Path) -> None:
    scene.get("/a.html", article_html())
    away = dataclasses.replace(scene.settings, timestamp_url="http://127.0.0.1:9/")
    with pytest.raises(TimestampError, match="cannot be reached"):
        days.make_manifest(away, scene.store)
    (made,) = days.manifests(scene.settings.var / "manifests")
    assert not made.token_path.exists()
    config = tmp_path / "archive.toml"
    with authority(tmp_path / "tsa") as tsa:
        config.write_text(f'timestamp_url = "{tsa.url}"\ntimestamp_ca = "{tsa.ca}"\n')
        result = CliRunner().invoke(
            main, ["--config", str(config), "--var", str(scene.settings.var), "manifest", "--json"]
        )
    assert json.loads(result.output) == {"name": None, "records": 0, "stamped": 1, "problem": ""}
    assert made.token_path.exists()


# --------------------------------------------------------------------------------------- evidence packs


def test_an_evidence_pack_carries_timestamps_that_openssl_checks(scene: Scene, tmp_path: Path) -> None:
    article = scene.get("/a.html", article_html()).article
    assert article is not None
    with authority(tmp_path / "tsa") as tsa:
        settings = _stamped(scene, tsa.url, tsa.ca)
        days.make_manifest(settings, scene.store, day=dt.date(2026, 11, 23))
        export_evidence(scene.store, settings, article, tmp_path / "e.zip", citations=lambda view: {})
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "e.zip") as package:
        package.extractall(folder)
    text = (folder / "VERIFY.txt").read_text("utf-8")
    commands = {line.strip() for line in text.splitlines() if line.strip().startswith("openssl ts")}
    assert len(commands) == 2
    for command in commands:
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    listed = (folder / "proof" / "2026-11-23.list").read_text()
    row = json.loads((folder / "article" / "v1.json").read_bytes())
    assert f"{row['warc_sha256']}  {row['warc_file']}  {row['warc_offset']}  {row['warc_length']}" in listed
