"""Logging in and out, and the own password."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import Response, redirect, request, url_for
from flask_login import current_user, login_user
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import ConfigError
from archive.store import acts, admins
from archive.web import client, words
from archive.web.admin import keys
from archive.web.admin.access import User, acting, forget
from archive.web.admin.blueprint import bp, done, shown
from archive.web.language import gettext
from archive.web.resources import resources


@bp.get("/login")
def login() -> Response:
    """The form."""
    return _form("")


@bp.post("/login")
def log_in() -> AnyResponse:
    """Compare name and password; after some failures the name and the address have to wait.

    The answer is the same for a wrong name and a wrong password, in text and in time.
    """
    name = request.form.get("name", "").strip()[:80]
    password = request.form.get("password", "")
    store, now = resources().store, dt.datetime.now(dt.UTC)
    tries = [f"name:{name.lower()}", f"address:{client.address()}"]
    with store.read() as connection:
        until = admins.waits_until(connection, tries, now)
        admin = admins.get(connection, name)
    if until is not None:
        text = gettext("Sai quá nhiều lần. Hãy thử lại sau %(moment)s.", moment=words.moment(until))
        response = _form(text, 429, name)
        response.headers["Retry-After"] = str(int((until - now).total_seconds()) + 1)
        return response
    if not keys.fits(password, admin.password if admin is not None else None) or admin is None:
        with store.begin() as connection:
            for key in tries:
                admins.failed(connection, key, now)
            acts.note(connection, name, "login.failed", "", client.address())
        return _form(gettext("Tên hoặc mật khẩu không đúng."), 403, name)
    token = secrets.token_urlsafe(32)
    with store.begin() as connection:
        for key in tries:
            admins.succeeded(connection, key)
        admins.begin_session(connection, admin.name, token)
        acts.note(connection, admin.name, "login", "", client.address())
    forget()
    login_user(User(admin, token))
    return done("admin.overview") if not _inside(request.form.get("to", "")) else _to(request.form["to"])


@bp.post("/logout")
def log_out() -> AnyResponse:
    """End the session, here and for whoever has a copy of its cookie."""
    with acting("logout") as connection:
        admins.end_session(connection, current_user.token)
    forget()
    return done("admin.login")


@bp.get("/account")
def account() -> Response:
    """The form for another password."""
    return shown("account.html", wrong="")


@bp.post("/account")
def change_password() -> AnyResponse:
    """Set another password; all sessions end, this one too."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if not keys.fits(old, current_user.admin.password):
        return shown("account.html", 400, wrong=gettext("Mật khẩu hiện tại không đúng."))
    if new != request.form.get("again", ""):
        return shown("account.html", 400, wrong=gettext("Hai lần gõ mật khẩu mới không giống nhau."))
    try:
        encoded = keys.hashed(new)
    except ConfigError:
        text = gettext("Mật khẩu mới cần ít nhất %(number)s ký tự.", number=keys.SHORTEST)
        return shown("account.html", 400, wrong=text)
    with acting("password") as connection:
        admins.put(connection, current_user.name, encoded)
    forget()
    return done("admin.login", "password")


def _form(wrong: str, status: int = 200, name: str = "") -> Response:
    to = request.values.get("to", "")
    return shown("login.html", status, wrong=wrong, name=name, to=to if _inside(to) else "")


def _inside(path: str) -> bool:
    """Whether an address leads to an admin page here and nowhere else."""
    return path.startswith(url_for("admin.overview")) and "\\" not in path and "//" not in path


def _to(path: str) -> AnyResponse:
    return redirect(path, 303)
