"""Keys of the API: who has one, giving one, revoking one."""

from __future__ import annotations

from flask import Response, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from archive.store import acts
from archive.store import api_keys as rows
from archive.web import client
from archive.web.admin.access import acting
from archive.web.admin.blueprint import bp, done, shown
from archive.web.limits.policies import policies
from archive.web.resources import resources, settings

_MOST = 1_000_000


@bp.get("/keys")
def api_keys() -> Response:
    """All keys, the revoked ones last, and the limits without one."""
    return _page()


@bp.post("/keys")
def give_key() -> Response:
    """Give a key; it is shown on the answer to this request and nowhere else."""
    name = " ".join(request.form.get("name", "").split())[: rows.LONGEST_NAME]
    asked = request.form.get("requests", "").strip() or "0"
    if not name or not (asked.isascii() and asked.isdigit() and int(asked[:9]) <= _MOST):
        return _page(400, wrong=True)
    with resources().store.begin() as connection:
        key, text = rows.add(connection, name, int(asked), current_user.name)
        acts.note(
            connection,
            current_user.name,
            "key.add",
            key.id,
            client.address(),
            name=name,
            per_minute=int(asked),
        )
    return _page(given=text)


@bp.post("/keys/<key_id>/revoke")
def revoke_key(key_id: str) -> AnyResponse:
    """Make a key worth nothing, at once and in every worker."""
    with acting("key.revoke", key_id) as connection:
        if not rows.revoke(connection, key_id):
            abort(404)
    return done("admin.api_keys", "revoked")


def _page(status: int = 200, given: str = "", *, wrong: bool = False) -> Response:
    with resources().store.read() as connection:
        found = rows.listed(connection)
    return shown(
        "keys.html",
        status,
        keys=found,
        given=given,
        wrong=wrong,
        longest=rows.LONGEST_NAME,
        limits=list(policies(settings()).values()),
    )
