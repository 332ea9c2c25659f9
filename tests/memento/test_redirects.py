"""The redirect map of a portal's successor, served by a real nginx."""

from __future__ import annotations

import csv
import http.client
import io
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from tests.web.library import PORTAL, Library, article

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
ODD = "/tin/v%C4%83n%20b%E1%BA%A3n.aspx?id=1&x=%22;return%20200%20%27bad%27;$uri"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.at(tmp_path_factory.mktemp("redirects"), public_base="https://kho.example")
    library.add("/tin/mot.html", article("Một", "Bài thứ nhất."))
    library.add(ODD, article("Hai", "Bài thứ hai."))
    return library


def written(library: Library, form: str) -> str:
    arguments = ["--var", str(library.settings.var), "redirects", "--site", "dam-ha", "--format", form]
    done = CliRunner().invoke(main, arguments, env={"ARCHIVE_PUBLIC_BASE": "https://kho.example"})
    assert done.exit_code == 0, done.output
    return done.output


def test_csv_has_every_address_with_its_permanent_link(library: Library) -> None:
    rows = list(csv.DictReader(io.StringIO(written(library, "csv"))))
    assert {row["old"] for row in rows} == {f"{PORTAL}/tin/mot.html", f"{PORTAL}{ODD}"}
    ids = {f"https://kho.example/a/{view.article.id}" for view in library.store.newest(9)}
    assert {row["permanent"] for row in rows} == ids


def test_a_rewrite_map_of_apache_has_one_line_an_address(library: Library) -> None:
    lines = [line for line in written(library, "apache").splitlines() if not line.startswith("#")]
    assert [len(line.split()) for line in lines] == [2, 2]
    assert all(line.startswith("/tin/") for line in lines)


def test_an_unknown_site_is_told_with_the_known_ones(library: Library) -> None:
    done = CliRunner().invoke(main, ["--var", str(library.settings.var), "redirects", "--site", "nix"])
    assert done.exit_code == 2
    assert "Known sites: dam-ha" in done.output


@pytest.fixture
def server(library: Library, tmp_path: Path) -> Iterator[int]:
    """nginx as the successor of the portal would run it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (tmp_path / "archived.map").write_text(written(library, "nginx"), "utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"""
        daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;
        events {{ }}
        http {{
            access_log off; client_body_temp_path {tmp_path}; proxy_temp_path {tmp_path};
            fastcgi_temp_path {tmp_path}; uwsgi_temp_path {tmp_path}; scgi_temp_path {tmp_path};
            map_hash_max_size 2048; map_hash_bucket_size 512;
            include {tmp_path}/archived.map;
            server {{
                listen 127.0.0.1:{port};
                if ($archived) {{ return 301 $archived; }}
                location / {{ return 404; }}
            }}
        }}
        """,
        "utf-8",
    )
    process = subprocess.Popen(
        [NGINX, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.skipif(
    not Path(NGINX).exists() and os.environ.get("CI") != "true",
    reason="needs nginx (apt-get install nginx-light)",
)
def test_nginx_leads_every_old_address_to_its_article(library: Library, server: int) -> None:
    pairs = {row["old"]: row["permanent"] for row in csv.DictReader(io.StringIO(written(library, "csv")))}
    for old, permanent in pairs.items():
        assert asked(server, old.removeprefix(PORTAL)) == (301, permanent)
    assert asked(server, "/tin/ba.html") == (404, None)


def asked(port: int, target: str) -> tuple[int, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", target)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("Location")
