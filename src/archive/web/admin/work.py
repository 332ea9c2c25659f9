"""Runs, jobs and alarms: what is being done, what was done, and what does not look right."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import UrlError
from archive.store import alarms as alarm_rows
from archive.store import jobs, office
from archive.store.jobs import JobKind, JobState
from archive.urls import canonical
from archive.watch.words import command, sentence
from archive.web.admin.access import acting
from archive.web.admin.blueprint import bp, done, shown
from archive.web.admin.overview import index_state, is_running, space
from archive.web.resources import resources, settings

_RUNS = 50
_JOBS = 50
_SIMPLE = (JobKind.INDEX_UPDATE, JobKind.INDEX_REBUILD, JobKind.VERIFY, JobKind.BACKUP)
"""What the page of the system offers with one button each."""


@bp.get("/runs")
def runs() -> Response:
    """All runs, those at work first."""
    before = request.args.get("before", type=int)
    with resources().store.read() as connection:
        found = office.run_lines(connection, _RUNS + 1, before=before)
    running = [run for run in found if is_running(run)]
    rest = [run for run in found[:_RUNS] if run not in running]
    more = found[_RUNS - 1].id if len(found) > _RUNS else None
    return shown("runs.html", running=running, runs=rest, more=more)


@bp.get("/runs/<int:run_id>")
def run(run_id: int) -> Response:
    """One run, with its row of results."""
    with resources().store.read() as connection:
        found = office.run_lines(connection, 1, run=run_id)
    if not found:
        abort(404)
    return shown("run.html", run=found[0], running=is_running(found[0]))


@bp.get("/jobs")
def work() -> Response:
    """Jobs: asked for, being done, done."""
    found = resources().store.jobs(_JOBS)
    still = any(job.state in (JobState.QUEUED, JobState.RUNNING) for job in found)
    return shown("work.html", jobs=found, still=still)


@bp.post("/jobs")
def ask() -> AnyResponse:
    """Ask for a job that needs no more than its kind."""
    kind = request.form.get("kind", "")
    if kind not in _SIMPLE:
        abort(400)
    args: dict[str, Any] = {"folder": str(settings().backup)} if kind == JobKind.BACKUP else {}
    with acting("job.ask", kind) as connection:
        jobs.ask(connection, JobKind(kind), args=args, by=current_user.name, key=kind)
    return done("admin.work", "asked")


@bp.post("/jobs/<int:job_id>/cancel")
def cancel(job_id: int) -> AnyResponse:
    """Take a job back, or ask a running one to end."""
    with acting("job.cancel", str(job_id)) as connection:
        if jobs.cancel(connection, job_id) is None:
            abort(404)
    return done("admin.work", "cancelled")


@bp.post("/capture")
def capture() -> AnyResponse:
    """Ask that an address be captured now."""
    try:
        url = canonical(request.form.get("url", "").strip())
    except UrlError:
        return done("admin.try_out", "no-address")
    with acting("capture", url) as connection:
        jobs.ask(connection, JobKind.CAPTURE, args={"url": url}, by=current_user.name, key=f"capture:{url}")
    return done("admin.work", "asked")


@bp.get("/alarms")
def alarms() -> Response:
    """Alarms: open ones, then those that are over."""
    found = resources().store.alarms()
    said = [(item, sentence(item.finding), command(item)) for item in found[:200]]
    return shown(
        "alarms.html",
        open=[line for line in said if line[0].is_open],
        closed=[line for line in said if not line[0].is_open][:50],
    )


@bp.post("/alarms/<int:alarm_id>/acknowledge")
def acknowledge(alarm_id: int) -> AnyResponse:
    """Take note of an alarm: what it found is usual from then on."""
    note = " ".join(request.form.get("note", "").split())[:500]
    with acting("alarm.acknowledge", str(alarm_id), note=note) as connection:
        now = dt.datetime.now(dt.UTC)
        if alarm_rows.acknowledge(connection, alarm_id, current_user.name, note, now) is None:
            abort(404)
    return done("admin.alarms", "acknowledged")


@bp.get("/system")
def system() -> Response:
    """Disk, index, backup, verification."""
    return shown("system.html", space=space(), index=index_state(), kinds=_SIMPLE)
