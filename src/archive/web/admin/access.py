"""Who may come in: sessions that the database knows, a token in each form, and nobody without a key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect

from archive.config import Settings
from archive.store import Connection, acts, admins
from archive.store.admins import Admin
from archive.web import client
from archive.web.admin import keys
from archive.web.resources import resources, settings

_SEEN = dt.timedelta(minutes=1)
"""How exactly the last request of a session is noted: not every request writes."""
csrf = CSRFProtect()


class User(UserMixin):  # type: ignore[misc]
    """Who is logged in; the id that the cookie carries is the token of the session."""

    def __init__(self, admin: Admin, token: str) -> None:
        self.admin = admin
        self.name = admin.name
        self.token = token

    def get_id(self) -> str:
        """For Flask-Login."""
        return self.token


def init(app: Flask, settings: Settings) -> None:
    """Prepare the application: cookies, sessions, tokens. The public pages stay without any of them."""
    base = urlsplit(settings.public_base)
    is_local = base.scheme == "http" and base.hostname in ("127.0.0.1", "localhost", "::1")
    app.config.update(
        SECRET_KEY=keys.read_key(settings.var),
        SESSION_COOKIE_NAME="archive_admin" if is_local else "__Secure-archive_admin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not is_local,
        SESSION_COOKIE_PATH=f"{base.path}/admin",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=not is_local,
    )
    app.session_interface = _Sessions()
    manager = LoginManager(add_context_processor=False)
    manager.user_loader(_load)
    # Not `init_app`: its care for "remember me" cookies, of which there are none, would look into the
    # session on every public page, and so make all of them differ by cookie.
    app.login_manager = manager  # type: ignore[attr-defined]
    csrf.init_app(app)


class _Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie; the key may be made while the site is up, by `archive admin add`."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Look for the key before the session is read: one opened without it cannot be written."""
        if app.secret_key is None and request.path.startswith("/admin"):
            app.secret_key = keys.read_key(settings().var)
        return super().open_session(app, request)


def has_key() -> bool:
    """Whether sessions can be signed."""
    return current_app.secret_key is not None


def _load(token: str) -> User | None:
    now = dt.datetime.now(dt.UTC)
    with resources().store.read() as connection:
        found = admins.session(connection, token, now)
    if found is None:
        return None
    admin, seen = found
    if now - seen > _SEEN:
        with resources().store.begin() as connection:
            admins.see(connection, token, now)
    return User(admin, token)


@contextmanager
def acting(act: str, target: str = "", **detail: Any) -> Iterator[Connection]:
    """The one way in which admin pages write: a transaction with its line in the log of acts."""
    with resources().store.begin() as connection:
        yield connection
        acts.note(connection, current_user.name, act, target, client.address(), **detail)


def forget() -> None:
    """Empty the cookie's session: a new login never inherits what stood in an old one."""
    session.clear()
