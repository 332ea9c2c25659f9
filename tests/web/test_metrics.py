"""What Prometheus is told, and who may ask."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from archive.config import Settings
from archive.web import create_app
from tests.web.conftest import Filled


def values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(client: FlaskClient, endpoint: str, status: str) -> float:
    labels = frozenset({("endpoint", endpoint), ("status", status)})
    return values(client.get("/metrics").text).get(("archive_http_requests_total", labels), 0)


def test_requests_are_counted_by_kind_and_never_by_address(client: FlaskClient, filled: Filled) -> None:
    before = counted(client, "article.version", "200"), counted(client, "none", "404")
    client.get(f"/a/{filled.real}/v/1")
    client.get("/secret-of-a-reader")
    assert (counted(client, "article.version", "200"), counted(client, "none", "404")) == (
        before[0] + 1,
        before[1] + 1,
    )
    assert "secret-of-a-reader" not in client.get("/metrics").text


def test_the_archive_is_counted(client: FlaskClient, filled: Filled) -> None:
    found = values(client.get("/metrics").text)
    totals = filled.store.totals()
    assert found["archive_articles", frozenset()] == totals.articles
    assert found["archive_index_articles", frozenset()] == totals.articles
    assert found["archive_database_up", frozenset()] == found["archive_index_up", frozenset()] == 1


def test_without_a_database_it_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    var = tmp_path_factory.mktemp("none")
    nowhere = f"sqlite:///{var / 'none' / 'archive.db'}"
    settings = Settings(var=var, index=tmp_path_factory.mktemp("none"), database=nowhere)
    found = values(create_app(settings).test_client().get("/metrics").text)
    assert found["archive_database_up", frozenset()] == found["archive_index_up", frozenset()] == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Host": "kho.example.vn"}},
    ],
    ids=["from outside", "through a web server", "under the public name"],
)
def test_without_a_token_only_this_machine_is_told(filled: Filled, asked: dict[str, Any]) -> None:
    settings = dataclasses.replace(filled.settings, public_base="https://kho.example.vn")
    assert create_app(settings).test_client().get("/metrics", **asked).status_code == 404


def test_with_a_token_whoever_knows_it_is_told(filled: Filled) -> None:
    settings = dataclasses.replace(filled.settings, metrics_token="mat-ma")  # noqa: S106
    client = create_app(settings).test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 404
    known = {"Authorization": "Bearer mat-ma"}
    assert client.get("/metrics", headers=known).status_code == 200
    outside = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", headers=known, environ_overrides=outside).status_code == 200


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_the_workers_of_one_server_count_together(filled: Filled) -> None:
    port = _free_port()
    environ = {
        "ARCHIVE_VAR": str(filled.settings.var),
        "ARCHIVE_INDEX": str(filled.settings.index),
        "ARCHIVE_WORKERS": "2",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "archive.cli", "serve", "--port", str(port)],
        env=os.environ | environ,
        stderr=subprocess.PIPE,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        # As a service manager does: asked again until it listens.
        session = requests.Session()
        session.mount("http://", HTTPAdapter(max_retries=Retry(connect=12, backoff_factor=0.1)))
        assert session.get(f"{base}/robots.txt").status_code == 200
        for _ in range(30):
            # Each on a connection of its own, so that both workers get some.
            assert requests.get(f"{base}/bot", timeout=30).status_code == 200
        labels = frozenset({("endpoint", "pages.bot"), ("status", "200")})
        found = {
            values(requests.get(f"{base}/metrics", timeout=30).text)["archive_http_requests_total", labels]
            for _ in range(6)
        }
        assert found == {30.0}, "whichever worker is asked"
        session.close()
    finally:
        server.terminate()
        assert server.wait(30) == 0
        assert server.stderr
        server.stderr.close()
