"""Every implementation of the search protocol."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.search.backend import SearchBackend
from archive.search.whoosh import WhooshBackend
from tests.search.memory import MemoryBackend
from archive.search.opensearch import OpenSearchBackend, parse

N = iter(range(10**6))

@pytest.fixture(params=["memory", "whoosh", "opensearch"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchBackend]:
    made: SearchBackend
    match request.param:
        case "memory":
            made = MemoryBackend()
        case "whoosh":
            made = WhooshBackend(tmp_path / "index")
        case _:
            made = OpenSearchBackend(parse(f"opensearch+http://127.0.0.1:9001/t{next(N)}?replicas=0"), tmp_path / "index", seconds=10)
    yield made
    if request.param == "opensearch":
        made._connection.do("DELETE", "/t*")
    made.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshBackend]:
    made = WhooshBackend(tmp_path / "index")
    yield made
    made.close()
