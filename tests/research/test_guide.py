"""The commands of the guide for researchers, run as they stand against a real server."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.research.conftest import COUNT
from tests.web.library import Library
from tests.web.live import served

GUIDE = Path(__file__).parents[2] / "docs/research.md"
ADDRESS = "http://127.0.0.1:8000"
"""What the guide says; the test's server has another port."""


def commands() -> str:
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash"
)
def test_the_study_can_be_done_as_it_is_told(library: Library, tmp_path: Path) -> None:
    with served(library.settings) as base:
        here, there = ADDRESS.removeprefix("http://"), base.removeprefix("http://")
        redirected = f'curl() {{ command curl --fail "${{@//{here}/{there}}}"; }}'
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{redirected}\n{commands()}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"{COUNT + 1} articles, read as" in done.stdout
    assert "@online{" in done.stdout

    years = rows(tmp_path / "years.csv")
    assert sum(int(row["count"]) for row in years if row["term"].startswith("tieude")) == COUNT - 1
    lines = rows(tmp_path / "lines.csv")
    assert f"{len(lines)} lines in {COUNT + 1} articles" in done.stdout
    assert sum(int(row["announcements"]) for row in rows(tmp_path / "portals.csv")) == COUNT
    assert len((tmp_path / "articles.jsonl").read_text("utf-8").splitlines()) == COUNT
    assert rows(tmp_path / "coverage.csv")
    assert rows(tmp_path / "pairs.csv")[0].keys() >= {"first", "second", "together", "g2", "pmi"}
    assert json.loads((tmp_path / "sites.json").read_text("utf-8"))["count"] == 1
    for name in ("years.svg", "pairs.svg"):
        assert ElementTree.fromstring((tmp_path / name).read_bytes()).tag.endswith("svg")  # noqa: S314 - our own
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, check=False, capture_output=True
    )
    assert checked.returncode == 0
