"""What holds for every test: CI allows no skip of what it installs, and no developer's setting leaks in."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from archive.config import Settings
from tests import postgresql
from tests.faults.register import numbers
from tests.faults.storage.machine import Machine
from tests.opensearch.node import Node, required
from tests.warc.bucket_server import BUCKET, s3_server

# Times on shared machines vary too much for a deadline on each example; derandomised so that a run in CI
# says the same twice.
hypothesis_settings.register_profile("archive", deadline=None, derandomize=True)
hypothesis_settings.load_profile("archive")

_skipped: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store", choices=("sqlite", "postgresql"), default="sqlite",
        help="Where all archives of the tests are kept; those of store and queue are kept in both anyway.",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--store") == "postgresql":
        postgresql.everywhere()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that show what happens at a fault, so that those of one number can be run."""
    root = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(root):
            name = getattr(item, "originalname", None) or item.name
            for number in numbers(item.path.relative_to(root).as_posix(), name):
                item.add_marker(pytest.mark.fault(number=number))
    if config.getoption("--store") == "postgresql":
        # Faults of the disk that a database's file is on: a server sees to that on its own machine.
        for item in items:
            if item.path.is_relative_to(root / "faults" / "storage"):
                item.add_marker(pytest.mark.sqlite)
        left_out = [item for item in items if "sqlite" in item.keywords]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if "sqlite" not in item.keywords]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # Data that may not stand in the repository cannot be installed: its absence is said, and is no failure.
    if report.skipped and not hasattr(report, "wasxfail") and "outside_data" not in report.keywords:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skipped.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With TESTS_NO_SKIP=1 (CI, where everything is installed) a skip is a failure."""
    if os.environ.get("TESTS_NO_SKIP") == "1" and _skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nSkipped although TESTS_NO_SKIP=1 says that everything is installed:")
        print("\n".join(_skipped))


@pytest.fixture(scope="session", autouse=True)
def _no_outside_settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("ARCHIVE_"):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _no_database_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """With every archive on one server, a test's databases go when its folder is of no more use."""
    everywhere = request.config.getoption("--store") == "postgresql"
    folder = (
        request.getfixturevalue("tmp_path") if everywhere and "tmp_path" in request.fixturenames else None
    )
    yield
    if folder is not None:
        postgresql.cluster().drop_below(folder)


@pytest.fixture(scope="session", autouse=True)
def _answers_are_sent() -> Iterator[None]:
    """Flask's client takes an answer to its end and closes it, as a server does, unless told otherwise."""
    plain = FlaskClient.open

    def to_the_end(self: FlaskClient, *args: Any, **kwargs: Any) -> Any:
        return plain(self, *args, **{"buffered": True, **kwargs})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlaskClient, "open", to_the_end)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both_stores` runs on both databases, but for what is about one of them."""
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "engine" in metafunc.fixturenames and "both_stores" in marks:
        everywhere = metafunc.config.getoption("--store") == "postgresql"
        engines = ["sqlite"] if "sqlite" in marks else ["sqlite", "postgresql"]
        metafunc.parametrize("engine", ["postgresql"] if everywhere else engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Where the test keeps its archive."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def settings(tmp_path: Path, engine: str) -> Iterator[Settings]:
    """Settings that keep everything below the test's own folder, or in a database of its own."""
    var = tmp_path / "var"
    database = postgresql.cluster().archive(var) if engine == "postgresql" else ""
    yield Settings(var=var, index=tmp_path / "index", contact="test@example.org", database=database)
    if database:
        postgresql.cluster().drop(postgresql.name_of(var))


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """An S3 server in a process of its own, for the whole run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "tester")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        with s3_server() as address:
            yield address


@pytest.fixture
def in_bucket(settings: Settings, s3_address: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The test's settings with captures in a bucket, below a prefix of the test's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    place = f"s3://{BUCKET}/{secrets.token_hex(4)}"
    return dataclasses.replace(settings, captures=place, captures_endpoint=s3_address)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Runs the archive's commands in processes that can be killed."""
    with Machine(tmp_path_factory.mktemp("machine")) as running:
        yield running


@pytest.fixture(scope="session")
def opensearch_node() -> Iterator[Node]:
    """A real OpenSearch node, shared by all tests that only add indices of their own to it."""
    required()
    node = Node()
    try:
        node.start()
        yield node
    finally:
        node.stop()
