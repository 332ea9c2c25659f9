"""The language of the interface: `?lang=`, then the cookie, then the setting. Addresses are the same."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import flask_babel
from babel.support import NullTranslations
from flask import Flask, Response, g, request

from archive.config import Settings

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
COOKIE = "lang"
_YEAR = 365 * 24 * 3600


def init(app: Flask, settings: Settings) -> None:
    """Set Flask-Babel up; Vietnamese is the source language and needs no catalogue."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    flask_babel.Babel(app, default_locale="vi", locale_selector=lambda: chosen(settings))
    # A page has some seventy texts, and Flask-Babel looks for the catalogue at each of them anew.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )

    @app.after_request
    def _remember(response: Response) -> Response:
        # Whatever was made with a look at the cookie says so, or a shared cache would hand one reader's
        # language to the next.
        if "language" in g and "Cookie" not in response.headers.get("Vary", ""):
            response.vary.add("Cookie")
        language = asked()
        if language in LANGUAGES and response.status_code == 200 and response.mimetype == "text/html":
            response.set_cookie(
                COOKIE,
                language,
                max_age=_YEAR,
                samesite="Lax",
                httponly=True,
                secure=settings.public_base.startswith("https:"),
            )
            # A shared cache must not hand one reader's choice to the next.
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["current_language"] = lambda: chosen(settings)
    app.jinja_env.globals["switch_address"] = switch_address


def chosen(settings: Settings) -> str:
    """`vi` or `en`, for the current request."""
    if "language" not in g:
        candidates = (asked(), request.cookies.get(COOKIE, ""))
        g.language = next((item for item in candidates if item in LANGUAGES), settings.language)
    language: str = g.language
    return language


def _catalogue() -> NullTranslations:
    """The texts of the current request's language."""
    if "catalogue" not in g:
        g.catalogue = flask_babel.get_translations()
    catalogue: NullTranslations = g.catalogue
    return catalogue


def asked() -> str:
    """The language that the address asks for; "" for none. An archived address has a query of its own."""
    return "" if _is_archived() else request.args.get("lang", "")


def _is_archived() -> bool:
    return request.endpoint in ("memento.web", "memento.timemap")


def switch_address(language: str) -> str:
    """The address of this very page in another language; of one with an archived address the finder's."""
    if _is_archived():
        return f"{request.script_root}/tim?{urlencode([('lang', language)])}"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.script_root}{_quoted_path()}?{urlencode([*kept, ('lang', language)])}"


def _quoted_path() -> str:
    # From the URL, not from `request.path`, so that percent-encoding stands; `//host` must not become a
    # link to another host.
    path = urlsplit(request.base_url).path.removeprefix(request.script_root)
    return "/" + path.lstrip("/")


def gettext(text: str, **values: object) -> str:
    """A text in the language of the page, `%(name)s` filled in. (Flask-Babel's has no types.)"""
    said = str(_catalogue().ugettext(text))
    return said % values if values else said


def ngettext(one: str, many: str, number: int) -> str:
    """As `gettext`, with the form for a number, which is `%(n)s` written as the language does."""
    said = str(_catalogue().ungettext(one, many, number))
    return said % {"num": number, "n": flask_babel.format_decimal(number)}


def locale() -> str:
    """The code of the page's language."""
    return str(flask_babel.get_locale() or "vi")
