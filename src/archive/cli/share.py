"""`archive crawl --share`: one crawl, done by several processes on any number of hosts."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from archive.cli.stop import stop_on_signals
from archive.cli.terminal import err, out
from archive.config import Settings
from archive.model import Site
from archive.store import Store, jobs
from archive.store.holding import Holder
from archive.store.jobs import Job, JobKind, JobState

_BY = "crawl --share"


def share(
    settings: Settings,
    sites_file: Path,
    sites: Sequence[Site],
    *,
    recheck: bool = False,
    limit: int | None = None,
    as_json: bool = False,
) -> int:
    """Ask for a crawl of each site that nobody has asked for yet, and do crawls until all are done.

    :returns: the exit code: 0; 1 when no site could be crawled; 128 and more when a signal ended it.
    """
    import crawler
    from crawler.schedule import notify
    from crawler.schedule.worker import Worker

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with closing(Store.open(settings.database_url)) as store, stop_on_signals() as stop:
        wanted = _ask(store, sites, recheck, limit)
        with Holder(store) as holder:
            Worker(settings, sites_file, store, stop=stop, holder=holder).work_off(wanted)
        with store.read() as connection:
            found = [job for number in wanted if (job := jobs.get(connection, number)) is not None]
        notify.deliver(store, settings, dt.datetime.now(dt.UTC))
    names = {site.id: site.name for site in sites}
    results = [crawler.SiteResult.from_dict(_told(job, names[job.site])) for job in found]
    if as_json:
        for result in results:
            click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        out().print(crawler.results_table(results))
    if stop.is_set():
        err().print("Stopped. Other processes go on; the same command joins them again.")
        return stop.exit_code
    return 1 if results and all(result.error for result in results) else 0


def _ask(store: Store, sites: Sequence[Site], recheck: bool, limit: int | None) -> list[int]:
    args = {"recheck": recheck, **({"limit": limit} if limit is not None else {})}
    with store.begin() as connection:
        return [
            jobs.ask(
                connection, JobKind.CRAWL, site=site.id, args=args, by=_BY, key=f"{JobKind.CRAWL}:{site.id}"
            )
            for site in sites
        ]


def _told(job: Job, name: str) -> dict[str, object]:
    """The result of a job that is over, or how far one is that another process goes on with."""
    told = {"site": job.site, "name": name, **job.progress, **job.result}
    return told | {"error": job.error} if job.state is not JobState.DONE else told
