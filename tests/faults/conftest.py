"""One archive that is only read, and one of its own for each test that changes it."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from archive.preserve import dumps
from archive.store import Store
from archive.web import create_app
from tests.admin.scene import Hiding, build
from tests.postgresql import copy_database

TOKEN = "a-token-of-the-tests"  # noqa: S105
DUMP = "ban-dau"
"""Name of a dump made before anything was taken down."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Hiding:
    """An archive with articles, versions, pictures, files, events and people. Never changed."""
    root = tmp_path_factory.mktemp("faults")
    offered = str(root / "dumps")
    library = build(Hiding.at(root, alarm_token=TOKEN, metrics_token=TOKEN, dumps=offered))
    (root / "dumps").mkdir()
    dumps.make(library.store, library.settings, root / "dumps" / DUMP)
    library.store.checkpoint()
    return library


@pytest.fixture
def hiding(built: Hiding, tmp_path: Path) -> Iterator[Hiding]:
    """A copy of it."""
    shutil.copytree(built.settings.var.parent, tmp_path, dirs_exist_ok=True)
    library = copy.copy(built)
    library.settings = replace(
        built.settings, var=tmp_path / "var", index=tmp_path / "index", dumps=str(tmp_path / "dumps")
    )
    copy_database(built.settings, library.settings)
    library.store = Store.open(library.settings.database_url)
    yield library
    library.store.close()


@pytest.fixture(scope="session")
def app(built: Hiding) -> Flask:
    """The site over the archive that is never changed, as it runs: an error is a page and no exception."""
    return create_app(replace(built.settings, sample=False))
