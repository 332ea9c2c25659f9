"""`archive import` by one process and by several, on the same WARC file, in turns.

::

    .venv/bin/python -m benchmarks.importing --pages 600 --processes 2

The pages have the sample portal's articles with menus and lists around them, in a WARC file of no crawl of
ours. Each run is an import into an archive of its own; what it made is compared with the first. By the clock,
nothing can be gained where no core is to spare (the load is printed); the processor time of the process that
writes says what would be gained where there is one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import html
import io
import multiprocessing
import os
import resource
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.config import Settings
from archive.model import Figure
from archive.preserve.importing import Target, import_all
from archive.store import Store
from benchmarks.web_store import extraction_of, site_of
from tests.portal import grammar

_HOST = "http://huyen.example"


def write(path: Path, pages: int) -> None:
    """A WARC file of so many pages of one portal."""
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for index in range(pages):
            at = dt.datetime(2022, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=index)
            record = writer.create_warc_record(
                f"{_HOST}/tin/{index}.html", "response", payload=io.BytesIO(_page(index, pages).encode()),
                http_headers=head, warc_headers_dict={"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
            )  # fmt: skip
            writer.write_record(record)


def _page(index: int, pages: int) -> str:
    sample = grammar.article(1, index, pages)
    article = extraction_of(sample, site_of(sample.district.name))
    others = [grammar.article(1, (index + step) % pages, pages).title for step in range(1, 16)]
    links = "".join(
        f'<li><a href="/tin/{(index + step) % pages}.html">{html.escape(title)}</a></li>'
        for step, title in enumerate(others, 1)
    )
    menu = "".join(f'<li><a href="/muc/{number}">Chuyên mục {number}</a></li>' for number in range(40))
    captions = [block.caption for block in article.blocks if isinstance(block, Figure)]
    text = "".join(f"<p>{html.escape(part)}</p>" for part in [*article.body(), *captions] if part)
    day = f"{sample.published:%d/%m/%Y}"
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">'
        f'<title>{html.escape(article.title)}</title></head><body><ul class="menu">{menu}</ul>'
        f'<div class="cols"><div class="main"><h1>{html.escape(article.title)}</h1>'
        f'<span class="date">{day}</span><p class="sapo">'
        f"{html.escape(article.lead)}</p>{text}<p>{html.escape(sample.byline)}</p></div>"
        f'<div class="side"><h3>Tin mới</h3><ul>{links}</ul></div></div>'
        "<div class='footer'>Cổng thông tin điện tử huyện</div></body></html>"
    )


def _run(source: Path, var: Path, processes: int) -> tuple[float, float]:
    """Seconds by the clock, and seconds of processor time of the process that writes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_import, args=(theirs, source, var, processes))
    child.start()
    found: tuple[float, float] = ours.recv()
    child.join()
    return found


def _import(pipe: Connection, source: Path, var: Path, processes: int) -> None:
    settings = Settings(var=var, index=var / "index")
    began = time.monotonic()
    with closing(Store.open(settings.database_url)) as store:
        import_all(settings, store, [source], target=Target(new_name="Huyện"), processes=processes)
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send((time.monotonic() - began, used.ru_utime + used.ru_stime))


def _made(var: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(var / "archive.db")) as database:
        return database.execute(
            "SELECT article, number, content_hash, extractor, shown FROM versions ORDER BY article, number"
        ).fetchall()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    times: dict[int, list[tuple[float, float]]] = {1: [], given.processes: []}
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "portal.warc.gz")
        write(source, given.pages)
        first = None
        for number in range(given.rounds):
            for processes, found in times.items():
                var = Path(folder, f"{number}-{processes}")
                found.append(_run(source, var, processes))
                made = _made(var)
                assert first in (None, made), "the results differ"
                first = made
                clock, writer = found[-1]
                print(
                    f"  {processes} processes: {clock:.1f} s; the writer's processor {writer:.1f} s",
                    flush=True,
                )
    one, more = (
        [statistics.median(column) for column in zip(*found, strict=True)] for found in times.values()
    )
    for name, place in (("clock", 0), ("writer's processor", 1)):
        rates = f"{given.pages / one[place]:.0f} pages/s by one, {given.pages / more[place]:.0f}"
        print(f"{name}: {rates} by {given.processes}: × {one[place] / more[place]:.2f}")
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
