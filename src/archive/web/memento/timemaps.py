"""TimeMaps: all mementos of an address, in parts when there are many."""

from __future__ import annotations

from flask import Response, abort

from archive.memento import linkformat, timemap
from archive.memento.timemap import Entry, Part
from archive.store import mementos
from archive.web import links
from archive.web.caching import validated
from archive.web.memento import asked, lookup
from archive.web.resources import resources

PART_SIZE = 1_000
"""Mementos in one part."""
_TYPES = {
    "link": linkformat.MEDIA_TYPE,
    "json": "application/json",
    "cdxj": timemap.CDXJ_TYPE,
}


def show(form: str, url: str, text: str, number: int) -> Response:
    """One part of a TimeMap; 404 for an address without mementos, an unknown form, a part beyond the last.

    :param form: `link`, `json` or `cdxj`.
    :param url: the canonical address; "" when none could be read from `text`.
    """
    if form not in _TYPES:
        abort(404)
    if not url:
        return lookup.missing(url, text)
    with resources().store.read() as connection:
        found = mementos.listing(connection, asked.key(url))
    if not found:
        return lookup.missing(url, text)
    entries = [Entry(item.capture, links.absolute(asked.memento(item.capture))) for item in found]
    pieces = [entries[start : start + PART_SIZE] for start in range(0, len(entries), PART_SIZE)]
    if not 1 <= number <= len(pieces):
        abort(404)
    addresses, chosen = asked.addresses(url), pieces[number - 1]
    parts = [
        (Part(place, piece[0].capture.at, piece[-1].capture.at), _address(form, url, place))
        for place, piece in enumerate(pieces, 1)
    ]
    own = _address(form, url, number)
    match form:
        case "link":
            body = timemap.link(addresses, chosen, parts[number - 1][0], parts, own)
        case "json":
            others = [address for part, address in parts if part.number != number]
            body = timemap.as_json(addresses, chosen, own, others)
        case _:
            body = timemap.cdxj(chosen)
    response = Response(body, content_type=f"{_TYPES[form]}; charset=utf-8")
    response.headers["Link"] = linkformat.header(addresses.common())
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    return validated(response)


def _address(form: str, url: str, number: int) -> str:
    return links.absolute(asked.timemap(form, url, number))
