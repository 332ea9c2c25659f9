"""What a newcomer does: start the sample portal, crawl, index, serve; search; end it; start it again."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unicodedata
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TITLE = "Phát động đợt thi đua đặc biệt chào mừng kỷ niệm 60 năm Ngày thành lập tỉnh Quảng Ninh"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """`make run` with fewer articles: the command that the Makefile calls."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        self.var = var
        self.log = var.parent / f"run-{self.port}.log"
        command = [sys.executable, "-m", "tests.portal", "run", "--port", str(self.port)]
        command += ["--articles", "45", "--var", str(var)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=self._environment()
            )

    @staticmethod
    def _environment() -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVE_")}

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def wait_until_served(self, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                self.get("/healthz")
            except OSError:
                time.sleep(0.1)
            else:
                return
        pytest.fail(f"not served within {seconds} s:\n{self.log.read_text()}")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def left_behind(self) -> list[str]:
        """Processes of the run's session that are still there."""
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "-s", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return listing.stdout.split("\n")[:-1]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("newcomer") / "sample"


@pytest.fixture(scope="module")
def run(var: Path) -> Iterator[Run]:
    started = Run(var)
    try:
        started.wait_until_served()
        yield started
    finally:
        if started.process.poll() is None:
            started.end()


def first_result(run: Run, query: str) -> str:
    html = run.get(f"/search?q={urllib.parse.quote(query)}")
    found = re.search(r'href="(?:http://127\.0\.0\.1:\d+)?(/a/[^"]+)"', html)
    assert found, f"nothing found for {query!r}"
    return found.group(1)


@pytest.mark.parametrize(
    "query",
    [
        "thi dua dam ha",
        "thi đua đầm hà",
        "THI ĐUA ĐẦM HÀ",
        unicodedata.normalize("NFD", "thi đua đầm hà"),
        '"đại biểu dự lễ phát động"',
    ],
)
def test_the_real_article_is_found_first(run: Run, query: str) -> None:
    assert TITLE in run.get(first_result(run, query))


def test_the_marked_words_keep_their_accents(run: Run) -> None:
    html = run.get("/search?q=thi+dua+dam+ha")
    marked = {text.lower() for text in re.findall(r"<mark>([^<]+)</mark>", html)}
    assert {"thi", "đua", "đầm", "hà"} <= {word for text in marked for word in text.split()}


def test_the_article_page_shows_all_of_it_and_no_slogan(run: Run) -> None:
    page = run.get(first_result(run, "thi dua dam ha"))
    captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page, re.DOTALL)
    text = " ".join(captions)
    assert len(captions) == 3
    assert "Đại biểu dự Lễ phát động" in text
    assert "phát biểu chỉ đạo tại Lễ phát động" in text
    for name in ("Mai Thắm", "Quốc Nghị", "Trung tâm TT&amp;VH"):
        assert name in page
    assert "Chủ đề công tác năm 2020" not in page
    assert "noindex" in page


def test_pictures_come_from_the_archive(run: Run) -> None:
    page = run.get(first_result(run, "thi dua dam ha"))
    sources = re.findall(r'<img[^>]+src="([^"]+)"', page)
    assert sources
    for source in sources:
        path = urllib.parse.urlsplit(source).path
        with urllib.request.urlopen(f"http://127.0.0.1:{run.port}{path}", timeout=10) as answer:
            assert answer.headers["Content-Type"].startswith("image/")


def test_a_second_run_is_incremental_and_ends_with_nothing_left(run: Run, var: Path) -> None:
    before = json.loads(run.get("/healthz"))
    assert run.end(signal.SIGINT) in (0, 130)
    assert run.left_behind() == []
    again = Run(var)
    try:
        again.wait_until_served(60)
        after = json.loads(again.get("/healthz"))
    finally:
        code = again.end()
    assert code in (0, 143)
    assert again.left_behind() == []
    assert after["articles"] == before["articles"]
    assert after["versions"] == before["versions"]


def test_a_port_in_use_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "archive.cli", "run", "--port", str(port), "--sites", "absent.toml"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert result.returncode == 2
    assert f"Port {port}" in result.stderr
    assert "--port" in result.stderr
