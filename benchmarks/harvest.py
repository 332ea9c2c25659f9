"""What it costs to take the whole archive: memory and time of a dump, and of a harvest by OAI-PMH.

::

    .venv/bin/python -m benchmarks.harvest --articles 8000 --keep /tmp/harvest-benchmark

Two archives are filled, of a quarter of the articles and of all. A dump must need hardly more memory for the
larger one (ratio near 1), where everything in one list would need four times as much. The peer in time is
`archive export --all-versions` to one file of JSON Lines, one of the six kinds of files of a dump.

The harvest asks the site for every part in this process; its floor is to read these articles from the store
and do nothing with them. The last part must cost what the first does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from archive.config import Settings
from archive.store import Store
from archive.web import create_app
from benchmarks.web_store import fill

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_PART = 100


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run in a process of its own."""

    seconds: float
    processor: float
    """Seconds of processor time."""
    peak: float
    """Megabytes that were resident at most."""


def run(settings: Settings, *words: str) -> Ran:
    """Run `archive` with these words."""
    command = [
        sys.executable, "-m", "archive.cli",
        "--var", str(settings.var), "--index", str(settings.index), *words,
    ]  # fmt: skip
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0
    # Not the peak that wait4 tells: a child begins with that of the process which it was forked from.
    while child.poll() is None:
        with contextlib.suppress(OSError, IndexError):
            status = Path(f"/proc/{child.pid}/status").read_text("ascii", "replace")
            peak = int(status.split("VmHWM:")[1].split()[0])
        time.sleep(0.05)
    if child.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {child.returncode}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Ran(time.monotonic() - began, processor, peak / 1000)


def harvest(settings: Settings) -> list[float]:
    """Milliseconds of each part of a whole ListRecords."""
    client = create_app(settings).test_client()
    asked, taken = "/oai?verb=ListRecords&metadataPrefix=oai_dc", []
    while asked:
        began = time.perf_counter()
        answer = client.get(asked)
        taken.append((time.perf_counter() - began) * 1000)
        token = etree.fromstring(answer.data).findtext(f".//{_OAI}resumptionToken")
        asked = f"/oai?verb=ListRecords&resumptionToken={token}" if token else ""
    return taken


def floor(settings: Settings) -> list[float]:
    """Milliseconds to read each hundred articles."""
    taken, last = [], ""
    with closing(Store.open(settings.database_url)) as store:
        while ids := store.article_ids(last, _PART):
            began = time.perf_counter()
            store.articles(ids)
            taken.append((time.perf_counter() - began) * 1000)
            last = ids[-1]
    return taken


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=8_000)
    parser.add_argument("--keep", type=Path, help="folder of the archives, for another run")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or Path(temporary)
        found = {count: fill(root / str(count), count) for count in (options.articles // 4, options.articles)}
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        peaks = []
        for count, settings in found.items():
            with tempfile.TemporaryDirectory() as target:
                # Once before, so that reading the events counts for neither.
                run(settings, "dump", "make", f"{target}/first")
                dump = run(settings, "dump", "make", f"{target}/dump")
                export = run(settings, "export", f"{target}/all.jsonl", "--all-versions")
            peaks.append(dump.peak)
            print(
                f"{count:>7,} articles  dump {dump.seconds:6.1f} s ({dump.processor:.1f} of the processor), "
                f"{count / dump.processor:,.0f} articles a second of it, peak {dump.peak:.0f} MB | "
                f"export {export.seconds:6.1f} s ({export.processor:.1f}), peak {export.peak:.0f} MB"
            )
        print(f"memory of the dump of four times as much: {peaks[1] / peaks[0]:.2f} times")
        parts, floors = harvest(settings), floor(settings)
        half = max(1, len(parts) // 4)
        print(
            f"OAI-PMH: {len(parts)} parts of {_PART}, median {statistics.median(parts):.0f} ms; "
            f"{statistics.median(parts) / statistics.median(floors):.2f} times of reading alone; "
            f"last quarter to first: {statistics.median(parts[-half:]) / statistics.median(parts[:half]):.2f}"
        )


if __name__ == "__main__":
    main()
