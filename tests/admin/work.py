"""A process that takes down, lifts and backs up without end, to be killed: `python -m tests.admin.work`.

Every act that was acknowledged is a line on standard output: what a person would have seen on the terminal.
"""

from __future__ import annotations

import random
import sys
from contextlib import closing, suppress
from pathlib import Path

from archive.config import Settings
from archive.errors import StoreError
from archive.preserve import takedown
from archive.preserve.backup import backup
from archive.preserve.takedown import Order
from archive.store import Store
from archive.store.takedowns import Scope


def main(root: Path, seed: int) -> None:
    """Work until killed.

    :param root: folder with `var`, `index` and, for backups, `backup`.
    """
    settings = Settings(var=root / "var", index=root / "index")
    chance = random.Random(seed)
    with closing(Store.open(settings.database_url)) as store:
        ids = store.article_ids(limit=1_000)
        while True:
            active = store.takedowns(active=True)
            if chance.random() < 0.15:
                report = backup(store, settings, root / "backup", keep=2)
                print("backup", Path(report.folder).name, flush=True)
            elif active and chance.random() < 0.4:
                item = chance.choice(active)
                takedown.lift(store, settings, item.id, by="x", why="y")
                print("lift", item.id, flush=True)
            else:
                order = Order(Scope.ARTICLE, chance.choice(ids), "Thử.", "x")
                with suppress(StoreError):
                    outcome = takedown.withhold(store, settings, order)
                    print("withhold", outcome.takedown.id, outcome.takedown.target, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
