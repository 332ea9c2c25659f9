from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.store import Store
from tests.admin.scene import Hiding, build
from tests.postgresql import copy_database


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Hiding:
    """The archive as it is before anything is taken down. Never opened: copied."""
    library = build(Hiding.at(tmp_path_factory.mktemp("hiding")))
    library.store.checkpoint()
    library.store.close()
    return library


@pytest.fixture
def hiding(built: Hiding, tmp_path: Path) -> Iterator[Hiding]:
    """An archive of its own for one test."""
    shutil.copytree(built.settings.var.parent, tmp_path, dirs_exist_ok=True)
    library = copy.copy(built)
    library.settings = replace(built.settings, var=tmp_path / "var", index=tmp_path / "index")
    copy_database(built.settings, library.settings)
    library.store = Store.open(library.settings.database_url)
    yield library
    library.store.close()
