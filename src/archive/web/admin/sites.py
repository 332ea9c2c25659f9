"""One site: its runs, its failures by reason, and what can be done about them."""

from __future__ import annotations

from flask import Response, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from archive.model import Reason
from archive.store import SiteSummary, jobs, office
from archive.store.jobs import JobKind
from archive.web.admin.access import acting
from archive.web.admin.blueprint import bp, done, shown
from archive.web.admin.overview import is_running, site_lines
from archive.web.resources import resources

_RUNS = 20
_FAILURES = 50


@bp.get("/sites")
def sites() -> Response:
    """All sites."""
    return shown("sites.html", lines=site_lines())


@bp.get("/sites/<site_id>")
def site(site_id: str) -> Response:
    """One of them."""
    found = _site(site_id)
    store = resources().store
    with store.read() as connection:
        runs = office.run_lines(connection, _RUNS, site=site_id)
        reasons = office.failure_counts(connection).get(site_id, {})
    return shown(
        "site.html",
        site=found,
        paused=store.paused().get(site_id, ""),
        runs=runs,
        running=[run for run in runs if is_running(run)],
        reasons=reasons,
        alarms=store.alarms(site=site_id, open_only=True),
    )


@bp.get("/sites/<site_id>/failures/<reason>")
def failures(site_id: str, reason: str) -> Response:
    """Addresses that failed for one reason."""
    found = _site(site_id)
    if reason not in {item.value for item in Reason}:
        abort(404)
    page = max(request.args.get("page", 1, type=int), 1)
    with resources().store.read() as connection:
        items = office.failures(connection, site_id, reason, _FAILURES + 1, (page - 1) * _FAILURES)
    return shown(
        "failures.html",
        site=found,
        reason=reason,
        items=items[:_FAILURES],
        page=page,
        more=len(items) > _FAILURES,
    )


@bp.post("/sites/<site_id>/pause")
def pause(site_id: str) -> AnyResponse:
    """Let the schedule pass a site over, until it is resumed."""
    _site(site_id)
    why = " ".join(request.form.get("why", "").split())[:500] or "–"
    with acting("site.pause", site_id, why=why) as connection:
        office.pause(connection, site_id, why)
    return done("admin.site", "paused", site_id=site_id)


@bp.post("/sites/<site_id>/resume")
def resume(site_id: str) -> AnyResponse:
    """Let a site be crawled by schedule again."""
    _site(site_id)
    with acting("site.resume", site_id) as connection:
        office.pause(connection, site_id, None)
    return done("admin.site", "resumed", site_id=site_id)


@bp.post("/sites/<site_id>/crawl")
def crawl(site_id: str) -> AnyResponse:
    """Ask for a crawl at once."""
    _site(site_id)
    recheck = request.form.get("recheck") == "1"
    with acting("site.crawl", site_id, recheck=recheck) as connection:
        jobs.ask(
            connection,
            JobKind.CRAWL,
            site=site_id,
            args={"recheck": recheck},
            by=current_user.name,
            key=f"crawl:{site_id}",
        )
    return done("admin.work", "asked")


@bp.post("/sites/<site_id>/retry")
def retry(site_id: str) -> AnyResponse:
    """Ask that what failed, all of it or for one reason, be tried again."""
    _site(site_id)
    reason = request.form.get("reason", "")
    if reason and reason not in {item.value for item in Reason}:
        abort(400)
    with acting("site.retry", site_id, reason=reason) as connection:
        jobs.ask(
            connection,
            JobKind.RETRY,
            site=site_id,
            args={"reason": reason},
            by=current_user.name,
            key=f"retry:{site_id}:{reason}",
        )
    return done("admin.work", "asked")


def _site(site_id: str) -> SiteSummary:
    found = resources().store.site(site_id)
    if found is None:
        abort(404)
    return found
