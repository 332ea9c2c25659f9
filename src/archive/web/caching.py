"""Validators: a strong ETag on every page, and 304 where the reader has it already."""

from __future__ import annotations

from flask import Flask, Response, make_response, request


def init(app: Flask) -> None:
    """Turn an answer that the reader has already into a 304."""

    @app.after_request
    def _unchanged(response: Response) -> Response:
        if response.status_code == 200 and "ETag" in response.headers:
            response.make_conditional(request)
        return response


def page(html: str, status: int = 200, *, robots: str = "") -> Response:
    """A finished page.

    Pages differ by the language cookie and by nothing else; they may be kept but are asked again each
    time (`no-cache`), which costs a 304 of a few bytes.

    :param robots: `X-Robots-Tag`, when the page must not be indexed.
    """
    response = make_response(html, status)
    response.vary.add("Cookie")
    if robots:
        response.headers["X-Robots-Tag"] = robots
    return validated(response) if status == 200 else response


def validated(response: Response) -> Response:
    """Give a finished answer a strong ETag, so that it can become a 304."""
    response.add_etag()
    return response
