"""The first screen: did last night go well, and if not, where."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass

from flask import Response

from archive.search import indexer
from archive.search.indexer import IndexStatus
from archive.store import SiteSummary, office, removals
from archive.store.jobs import JobState
from archive.store.office import RunLine
from archive.store.removals import RequestState
from archive.web.admin.blueprint import bp, shown
from archive.web.resources import resources, settings

_KILLED_AFTER = dt.timedelta(minutes=10)
"""A run that began so long ago, has not ended and tells nothing new was killed."""


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in the table."""

    site: SiteSummary
    run: RunLine | None
    """Its newest run."""
    state: str
    """well, running, paused, failing, ended or never."""
    paused: str
    """Why it is not crawled, or ""."""
    alarms: int
    failed: int

    @property
    def needs_look(self) -> bool:
        """Whether somebody should see to it."""
        return bool(self.alarms) or self.state in ("failing", "ended")


@dataclass(frozen=True, slots=True)
class Space:
    """What the archive takes of a disk."""

    warc: int
    database: int
    index: int
    cache: int
    free: int
    """Bytes, like the others."""


@bp.get("/")
def overview() -> Response:
    """Sites with their state, what waits, what runs, disk and index."""
    store = resources().store
    with store.read() as connection:
        asked = removals.listed(connection, RequestState.NEW)
    return shown(
        "overview.html",
        lines=site_lines(),
        alarms=store.alarms(open_only=True),
        jobs=store.jobs(20, (JobState.RUNNING, JobState.QUEUED)),
        asked=asked,
        space=space(),
        index=index_state(),
        takedowns=len(store.takedowns(active=True)),
    )


def site_lines() -> list[SiteLine]:
    """Every site, those that need somebody first."""
    store = resources().store
    with store.read() as connection:
        runs, failed = office.last_runs(connection), office.failure_counts(connection)
    paused = store.paused()
    alarms: dict[str, int] = {}
    for alarm in store.alarms(open_only=True):
        alarms[alarm.site] = alarms.get(alarm.site, 0) + 1
    lines = []
    for site in store.sites():
        run = runs.get(site.id)
        why, number = paused.get(site.id, ""), alarms.get(site.id, 0)
        state = _state(run, why, number)
        lines.append(SiteLine(site, run, state, why, number, sum(failed.get(site.id, {}).values())))
    return sorted(lines, key=lambda line: (_ORDER.index(line.state), line.site.name))


_ORDER = ("failing", "ended", "running", "paused", "never", "well")


def _state(run: RunLine | None, paused: str, alarms: int) -> str:
    if paused:
        return "paused"
    if run is None:
        return "never"
    if run.ended_at is None:
        return "running" if is_running(run) else "ended"
    if alarms or run.result.get("error"):
        return "failing"
    return "well"


def is_running(run: RunLine) -> bool:
    """Whether a run is still at work, as far as it tells: it notes its progress every few seconds."""
    if run.ended_at is not None:
        return False
    seconds = float(run.progress.get("seconds", 0))
    told = run.started_at + dt.timedelta(seconds=seconds)
    return dt.datetime.now(dt.UTC) - told < _KILLED_AFTER


def index_state() -> IndexStatus:
    """How the index stands to the store."""
    return indexer.status(settings(), resources().store)


def space() -> Space:
    """Bytes by kind, and what is free on the disk of `var`."""
    here = settings()
    database = resources().store.size()
    try:
        free = shutil.disk_usage(here.var).free
    except OSError:
        free = 0
    return Space(
        sum(path.stat().st_size for path in here.warc_dir.glob("*.warc.gz")),
        database,
        sum(path.stat().st_size for path in here.index.rglob("*") if path.is_file()),
        sum(path.stat().st_size for path in (here.var / "cache").rglob("*") if path.is_file()),
        free,
    )
