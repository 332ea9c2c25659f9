"""The clock jumps while a command works (fault 15): a day back, a year on."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from pathlib import Path

import pytest

from archive.store import Store, jobs
from tests.faults.storage.machine import Fault
from tests.faults.storage.scenes import BY_NAME, Base

DAY, YEAR = 86_400, 365 * 86_400


@pytest.mark.parametrize("jump", [-DAY, YEAR], ids=["a-day-back", "a-year-on"])
@pytest.mark.parametrize(
    "name", ["crawl", *(pytest.param(x, marks=pytest.mark.long) for x in ("takedown", "backup"))]
)
def test_a_command_survives(base: Base, name: str, jump: int, tmp_path: Path) -> None:
    """It comes to its end, and the next command, by the right clock, finds all in order and goes on."""
    scene = BY_NAME[name]
    place = scene.place(base, tmp_path / "x")
    fault = Fault(place.root, jump_at=base.recording(scene).operations // 3, jump_by=jump)
    ended = base.machine.run(place.settings, *scene.words(place), constants=scene.constants, fault=fault)
    assert ended.code == 0, ended
    scene.check(place)
    base.machine.done(place.settings, "crawl", "--sites", base.sites, "--recheck")
    scene.check(place)


@pytest.mark.parametrize(
    "jump", [pytest.param(-DAY, marks=pytest.mark.long), YEAR], ids=["a-day-back", "a-year-on"]
)
def test_the_order_of_files_and_runs_is_that_of_their_making(base: Base, jump: int, tmp_path: Path) -> None:
    """Neither the clock nor the names of files decide what came first."""
    scene = BY_NAME["crawl-again"]
    place = scene.place(base, tmp_path / "x")
    ended = base.machine.run(
        place.settings, *scene.words(place), fault=Fault(place.root, jump_at=1, jump_by=jump)
    )
    assert ended.code == 0, ended
    base.machine.done(place.settings, *scene.words(place))
    files = sorted(place.settings.warc_dir.glob("*.warc.gz"), key=lambda path: path.stat().st_mtime_ns)
    assert [int(path.name[-13:-8]) for path in files] == list(range(len(files)))
    place.remove("var/archive.db*")
    base.machine.done(place.settings, "replay")
    scene.check(place)


@pytest.mark.long
def test_a_schedule_survives(base: Base, tmp_path: Path) -> None:
    """A turn that was taken by a clock that ran a year ahead keeps no site waiting for a year."""
    scene = BY_NAME["scheduler"]
    place = scene.place(base, tmp_path / "x")
    ahead = Fault(place.root, jump_at=1, jump_by=YEAR)
    with closing(Store.open(place.settings.database_url)) as store, store.begin() as connection:
        far = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=YEAR)
        jobs.ask(connection, jobs.JobKind.INDEX_UPDATE, by="lan", not_before=far)
    assert base.machine.run(place.settings, *scene.words(place), fault=ahead).code == 0
    base.machine.done(place.settings, *scene.words(place))
    scene.check(place)
    said = json.loads(base.machine.done(place.settings, *scene.words(place), "--plan", "--json").out)
    assert dt.datetime.fromisoformat(said["sites"][0]["next"]) < far
