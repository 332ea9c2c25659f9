"""SIGKILL at random moments of takedowns and backups: nothing acknowledged is lost, nothing done twice."""

from __future__ import annotations

import random
import select
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.preserve import destroy, verify
from archive.preserve.backup import find_backup, read_manifest
from archive.preserve.restore import restore
from archive.search import indexer
from archive.store import Store, journal
from archive.store.journal import Journal
from tests.admin.scene import Hiding, client_of


@pytest.mark.parametrize(
    ("kills", "seed"), [(2, 11), pytest.param(50, 12, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_a_killed_writer_loses_and_doubles_nothing(
    hiding: Hiding, tmp_path: Path, kills: int, seed: int
) -> None:
    hiding.store.close()
    chance = random.Random(seed)
    in_force: dict[str, str] = {}
    backups: list[str] = []
    acknowledged = 0
    for number in range(kills):
        for line in _killed(tmp_path, seed * 1_000 + number, chance):
            acknowledged += 1
            match line.split():
                case ["withhold", identity, article]:
                    in_force[identity] = article
                case ["lift", identity]:
                    in_force.pop(identity)
                case ["backup", name]:
                    backups.append(name)
        _check(hiding, in_force)
    assert acknowledged >= kills
    hiding.store.close()
    if backups:
        newest = find_backup(tmp_path / "backup")
        assert newest.name >= backups[-1]
        new = replace(hiding.settings, var=tmp_path / "new/var", index=tmp_path / "new/index")
        restore(new, newest)
        with closing(Store.open(new.database_url)) as store:
            assert verify(store, new.warc_dir).clean
            assert read_manifest(newest)


def _killed(root: Path, seed: int, chance: random.Random) -> list[str]:
    """Let the writer work, kill it; what it acknowledged until then."""
    command = [sys.executable, "-m", "tests.admin.work", str(root), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        # From its first act on, so that a kill hits work and not the start of the interpreter.
        assert select.select([process.stdout], [], [], 60)[0]
        lines = [process.stdout.readline()]
        time.sleep(chance.random())  # the moment of the kill is what the test is about
        process.kill()
        lines += process.stdout.read().splitlines()
    return [line.strip() for line in lines if line.strip()]


def _check(hiding: Hiding, in_force: dict[str, str]) -> None:
    """What the next command finds, and mends by itself."""
    hiding.store = Store.open(hiding.settings.database_url)
    with closing(hiding.store) as store:
        journal.catch_up(store, hiding.settings.journal_dir)
        destroy.enforce(store, hiding.settings)
        lines = Journal(hiding.settings.journal_dir).lines()
        acts = Counter((line["act"], line["id"]) for line in lines)
        assert set(acts.values()) <= {1}
        active = {item.id: item.target for item in store.takedowns(active=True)}
        # Killed between the journal and the terminal, an act is done though nobody was told.
        unseen = {key: target for key, target in active.items() if key not in in_force}
        lost = {key for key in in_force if key not in active}
        assert len(unseen) + len(lost) <= 1, (unseen, lost)
        for key in lost:
            assert acts["lift", key] == 1
            del in_force[key]
        in_force |= unseen
        assert len(set(active.values())) == len(active)
        indexer.update(store, hiding.settings)
        hidden = set(active.values())
        assert indexer.status(hiding.settings, store).articles == store.article_count()
        client = client_of(hiding)
        for article in hidden:
            assert client.get(f"/a/{article}").status_code == 410
            assert article not in client.get("/search?q=").text
        assert verify(store, hiding.settings.warc_dir).clean
