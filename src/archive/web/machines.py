"""Answers for machines: health, robots, OpenSearch, security contact."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, jsonify, url_for

from archive import __version__
from archive.errors import SearchError, StoreError
from archive.web import links
from archive.web.caching import validated
from archive.web.resources import resources, settings
from archive.web.xml import rendered

bp = Blueprint("machines", __name__)

_SECURITY_MONTHS = 6


@bp.get("/healthz")
def health() -> Response:
    """Whether to restart: 503 only when no article could be served. With counts."""
    report = _report()
    return _told(report, well=report["status"] != "down")


@bp.get("/readyz")
def ready() -> Response:
    """Whether to send readers: 503 unless articles and search are both served."""
    report = _report()
    return _told(report, well=report["status"] == "ok")


def _report() -> dict[str, Any]:
    report: dict[str, Any] = {"status": "ok", "version": __version__, "sample": settings().sample}
    try:
        totals = resources().store.totals()
        report["database"] = "ok"
        for field in dataclasses.fields(totals):
            value = getattr(totals, field.name)
            report[field.name] = value.isoformat() if hasattr(value, "isoformat") else value
    except StoreError as error:
        report |= {"status": "down", "database": type(error).__name__}
    try:
        report["index"] = {"status": "ok", "articles": resources().count()}
    except (SearchError, StoreError) as error:
        report["index"] = {"status": type(error).__name__}
        if report["status"] == "ok":
            report["status"] = "degraded"
    return report


def _told(report: dict[str, Any], *, well: bool) -> Response:
    response = jsonify(report)
    response.status_code = 200 if well else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/robots.txt")
def robots() -> Response:
    """A sample archive is for nobody's index. Results of a plain question may be read; their filters multiply
    them without end and hold nothing of their own. (RFC 9309: the longest rule that fits counts.)"""
    lines = ["User-agent: *"]
    if settings().sample:
        lines.append("Disallow: /")
    else:
        lines += [
            f"Allow: {url_for('search.results')}?q=",
            f"Disallow: {url_for('search.results')}?q=*&",
            f"Disallow: {url_for('search.results')}?",
            # The same as files and feeds.
            f"Disallow: {url_for('search.results')}.",
            # Each reads up to thousands of articles.
            f"Disallow: {url_for('concordance.show')}?",
            f"Disallow: {url_for('concordance.show')}.",
            f"Disallow: {url_for('cooccurrence.show')}?",
            f"Disallow: {url_for('cooccurrence.show')}.",
            f"Disallow: {url_for('search.complete')}",
            f"Disallow: {url_for('search.home')}web/",
            f"Disallow: {url_for('search.home')}timemap/",
            "",
            f"Sitemap: {links.absolute(url_for('sitemap.first'))}",
        ]
    return validated(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))


@bp.get("/opensearch.xml")
def opensearch() -> Response:
    """OpenSearch 1.1 description: lets a browser search the archive from its address bar."""
    template = f"{links.absolute(url_for('search.results'))}?q={{searchTerms}}&page={{startPage?}}"
    xml = rendered(
        "machines/opensearch.xml",
        template=template,
        suggestions=f"{links.absolute(url_for('search.complete'))}?q={{searchTerms}}",
        own=links.absolute(url_for("machines.opensearch")),
    )
    response = Response(xml, content_type="application/opensearchdescription+xml; charset=utf-8")
    return validated(response)


@bp.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a hole (RFC 9116); there is none without a contact, which the RFC demands."""
    if not settings().contact:
        abort(404)
    # The first of a month, so that the text and its ETag are the same for weeks; never a year ahead, as the
    # RFC advises.
    today = dt.datetime.now(dt.UTC).date()
    months = today.year * 12 + today.month + _SECURITY_MONTHS
    lines = [
        f"Contact: mailto:{settings().contact}",
        f"Expires: {(months - 1) // 12:04}-{(months - 1) % 12 + 1:02}-01T00:00:00Z",
        "Preferred-Languages: vi, en",
    ]
    own = links.absolute(url_for("machines.security"))
    if own.startswith("https:"):
        lines.append(f"Canonical: {own}")
    return validated(Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))
