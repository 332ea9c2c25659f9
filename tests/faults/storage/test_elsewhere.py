"""A backup restored onto another machine and path (fault 38 of docs/faults.md)."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from archive.store import Store
from archive.web import create_app
from tests.faults.storage.deeds import ARTICLES
from tests.faults.storage.machine import Fault
from tests.faults.storage.scenes import Base, Place, settings_of, sound


def test_a_backup_works_at_another_path_when_the_first_place_is_gone(base: Base, tmp_path: Path) -> None:
    """As on another machine: only the backup's folder is carried there; nothing of it leads back."""
    old, new = tmp_path / "old machine", tmp_path / "máy mới" / "đây"
    shutil.copytree(base.root, old)
    base.machine.done(settings_of(old), "backup", "--index")
    carried = tmp_path / "carried"
    shutil.copytree(old / "backup", carried)
    shutil.rmtree(old)
    # The database may stand elsewhere there, and `var` may be a mount point with a file in it.
    settings = replace(
        settings_of(new), database=f"sqlite:///{tmp_path}/databases/archive.db", backup=carried
    )
    settings.var.mkdir(parents=True)
    (settings.var / "README.md").write_text("Ổ đĩa của kho lưu trữ")
    done = base.machine.done
    done(settings, "restore", carried)
    assert done(settings, "verify").out.rstrip().endswith("all sound")
    with closing(Store.open(settings.database_url)) as store:
        ids = store.article_ids()
    assert len(ids) == ARTICLES - 1
    client = create_app(settings).test_client()
    assert client.get(f"/a/{ids[0]}", follow_redirects=True).status_code == 200
    assert client.get(f"/a/{base.ids[0]}").status_code == 410
    found = client.get("/search?q=thi+dua")
    assert found.status_code == 200
    assert ids[0] in found.text
    done(settings, "crawl", "--sites", base.sites, "--recheck")
    done(settings, "index", "update")
    done(settings, "backup")
    assert not [path for path in new.rglob("*") if path.suffix in (".restore", ".ready", ".part")]


def test_an_interrupted_move_is_gone_on_with(base: Base, tmp_path: Path) -> None:
    """Into folders that are there already, as mount points are, a backup is moved piece by piece."""
    place = Place(tmp_path / "x", base)
    shutil.copytree(base.root / "backup", place.root / "backup")
    settings = place.settings
    base.machine.done(settings_of(base.root), "backup", place.root / "with-index", "--index")
    for folder in (settings.var, settings.index):
        folder.mkdir()
        (folder / ".gitignore").write_text("*\n")
    words = ["restore", place.root / "with-index"]
    copy = tmp_path / "copy"
    shutil.copytree(place.root, copy)
    whole = base.machine.run(settings_of(copy), *words, fault=Fault(copy))
    assert whole.code == 0
    for kill_at in range(max(1, whole.operations - 30), whole.operations, 3):
        root = tmp_path / f"killed-{kill_at}"
        shutil.copytree(place.root, root)
        killed = Place(root, base)
        assert base.machine.run(killed.settings, *words, fault=Fault(root, kill_at=kill_at)).killed
        base.machine.done(killed.settings, *words)
        sound(killed)
