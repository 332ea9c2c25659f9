from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.config import Settings
from archive.ingest import FoundExchange, Recovery, recover
from archive.preserve import verify
from archive.warc import read_exchange
from tests.store.scene import SITE, Scene, article_html, digest_of


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()


def _recover(scene: Scene) -> Recovery:
    def take(found: FoundExchange) -> None:
        scene.record(found.exchange, found.written)

    return recover(scene.store, scene.warcs, SITE, take)


def _path(scene: Scene) -> Path:
    (path,) = scene.warcs.glob("*.warc.gz")
    return path


def test_nothing_is_done_where_nothing_happened(scene: Scene) -> None:
    assert _recover(scene) == Recovery(0, 0)
    scene.get("/a.html", article_html())
    assert _recover(scene) == Recovery(0, 0)


def test_what_was_captured_but_not_recorded_is_taken_up(scene: Scene) -> None:
    scene.get("/", "<html></html>")
    exchange = scene.exchange("/a.html", article_html())
    written = scene.writer.write(exchange, digest=digest_of(exchange))
    assert _recover(scene) == Recovery(1, 0)
    (view,) = scene.store.newest(5)
    assert view.capture.id == written.capture_id
    assert _recover(scene) == Recovery(0, 0)
    assert verify(scene.store, scene.warcs).to_dict()["findings"] == []


def test_a_file_that_the_database_has_never_heard_of_is_taken_up_whole(scene: Scene) -> None:
    for path in ("/a.html", "/b.html"):
        exchange = scene.exchange(path, article_html(title=f"Bài {path}"))
        scene.writer.write(exchange, digest=digest_of(exchange))
    assert _recover(scene) == Recovery(2, 0)


def test_half_an_exchange_is_set_aside_wherever_it_was_cut(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    path = _path(scene)
    whole = path.read_bytes()
    exchange = scene.exchange("/b.html", article_html(title="Bài hai"))
    scene.writer.write(exchange, digest=digest_of(exchange))
    scene.writer.close()
    longer = path.read_bytes()
    for cut in [*range(len(whole) + 1, len(longer), 97), len(longer) - 1]:
        path.write_bytes(longer[:cut])
        assert _recover(scene) == Recovery(0, cut - len(whole))
        assert path.read_bytes() == whole
        kept = path.parent / "damaged" / f"{path.name}.{len(whole)}"
        assert kept.read_bytes() == longer[len(whole) : cut]
    assert scene.store.totals().captures == 1


def test_a_file_that_lost_acknowledged_bytes_is_left_for_verification(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    path = _path(scene)
    path.write_bytes(path.read_bytes()[:-10])
    assert _recover(scene) == Recovery(0, 0)
    assert not (scene.warcs / "damaged").exists()


_CHILD = """
import json, sys
from pathlib import Path
from archive.config import Settings
from archive.ingest import recover
from tests.store.scene import SITE, Scene, article_html

scene = Scene(Settings(var=Path(sys.argv[1]), index=Path(sys.argv[1], "index")), max_size=30_000)
report = recover(scene.store, scene.warcs, SITE, lambda found: scene.record(found.exchange, found.written))
number = scene.store.totals().captures
while True:
    outcome = scene.get(f"/{number}.html", article_html(title=f"Bài số {number} của huyện"))
    print(json.dumps([outcome.capture.id, outcome.article]), flush=True)
    number += 1
"""


def _kill_and_restart(folder: Path, rounds: int, seed: int) -> None:
    """Kill a writer again and again; whatever it acknowledged is there, once, and all files verify."""
    random_ = random.Random(seed)
    acknowledged: list[tuple[str, str]] = []
    for _ in range(rounds):
        with subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(folder)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        ) as child:  # fmt: skip
            assert child.stdout is not None
            acknowledged.append(tuple(json.loads(child.stdout.readline())))
            time.sleep(random_.random() * 0.05)  # the moment of the kill is the point, not a condition
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read()
        acknowledged += [tuple(json.loads(line)) for line in rest.splitlines() if line.endswith("]")]
    scene = Scene(Settings(var=folder, index=folder / "index"))
    _recover(scene)
    report = verify(scene.store, scene.warcs)
    assert report.findings == []
    assert report.pending == []
    for capture_id, _ in acknowledged:
        capture = scene.store.capture(capture_id)
        assert capture is not None
        assert read_exchange(scene.warcs, capture.ref).url == capture.url
    totals = scene.store.totals()
    assert totals.articles == totals.captures >= len(acknowledged)
    scene.close()


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    _kill_and_restart(tmp_path, rounds=3, seed=1)


@pytest.mark.long
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    _kill_and_restart(tmp_path, rounds=100, seed=2)
