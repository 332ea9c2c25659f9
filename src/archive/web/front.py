"""Gives out kept pages before Flask is asked.

Routing, hooks and headers cost Flask several times what a finished page does: `benchmarks.web` shows the
difference. What must happen at every request happens here too: the archive is asked whether it changed, the
sender is counted, and so is the answer. A kept page passes no gate; it takes less than finding out whether
there is room.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from werkzeug.http import is_resource_modified, parse_cookie, remove_entity_headers

from archive.errors import StoreError
from archive.web import kept, metrics
from archive.web.kept import Page, Pages, Wish
from archive.web.language import COOKIE, LANGUAGES
from archive.web.limits import Counting
from archive.web.resources import Resources

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LONGEST_QUERY = 500
"""Bytes of a query string: longer ones are hardly asked twice."""
_OF_ONE_ANSWER: Final = frozenset(("server-timing", "ratelimit", "ratelimit-policy"))
_OK = "200 OK"
_UNCHANGED = "304 NOT MODIFIED"
_Headers = list[tuple[str, str]]


class Front:
    """The application, behind the pages that are kept."""

    def __init__(self, app: WSGIApplication, opened: Resources, counting: Counting) -> None:
        self._app = app
        self._opened = opened
        self._counting = counting
        self._pages = Pages()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        began = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        if (
            method not in ("GET", "HEAD")
            or "HTTP_AUTHORIZATION" in environ  # who sends a key is counted by the key
            or "HTTP_IF_MATCH" in environ  # rare, and no way to ask for a page
            or len(environ.get("QUERY_STRING", "")) > _LONGEST_QUERY
        ):
            return self._app(environ, start_response)
        key = _key(environ)
        if (page := self._find(key)) is not None:
            counted = self._counting.of_sender(page.policy, environ)
            if counted is None or counted.allowed:
                fields = counted.fields if counted else ()
                condition = environ.get("HTTP_IF_NONE_MATCH", "")
                status, headers, body = _answer(page, [*page.headers, *fields], condition)
                metrics.count(page.endpoint, status[:3], time.perf_counter() - began)
                start_response(status, headers)
                return [] if method == "HEAD" else [body]
        return self._made(key, environ, start_response)

    def _find(self, key: object) -> Page | None:
        if key not in self._pages:
            return None
        state = self._state()
        return self._pages.get(state, key) if state is not None else None

    def _state(self) -> object:
        """The archive's; None when the database cannot be asked."""
        try:
            return kept.state(self._opened)
        except StoreError:
            # Flask has the page that says so.
            return None

    def _made(self, key: object, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Flask's answer, kept if its view wishes so."""
        held: _Headers = []

        def begin(
            status: str, headers: _Headers, exc_info: OptExcInfo | None = None, /
        ) -> Any:  # PEP 3333's `write`, which nobody calls
            if kept.WISH in environ and status == _OK:
                held.extend(headers)
                return None
            return start_response(status, headers, exc_info)

        made = self._app(environ, begin)
        if not held:
            return made
        try:
            body = b"".join(made)
        finally:
            if hasattr(made, "close"):
                made.close()
        wish: Wish = environ[kept.WISH]
        names = {name.lower() for name, _ in held}
        headers = tuple(item for item in held if item[0].lower() not in _OF_ONE_ANSWER)
        page = Page(body, headers, wish.endpoint, wish.policy)
        # A cookie is one reader's: the language he asked for, or an admin's session made to last longer.
        # What was committed while the page was made may not be in it.
        if "set-cookie" not in names and self._state() == wish.state:
            self._pages.put(wish.state, key, page)
        status, sent, body = _answer(page, held, wish.condition)
        start_response(status, sent)
        return [body]


def init(app: Flask, opened: Resources) -> None:
    """Stand before the application; after what counts requests was set up."""
    app.wsgi_app = Front(app.wsgi_app, opened, app.extensions["archive.counting"])  # type: ignore[method-assign]


def _key(environ: WSGIEnvironment) -> tuple[str, ...]:
    """What an answer hangs on that the request brings. A host that is none of ours never got a page."""
    cookies = environ.get("HTTP_COOKIE", "")
    language = parse_cookie(cookies).get(COOKIE, "") if f"{COOKIE}=" in cookies else ""
    return (
        environ.get("SCRIPT_NAME", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        environ.get("HTTP_HOST", ""),
        language if language in LANGUAGES else "",
    )


def _answer(page: Page, headers: _Headers, condition: str) -> tuple[str, _Headers, bytes]:
    """Status, headers and body: the page, or that the reader has it already (RFC 9110, section 13.1.2)."""
    tag = next((value for name, value in headers if name == "ETag"), None)
    if not condition or tag is None:
        return _OK, headers, page.body
    asked = {"REQUEST_METHOD": "GET", "HTTP_IF_NONE_MATCH": condition}
    if is_resource_modified(asked, etag=tag.strip('"')):
        return _OK, headers, page.body
    remove_entity_headers(headers)
    return _UNCHANGED, headers, b""
