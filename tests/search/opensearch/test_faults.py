"""The cluster is down, slow, full, overloaded, cut off, or holds something else."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.config import Settings
from archive.errors import IndexMismatchError, IndexMissingError, SearchError
from archive.search import indexer, open_backend
from archive.search.backend import Batch, DocumentWriter, SearchBackend, SearchRequest
from archive.search.opensearch import OpenSearchBackend, bulk, parse, patience, schema
from archive.search.opensearch.bulk import BulkWriter
from archive.search.opensearch.connection import Connection
from archive.web import create_app
from tests.opensearch.node import Node
from tests.opensearch.proxy import Proxy
from tests.search.conftest import on_node
from tests.search.samples import doc
from tests.store.scene import BODY, TITLE, Scene, article_html

NOBODY = "opensearch+http://127.0.0.1:9/archive"
"""The discard port: nothing listens there."""


@pytest.fixture
def backend(opensearch_node: Node, tmp_path: Path) -> Iterator[OpenSearchBackend]:
    with on_node(opensearch_node, tmp_path) as made:
        yield made


@pytest.fixture
def proxy(opensearch_node: Node) -> Iterator[Proxy]:
    with Proxy(opensearch_node.port) as made:
        yield made


def through(
    proxy: Proxy, backend: OpenSearchBackend, folder: Path, seconds: float = 20.0
) -> OpenSearchBackend:
    """The same index by way of a proxy."""
    prefix = backend.generation().rpartition("-")[0]
    address = parse(f"opensearch+http://127.0.0.1:{proxy.port}/{prefix}?replicas=0")
    return OpenSearchBackend(address, folder / "index", seconds=seconds)


def ids(backend: SearchBackend, q: str) -> list[str]:
    return sorted(hit.id for hit in backend.search(SearchRequest(q=q, size=1_000)).hits)


# ------------------------------------------------------------------------------------------------- down


def test_down_at_start_the_site_serves_articles_and_says_that_search_is_away(settings: Settings) -> None:
    settings = replace(settings, search_engine=NOBODY)
    scene = Scene(settings)
    with closing(scene):
        scene.get("/bai-1.html", article_html())
        client = create_app(settings).test_client()
        (article,) = scene.store.newest(1)
        page = client.get(f"/a/{article.article.id}", follow_redirects=True)
        assert page.status_code == 200
        assert TITLE in page.text
        found = client.get("/search?q=thi+dua")
        assert found.status_code == 503
        assert TITLE in found.text
        assert client.get("/readyz").status_code == 503
        with pytest.raises(SearchError, match=r"127\.0\.0\.1:9/archive cannot be reached .*Start it"):
            indexer.update(scene.store, settings)
        assert "cannot be reached" in indexer.status(settings, scene.store).problem


def test_a_command_says_what_is_down_and_ends_with_an_error(settings: Settings) -> None:
    Scene(settings).close()
    here = ["--var", str(settings.var), "--index", str(settings.index)]
    result = CliRunner(env={"ARCHIVE_SEARCH_ENGINE": NOBODY}).invoke(main, [*here, "index", "update"])
    assert result.exit_code == 1
    assert "cannot be reached" in result.output
    assert "Traceback" not in result.output


# ------------------------------------------------------------------------------------------------- slow


def test_slow_is_given_up_in_time_and_not_asked_again_at_once(
    backend: OpenSearchBackend, proxy: Proxy, tmp_path: Path
) -> None:
    backend.apply(Batch([doc("a", "thi đua")], (), 1))
    slow = through(proxy, backend, tmp_path, seconds=0.2)
    proxy.hold()
    began = time.monotonic()
    with pytest.raises(SearchError, match=r"did not answer within 1\.2 s"):
        slow.search(SearchRequest(q="thi đua"))
    first = time.monotonic() - began
    with pytest.raises(SearchError, match="did not answer"):
        slow.search(SearchRequest(q="thi đua"))
    assert time.monotonic() - began < first + 0.5
    slow.close()


# ------------------------------------------------------------------------------------------------- full


def test_full_says_so_searches_go_on_and_so_does_indexing_once_there_is_room(
    backend: OpenSearchBackend, opensearch_node: Node
) -> None:
    backend.apply(Batch([doc("a", "thi đua")], (), 1))
    block = f"/{backend.generation()}/_settings"
    # What the engine itself does beyond the flood stage of its disk watermark.
    opensearch_node.ask("PUT", block, {"index.blocks.read_only_allow_delete": True})
    with pytest.raises(SearchError, match=r"takes nothing more: .*Make room .*archive index update"):
        backend.apply(Batch([doc("b", "thi đua")], (), 2))
    assert (ids(backend, "thi đua"), backend.cursor()) == (["a"], 1)
    opensearch_node.ask("PUT", block, {"index.blocks.read_only_allow_delete": None})
    backend.apply(Batch([doc("b", "thi đua")], (), 2))
    assert (ids(backend, "thi đua"), backend.cursor()) == (["a", "b"], 2)


# ------------------------------------------------------------------------------------------- overloaded


@pytest.mark.long  # The node must have run for half a minute before its admission control knows its load.
def test_overloaded_is_asked_again_and_given_up_with_the_reason(
    backend: OpenSearchBackend, opensearch_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.apply(Batch([doc("a")], (), 1))
    monkeypatch.setattr(patience, "PATIENCE", 1.0)
    asked = Counting(monkeypatch)
    with rejecting(opensearch_node), pytest.raises(SearchError, match=r"refused: .*CPU .*overloaded"):
        backend.apply(Batch([doc("b")], (), 2))
    assert asked.bulks > 2
    assert backend.cursor() == 1
    backend.apply(Batch([doc("b")], (), 2))
    assert backend.count() == 2


class rejecting:  # noqa: N801 - reads as a context
    """The node's own admission control turns every write away with 429."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __enter__(self) -> None:
        self._set("enforced", 0)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                self._node.ask("POST", "/overload/_doc", {})
            except urllib.error.HTTPError as error:
                if error.code == 429:
                    return
                raise
        raise AssertionError("the node takes everything")

    def __exit__(self, *error: object) -> None:
        self._set(None, None)
        self._node.ask("DELETE", "/overload*")

    def _set(self, mode: str | None, limit: int | None) -> None:
        told = {
            "admission_control.transport.cpu_usage.mode_override": mode,
            "admission_control.indexing.cpu_usage.limit": limit,
        }
        self._node.ask("PUT", "/_cluster/settings", {"transient": told})


