"""One archive for all tests of storage; each works on copies of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawler.crawling import served
from tests.faults.storage.machine import Machine
from tests.faults.storage.scenes import Base, make_base, portal


@pytest.fixture(scope="session")
def base(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    root = tmp_path_factory.mktemp("base") / "archive"
    root.mkdir()
    pages = portal()
    with served(pages) as url:
        yield make_base(machine, root, url, pages.asked)
