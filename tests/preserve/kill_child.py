"""One crawl, import or export in a process of its own, to be killed."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from pathlib import Path

from archive.config import Settings
from archive.preserve.exporting import Selection, export_wacz
from archive.preserve.importing import Target, import_all
from archive.store import Store
from crawler import crawl, load_sites
from tests.crawler.crawling import Recorder


def main(what: str, var: Path, *arguments: str) -> None:
    settings = Settings(var=var, index=var / "index", contact="test@example.org", warc_size=200_000)
    with closing(Store.open(settings.database_url)) as store:
        match what, arguments:
            case "crawl", (sites,):
                crawl(
                    settings,
                    load_sites(Path(sites)),
                    store=store,
                    reporter=Recorder(),
                    stop=threading.Event(),
                )
            case (("import" | "import-by-two"), paths):
                found, number = [Path(item) for item in paths], 2 if what == "import-by-two" else 1
                _, refused = import_all(
                    settings, store, found, target=Target(), waiting=print, processes=number
                )
                assert refused == []
            case "export", (target,):
                export_wacz(store, settings.warc_dir, Selection(), Path(target), operator="", title="Kho")
            case _:
                raise SystemExit(f"unknown: {what} {arguments}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
