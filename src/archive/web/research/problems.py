"""Errors of the API as RFC 9457 has them: `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from archive.errors import ArchiveError, SearchError
from archive.web.gone import WithheldError
from archive.web.limits.refused import BusyError, QuotaError

MIME = "application/problem+json"
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
"""Fields that a program in a page of another site may read."""
_TYPES = "https://iana.org/assignments/http-problem-types#"
"""Where draft-ietf-httpapi-ratelimit-headers-11, section 5, has the types of these problems."""


def problem(
    status: int,
    title: str,
    detail: str = "",
    errors: Sequence[dict[str, str]] = (),
    kind: str = "about:blank",
    more: Mapping[str, object] | None = None,
) -> Response:
    """A problem; `errors` names the parameters at fault, each with `name` and `detail`.

    :param kind: address that names its type.
    :param more: what problems of this type say besides.
    """
    body: dict[str, object] = {"type": kind, "title": title, "status": status, **(more or {})}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = list(errors)
    response = Response(json.dumps(body, ensure_ascii=False), status, content_type=MIME)
    response.headers["Cache-Control"] = "no-store"
    # Programs in a page of another site must be able to read why.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
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
    response = _refused(error) or problem(error.code or 500, error.name, error.description or "")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _refused(error: HTTPException) -> Response | None:
    said = error.description or ""
    if isinstance(error, QuotaError):
        more = {"violated-policies": [error.policy]}
        return problem(429, error.name, said, kind=f"{_TYPES}quota-exceeded", more=more)
    if isinstance(error, BusyError):
        kind = f"{_TYPES}temporary-reduced-capacity"
        return problem(503, error.name, said, kind=kind, more={"violated-policies": []})
    return None


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
