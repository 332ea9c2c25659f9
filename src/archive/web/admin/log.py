"""The log of acts."""

from __future__ import annotations

from flask import Response, request

from archive.store import acts
from archive.web.admin.blueprint import bp, shown
from archive.web.resources import resources

_LINES = 100


@bp.get("/log")
def log() -> Response:
    """Every act of every admin, the newest first."""
    before = request.args.get("before", type=int)
    with resources().store.read() as connection:
        found = acts.listed(connection, _LINES + 1, before)
    return shown("log.html", lines=found[:_LINES], more=found[_LINES - 1].id if len(found) > _LINES else None)
