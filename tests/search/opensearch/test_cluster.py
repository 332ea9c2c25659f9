"""A cluster of two nodes, one of which is killed while it is written to and searched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.errors import SearchError
from archive.search.backend import Batch, SearchRequest
from archive.search.opensearch import OpenSearchBackend, parse, patience
from tests.opensearch.node import Node, required
from tests.search.samples import doc

pytestmark = pytest.mark.long

BATCH = 40
_SECONDS = 300


@pytest.fixture
def pair() -> Iterator[tuple[Node, Node]]:
    """The first is the leader, for it was there first."""
    required()
    first = Node(alone=False)
    second = Node(seeds=[first])
    try:
        first.start()
        second.start()
        wait(lambda: nodes(first) == 2)
        yield first, second
    finally:
        second.stop()
        first.stop()


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def nodes(node: Node) -> int:
    count: int = node.ask("GET", "/_cluster/health")["number_of_nodes"]
    return count


def is_green(node: Node) -> bool:
    health = node.ask("GET", "/_cluster/health")
    return bool(health["status"] == "green" and health["number_of_nodes"] == 2)


def opened(pair: tuple[Node, Node], folder: Path) -> OpenSearchBackend:
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in pair)
    return OpenSearchBackend(parse(f"opensearch+http://{hosts}/tin?shards=4&replicas=1"), folder, seconds=10)


class Writer(threading.Thread):
    """Applies batch after batch; one that fails is applied again, as the next update would."""

    def __init__(self, backend: OpenSearchBackend) -> None:
        super().__init__()
        self._backend = backend
        self.stopping = threading.Event()
        self.acknowledged = 0
        """Batches."""
        self.failures: list[str] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            cursor = self.acknowledged + 1
            docs = [doc(f"{cursor}-{number}", f"thi đua {cursor}") for number in range(BATCH)]
            try:
                self._backend.apply(Batch(docs, (), cursor))
                self.acknowledged = cursor
            except SearchError as error:
                self.failures.append(str(error))


class Searcher(threading.Thread):
    """Searches without end; what is acknowledged before a search begins must be in its answer."""

    def __init__(self, backend: OpenSearchBackend, writer: Writer) -> None:
        super().__init__()
        self._backend = backend
        self._writer = writer
        self.stopping = threading.Event()
        self.answers = 0
        self.missing: list[tuple[int, int]] = []
        self.failures: list[str] = []
        self.longest_silence = 0.0
        """Seconds between two answers."""

    def run(self) -> None:
        last = time.monotonic()
        while not self.stopping.is_set():
            least = self._writer.acknowledged * BATCH
            try:
                total = self._backend.search(SearchRequest(q="thi đua", facets=False)).total
            except SearchError as error:
                self.failures.append(str(error))
                time.sleep(0.05)
                continue
            if total < least:
                self.missing.append((total, least))
            self.answers += 1
            self.longest_silence = max(self.longest_silence, time.monotonic() - last)
            last = time.monotonic()


def test_a_killed_node_loses_nothing_acknowledged_and_searches_go_on(
    pair: tuple[Node, Node], tmp_path: Path
) -> None:
    leader, other = pair
    with closing(opened(pair, tmp_path / "w")) as writing, closing(opened(pair, tmp_path / "r")) as reading:
        writing.apply(Batch((), (), 0))
        wait(lambda: is_green(leader))
        writer = Writer(writing)
        searcher = Searcher(reading, writer)
        writer.start()
        searcher.start()
        try:
            wait(lambda: writer.acknowledged >= 5 and searcher.answers >= 5)
            other.kill()
            acknowledged, answered = writer.acknowledged, searcher.answers
            wait(lambda: writer.acknowledged >= acknowledged + 5 and searcher.answers >= answered + 20)
        finally:
            writer.stopping.set()
            searcher.stopping.set()
            writer.join()
            searcher.join()
        print(
            f"{writer.acknowledged} batches, {len(writer.failures)} tried again; {searcher.answers} answers, "
            f"{len(searcher.failures)} failed, longest silence {searcher.longest_silence:.1f} s"
        )
        assert searcher.missing == []
        assert searcher.longest_silence < 60
        # A batch that was under way when the writer ended may be there too.
        assert writing.cursor() == writer.acknowledged
        assert writing.count() == writer.acknowledged * BATCH
        other.start()
        wait(lambda: is_green(leader))
        assert writing.count() == writer.acknowledged * BATCH


def test_without_its_leader_a_pair_answers_searches_and_refuses_writes_until_it_is_back(
    pair: tuple[Node, Node], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, other = pair
    with closing(opened(pair, tmp_path)) as backend:
        backend.apply(Batch([doc(str(number), "thi đua") for number in range(BATCH)], (), 1))
        wait(lambda: is_green(leader))
        leader.kill()
        monkeypatch.setattr(patience, "PATIENCE", 5.0)
        wait(lambda: answers(backend) == BATCH)
        with pytest.raises(SearchError):
            backend.apply(Batch([doc("late", "thi đua")], (), 2))
        wait(lambda: answers(backend) >= BATCH)
        leader.start()
        wait(lambda: is_green(other))
        monkeypatch.undo()
        backend.apply(Batch([doc("late", "thi đua")], (), 2))
        assert (answers(backend), backend.cursor()) == (BATCH + 1, 2)


def answers(backend: OpenSearchBackend) -> int:
    try:
        return backend.search(SearchRequest(q="thi đua", facets=False)).total
    except SearchError:
        return -1
