"""A disk that is full, read-only, forbidden or slow (fault 32 of docs/faults.md)."""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from archive.web import create_app
from tests.faults.storage.machine import Ended, Fault
from tests.faults.storage.scenes import BY_NAME, SCENES, Base, Place, Scene, checked

_MENDS = ("room", "right", "rights", "check the disk")
"""Words of which one is in what the operator is told to do."""


def told(ended: Ended, place: Place) -> None:
    """It ended in order, with one line that names the place and what mends it."""
    assert ended.code in (0, 1, 2, 3), ended
    if ended.code == 0:
        return  # all that it had to write was written, or what failed was of no consequence
    assert "Traceback" not in ended.err, ended
    complaint = ended.err.strip().splitlines()[-1]
    assert str(place.root) in complaint, ended
    assert any(word in complaint.lower() for word in _MENDS), ended


class Readers:
    """A site that is being read while the disk fails; its database has been open since before."""

    def __init__(self, place: Place) -> None:
        self._client = create_app(place.settings).test_client()
        self._pages = [f"/a/{place.base.ids[-1]}", "/search?q=thi+dua", "/"]
        self.go_on()

    def go_on(self) -> None:
        for page in self._pages:
            assert self._client.get(page, follow_redirects=True).status_code == 200, page


def fails(base: Base, scene: Scene, root: Path, error: int, fail_at: int) -> None:
    """Let the command fail once, and go on when the disk is as it should be."""
    place = scene.place(base, root)
    fault = Fault(place.root, fail_at=fail_at, error=error)
    ended = base.machine.run(place.settings, *scene.words(place), constants=scene.constants, fault=fault)
    told(ended, place)
    report = checked(place)
    if report is not None and scene.whole_midway:
        assert [str(item) for item in report.findings] == []
    if ended.code:
        scene.again(place)
    scene.check(place)


ALL_BUT_SCHEDULER = [scene for scene in SCENES if scene.name != "scheduler"]


QUICK = ("crawl-again", "import", "replay", "index-update", "backup", "restore", "takedown", "export-warc")
"""The others are for the long run, which takes the same path with all of them."""


@pytest.mark.parametrize("scene", [BY_NAME[name] for name in QUICK], ids=lambda scene: scene.name)
def test_a_full_disk_ends_a_command_in_order(base: Base, scene: Scene, tmp_path: Path) -> None:
    dice = random.Random(scene.name)
    fails(base, scene, tmp_path / "x", errno.ENOSPC, dice.randint(1, base.recording(scene).operations))


@pytest.mark.long
@pytest.mark.parametrize("scene", ALL_BUT_SCHEDULER, ids=lambda scene: scene.name)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_disk_that_fails_at_any_operation(base: Base, scene: Scene, error: int, tmp_path: Path) -> None:
    dice = random.Random(f"{scene.name} {error}")
    for fail_at in [1, *(dice.randint(1, base.recording(scene).operations) for _ in range(6))]:
        fails(base, scene, tmp_path / "x", error, fail_at)
        shutil.rmtree(tmp_path / "x")


@pytest.mark.parametrize("error", [errno.EROFS, errno.EACCES], ids=["read-only", "forbidden"])
def test_a_disk_that_cannot_be_written_is_told_and_read(base: Base, error: int, tmp_path: Path) -> None:
    scene = BY_NAME["crawl-again"]
    place = scene.place(base, tmp_path / "x")
    readers = Readers(place)
    fault = Fault(place.root, fail_at=1, error=error)
    ended = base.machine.run(place.settings, *scene.words(place), fault=fault)
    assert ended.code == 1
    told(ended, place)
    readers.go_on()


def _fill(path: Path) -> None:
    """Take all the room that there is."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_real_small_disk(base: Base, tmp_path: Path) -> None:
    """A file system with hardly any room, where this user may make one; else the same by refusing writes."""
    scene = BY_NAME["crawl-again"]
    small = tmp_path / "small"
    small.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1400k", "tmpfs", str(small)]
    is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        place = scene.place(base, small / "x")
        fault, readers = None, Readers(place)
        if is_mounted:
            filled = small / "filled"
            _fill(filled)
        else:
            fault = Fault(place.root, fail_at=20)
        ended = base.machine.run(place.settings, *scene.words(place), fault=fault)
        assert ended.code == 1
        told(ended, place)
        readers.go_on()
        if is_mounted:
            filled.unlink()
            subprocess.run(["mount", "-o", "remount,size=20m", str(small)], check=True)
        scene.again(place)
        scene.check(place)
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(small)], check=True)


def test_the_scheduler_outlives_a_full_disk(base: Base, tmp_path: Path) -> None:
    """It says what is wrong, tries again by and by, and ends in order; the next one does what is due."""
    scene = BY_NAME["scheduler"]
    place = scene.place(base, tmp_path / "x")
    ended = base.machine.run(place.settings, *scene.words(place), fault=Fault(place.root, fail_at=30))
    assert ended.code in (0, 1), ended
    assert "Traceback" not in ended.err
    assert "make room" in ended.err
    report = checked(place)
    assert report is not None
    assert report.clean


def test_a_slow_disk_is_waited_for(base: Base, tmp_path: Path) -> None:
    scene = BY_NAME["takedown"]
    place = scene.place(base, tmp_path / "x")
    ended = base.machine.run(place.settings, *scene.words(place), fault=Fault(place.root, slow=0.05))
    assert ended.code == 0, ended
    scene.check(place)
