"""Two of everything at once: one works, the other says why not, or waits its turn (fault 37 of
docs/faults.md)."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest

from tests.faults.storage.machine import Fault
from tests.faults.storage.scenes import BY_NAME, Base

SLOW = 0.03
"""Seconds that each fsync of the first one takes, so that the second one meets it."""


def is_held(path: Path) -> bool:
    """Whether a process holds the lock on a file or folder."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


@pytest.mark.parametrize(
    ("name", "lock", "code", "said"),
    [
        ("crawl", "var/locks/huyen.lock", 3, "being crawled by another process"),
        ("index-update", "index/WRITELOCK", 3, "Another process is writing the search index"),
        ("index-rebuild", "index/WRITELOCK", 3, "Another process is writing the search index"),
        ("backup", "backup/backup.lock", 3, "Another backup"),
        ("restore", "var.restore", 3, "Another process restores"),
        ("replay", "var/locks/.replay.lock", 3, "being replayed by another process"),
        ("manifest", "var/locks/.manifest.lock", 3, "Another process makes a manifest"),
        ("verify", "var/locks/.verify.lock", 3, "being checked by another process"),
        ("scheduler", "var/locks/scheduler.lock", 3, "Another scheduler"),
        ("import", "var/locks/huyen.lock", 0, ""),
        ("takedown", "var/locks/.takedown.lock", 1, "It is withheld already, by takedown"),
        ("takedown-destroy", "var/locks/.takedown.lock", 0, ""),
        ("events-lift", "", 1, "There is no correction"),
        ("migration", "", 0, ""),
    ],
)
def test_two_at_once(base: Base, name: str, lock: str, code: int, said: str, tmp_path: Path) -> None:
    scene = BY_NAME[name]
    place = scene.place(base, tmp_path / "x")
    words = [str(word) for word in scene.words(place)]
    fault = Fault(place.root, slow=SLOW)
    first = base.machine.start(place.settings, words, fault=fault, constants=scene.constants)
    if lock:
        end = time.monotonic() + 60
        while not is_held(place.root / lock):
            assert time.monotonic() < end, "the first one never took the lock"
            time.sleep(0.001)
    second = base.machine.run(place.settings, *words, constants=scene.constants)
    ended = first.wait()
    # Which of the two came first is nobody's promise where there is no lock to be seen.
    ended, second = (second, ended) if ended.code and not second.code else (ended, second)
    assert ended.code == 0, ended
    assert second.code == code, second
    assert said in second.err, second
    scene.check(place)
