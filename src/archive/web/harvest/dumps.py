"""Dumps that the admin offers, at `/dumps/`: off unless the setting `dumps` names their folder.

Before anything of a dump is handed out the takedowns in force are asked: one that was ordered after the dump
was made closes it at once. Files are found by the manifest, never by what an address says.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, send_file, url_for

from archive.preserve import dumps
from archive.preserve.dumps import Dump, manifest
from archive.web import links
from archive.web.caching import page, validated
from archive.web.errors import error_page
from archive.web.language import gettext
from archive.web.resources import resources, settings

bp = Blueprint("dumps", __name__)

_TYPES = {
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
}


@bp.get("/dumps")
def listing() -> Response:
    """The dumps, the newest first; those that are held back are told of, without a link."""
    found, _ = dumps.found_in(_folder())
    active = resources().store.takedowns(active=True)
    closed = {dump.name for dump in found if dumps.held_back(dump, active)}
    return page(render_template("research/dumps.html", dumps=found, closed=closed))


@bp.get("/dumps/index.json")
def index() -> Response:
    """The dumps for programs: only those that can be had."""
    found, _ = dumps.found_in(_folder())
    active = resources().store.takedowns(active=True)
    told = [
        {
            "name": dump.name,
            "created": dump.created.isoformat(timespec="seconds"),
            "counts": dict(dump.counts),
            "bytes": dump.size,
            "manifest": links.absolute(url_for("dumps.file", name=dump.name, path=manifest.FILE)),
        }
        for dump in found
        if not dumps.held_back(dump, active)
    ]
    text = json.dumps({"count": len(told), "results": told}, ensure_ascii=False)
    return validated(Response(text, content_type="application/json"))


@bp.get("/dumps/<name>")
def show(name: str) -> Response:
    """The files of one dump."""
    dump = _dump(name)
    if (refused := _refused(dump)) is not None:
        return refused
    tables = {
        table: [part for part in dump.parts if part.table == table]
        for table in ("articles", "events", "people")
    }
    return page(
        render_template("research/dump.html", dump=dump, tables=tables, files=(manifest.FILE, manifest.SUMS))
    )


@bp.get("/dumps/<name>/<path:path>")
def file(name: str, path: str) -> Response:
    """One file, whole or a range of it."""
    dump = _dump(name)
    if (refused := _refused(dump)) is not None:
        return refused
    part = next((part for part in dump.parts if part.path == path), None)
    if part is None and path not in (manifest.FILE, manifest.SUMS):
        abort(404)
    place = dump.folder / path
    if not place.is_file() or (part is not None and place.stat().st_size != part.size):
        abort(404)
    mime = _TYPES.get(place.suffix, "text/plain; charset=utf-8")
    response = send_file(place.absolute(), mimetype=mime, etag=part.sha256 if part else True, max_age=0)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _folder() -> Path:
    if not settings().dumps:
        abort(404)
    return Path(settings().dumps)


def _dump(name: str) -> Dump:
    found, _ = dumps.found_in(_folder())
    dump = next((dump for dump in found if dump.name == name), None)
    if dump is None:
        abort(404)
    return dump


def _refused(dump: Dump) -> Response | None:
    """410 for a dump from which something was to be taken since."""
    if not dumps.held_back(dump, resources().store.takedowns(active=True)):
        return None
    return error_page(
        410,
        gettext("Bản tải này không còn được phát"),
        gettext(
            "Từ khi bản này được làm, có nội dung phải gỡ khỏi kho. Người vận hành sẽ làm một bản mới; "
            "danh sách ở /dumps cho biết các bản còn tải được."
        ),
    )
