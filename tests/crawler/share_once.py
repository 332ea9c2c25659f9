"""One of several processes that share a crawl, on a host of its own: `python -m tests.crawler.share_once …`.

Arguments: VAR, SITES, address of the database, seconds of a lease.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from archive.cli.share import share
from archive.config import Settings
from archive.store import leases
from crawler import load_sites


def main(var: Path, sites: Path, database: str, term: float) -> int:
    leases.TERM = dt.timedelta(seconds=term)
    settings = Settings(
        var=var, index=var / "index", contact="test@example.org", warc_size=200_000, database=database,
        crawls_at_once=1,
    )  # fmt: skip
    return share(settings, sites, load_sites(sites))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
