"""SIGKILL at any moment of every command that writes (fault 30 of docs/faults.md).

After each kill the archive verifies as it lies there, the same command ends well, and then everything is
there, once. What was acknowledged before the kill stands in the base that each scene begins with.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from archive.errors import ArchiveError
from tests.faults.storage.machine import Fault
from tests.faults.storage.scenes import IMPORT_AHEAD, SCENES, Base, Scene, checked

LONG = 500
"""Kills of the long run, over all scenes."""


def killed(
    base: Base, scene: Scene, root: Path, operations: int, seconds: float, dice: random.Random
) -> bool:
    """Kill the command once in a place of its own, and see that all is well; False when it had ended before.

    Half of the kills are aimed at an operation, which finds the short moments between two writes; half at the
    clock, which finds the rest. The scheduler's commands go with it.
    """
    place, began = scene.place(base, root), len(base.asked)
    at_operation = scene.name != "scheduler" and dice.random() < 0.5
    kill_at = dice.randint(1, operations) if at_operation else 0
    running = base.machine.start(
        place.settings, [str(word) for word in scene.words(place)], constants=scene.constants,
        fault=Fault(place.root, kill_at=kill_at),
    )  # fmt: skip
    if not at_operation:
        time.sleep(dice.random() * seconds)  # the moment of the kill is what the test draws
        running.kill()
    ended = running.wait()
    assert ended.killed or ended.code == 0, ended
    report = checked(place)
    if report is not None and scene.whole_midway:
        assert [str(item) for item in report.findings] == []
    if ended.killed:
        scene.again(place)
    scene.check(place)
    if scene.name == "crawl":
        asked = Counter(
            path for path in base.asked[began:] if path not in ("/", "/robots.txt", "/sitemap.xml")
        )
        assert sum(number - 1 for number in asked.values()) <= 1, (
            "more than the page under way was asked again"
        )
    return ended.killed


def kill_again_and_again(base: Base, scene: Scene, folder: Path, kills: int, seed: int) -> None:
    dice = random.Random(f"{scene.name} {seed}")
    known = base.recording(scene)
    hits = 0
    for number in range(kills):
        root = folder / "place"
        try:
            hits += killed(base, scene, root, known.operations, known.seconds, dice)
        except (AssertionError, ArchiveError) as error:
            raise AssertionError(f"{scene.name}, seed {seed}, kill {number}") from error
        shutil.rmtree(root)
    assert hits >= kills // 4, "most kills came too late to be any"


@pytest.mark.parametrize(
    "scene", [scene for scene in SCENES if scene.name != "scheduler"], ids=lambda scene: scene.name
)
def test_killed_it_is_mended_by_starting_again(base: Base, scene: Scene, tmp_path: Path) -> None:
    kill_again_and_again(base, scene, tmp_path, 1, seed=1)


def test_an_import_by_several_processes_is_mended_by_starting_again(base: Base, tmp_path: Path) -> None:
    kill_again_and_again(base, IMPORT_AHEAD, tmp_path, 2, seed=1)


def alive_in_group(group: int) -> list[str]:
    """Processes of a group that have not ended (proc_pid_stat(5): state, parent and group follow the name)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = path.read_text().rpartition(")")
            state, _, its_group = rest.split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(name)
    return found


def test_what_reads_ahead_does_not_outlive_an_import_that_was_killed(base: Base, tmp_path: Path) -> None:
    """Killed alone, as for want of memory: the others of its group end by themselves."""
    place = IMPORT_AHEAD.place(base, tmp_path / "place")
    running = base.machine.start(
        place.settings, [str(word) for word in IMPORT_AHEAD.words(place)], constants=IMPORT_AHEAD.constants,
        fault=Fault(place.root, kill_at=base.recording(IMPORT_AHEAD).operations // 2),
    )  # fmt: skip
    assert running.wait().killed
    deadline = time.monotonic() + 60
    while alive_in_group(running.pid):
        assert time.monotonic() < deadline, "a process is left"
        time.sleep(0.05)
    IMPORT_AHEAD.again(place)
    IMPORT_AHEAD.check(place)


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_five_hundred_kills(base: Base, scene: Scene, tmp_path: Path) -> None:
    kill_again_and_again(base, scene, tmp_path, -(-LONG // len(SCENES)), seed=2)
