"""A disk without room: the crawl says so, stops, and goes on when there is room."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from archive.config import Settings
from crawler import load_sites
from tests.crawler.crawling import contents, run
from tests.crawler.test_kill import ROOT
from tests.portal import Portal


def test_a_full_disk(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the kernel refuses the write in the same way."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    var, sites = tmp_path / "var", tmp_path / "sites.toml"
    settings = Settings(var=var, index=var / "index")
    with Portal(12, seed=5) as portal:
        sites.write_text(portal.sites_toml())
        loaded = load_sites(sites)
        run(settings, loaded, limit=1)  # makes the database, which outgrows the limit at once
        command = [sys.executable, "-m", "tests.crawler.crawl_once", str(var), str(sites)]
        ended = subprocess.run(
            command, cwd=ROOT, preexec_fn=limit, capture_output=True, text=True, check=False
        )
        assert ended.returncode != 0
        assert "make room and start the same command again" in ended.stderr
        run(settings, loaded)
    assert len(contents(settings)) >= 12
