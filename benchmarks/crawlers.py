"""How a crawl grows with its processes, on SQLite and on PostgreSQL, in one run.

    python -m benchmarks.crawlers [--articles 120] [--portals 2] [--processes 1,2,4]

Sample portals on loopback (three sites each, in a process of their own) are crawled without a delay by
`archive crawl --share`. PostgreSQL runs in a temporary folder, as durable as usual; both write to the same
disk. Pages a second count from the first process's start to the last one's end, start-up included.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from archive.config import Settings
from archive.store import Store
from tests import postgresql

ROOT = Path(__file__).parents[1]


@click.command()
@click.option("--articles", default=120, show_default=True, help="Of each portal of three sites.")
@click.option("--portals", default=2, show_default=True)
@click.option("--processes", default="1,2,4", show_default=True)
def main(articles: int, portals: int, processes: str) -> None:
    """Print pages a second and the ratio to one process on SQLite."""
    numbers = [int(item) for item in processes.split(",")]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores before the run")
    with tempfile.TemporaryDirectory(dir=ROOT) as folder, _served(Path(folder), portals, articles) as sites:
        first: float | None = None
        for engine in ("sqlite", "postgresql"):
            for number in numbers:
                pages, seconds = _crawl(Path(folder) / f"{engine}-{number}", sites, engine, number)
                first = first or pages / seconds
                print(
                    f"{engine:<11} {number} processes {pages:6d} pages {seconds:7.1f} s "
                    f"{pages / seconds:7.1f} pages/s {pages / seconds / first:5.2f} x"
                )


@contextmanager
def _served(folder: Path, portals: int, articles: int) -> Iterator[Path]:
    """Portals in processes of their own; gives a sites file of all their sites."""
    running = []
    entries = ""
    try:
        for number in range(portals):
            var = folder / f"portal-{number}"
            command = [
                sys.executable, "-m", "tests.portal", "serve", "--articles", str(articles),
                "--seed", str(number + 1), "--var", str(var),
            ]  # fmt: skip
            child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            running.append(child)
            assert child.stdout is not None
            while not child.stdout.readline().startswith("Sites file"):
                assert child.poll() is None
            text = (var / "sites.toml").read_text("utf-8")
            entries += text.replace('id = "', f'id = "p{number}-') + "\n"
        sites = folder / "sites.toml"
        sites.write_text(entries, "utf-8")
        yield sites
    finally:
        for child in running:
            child.send_signal(signal.SIGTERM)
            child.wait()


def _crawl(var: Path, sites: Path, engine: str, number: int) -> tuple[int, float]:
    """Captures made, and seconds."""
    var.mkdir()
    database = postgresql.cluster(durable=True).archive(var) if engine == "postgresql" else ""
    settings = Settings(var=var, index=var / "index", contact="b@example.org", database=database)
    Store.open(settings.database_url).close()
    environment = {**os.environ, **settings.to_environment(), "ARCHIVE_CRAWLS_AT_ONCE": "2"}
    command = [sys.executable, "-m", "archive.cli", "crawl", "--share", "--sites", str(sites)]
    began = time.monotonic()
    children = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(number)
    ]
    codes = [child.wait() for child in children]
    seconds = time.monotonic() - began
    assert codes == [0] * number, codes
    with closing(Store.open(settings.database_url)) as store:
        return store.totals().captures, seconds


if __name__ == "__main__":
    main()
