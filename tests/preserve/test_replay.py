from __future__ import annotations

import dataclasses
import importlib
import random
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from archive.config import Settings
from archive.errors import StoreError
from archive.model import Capture
from archive.preserve import replay, verify
from archive.store import Store, schema
from tests.postgresql import database_exists, lose_database
from tests.store.scene import (
    BASE,
    BODY,
    NOT_FOUND,
    OTHER_BODY,
    OTHER_TITLE,
    SITE,
    Scene,
    article_html,
    list_html,
)

_TABLES = ("sites", "captures", "articles", "aliases", "versions", "extractions", "warc_files", "tallies")


def _content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All that a replay must give again. When a site was listed is not in the WARC files; when an article was
    recorded is the time of the replay."""
    result = {}
    with store.read() as connection:
        for name in _TABLES:
            table = schema.metadata.tables[name]
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            result[name] = [
                {
                    key: value
                    for key, value in row._mapping.items()
                    if key not in ("added_at", "settings", "paused", "recorded_at")
                }
                for row in rows
            ]
        log = connection.execute(select(schema.changes).order_by(schema.changes.c.seq))
        result["changes"] = [{"article": row.article, "kind": row.kind, "at": row.at} for row in log]
    return result


def _replayed(scene: Scene) -> dict[str, list[dict[str, Any]]]:
    """The content after the database was lost."""
    scene.close()
    lose_database(scene.settings)
    replay(scene.settings)
    with closing(Store.open(scene.settings.database_url)) as store:
        return _content(store)


def test_a_lost_database_comes_back_the_same(scene: Scene) -> None:
    scene.get("/", list_html())
    first = scene.get("/a.html", article_html(pictures=[("/1.jpg", "Đại biểu")]), compressed=True)
    scene.get("/1.jpg", b"jpeg", content_type="image/jpeg", hops="LE", via=f"{BASE}/a.html")
    held = scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY)).capture
    scene.next_crawl()
    scene.get("/a.html", status=304, revisit=first.capture)
    scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY), revisit=held)
    scene.get("/c.html", article_html(OTHER_TITLE, OTHER_BODY), revisit=held)
    scene.get("/a.html", status=301, location="/moi/a.html")
    scene.get("/moi/a.html", article_html(body=BODY[:2]), hops="LR")
    scene.next_crawl()
    scene.get("/b.html", NOT_FOUND, status=404)
    scene.get("/c.html", status=302, location="/")
    scene.get("/", list_html(), hops="LR")
    before = _content(scene.store)
    assert [row["state"] for row in before["articles"]] == ["moved", "gone"]
    assert _replayed(scene) == before


def _act(scene: Scene, random_: random.Random, held: dict[str, Capture]) -> None:
    path = random_.choice(["/a.html", "/b.html", "/c.html?p=1"])
    page = random_.choice(
        [
            article_html(),
            article_html(body=BODY[:2]),
            article_html(OTHER_TITLE, OTHER_BODY, canonical=f"{BASE}/a.html"),
            article_html(canonical=f"{BASE}/b.html"),
            list_html(),
        ]
    )
    action = random_.choice(["get", "get", "get", "packed", "same", "304", "404", "move", "front", "next"])
    match action:
        case "get" | "packed":
            held[path] = scene.get(path, page, compressed=action == "packed").capture
        case "same" if path in held and held[path].revisit_of is None:
            body = scene.bodies[held[path].payload_digest]
            scene.get(random_.choice([path, "/d.html"]), body, revisit=held[path])
        case "304" if path in held:
            scene.get(path, status=304, revisit=held[path])
        case "404":
            scene.get(path, NOT_FOUND, status=random_.choice([404, 410, 500]))
        case "move":
            scene.get(path, status=random_.choice([301, 302]), location="/d.html")
            held["/d.html"] = scene.get("/d.html", page, hops="LR").capture
        case "front":
            scene.get(path, status=302, location="/")
            scene.get("/", list_html(), hops="LR")
        case "next":
            scene.next_crawl()


@given(st.integers(0, 2**32))
@settings(max_examples=6)
def test_whatever_happened_a_replay_gives_the_same(seed: int) -> None:
    _check_random_history(seed, steps=20)


@pytest.mark.long
@pytest.mark.parametrize("part", range(6))
@given(st.integers(0, 2**32))
@settings(max_examples=50)
def test_whatever_happened_a_replay_gives_the_same_at_length(part: int, seed: int) -> None:
    """Three hundred histories, in parts of some minutes; no part has a history of another's."""
    _check_random_history(6 * seed + part, steps=60)


