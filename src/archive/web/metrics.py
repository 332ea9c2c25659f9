"""Counts for Prometheus at `/metrics`: requests and their time, searches, and what the archive holds.

Workers are processes of their own: `archive serve` gives them a folder (`PROMETHEUS_MULTIPROC_DIR`) through
whose files prometheus_client adds their counts up. Without one, as under a server of another kind, the
answer is that of the process which happens to be asked.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import time
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from archive.errors import SearchError, StoreError
from archive.web.resources import resources, settings

bp = Blueprint("metrics", __name__)

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_REGISTRY = CollectorRegistry()

REQUESTS = Counter(
    "archive_http_requests_total",
    "Answers, by kind of page and status.",
    ("endpoint", "status"),
    registry=_REGISTRY,
)
SECONDS = Histogram(
    "archive_http_request_seconds",
    "Time until an answer stood, by kind of page.",
    ("endpoint",),
    buckets=_BUCKETS,
    registry=_REGISTRY,
)
SEARCH_SECONDS = Histogram(
    "archive_search_seconds", "Time of the index alone.", buckets=_BUCKETS, registry=_REGISTRY
)


def init(app: Flask) -> None:
    """Count every request."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        # The kind of page, never the address: what strangers ask for must not become a label.
        started = g.get("started")
        count(
            request.endpoint or "none",
            str(response.status_code),
            None if started is None else time.perf_counter() - started,
        )
        return response


def count(endpoint: str, status: str, seconds: float | None) -> None:
    """Count an answer.

    :param seconds: until it stood; None when that is not known.
    """
    REQUESTS.labels(endpoint, status).inc()
    if seconds is not None:
        SECONDS.labels(endpoint).observe(seconds)


@bp.get("/metrics")
def show() -> Response:
    """All counts in Prometheus' text format; a 404 for whoever may not see them."""
    if not _allowed():
        abort(404)
    registry = CollectorRegistry()
    if os.environ.get(_FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    else:
        counted = generate_latest(_REGISTRY)
    response = Response(counted + generate_latest(_holdings()), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _allowed() -> bool:
    """With a token, whoever knows it; without, whoever asks on this machine and not through a web server."""
    if token := settings().metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _loopback(request.remote_addr or "") and _loopback(urlsplit(f"//{request.host}").hostname or "")


def _loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _holdings() -> CollectorRegistry:
    """Asked at each scrape, so that they are right in whichever worker answers."""
    registry = CollectorRegistry()

    def gauge(name: str, said: str, value: float) -> None:
        Gauge(name, said, registry=registry).set(value)

    try:
        totals = resources().store.totals()
        gauge("archive_articles", "Articles in the store.", totals.articles)
        gauge("archive_versions", "Versions in the store.", totals.versions)
        gauge("archive_captures", "Captures in the store.", totals.captures)
        if totals.last_crawl:
            gauge(
                "archive_last_crawl_timestamp_seconds",
                "When something was last collected.",
                totals.last_crawl.timestamp(),
            )
        gauge("archive_database_up", "1 when the database can be read.", 1)
    except StoreError:
        gauge("archive_database_up", "1 when the database can be read.", 0)
    try:
        gauge("archive_index_articles", "Articles in the index.", resources().count())
        gauge("archive_index_up", "1 when the index can be read.", 1)
    except (SearchError, StoreError):
        gauge("archive_index_up", "1 when the index can be read.", 0)
    return registry
