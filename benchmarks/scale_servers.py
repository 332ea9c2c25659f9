"""A PostgreSQL and a node of OpenSearch for `benchmarks.scale`, with their data in a folder that is kept."""

from __future__ import annotations

from pathlib import Path

from tests import postgresql
from tests.opensearch.node import Node

_NAME = "scale"
_POSTGRESQL = {
    "shared_buffers": "2GB", "maintenance_work_mem": "512MB", "work_mem": "32MB", "max_wal_size": "4GB",
    "effective_cache_size": "8GB", "autovacuum": "on", "wal_compression": "on",
}  # fmt: skip


class Servers:
    """Both servers, durable as in use. Used with `with`; leaving it ends them and leaves their data."""

    def __init__(self, folder: Path, *, heap: str) -> None:
        """
        :param folder: made when it is not there; what is in it is used again.
        :param heap: Java's memory for objects, as `-Xmx` takes it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._cluster = postgresql.Server(folder / "postgresql", _POSTGRESQL)
        self._node = Node(heap=heap, whole_compiler=True, folder=folder / "opensearch")

    def __enter__(self) -> Servers:
        self._cluster.start()
        try:
            self._node.start()
        except BaseException:
            self._cluster.stop()
            raise
        self._cluster.cluster.create(_NAME)
        return self

    def __exit__(self, *_: object) -> None:
        self._node.end()
        self._cluster.stop("fast")

    @property
    def database(self) -> str:
        """A value of the setting `database`."""
        return self._cluster.cluster.url(_NAME)

    @property
    def engine(self) -> str:
        """A value of the setting `search_engine`."""
        return self._node.setting(_NAME)

    @property
    def watch(self) -> list[int]:
        """Process ids of both."""
        return [self._cluster.pid, self._node.pid]
