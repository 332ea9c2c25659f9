"""The routes. Each reads its archived address from the raw target (`asked.rest`)."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.routing import PathConverter
from werkzeug.wrappers import Response as AnyResponse

from archive.memento import times
from archive.web.memento import asked, calendar, lookup, replay, timegate, timemaps

bp = Blueprint("memento", __name__)


class _Address(PathConverter):
    """An archived address: anything, line breaks that were percent-encoded among it."""

    regex = r"(?s:.+)"
    part_isolating = False


@bp.record_once
def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["address"] = _Address


_CALENDAR = re.compile(r"(\d{0,14})(?:\*|%2[aA])/(.+)", re.DOTALL)
_TIMED = re.compile(r"(\d{1,14})([a-z]{2}_)?/(.+)", re.DOTALL)
_PART = re.compile(r"(\d{1,6})/(.+)", re.DOTALL)


@bp.get("/web/<address:address>", merge_slashes=False)
def web(address: str) -> AnyResponse:
    """`/web/<url>`: TimeGate; `/web/<stamp>/<url>`: replay; `/web/<stamp>*/<url>`: calendar."""
    text = asked.rest("/web/")
    if found := _CALENDAR.fullmatch(text):
        return calendar.show(found[1], asked.read(found[2]), found[2])
    if found := _TIMED.fullmatch(text):
        when, kind, target = found[1], found[2] or "", found[3]
        moment = times.aim(when)
        if moment is not None:
            return replay.show(asked.read(target), target, when, moment, kind)
    return timegate.negotiate(asked.read(text), text)


@bp.get("/timemap/<form>/<address:address>", merge_slashes=False)
def timemap(form: str, address: str) -> Response:
    """All mementos of an address, as `link`, `json` or `cdxj`."""
    text = asked.rest(f"/timemap/{form}/")
    number = 1
    if found := _PART.fullmatch(text):
        number, text = int(found[1]), found[2]
    return timemaps.show(form, asked.read(text), text, number)


@bp.get("/tim")
def find() -> AnyResponse:
    """An old link of a portal: what the archive has of it, and how it was recognised."""
    return lookup.show(request.args.get("url", ""))
