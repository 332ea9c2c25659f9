"""Hours of crawls, commits, takedowns and searches: nothing grows (fault 40 of docs/faults.md)."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.storage.machine import ROOT
from tests.faults.storage.scenes import Base, Place, sound

ROUNDS = 60


@pytest.mark.long
def test_nothing_grows(base: Base, tmp_path: Path) -> None:
    place = Place(tmp_path / "x", base)
    shutil.copytree(base.root, place.root)
    own = tmp_path / "tmp"
    own.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.storage.hours", place.root, base.sites, str(ROUNDS)],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(own)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    samples = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(samples) == ROUNDS
    # The first third fills caches; after that the last third is as the middle one.
    middle, last = samples[ROUNDS // 3 : 2 * ROUNDS // 3], samples[2 * ROUNDS // 3 :]

    def typical(name: str, some: list[dict[str, int]]) -> float:
        return statistics.median(item[name] for item in some)

    assert typical("kilobytes", last) < typical("kilobytes", middle) * 1.05, samples
    for name in ("handles", "threads", "temporary"):
        assert typical(name, last) <= typical(name, middle), (name, samples)
    assert list(own.iterdir()) == []
    sound(place)
