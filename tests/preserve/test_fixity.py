from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.errors import BusyError
from archive.preserve import fixity
from archive.preserve.verify import FindingKind, VerifyReport
from archive.warc.lock import held
from tests.store.scene import OTHER_BODY, OTHER_TITLE, Scene, article_html


@pytest.fixture
def filled(scene: Scene) -> Scene:
    """Three files of three exchanges."""
    for crawl in range(3):
        for number in range(3):
            scene.get(f"/{crawl}-{number}.html", article_html(f"{OTHER_TITLE} {crawl}{number}", OTHER_BODY))
        scene.next_crawl()
    return scene


def _files(scene: Scene) -> list[Path]:
    return sorted(scene.warcs.glob("*.warc.gz"), key=lambda path: path.name[-13:])


def _stopping(after: int) -> tuple[Event, object]:
    stop = Event()
    return stop, lambda done, total: stop.set() if done >= after else None


def test_a_check_in_portions_reads_every_record_once(filled: Scene) -> None:
    whole = fixity.check(filled.settings, filled.store)
    assert (whole.complete, whole.findings, whole.records) == (True, [], 30)
    records, portions = 0, 0
    report = VerifyReport()
    while records < 30:
        stop, progress = _stopping(4)
        report = fixity.check(
            filled.settings, filled.store, resume=portions > 0, stop=stop, progress=progress  # type: ignore[arg-type]
        )  # fmt: skip
        assert report.findings == []
        records, portions = records + report.records, portions + 1
    assert (records, portions) == (30, 8)
    # The last portion ended with the last record; one more finds nothing left to do.
    assert fixity.check(filled.settings, filled.store, resume=True).records == 0


def test_damage_stays_told_until_the_file_is_sound_again(filled: Scene) -> None:
    path = _files(filled)[2]
    sound = path.read_bytes()
    broken = bytearray(sound)
    broken[len(broken) // 2] ^= 0xFF
    path.write_bytes(broken)
    first = fixity.check(filled.settings, filled.store)
    assert {item.file for item in first.findings} == {path.name}
    assert first.findings[0].dependants
    # Nothing is due, so nothing is read; the damage is told all the same.
    later = fixity.check(filled.settings, filled.store, since=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert (later.records, later.findings) == (0, first.findings)
    path.write_bytes(sound)
    assert fixity.check(filled.settings, filled.store).clean


def test_what_waited_longest_comes_first(filled: Scene) -> None:
    fixity.check(filled.settings, filled.store)
    filled.get("/new.html", article_html())
    stop, progress = _stopping(1)
    report = fixity.check(
        filled.settings, filled.store, minutes=60, stop=stop, progress=progress  # type: ignore[arg-type]
    )  # fmt: skip
    assert (report.files, report.complete) == (1, False)
    new = _files(filled)[-1]
    new.unlink()
    told = fixity.check(filled.settings, filled.store, minutes=60)
    assert FindingKind.MISSING_FILE in {item.kind for item in told.findings}


def test_two_checks_at_once_do_not_mix(filled: Scene) -> None:
    with (
        held(filled.settings.var / "locks" / ".verify.lock", "held"),
        pytest.raises(BusyError, match="being checked by another process"),
    ):
        fixity.check(filled.settings, filled.store)


def test_the_command(filled: Scene) -> None:
    arguments = ["--var", str(filled.settings.var), "verify"]
    result = CliRunner().invoke(main, [*arguments, "--minutes", "10", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["complete"] is True
    _files(filled)[0].unlink()
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "the file is missing, with 3 captures" in result.output
