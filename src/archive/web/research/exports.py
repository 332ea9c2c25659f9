"""A result set as a file: the set and the order of the screen, any size, in flat memory."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, request, stream_with_context, url_for

from archive.search.backend import SearchRequest
from archive.web import query
from archive.web.research import stream
from archive.web.resources import resources

bp = Blueprint("exports", __name__)


@bp.get("/search.<any(csv, jsonl, ris, parquet):form>")
def results(form: str) -> Response:
    """All that a search finds, with the parameters of the result page (`page` left out)."""
    question = query.parse(request.args.to_dict(flat=False))
    return export(form, question)


def export(form: str, question: query.Question) -> Response:
    """A file of all that a question finds.

    :raises SearchError: there is no usable index.
    """
    if form not in stream.FORMS:
        abort(404)
    write, mime = stream.FORMS[form]
    ids = stream.found(question.request)
    store = resources().store
    response = Response(stream_with_context(write(stream.views(store, ids))), content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="ket-qua.{form}"'
    response.headers["X-Total-Count"] = str(len(ids))
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def downloads(asked: SearchRequest) -> tuple[tuple[str, str], ...]:
    """Name and address of each form in which a search can be had whole, a feed first."""
    pairs = query.query_string(replace(asked, page=1))
    names = (("Atom", "atom"), ("CSV", "csv"), ("JSONL", "jsonl"), ("Parquet", "parquet"), ("RIS", "ris"))
    root = url_for("search.results")
    return tuple((name, f"{root}.{ending}" + (f"?{pairs}" if pairs else "")) for name, ending in names)
