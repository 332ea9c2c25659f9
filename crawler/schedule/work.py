"""Doing one job: a crawl in this process, anything else as the command that a person would type."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from archive.config import Settings
from archive.errors import ArchiveError, ConfigError, StoreError, WarcError
from archive.model import Site
from archive.store import Store, jobs
from archive.store.jobs import Job, JobKind, JobState
from archive.watch import evaluate
from crawler.engine import crawl
from crawler.results import SiteResult

LOG = logging.getLogger("archive.scheduler")
SITE_KINDS = (JobKind.CRAWL, JobKind.RETRY)
"""Jobs that crawl: side by side, one for each site."""
COMMAND_KINDS = tuple(kind for kind in JobKind if kind not in SITE_KINDS)
"""Jobs that are commands: one at a time."""
BUSY = 3
"""Exit code of a command whose work another process does already."""
BUSY_PAUSE = dt.timedelta(seconds=30)
TROUBLE_PAUSE = dt.timedelta(minutes=5)
"""Before a job is begun again that could not keep what it got: a full disk takes somebody's hand."""
NOTE_EVERY = 2.0
_GRACE = 60.0
"""Seconds that a command has to end in order before it is killed."""
_OUTPUT = 4_000
"""Characters of a command's complaint that are kept."""


@dataclass(slots=True)
class Work:
    """One job being done."""

    job: Job
    settings: Settings
    store: Store
    channels: Sequence[str]
    sites: Mapping[str, Site]
    file: Path
    """The sites file."""
    worker: str = ""
    """Who does it, as in the leases."""
    stop: Event = field(default_factory=Event)
    """Set to let the job end early, in order."""
    shutdown: bool = False
    """The scheduler ends: what is not done goes on with the next one."""

    def do(self) -> None:
        """Do it and write down what came of it. Raises nothing but bugs: what goes wrong is the job's."""
        began = time.monotonic()
        LOG.info("job %d begins: %s", self.job.id, title(self.job))
        try:
            state = self._crawl() if self.job.kind in SITE_KINDS else self._command()
        except (StoreError, WarcError, OSError) as error:
            state = self._again(str(error), TROUBLE_PAUSE)
        except ArchiveError as error:
            state = self._end(JobState.FAILED, {}, str(error))
        level = logging.ERROR if state is JobState.FAILED else logging.INFO
        took = time.monotonic() - began
        LOG.log(level, "job %d %s after %.0f s: %s", self.job.id, state, took, title(self.job))

    # --------------------------------------------------------------------------------------- crawling

    def _crawl(self) -> JobState:
        site = self.sites.get(self.job.site)
        if site is None:
            raise ConfigError(f"The sites file has no site {self.job.site!r}.", "Add it, or ask for another.")
        args = self.job.args
        result = crawl(
            self.settings, [site], store=self.store, reporter=_Progress(self.store, self.job.id),
            recheck=bool(args.get("recheck")), limit=args.get("limit"), stop=self.stop,
            retry=str(args.get("reason", "")) if self.job.kind is JobKind.RETRY else None,
        )[0]  # fmt: skip
        if result.busy:
            return self._postpone(result.error)
        if self.stop.is_set() and self.shutdown:
            return self._postpone("The scheduler was stopped.", dt.timedelta(0))
        if result.run and self.job.kind is JobKind.CRAWL:
            evaluate(self.store, site.id, result.run, channels=self.channels)
        state = JobState.FAILED if result.error else JobState.DONE
        if self.stop.is_set():
            state = JobState.CANCELLED
        return self._end(state, result.to_dict(), result.error, then=JobKind.INDEX_UPDATE)

    # --------------------------------------------------------------------------------------- commands

    def _command(self) -> JobState:
        words = [sys.executable, "-m", "archive.cli", *command(self.job, self.file)]
        environment = {**os.environ, **self.settings.to_environment()}
        child = subprocess.Popen(  # noqa: S603 - our own command line, arguments checked by `command`
            words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        output, complaint = self._wait(child)
        if child.returncode == BUSY:
            return self._postpone(complaint.strip()[-_OUTPUT:])
        result = _result(output)
        if self.stop.is_set() and child.returncode != 0:
            if self.shutdown:
                return self._postpone("The scheduler was stopped.", dt.timedelta(0))
            return self._end(JobState.CANCELLED, result)
        if child.returncode == 0:
            return self._end(JobState.DONE, result, then=_AFTER.get(self.job.kind))
        error = complaint.strip()[-_OUTPUT:] or f"It ended with exit code {child.returncode}."
        return self._end(JobState.FAILED, result, error)

    def _wait(self, child: subprocess.Popen[str]) -> tuple[str, str]:
        asked_to_end: float | None = None
        while True:
            try:
                return child.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                now = time.monotonic()
                if self.stop.is_set() and asked_to_end is None:
                    asked_to_end = now
                    child.terminate()
                elif asked_to_end is not None and now - asked_to_end > _GRACE:
                    child.kill()

    # ------------------------------------------------------------------------------------ its ending

    def _end(
        self, state: JobState, result: Mapping[str, Any], error: str = "", *, then: JobKind | None = None
    ) -> JobState:
        with self.store.begin() as connection:
            if not jobs.is_done_by(connection, self.job.id, self.worker):
                return self._lost()
            jobs.end(connection, self.job.id, state, result, error)
            if then is not None:
                jobs.ask(connection, then, by=self.job.asked_by, key=then.value)
        return state

    def _postpone(self, why: str, pause: dt.timedelta = BUSY_PAUSE) -> JobState:
        with self.store.begin_rows() as connection:
            if not jobs.is_done_by(connection, self.job.id, self.worker):
                return self._lost()
            jobs.postpone(connection, self.job.id, dt.datetime.now(dt.UTC) + pause, why)
        return JobState.QUEUED

    def _again(self, why: str, pause: dt.timedelta) -> JobState:
        LOG.error("job %d: %s", self.job.id, why)
        with self.store.begin_rows() as connection:
            if not jobs.is_done_by(connection, self.job.id, self.worker):
                return self._lost()
            return jobs.again(connection, self.job.id, dt.datetime.now(dt.UTC) + pause, why)

    def _lost(self) -> JobState:
        """This process stood still for so long that it was taken for dead; the job is another's now."""
        LOG.error("job %d was taken over by another process, which did not hear of this one", self.job.id)
        return JobState.RUNNING


_AFTER = {JobKind.CAPTURE: JobKind.INDEX_UPDATE, JobKind.EXTRACT: JobKind.INDEX_UPDATE}


def title(job: Job) -> str:
    """A job in words, for the log."""
    args = " ".join(f"{name}={value}" for name, value in job.args.items())
    return " ".join(part for part in (job.kind.value, job.site, args) if part)


def command(job: Job, sites_file: Path) -> list[str]:
    """The command line of a job that is not a crawl.

    :raises ConfigError: an argument is missing.
    """
    match job.kind:
        case JobKind.INDEX_UPDATE:
            return ["index", "update", "--json"]
        case JobKind.INDEX_REBUILD:
            return ["index", "rebuild", "--json"]
        case JobKind.CAPTURE:
            return ["capture", "--json", "--sites", str(sites_file), "--", _argument(job, "url")]
        case JobKind.VERIFY:
            return ["verify", "--json", "--minutes", str(float(job.args.get("minutes", 30)))]
        case JobKind.MANIFEST:
            return ["manifest", "--json"]
        case JobKind.BACKUP:
            folder = str(job.args.get("folder") or "")  # none: the setting's
            return ["backup", "--json", *(["--", folder] if folder else [])]
        case JobKind.EXTRACT:
            return ["replay", "--extract", "--json"]
    raise ValueError(job.kind)


def _argument(job: Job, name: str) -> str:
    value = str(job.args.get(name) or "")
    if not value:
        raise ConfigError(f"The job {job.id} ({job.kind}) has no {name}.", "Ask for it again, with one.")
    return value


def _result(output: str) -> dict[str, Any]:
    """The JSON object that a command printed last; empty when it printed none."""
    for line in reversed(output.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}


class _Progress:
    """A reporter that writes down how far a job is, and logs what a person should know."""

    def __init__(self, store: Store, job: int) -> None:
        self._store, self._job, self._noted = store, job, 0.0

    def started(self, site: str, name: str, known: int) -> None:
        LOG.info("%s: %d addresses are due", site, known)

    def visited(self, result: SiteResult, queued: int, delay: float, url: str, what: str) -> None:
        if time.monotonic() - self._noted < NOTE_EVERY:
            return
        self._noted = time.monotonic()
        with self._store.begin_rows() as connection:
            values = result.to_dict() | {"queued": queued, "delay": delay, "url": url}
            jobs.progress(connection, self._job, values)

    def remark(self, site: str, text: str) -> None:
        LOG.warning("%s: %s", site, text)

    def finished(self, result: SiteResult) -> None:
        LOG.info(
            "%s: %d pages, %d new, %d changed, %d failed, %d left", result.site, result.pages, result.new,
            result.changed, result.failures.total(), result.left,
        )  # fmt: skip
