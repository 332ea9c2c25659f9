"""The blueprint of all admin pages: nothing is answered that has not passed here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from archive.store import removals
from archive.store.removals import RequestState
from archive.web.admin import said
from archive.web.admin.access import csrf, has_key
from archive.web.errors import error_page
from archive.web.language import gettext
from archive.web.resources import resources

bp = Blueprint("admin", __name__, url_prefix="/admin")

_OPEN = ("admin.login", "admin.log_in")
"""What is answered without a login."""


@bp.before_request
def _guard() -> AnyResponse | None:
    """A key, a login, and for whatever changes something a token of this session's own pages."""
    if not has_key():
        return error_page(
            503,
            gettext("Chưa có tài khoản quản trị"),
            gettext("Trang quản trị mở ra khi có tài khoản đầu tiên."),
            mend="Run `archive admin add NAME`.",
        )
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        try:
            csrf.protect()
        except CSRFError as error:
            return error_page(
                400,
                gettext("Biểu mẫu đã cũ"),
                gettext("Hãy quay lại, tải lại trang rồi gửi lần nữa."),
                mend=str(error.description),
            )
    if request.endpoint in _OPEN or current_user.is_authenticated:
        return None
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("admin.login", to=request.path), 303)
    return error_page(401, gettext("Chưa đăng nhập"), gettext("Hãy đăng nhập rồi làm lại."))


@bp.after_request
def _private(response: Response) -> Response:
    """Kept by no cache, listed by no search engine."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@bp.context_processor
def _frame() -> dict[str, Any]:
    """What the frame of every page shows: who is in, and how much waits."""
    if not has_key() or not current_user.is_authenticated:
        return {**said.words(), "admin_name": "", "waiting": {}}
    store = resources().store
    with store.read() as connection:
        asked = len(removals.listed(connection, RequestState.NEW))
    waiting = {"alarms": len(store.alarms(open_only=True)), "removals": asked}
    return {**said.words(), "admin_name": current_user.name, "waiting": waiting}


def shown(template: str, status: int = 200, **facts: Any) -> Response:
    """A finished admin page."""
    html = render_template(f"admin/{template}", **facts)
    return Response(html, status, content_type="text/html; charset=utf-8")


def done(endpoint: str, told: str = "", **values: Any) -> AnyResponse:
    """After an act: to a page that tells of it, so that reloading does not repeat it.

    :param told: key of what happened, in `archive.web.admin.said`.
    """
    if told:
        values["said"] = told
    return redirect(url_for(endpoint, **values), 303)