def _check_random_history(seed: int, steps: int) -> None:
    random_ = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Settings(var=Path(folder), index=Path(folder, "index")), max_size=20_000)
        held: dict[str, Capture] = {}
        for _ in range(steps):
            _act(scene, random_, held)
        assert verify(scene.store, scene.warcs).findings == []
        before = _content(scene.store)
        assert _replayed(scene) == before


def test_sites_come_back_with_their_settings_and_side_by_side(settings: Settings) -> None:
    other = dataclasses.replace(
        SITE, id="ba-che", name="Ba Chẽ", start=("http://ba-che.example/",), profile="wordpress", delay=2.5
    )
    one, two = Scene(settings), Scene(settings, other)
    one.get("/a.html", article_html())
    two.get("http://ba-che.example/a.html", article_html())
    one.get("/a.html", article_html(body=BODY[:2]))
    two.close()
    assert _replayed(one)["sites"] == [
        {"id": "ba-che", "name": "Ba Chẽ", "start": ["http://ba-che.example/"], "sample": False},
        {"id": "dam-ha", "name": SITE.name, "start": list(SITE.start), "sample": False},
    ]
    with closing(Store.open(settings.database_url)) as store, store.read() as connection:
        (row,) = connection.execute(schema.sites.select().where(schema.sites.c.id == "ba-che"))
    assert (row.settings["profile"], row.settings["delay"]) == ("wordpress", 2.5)


def test_a_clock_that_jumped_back_changes_no_order(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    scene.next_crawl()
    scene.now = scene.now.replace(year=2001)
    scene.get("/a.html", article_html(body=BODY[:2]))
    before = _content(scene.store)
    assert [row["number"] for row in before["versions"]] == [1, 2]
    assert _replayed(scene)["versions"] == before["versions"]


def test_a_database_with_captures_is_never_written_over(scene: Scene) -> None:
    scene.get("/a.html", article_html())
    before = _content(scene.store)
    with pytest.raises(StoreError, match=r"holds 1 captures.*Move it away"):
        replay(scene.settings)
    assert _content(scene.store) == before


def test_an_empty_database_is_replaced(scene: Scene) -> None:
    scene.close()
    report = replay(scene.settings)
    assert (report.captures, report.files) == (0, 0)


def test_what_is_damaged_is_passed_over_and_told(scene: Scene) -> None:
    first = scene.get("/a.html", article_html())
    scene.get("/b.html", article_html(OTHER_TITLE, OTHER_BODY))
    path = scene.warcs / first.capture.ref.file
    data = bytearray(path.read_bytes())
    data[first.capture.ref.offset + 60] ^= 0xFF
    path.write_bytes(data)
    (scene.warcs / "strange.warc.gz").write_bytes(b"?")
    scene.close()
    lose_database(scene.settings)
    report = replay(scene.settings)
    assert (report.captures, report.articles) == (1, 1)
    assert [text.split(": ")[0] for text in report.skipped] == [
        "strange.warc.gz", f"{path.name} at byte {first.capture.ref.offset}",
    ]  # fmt: skip


def test_an_interrupted_replay_leaves_no_half_database(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("archive.preserve.replay")
    take = module.take
    for number in range(3):
        scene.get(f"/{number}.html", article_html(OTHER_TITLE, [*OTHER_BODY, str(number)]))
    before = _content(scene.store)
    scene.close()
    lose_database(scene.settings)
    calls = 0

    def failing(*args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        take(*args)

    monkeypatch.setattr(module, "take", failing)
    with pytest.raises(KeyboardInterrupt):
        replay(scene.settings)
    assert not database_exists(scene.settings)
    monkeypatch.undo()
    steps: list[tuple[int, int]] = []
    tell: Callable[[int, int], None] = lambda done, total: steps.append((done, total))  # noqa: E731
    replay(scene.settings, tell)
    assert steps[-1][0] == steps[-1][1]
    with closing(Store.open(scene.settings.database_url)) as store:
        assert _content(store) == before
