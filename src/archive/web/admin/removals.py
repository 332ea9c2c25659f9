"""What readers asked to be removed, and the answers."""

from __future__ import annotations

from flask import Response, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from archive.store import removals as rows
from archive.store.removals import RequestState
from archive.web.admin.access import acting
from archive.web.admin.blueprint import bp, done, shown
from archive.web.resources import resources


@bp.get("/removals")
def removals() -> Response:
    """Unanswered ones, the oldest first, then the answered."""
    with resources().store.read() as connection:
        new = rows.listed(connection, RequestState.NEW)
        answered = [item for item in rows.listed(connection) if item.state is not RequestState.NEW]
    return shown("removals.html", new=new, answered=answered[:50])


@bp.post("/removals/<identity>/answer")
def answer(identity: str) -> AnyResponse:
    """Answer one: granted without a takedown (corrected, explained), or refused."""
    state = request.form.get("state", "")
    if state not in (RequestState.GRANTED, RequestState.REFUSED):
        abort(400)
    text = " ".join(request.form.get("text", "").split())[:2_000]
    if not text:
        return done("admin.removals", "why")
    with acting("removal.answer", identity, state=state) as connection:
        if not rows.answer(connection, identity, RequestState(state), text, current_user.name):
            abort(404)
    return done("admin.removals", "answered")
