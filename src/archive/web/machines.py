"""Answers for machines: health, robots, OpenSearch, sitemaps, security contact."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from archive import __version__
from archive.errors import SearchError, StoreError
from archive.web import links
from archive.web.resources import resources, settings

bp = Blueprint("machines", __name__)


@bp.get("/healthz")
def health() -> Response:
    """Whether database and index answer, with counts; 503 only when no article could be served."""
    report: dict[str, Any] = {"status": "ok", "version": __version__, "sample": settings().sample}
    code = 200
    try:
        totals = resources().store.totals()
        report["database"] = "ok"
        for field in dataclasses.fields(totals):
            value = getattr(totals, field.name)
            report[field.name] = value.isoformat() if hasattr(value, "isoformat") else value
    except StoreError as error:
        code = 503
        report |= {"status": "down", "database": type(error).__name__}
    try:
        report["index"] = {"status": "ok", "articles": resources().count()}
    except SearchError as error:
        report["index"] = {"status": type(error).__name__}
        if code == 200:
            report["status"] = "degraded"
    response = jsonify(report)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/robots.txt")
def robots() -> Response:
    """Result pages are endless and hold nothing of their own; a sample archive is for nobody's index."""
    lines = ["User-agent: *", "Disallow: /" if settings().sample else "Disallow: /search"]
    return _validated(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """OpenSearch 1.1 description: lets a browser search the archive from its address bar."""
    template = f"{links.absolute(url_for('search.results'))}?q={{searchTerms}}&page={{startPage?}}"
    xml = render_template(
        "machines/opensearch.xml",
        template=template,
        own=links.absolute(url_for("machines.opensearch")),
    )
    response = Response(xml, content_type="application/opensearchdescription+xml; charset=utf-8")
    return _validated(response)


def _validated(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(request)
    return response
