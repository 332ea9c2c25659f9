"""The power fails: what was not brought to the disk is gone, in any order (fault 31 of docs/faults.md)."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.faults.storage.machine import Fault
from tests.faults.storage.power import after_power_cut, read_log
from tests.faults.storage.scenes import BY_NAME, Base, Place, Scene, checked

SCENES = [scene for scene in BY_NAME.values() if scene.name != "scheduler"]
"""The scheduler's commands are the others."""


class Recorded:
    """A command that was run to its end, with a log of all that it asked the disk for."""

    def __init__(self, base: Base, scene: Scene, folder: Path) -> None:
        self.scene, self._base, self._folder = scene, base, folder
        place = scene.place(base, folder / "x")
        shutil.copytree(place.root, folder / "before")
        ended = base.machine.run(
            place.settings, *scene.words(place), constants=scene.constants,
            fault=Fault(place.root, log=folder / "log"),
        )  # fmt: skip
        assert ended.code == 0, ended
        self.operations = sum(1 for _ in read_log(folder / "log"))

    def cut(self, chance: random.Random, at: int | None, share: float) -> Place:
        """The place as a power cut leaves it, at the path where it was."""
        root = self._folder / "x"
        after_power_cut(
            self._folder / "before", root, self._folder / "log", root, at=at, chance=chance, share=share
        )
        return Place(root, self._base)


def power_fails(base: Base, scene: Scene, folder: Path, cuts: int, seed: int) -> None:
    """Cut the power again and again, once of all when the command had just said that it is done."""
    chance = random.Random(f"{scene.name} {seed}")
    recorded = Recorded(base, scene, folder)
    for number in range(cuts):
        is_told = number == 0
        at = None if is_told else chance.randint(1, recorded.operations)
        share = 0.0 if is_told else chance.choice((0.0, 0.5, 0.9))
        place = recorded.cut(chance, at, share)
        try:
            report = checked(place)
            if report is not None and scene.name != "takedown-destroy":
                assert [str(item) for item in report.findings] == []
            if is_told:
                # What was acknowledged is there without any more ado.
                scene.check(place)
            else:
                scene.again(place)
                scene.check(place)
        except Exception as error:
            raise AssertionError(f"{scene.name}: cut {number} at {at} of {recorded.operations}, {share}") from error


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_was_acknowledged_outlasts_a_power_cut(base: Base, scene: Scene, tmp_path: Path) -> None:
    power_fails(base, scene, tmp_path, cuts=2, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_many_power_cuts(base: Base, scene: Scene, tmp_path: Path) -> None:
    power_fails(base, scene, tmp_path, cuts=20, seed=2)
