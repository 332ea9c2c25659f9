"""Errors of the API as RFC 9457 has them: `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from archive.errors import ArchiveError, SearchError
from archive.web.gone import WithheldError

MIME = "application/problem+json"


def problem(status: int, title: str, detail: str = "", errors: Sequence[dict[str, str]] = ()) -> Response:
    """A problem; `errors` names the parameters at fault, each with `name` and `detail`."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = list(errors)
    response = Response(json.dumps(body, ensure_ascii=False), status, content_type=MIME)
    response.headers["Cache-Control"] = "no-store"
    return response


def wanted() -> bool:
    """Whether the request is one of the API's, whose errors are for programs."""
    return request.path.startswith("/api/")


def http(error: HTTPException) -> Response:
    """What the framework or a view refused."""
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    if isinstance(error, WithheldError):
        taken = error.takedown
        response = problem(taken.status, "Withheld", taken.reason)
        if taken.status == 451 and taken.blocked_by:
            response.headers["Link"] = f'<{taken.blocked_by}>; rel="blocked-by"'
        return response
    response = problem(error.code or 500, error.name, error.description or "")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def archive(error: ArchiveError) -> Response:
    """What the archive cannot answer now."""
    current_app.logger.error("%s: %s", type(error).__name__, error)
    what = "Search is away" if isinstance(error, SearchError) else "The archive cannot be read"
    response = problem(503, what, "Try again in a minute.")
    response.headers["Retry-After"] = "60"
    return response


def unexpected(error: Exception) -> Response:
    """A fault of ours."""
    current_app.logger.exception("in the API", exc_info=error)
    return problem(500, "Internal error", "It was noted; nothing of the archive is lost.")
