"""The index of captures that players read: sorted lines of key, time and JSON (CDXJ).

https://specs.webrecorder.net/cdxj/0.1.0/
"""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from archive.preserve.exporting.warcs import Placed

_RUN = 200_000
"""Lines sorted in memory at a time, about 60 MB."""


def line(item: Placed) -> str | None:
    """The line of a capture; None for one that no link can lead to."""
    capture = item.selected.capture
    if capture.method != "GET":
        return None
    facts = {
        "url": capture.url,
        "mime": "warc/revisit" if capture.revisit_of else capture.mime or "unk",
        "status": str(capture.status),
        "digest": capture.payload_digest,
        "length": str(item.length),
        "offset": str(item.offset),
        "filename": item.file.rpartition("/")[2],
    }
    # Players look keys up in lower case.
    return f"{capture.urlkey.lower()} {capture.at:%Y%m%d%H%M%S} {json.dumps(facts, ensure_ascii=True)}"


class Sorter:
    """Sorts more lines than fit in memory."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._runs: list[IO[str]] = []
        self._lines: list[str] = []

    def add(self, text: str) -> None:
        """One line more."""
        self._lines.append(text)
        if len(self._lines) >= _RUN:
            self._spill()

    def __iter__(self) -> Iterator[str]:
        self._lines.sort()
        for run in self._runs:
            run.seek(0)
        runs = [(text.rstrip("\n") for text in run) for run in self._runs]
        yield from heapq.merge(*runs, self._lines)

    def close(self) -> None:
        """Give the temporary files back."""
        self._stack.close()

    def _spill(self) -> None:
        run = self._stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115
        run.writelines(f"{text}\n" for text in sorted(self._lines))
        self._runs.append(run)
        self._lines = []