class Counting:
    """How often bulk requests are sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bulks = 0
        original = Connection.do

        def do(connection: Connection, method: str, path: str, *rest: object, **named: object) -> object:
            self.bulks += path.endswith("/_bulk")
            return original(connection, method, path, *rest, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(Connection, "do", do)


# -------------------------------------------------------------------------------------------------- cut


def test_a_network_cut_in_the_middle_of_a_bulk_loses_and_doubles_nothing(
    backend: OpenSearchBackend, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.apply(Batch((), (), 0))
    monkeypatch.setattr(bulk, "CHUNK_ITEMS", 20)
    cut = through(proxy, backend, tmp_path)
    body = " ".join(["phong trào thi đua"] * 200)
    for cursor, size in ((1, 30_000), (2, 90_000), (3, 150_000)):
        proxy.cut_after(size)
        batch = [doc(f"{cursor}-{number}", f"tin {number}", body=body) for number in range(60)]
        cut.apply(Batch(batch, (), cursor))
    assert proxy.cuts == 3
    assert (cut.count(), cut.cursor()) == (180, 3)
    cut.close()


def test_what_comes_late_changes_nothing_newer(backend: OpenSearchBackend, opensearch_node: Node) -> None:
    backend.apply(Batch([doc("a", "bản mới"), doc("b", "bản mới")], (), 7))
    backend.apply(Batch((), ["b"], 8))
    late = Connection(parse(opensearch_node.setting("late")), 20)
    with BulkWriter(late, backend.generation(), 3) as writer:
        writer.add(doc("a", "bản cũ"))
        writer.add(doc("b", "bản cũ"))
    late.close()
    backend.apply(Batch((), (), 9))
    assert (ids(backend, "mới"), ids(backend, "cũ")) == (["a"], [])


# ---------------------------------------------------------------------------------------- something else


def test_no_index_names_the_command_that_builds_one(backend: OpenSearchBackend) -> None:
    with pytest.raises(IndexMissingError, match="archive index update"):
        backend.search(SearchRequest(q="thi đua"))


def test_another_analysis_is_refused_with_the_command_that_mends_it(
    opensearch_node: Node, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(settings, search_engine=opensearch_node.setting("mismatch"))
    scene = Scene(settings)
    with closing(scene):
        scene.get("/bai-1.html", article_html())
        assert indexer.update(scene.store, settings).articles == 1
        monkeypatch.setattr(schema, "FINGERPRINT", "another")
        with pytest.raises(IndexMismatchError, match="archive index rebuild"):
            indexer.update(scene.store, settings)
        assert indexer.rebuild(scene.store, settings).articles == 1
        scene.get("/bai-1.html", article_html(body=(*BODY[:2], "Thêm một đoạn mới.")))
        assert indexer.update(scene.store, settings).indexed == 1
        with closing(open_backend(settings)) as backend:
            assert len(ids(backend, '"thêm một đoạn mới"')) == 1
    assert list(opensearch_node.ask("GET", "/mismatch-*/_alias")) == ["mismatch-000002"]
    opensearch_node.ask("DELETE", "/mismatch-*")


def test_a_reader_follows_a_rebuild_at_once(backend: OpenSearchBackend, proxy: Proxy, tmp_path: Path) -> None:
    backend.apply(Batch([doc("old", "bản cũ")], (), 1))
    reader = through(proxy, backend, tmp_path)
    assert ids(reader, "bản") == ["old"]

    def fill(writer: DocumentWriter) -> int:
        writer.add(doc("new", "bản mới"))
        return 2

    backend.rebuild(fill, lambda count: None)
    assert ids(reader, "bản") == ["new"]
    reader.close()


@pytest.mark.parametrize(
    ("q", "total"),
    [("_primary", 0), ("_only_local bản", 1), ("_shards:7", 0), ("bản " * 300, 1), ("x" * 9_000, 1)],
)
def test_no_question_is_a_command_to_the_engine(backend: OpenSearchBackend, q: str, total: int) -> None:
    backend.apply(Batch([doc("a", "bản cũ"), doc("b", "x" * 9_000)], (), 1))
    assert backend.search(SearchRequest(q=q)).total == total


def test_what_is_not_the_archives_is_left_alone(opensearch_node: Node, tmp_path: Path) -> None:
    opensearch_node.ask("PUT", "/others", {})
    with closing(OpenSearchBackend(parse(opensearch_node.setting("others")), tmp_path)) as backend:
        with pytest.raises(IndexMissingError, match="no index of the archive"):
            backend.count()
        with pytest.raises(SearchError):
            backend.apply(Batch([doc("a")], (), 1))
    assert opensearch_node.ask("GET", "/others/_count")["count"] == 0
    opensearch_node.ask("DELETE", "/others*")
