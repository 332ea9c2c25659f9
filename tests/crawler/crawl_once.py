"""One crawl in a process of its own, to be killed: `python -m tests.crawler.crawl_once VAR SITES`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from archive.config import Settings
from archive.store import Store
from crawler import crawl, load_sites
from tests.crawler.crawling import Recorder


def main(var: Path, sites: Path) -> None:
    settings = Settings(var=var, index=var / "index", contact="test@example.org", warc_size=200_000)
    store = Store.open(settings.database_url)
    crawl(settings, load_sites(sites), store=store, reporter=Recorder(), stop=threading.Event())
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
