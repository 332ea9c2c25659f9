"""The TimeGate (RFC 7089, section 4.1.1, pattern 2.1): from an address and a date to the nearest memento."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from archive.memento import linkformat, times
from archive.store import mementos
from archive.web.memento import asked, headers, lookup
from archive.web.resources import resources


def negotiate(url: str, text: str) -> AnyResponse:
    """302 to the memento nearest to `Accept-Datetime`, or to the newest; 400 for a date that is none.

    :param url: the canonical address; "" when none could be read.
    :param text: the address as it stood in the request.
    """
    wanted = request.headers.get("Accept-Datetime")
    moment = times.read_http_date(wanted) if wanted is not None else None
    if wanted is not None and moment is None:
        return _varied(_bad(wanted))
    if not url:
        return _varied(lookup.missing(url, text))
    with resources().store.read() as connection:
        found = mementos.nearest(connection, asked.key(url), moment)
        near = mementos.neighbours(connection, found.capture.urlkey, found.capture.at) if found else None
    if found is None or near is None:
        return _varied(lookup.missing(url, text))
    response = redirect(asked.memento(found.capture), 302)
    response.headers["Link"] = linkformat.header(headers.links(url, near, found.capture))
    response.headers["Cache-Control"] = "no-cache"
    return _varied(response)


def _bad(wanted: str) -> Response:
    text = (
        f"Accept-Datetime is {wanted[:80]!r}. RFC 7089 asks for a date of this form:\n"
        "Wed, 28 Sep 2022 08:30:00 GMT\n"
    )
    return Response(text, status=400, content_type="text/plain; charset=utf-8")


def _varied(response: AnyResponse) -> AnyResponse:
    response.vary.add("accept-datetime")
    return response
