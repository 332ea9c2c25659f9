"""The form by which anybody asks for something to be removed or corrected, and the state of a request.

No account, no mail, no picture puzzle. What was typed is seen by admins alone; whoever has the request's
address sees its state and the answer. Nothing that was typed is ever shown on a page again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.store import Connection, removals
from archive.web import client
from archive.web.errors import error_page
from archive.web.language import gettext
from archive.web.resources import resources

bp = Blueprint("removal", __name__)

_AN_HOUR = 5
"""Requests from one network in an hour at most."""
_A_DAY = 200
"""Requests from everywhere in a day at most: a list that nobody can read helps nobody."""
_LONGEST = {"target": 2_000, "reason": 5_000, "contact": 300}


@bp.post("/go-bo")
def ask() -> AnyResponse:
    """Put a request on the admins' list."""
    if request.form.get("website", ""):
        # A field that no person sees: whoever fills it in is a program, and is told what it wants to hear.
        return redirect(url_for("removal.state", identity=secrets.token_hex(8)), 303)
    typed = {name: request.form.get(name, "").replace("\0", "").strip() for name in _LONGEST}
    if not typed["target"] or not typed["reason"]:
        return _form(gettext("Hãy ghi cả địa chỉ và lý do."), typed)
    if any(len(text) > _LONGEST[name] for name, text in typed.items()):
        return _form(gettext("Có ô viết dài quá. Hãy viết ngắn lại."), typed)
    identity = secrets.token_hex(8)
    with resources().store.begin() as connection:
        wait = _too_many(connection, _origin())
        if not wait:
            removals.ask(connection, identity, **typed, origin=_origin())
    if wait:
        response = error_page(
            429,
            gettext("Đã nhận nhiều yêu cầu quá"),
            gettext("Hãy gửi lại sau một giờ, hoặc viết cho người vận hành."),
        )
        response.headers["Retry-After"] = "3600"
        return response
    return redirect(url_for("removal.state", identity=identity), 303)


@bp.get("/go-bo/<identity>")
def state(identity: str) -> Response:
    """What became of a request: its state and the answer, nothing of what was asked."""
    if not (len(identity) == 16 and all(letter in "0123456789abcdef" for letter in identity)):
        abort(404)
    with resources().store.read() as connection:
        found = removals.get(connection, identity)
    # An unknown one looks as a new one does: the address of a request is its only secret.
    html = render_template("pages/removal_state.html", item=found, identity=identity)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _form(wrong: str, typed: dict[str, str]) -> Response:
    html = render_template("pages/removal.html", wrong=wrong, typed=typed)
    response = Response(html, 400, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_many(connection: Connection, origin: str) -> bool:
    now = dt.datetime.now(dt.UTC)
    return (
        removals.count(connection, now - dt.timedelta(hours=1), origin) >= _AN_HOUR
        or removals.count(connection, now - dt.timedelta(days=1)) >= _A_DAY
    )


def _origin() -> str:
    """Whom to count together: a hash of the sender's address and the day, from which nobody is found again
    the next day."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return hashlib.blake2b(f"{today} {client.address()}".encode(), digest_size=12).hexdigest()
