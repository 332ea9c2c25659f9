"""An archive at work in one process, round after round: `python -m tests.faults.storage.hours ROOT SITES
ROUNDS`.

After each round it prints what it holds of memory, file handles, threads and temporary files.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

from archive.preserve import takedown
from archive.preserve.backup import backup
from archive.preserve.takedown import Order
from archive.search import indexer
from archive.store import Store
from archive.store.takedowns import Scope
from archive.web import create_app
from crawler import crawl, load_sites
from tests.crawler.crawling import Recorder
from tests.faults.storage.scenes import settings_of

QUESTIONS = ("thi dua", '"phát động thi đua"', "huyện", "le phat dong", "khong co gi", "a* OR (")


def main(root: Path, sites_file: Path, rounds: int) -> None:
    settings, sites = settings_of(root), load_sites(sites_file)
    client = create_app(settings).test_client()
    for number in range(rounds):
        with closing(Store.open(settings.database_url)) as store:
            crawl(settings, sites, store=store, reporter=Recorder(), recheck=True, stop=threading.Event())
            indexer.update(store, settings)
            article = store.article_ids()[number % 3]
            order = Order(Scope.ARTICLE, article, "Theo đơn.", "lan")
            done = takedown.withhold(store, settings, order)
            takedown.lift(store, settings, done.takedown.id, by="lan", why="Rút đơn.")
            if number % 10 == 0:
                backup(store, settings, settings.backup, keep=2)
        for question in QUESTIONS:
            assert client.get("/search", query_string={"q": question}).status_code == 200
        assert client.get(f"/a/{article}", follow_redirects=True).status_code == 200
        print(json.dumps(held()), flush=True)


def held() -> dict[str, int]:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return {
        "kilobytes": pages * os.sysconf("SC_PAGE_SIZE") // 1024,
        "handles": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "temporary": len(list(Path(tempfile.gettempdir()).iterdir())),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
