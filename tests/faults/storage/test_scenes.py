"""Undisturbed, each command does what its scene says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.storage.machine import Fault
from tests.faults.storage.scenes import SCENES, Base, Scene


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(base: Base, scene: Scene, tmp_path: Path) -> None:
    place = scene.place(base, tmp_path / "x")
    t=time.time()
    ended = base.machine.run(place.settings, *scene.words(place), constants=scene.constants, fault=Fault(place.root))
    print(scene.name, round(time.time()-t,2), ended)
    assert ended.code == 0
    t=time.time()
    scene.check(place)
    print("check", round(time.time()-t,2))
