"""`archive status`: what is in the archive, what comes next, and what it needs."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from archive.cli.scheduler import local
from archive.cli.terminal import number, out, size
from archive.config import Settings
from archive.errors import StorageError
from archive.search import indexer
from archive.search.indexer import IndexStatus
from archive.store import SiteSummary, Store, Totals, queries, schedules
from archive.store.alarms import Alarm, Notice, untold
from archive.store.coverage import Coverage
from archive.store.jobs import Job, JobState
from archive.warc import capture_files
from archive.watch import words

_FULL = 0.05
"""Share of a disk below which its free room is told in red."""


@dataclass(frozen=True, slots=True)
class _Found:
    """All that is told."""

    totals: Totals
    sites: list[SiteSummary]
    index: IndexStatus
    running: bool
    """Whether a scheduler runs."""
    following: Mapping[str, dt.datetime | None]
    """When each site's turn comes; None for never."""
    paused: Mapping[str, str]
    alarms: list[Alarm]
    untold: list[Notice]
    """Notices of alarms that could not be sent so far."""
    jobs: list[Job]
    """To be done, or being done."""
    failed: list[Job]
    coverage: Coverage
    disk: dict[str, int]
    bucket: dict[str, Any]
    """Of a bucket of captures: place, files, bytes, and what is wrong with it; empty where none is set."""


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def status_command(settings: Settings, as_json: bool) -> None:
    """What is in here, when each site's turn comes, alarms, coverage, disk, and whether the index is in step.

    \b
      archive status
      archive status --json
    """
    found = _find(settings)
    if as_json:
        click.echo(json.dumps(_to_dict(found), ensure_ascii=False))
    else:
        _print(settings, found)


def _find(settings: Settings) -> _Found:
    from crawler.schedule import clock
    from crawler.schedule.scheduler import is_running

    store = Store.open(settings.database_url)
    try:
        with store.read() as connection:
            entries, kept = queries.site_entries(connection), schedules.kept(connection)
            notices = untold(connection)
        return _Found(
            totals=store.totals(),
            sites=store.sites(),
            index=indexer.status(settings, store),
            running=is_running(settings, store),
            following=clock.following(settings, entries, kept, dt.datetime.now(dt.UTC)),
            paused=store.paused(),
            alarms=store.alarms(open_only=True),
            untold=notices,
            jobs=store.jobs(100, (JobState.QUEUED, JobState.RUNNING)),
            failed=store.jobs(10, (JobState.FAILED,)),
            coverage=Coverage.total(store.coverage().values()),
            disk=_disk(settings, store.size()),
            bucket=_bucket(settings),
        )
    finally:
        store.close()


def _bucket(settings: Settings) -> dict[str, Any]:
    """What of the captures is in the bucket; nothing where none is set."""
    remote = capture_files(settings).remote
    if remote is None:
        return {}
    try:
        sizes, problem = remote.sizes(), ""
    except StorageError as error:
        sizes, problem = {}, str(error)
    return {"place": remote.place, "files": len(sizes), "bytes": sum(sizes.values()), "problem": problem}


