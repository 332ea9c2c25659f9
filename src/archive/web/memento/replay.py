"""Replay: what a server sent, sent again. Nothing of it may act, on the archive or on anyone else.

Three things keep it so, each enough by itself: a policy that sandboxes the page without script, forms and an
origin, and lets it load from the archive alone; the markup, from which `archive.memento.page` has taken what
acts; and types that are told by the bytes, with `nosniff`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from archive.memento import css, linkformat, page, times
from archive.model import Capture, Headers, header
from archive.store import mementos
from archive.store.ledger import Judged
from archive.store.mementos import Neighbours
from archive.text.clean import decode
from archive.warc import http
from archive.web.caching import validated
from archive.web.gone import refuse
from archive.web.memento import asked, banner, body, headers, lookup
from archive.web.resources import resources

POLICY = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "img-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "media-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""`sandbox` alone takes script, forms, pop-ups and the origin away; rewritten addresses lead to 'self'."""

RAW = "id_"
_AS_PAGE = frozenset({"", "if_", "mp_", "fw_"})
_KINDS = frozenset({*_AS_PAGE, RAW, "im_", "cs_", "js_", "oe_"})
"""Modifiers as pywb and the Wayback Machine have them."""


@dataclass(frozen=True, slots=True)
class Memento:
    """One capture about to be shown."""

    found: Judged
    near: Neighbours
    fields: Headers
    """The captured response's header fields."""
    content_type: str
    """Of the payload: for a 304, what was said when the payload came."""

    @property
    def capture(self) -> Capture:
        return self.found.capture


def show(url: str, text: str, when: str, moment: dt.datetime, kind: str) -> AnyResponse:
    """The capture of that very second; from any other time a redirect to the nearest one.

    What a page embeds (`im_`, `cs_` …) is answered at once with the nearest, and `Content-Location` tells its
    own address: a redirect for every picture of a page would double the requests.

    :param url: the canonical address; "" when none could be read from `text`.
    :param when: the stamp as asked for, perhaps cut short.
    :param moment: what it aims at.
    """
    if not url or kind not in _KINDS:
        return lookup.missing(url, text, kind)
    key = asked.key(url)
    with resources().store.read() as connection:
        found = mementos.exact(connection, key, moment) if len(when) == 14 else None
        if found is None and len(when) == 14 and (why := mementos.withheld_at(connection, key, moment)):
            refuse(why)
        near_to = found or mementos.nearest(connection, key, moment)
        near = mementos.neighbours(connection, key, near_to.capture.at) if near_to else None
    if near_to is None or near is None:
        return lookup.missing(url, text, kind)
    capture = near_to.capture
    exact = found is not None and capture.url == url
    if not exact and (kind in _AS_PAGE or kind == RAW):
        response = redirect(asked.memento(capture, kind), 302)
        response.headers["Link"] = linkformat.header(headers.links(capture.url, near, capture))
        response.headers["X-Robots-Tag"] = "noindex"
        return response
    return _served(near_to, near, kind)


def _served(found: Judged, near: Neighbours, kind: str) -> AnyResponse:
    capture = found.capture
    fields = _fields(capture)
    memento = Memento(found, near, fields, _content_type(capture, fields))
    response = _redirected(memento, kind) or _body(memento, kind)
    response.headers["Memento-Datetime"] = times.http_date(capture.at)
    response.headers["Content-Location"] = asked.memento(capture, kind)
    response.headers["Link"] = linkformat.header(headers.links(capture.url, near, capture))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    for name, value in headers.originals(fields):
        response.headers.add(name, value)
    return response


def _redirected(memento: Memento, kind: str) -> AnyResponse | None:
    """A captured redirect leads to its target in the archive, at its own time."""
    capture = memento.capture
    if not 300 <= capture.status < 400 or capture.status == 304 or not capture.redirect_to or kind == RAW:
        return None
    target = asked.page(capture.redirect_to, times.stamp(capture.at), kind)
    return redirect(target, capture.status if capture.status in (301, 302, 303, 307, 308) else 302)


def _body(memento: Memento, kind: str) -> Response:
    """The payload in the form that was asked for, with the status that it came with."""
    capture = memento.capture
    payload = resources().payload(capture)
    if kind == RAW:
        response = body.raw(payload, memento.content_type, capture)
        return _finished(response, memento, payload)
    what = body.kind_of(payload, memento.content_type, capture.url)
    match what:
        case body.Kind.PAGE:
            response = _page(memento, payload, kind)
        case body.Kind.STYLE:
            response = _style(memento, payload)
        case _:
            response = body.other(payload, what, memento.content_type, capture)
    return _finished(response, memento, payload, is_text=what is not body.Kind.PICTURE)


def _finished(response: Response, memento: Memento, payload: bytes, *, is_text: bool = True) -> Response:
    capture = memento.capture
    if is_text and (why := resources().store.withheld_page(payload, memento.content_type)):
        refuse(why)
    if capture.status == 200 or capture.status == 304:
        return validated(response)
    response.status_code = capture.status if 200 <= capture.status < 600 else 200
    response.add_etag()
    return response


def _page(memento: Memento, payload: bytes, kind: str) -> Response:
    text = decode(payload, memento.content_type).text
    top: Callable[[str], str] = lambda refresh: ""  # noqa: E731
    if kind == "":
        top = banner.make(memento.found, memento.near)
    shown = page.rewrite(text, memento.capture.url, _address(memento.capture), top)
    response = Response(shown.html, content_type="text/html; charset=utf-8")
    if kind == "":
        response.vary.add("Cookie")
    return response


def _style(memento: Memento, payload: bytes) -> Response:
    text = decode(payload, memento.content_type).text
    sheet = css.sheet(text, page.in_sheet(memento.capture.url, _address(memento.capture)))
    return Response(sheet, content_type="text/css; charset=utf-8")


def _address(capture: Capture) -> page.Address:
    """Addresses in a page lead to the archive at the page's own time."""
    when = times.stamp(capture.at)
    return lambda url, kind: asked.page(url, when, kind)


def _fields(capture: Capture) -> Headers:
    answer = resources().record(capture)
    try:
        return http.response_fields(http.split_message(answer.block)[1])
    except ValueError:  # a revisit record without a block
        return ()


def _content_type(capture: Capture, fields: Headers) -> str:
    given = header(fields, "content-type")
    if given is None and capture.revisit_of is not None:
        holder = resources().store.capture(capture.revisit_of)
        given = header(_fields(holder), "content-type") if holder is not None else None
    return given or capture.mime
