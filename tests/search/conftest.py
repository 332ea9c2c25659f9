"""Both implementations of the search protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.search.backend import SearchBackend
from archive.search.whoosh import WhooshBackend
from tests.search.memory import MemoryBackend


@pytest.fixture(params=["memory", "whoosh"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchBackend]:
    made: SearchBackend = MemoryBackend() if request.param == "memory" else WhooshBackend(tmp_path / "index")
    yield made
    made.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshBackend]:
    made = WhooshBackend(tmp_path / "index")
    yield made
    made.close()
