"""Static files under addresses that change with their content, so that they may be kept for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

STATIC = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


def init(app: Flask) -> None:
    """Serve `static/` and give templates `asset('site.css')`."""
    app.add_url_rule("/static/<path:name>", "static", _serve)
    app.jinja_env.globals["asset"] = lambda name: url_for("static", name=name, v=digest(name))


@cache
def digest(name: str) -> str:
    """Twelve hex digits of a static file's SHA-256."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def _names() -> frozenset[str]:
    """The files that there are; they come with the program and do not change while it runs."""
    return frozenset(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())


def _serve(name: str) -> Response:
    # Asked of a list, not of the disk: no spelling of a path is worth anything, and none is remembered.
    if name not in _names():
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith(("text/", "image/svg")) else ""
    response = Response((STATIC / name).read_bytes(), content_type=kind + charset)
    response.set_etag(digest(name))
    if request.args.get("v") == digest(name):
        response.headers["Cache-Control"] = _FOR_EVER
    response.make_conditional(request)
    return response
