"""The power fails: what was not brought to the disk is gone, in any order (fault 31 of docs/faults.md)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from archive.errors import ArchiveError
from tests.faults.storage.power import after_power_cut
from tests.faults.storage.scenes import BY_NAME, Base, Place, Scene, checked

SCENES = [scene for scene in BY_NAME.values() if scene.name != "scheduler"]
"""The scheduler's commands are the others."""


def power_fails(base: Base, scene: Scene, folder: Path, cuts: int, seed: int) -> None:
    """Cut the power again and again, the first time when the command had just said that it is done."""
    dice = random.Random(f"{scene.name} {seed}")
    recording = base.recording(scene)
    started_anew = folder / "boot_id"
    started_anew.write_text("00000000-0000-4000-8000-000000000031\n", "ascii")
    kernel = {"archive.store.holding._BOOT_ID": str(started_anew)}
    for number in range(cuts):
        is_told = number == 0
        at = None if is_told else dice.randint(1, recording.operations)
        share = 0.0 if is_told else dice.choice((0.0, 0.5, 0.9))
        place = Place(folder / "x", base)
        after_power_cut(
            recording.before, recording.told, recording.log, place.root, at=at, chance=dice, share=share
        )
        try:
            report = checked(place)
            if report is not None and scene.whole_midway:
                assert [str(item) for item in report.findings] == []
            if not is_told:  # what was acknowledged must be there without any more ado
                scene.again(place, kernel)
            scene.check(place)
        except (AssertionError, ArchiveError) as error:
            where = f"at {at} of {recording.operations}, {share}"
            raise AssertionError(f"{scene.name}, seed {seed}, cut {number} {where}") from error


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_what_was_acknowledged_outlasts_a_power_cut(base: Base, scene: Scene, tmp_path: Path) -> None:
    power_fails(base, scene, tmp_path, cuts=1, seed=1)


def test_a_crawl_goes_on_after_a_power_cut(base: Base, tmp_path: Path) -> None:
    """What held the portal when the power failed does not hold it now."""
    power_fails(base, BY_NAME["crawl-again"], tmp_path, cuts=4, seed=3)


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_many_power_cuts(base: Base, scene: Scene, tmp_path: Path) -> None:
    power_fails(base, scene, tmp_path, cuts=20, seed=2)
