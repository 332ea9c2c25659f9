"""One part of a table in two forms, JSON Lines and Parquet, written side by side in flat memory."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.preserve.dumps.rows import Row
from archive.preserve.files import Hashing

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP = 500
"""Rows of a row group: what is held in memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a dump."""

    path: str
    """Within the dump."""
    table: str
    site: str
    year: str
    """Of publication; "undated"; "" for a file with all years."""
    rows: int
    size: int
    sha256: str


class PartWriter:
    """Writes rows to both files of a part; they are made with the first row, so that none is empty."""

    def __init__(self, folder: Path, schema: pa.Schema, table: str, site: str, year: str = "") -> None:
        self._folder, self._schema = folder, schema
        self._of = (table, site, year)
        self._name = "/".join(filter(None, self._of))
        self._open = contextlib.ExitStack()
        self._waiting: list[Row] = []
        self._rows = 0
        self._lines: Any = None
        self._columns: Any = None
        self._hashing: list[tuple[str, Hashing]] = []

    def write(self, row: Row) -> None:
        """Add a row."""
        if self._lines is None:
            self._begin()
        self._lines.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        self._waiting.append(row)
        self._rows += 1
        if len(self._waiting) == _GROUP:
            self._write_group()

    def _begin(self) -> None:
        import pyarrow as pa  # 60 MB, and needed here only
        import pyarrow.parquet as pq

        outputs = [self._output(ending) for ending in (".jsonl.gz", ".parquet")]
        # No time and no name in the file, so that the same rows give the same bytes.
        packed = gzip.GzipFile("", "wb", fileobj=outputs[0], mtime=0)
        self._lines = self._open.enter_context(packed)
        sink = pa.PythonFile(outputs[1], mode="w")
        self._columns = self._open.enter_context(pq.ParquetWriter(sink, self._schema, compression="zstd"))

    def _output(self, ending: str) -> Hashing:
        path = self._folder / f"{self._name}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        hashing = Hashing(self._open.enter_context(path.open("xb")))
        self._hashing.append((f"{self._name}{ending}", hashing))
        return hashing

    def _write_group(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._columns.write_table(pa.Table.from_pylist(self._waiting, schema=self._schema))
            self._waiting.clear()

    def finish(self) -> Sequence[Part]:
        """End both files."""
        if self._lines is None:
            return ()
        self._write_group()
        self._open.close()
        table, site, year = self._of
        written = [hashing.written(name) for name, hashing in self._hashing]
        return [Part(item.path, table, site, year, self._rows, item.size, item.sha256) for item in written]

    def abandon(self) -> None:
        """Give up what is open; whoever made the folder removes it."""
        with contextlib.suppress(Exception):
            self._open.close()


@contextlib.contextmanager
def part_writers(*writers: PartWriter) -> Iterator[list[Part]]:
    """Gives a list that holds the finished files when the block ends well."""
    parts: list[Part] = []
    try:
        yield parts
        for writer in writers:
            parts += writer.finish()
    except BaseException:
        for writer in writers:
            writer.abandon()
        raise
