from __future__ import annotations

from collections.abc import Iterator

import pytest

from archive.config import Settings
from tests.store.scene import Scene


@pytest.fixture
def scene(settings: Settings) -> Iterator[Scene]:
    made = Scene(settings)
    yield made
    made.close()
