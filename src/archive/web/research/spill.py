"""Sorting any number of records in flat memory: sorted runs on disk, then merged.

External sorting by merging as in Knuth, "The Art of Computer Programming", volume 3, section 5.4.
"""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, Self

RUN = 20_000
"""Records that are held in memory: some 20 MB of lines of a concordance."""
_MOST_RUNS = 64
"""Files open at once at most; then they are merged into one."""

Record = list[Any]
_Item = tuple[str, Record]


class Sorter:
    """Takes records in any order and gives them back by key. Keys must be different.

    To be closed, or used in a `with`: the runs are files without a name, gone with their last handle.
    """

    def __init__(self, run: int = RUN) -> None:
        """:param run: records that are held in memory."""
        self.count = 0
        """Records taken so far."""
        self._run = run
        self._held: list[_Item] = []
        self._files: list[IO[str]] = []

    def add(self, key: str, record: Record) -> None:
        """Take a record.

        :param key: what it is sorted by, by code points.
        :param record: JSON-ready.
        :raises OSError: the folder for temporary files is full or cannot be written.
        """
        self._held.append((key, record))
        self.count += 1
        if len(self._held) >= self._run:
            self._write(sorted(self._held))
            self._held = []
            if len(self._files) >= _MOST_RUNS:
                files, self._files = self._files, []
                self._write(heapq.merge(*map(_read, files)))
                _close(files)

    def __iter__(self) -> Iterator[Record]:
        """All records by key; nothing can be added meanwhile. Once only."""
        self._held.sort()
        runs = [*map(_read, self._files), iter(self._held)]
        yield from (record for _, record in (heapq.merge(*runs) if self._files else self._held))

    def _write(self, items: Iterable[_Item]) -> None:
        file = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115 - closed by `close`
        self._files.append(file)
        for item in items:
            file.write(json.dumps(item))
            file.write("\n")

    def close(self) -> None:
        """Give memory and disk back."""
        self._held = []
        _close(self._files)
        self._files = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _read(file: IO[str]) -> Iterator[_Item]:
    file.seek(0)
    for line in file:
        key, record = json.loads(line)
        yield key, record


def _close(files: Iterable[IO[str]]) -> None:
    for file in files:
        file.close()
