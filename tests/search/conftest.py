"""Every implementation of the search protocol: one in memory, Whoosh, and OpenSearch on a real node."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.search.backend import Batch, SearchBackend
from archive.search.opensearch import OpenSearchBackend, parse
from archive.search.whoosh import WhooshBackend
from tests.opensearch.node import Node
from tests.search.memory import MemoryBackend
from tests.search.samples import samples

ENGINES = ("memory", "whoosh", "opensearch")
SECONDS = 20.0
"""For a question to the node, which a busy machine may let wait: tests of the bound name their own."""
_names = itertools.count()


@contextmanager
def opened(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[SearchBackend]:
    """An empty backend of an engine, removed afterwards."""
    if engine == "memory":
        yield MemoryBackend()
    elif engine == "whoosh":
        whoosh = WhooshBackend(folder / "index")
        yield whoosh
        whoosh.close()
    else:
        node: Node = request.getfixturevalue("opensearch_node")
        with on_node(node, folder) as backend:
            yield backend


@contextmanager
def on_node(node: Node, folder: Path, seconds: float = SECONDS) -> Iterator[OpenSearchBackend]:
    """An empty backend on a node, its indices removed afterwards."""
    prefix = f"test{next(_names)}"
    backend = OpenSearchBackend(parse(node.setting(prefix)), folder / "index", seconds=seconds)
    yield backend
    backend.close()
    node.ask("DELETE", f"/{prefix}-*")


@pytest.fixture(params=ENGINES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchBackend]:
    with opened(request.param, request, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=ENGINES)
def sampled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SearchBackend]:
    """Articles of the sample portal, the real one among them; not to be changed."""
    with opened(request.param, request, tmp_path_factory.mktemp(request.param)) as made:
        made.apply(Batch(samples(600), (), 1))
        yield made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshBackend]:
    made = WhooshBackend(tmp_path / "index")
    yield made
    made.close()
