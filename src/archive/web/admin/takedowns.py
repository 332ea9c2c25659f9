"""Takedowns: ordering, looking up, lifting. Destroying bytes is for the terminal alone."""

from __future__ import annotations

from flask import Response, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import ArchiveError
from archive.preserve import takedown
from archive.preserve.takedown import Order
from archive.store import acts, jobs, removals
from archive.store.jobs import JobKind
from archive.store.removals import RequestState
from archive.store.takedowns import Scope
from archive.web import client
from archive.web.admin.blueprint import bp, done, shown
from archive.web.resources import resources, settings


@bp.get("/takedowns")
def takedowns() -> Response:
    """All of them, and the form for another."""
    return _form("")


@bp.post("/takedowns")
def withhold() -> AnyResponse:
    """Take something down at once; the index follows as a job, and is told what to hide until then."""
    form = request.form
    scope, status = form.get("scope", ""), form.get("status", "410")
    if scope not in {item.value for item in Scope} or status not in ("410", "451"):
        abort(400)
    order = Order(
        Scope(scope),
        form.get("target", ""),
        form.get("reason", ""),
        current_user.name,
        form.get("reference", ""),
        int(status),
        form.get("blocked_by", "").strip(),
    )
    store = resources().store
    try:
        outcome = takedown.withhold(store, settings(), order, index=False)
    except ArchiveError as error:
        return _form(str(error), 400)
    asked = form.get("removal", "")
    with store.begin() as connection:
        acts.note(
            connection,
            current_user.name,
            "takedown.add",
            outcome.takedown.id,
            client.address(),
            scope=scope,
            removal=asked,
        )
        jobs.ask(connection, JobKind.INDEX_UPDATE, by=current_user.name, key="index-update")
        if asked:
            removals.answer(
                connection, asked, RequestState.GRANTED, order.reason, current_user.name, outcome.takedown.id
            )
    return done("admin.takedown_shown", "withheld", takedown_id=outcome.takedown.id)


@bp.get("/takedowns/<takedown_id>")
def takedown_shown(takedown_id: str) -> Response:
    """One of them."""
    found = resources().store.takedown(takedown_id)
    if found is None:
        abort(404)
    return shown("takedown.html", item=found)


@bp.post("/takedowns/<takedown_id>/lift")
def lift(takedown_id: str) -> AnyResponse:
    """Show again what was withheld."""
    store = resources().store
    if store.takedown(takedown_id) is None:
        abort(404)
    why = " ".join(request.form.get("why", "").split())
    if not why:
        return done("admin.takedown_shown", "why", takedown_id=takedown_id)
    try:
        takedown.lift(store, settings(), takedown_id, by=current_user.name, why=why, index=False)
    except ArchiveError as error:
        return shown("takedown.html", 400, item=store.takedown(takedown_id), wrong=str(error))
    with store.begin() as connection:
        acts.note(connection, current_user.name, "takedown.lift", takedown_id, client.address(), why=why)
        jobs.ask(connection, JobKind.INDEX_UPDATE, by=current_user.name, key="index-update")
    return done("admin.takedown_shown", "lifted", takedown_id=takedown_id)


def _form(wrong: str, status: int = 200) -> Response:
    values = request.form if request.method == "POST" else request.args
    return shown(
        "takedowns.html",
        status,
        items=resources().store.takedowns(),
        scopes=[item.value for item in Scope],
        values=values,
        wrong=wrong,
    )