def _disk(settings: Settings, database: int) -> dict[str, int]:
    """Bytes of what is kept, and of the disk that it lies on."""
    warcs = capture_files(settings).local()
    usage = shutil.disk_usage(settings.var)
    return {
        "warc_files": len(warcs),
        "warc": sum(warcs.values()),
        "database": database,
        "index": sum(_size(path) for path in settings.index.rglob("*") if path.is_file()),
        "free": usage.free,
        "disk": usage.total,
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # merged away, or rotated, while we looked


def _to_dict(found: _Found) -> dict[str, Any]:
    totals, index = found.totals, found.index
    return {
        "articles": totals.articles,
        "versions": totals.versions,
        "captures": totals.captures,
        "warc_files": found.disk["warc_files"],
        "warc_bytes": found.disk["warc"],
        "disk": found.disk,
        "bucket": found.bucket or None,
        "index": {"articles": index.articles, "behind": index.behind, "problem": index.problem},
        "scheduler": {
            "running": found.running,
            "jobs": [
                {"id": job.id, "kind": job.kind, "site": job.site, "state": job.state} for job in found.jobs
            ],
            "failed": [
                {"id": job.id, "kind": job.kind, "site": job.site, "error": job.error} for job in found.failed
            ],
        },
        "alarms": [words.to_dict(alarm) for alarm in found.alarms],
        "alarms_untold": len(found.untold),
        "coverage": found.coverage.to_dict(),
        "sites": [
            {
                "id": site.id,
                "name": site.name,
                "start": site.start,
                "articles": site.articles,
                "last_crawl": site.last_crawl.isoformat() if site.last_crawl else None,
                "next_crawl": _iso(found.following.get(site.id)),
                "paused": found.paused.get(site.id, ""),
                "alarms": sum(alarm.site == site.id for alarm in found.alarms),
            }
            for site in found.sites
        ],
    }


def _print(settings: Settings, found: _Found) -> None:
    console, totals, index, disk = out(), found.totals, found.index, found.disk
    console.print(
        f"{number(totals.articles)} articles in {number(totals.versions)} versions, "
        f"{number(totals.captures)} captures, {disk['warc_files']} WARC files ({size(disk['warc'])})"
    )
    if index.problem:
        console.print(f"[red]Index: {index.problem}[/red]")
    elif index.behind:
        console.print(f"Index: {number(index.behind)} changes behind; run `archive index update`.")
    else:
        console.print(f"Index: {number(index.articles)} articles, up to date")
    known = found.coverage
    console.print(
        f"Coverage: {number(known.known)} articles known of, {number(known.extracted)} readable, "
        f"{number(known.missed)} not obtained, {number(known.waiting)} waiting (archive coverage)"
    )
    style = "red" if disk["free"] < _FULL * disk["disk"] else ""
    console.print(
        f"Disk: captures {size(disk['warc'])}, database {size(disk['database'])}, "
        f"index {size(disk['index'])}; {size(disk['free'])} of {size(disk['disk'])} free",
        style=style,
    )
    if found.bucket.get("problem"):
        console.print(found.bucket["problem"], style="red", markup=False)
    elif found.bucket:
        console.print(
            f"Bucket {found.bucket['place']}: {number(found.bucket['files'])} WARC files "
            f"({size(found.bucket['bytes'])}); {number(disk['warc_files'])} still on this disk",
            markup=False,
        )
    console.print(_scheduler(found))
    for job in found.failed:
        console.print(
            f"Job {job.id} ({job.kind} {job.site}) failed: {job.error}", style="yellow", markup=False
        )
    if found.untold:
        first = found.untold[0]
        console.print(
            f"{len(found.untold)} notices of alarms could not be sent: {first.error}",
            style="red",
            markup=False,
        )
    table = Table(
        "Site", "Articles", "From", "To", "Last crawl", "Next crawl", "Alarms", box=None, header_style="bold"
    )
    now = dt.datetime.now(dt.UTC)
    for site in found.sites:
        following = found.following.get(site.id)
        coming = "now" if following is not None and following <= now else local(settings, following)
        table.add_row(
            site.id,
            number(site.articles),
            f"{site.first_day:%d/%m/%Y}" if site.first_day else "–",
            f"{site.last_day:%d/%m/%Y}" if site.last_day else "–",
            local(settings, site.last_crawl),
            "paused" if site.id in found.paused else coming,
            str(sum(alarm.site == site.id for alarm in found.alarms)),
        )
    console.print(table)
    for alarm in found.alarms:
        console.print(
            f"Alarm {alarm.id}, {alarm.site}: {words.sentence(alarm.finding)}", style="yellow", markup=False
        )


def _scheduler(found: _Found) -> str:
    if not found.running:
        return "Scheduler: none is running; `archive scheduler` crawls when a site's turn comes."
    doing = [f"{job.kind} {job.site}".strip() for job in found.jobs if job.state is JobState.RUNNING]
    waiting = sum(job.state is JobState.QUEUED for job in found.jobs)
    return f"Scheduler: running; {', '.join(doing) or 'nothing to do now'}; {waiting} jobs waiting"


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
