"""The manifest of an export: what it is of, what is in it, and the hash of every file."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from archive import __version__
from archive.extract import EXTRACTOR
from archive.preserve.exporting.records import Lost
from archive.preserve.exporting.select import Selection
from archive.preserve.files import Written

FORMAT = "district-archive-export-1"


@dataclass(slots=True)
class Tally:
    """What an export holds, counted while it is written."""

    counts: Counter[str] = field(default_factory=Counter)
    """captures, articles, versions, records."""
    lost: list[Lost] = field(default_factory=list)
    """Captures whose records are damaged; `archive verify` names what depends on them."""
    files: list[Written] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "counts": dict(sorted(self.counts.items())),
            "files": [{"path": item.path, "sha256": item.sha256, "bytes": item.size} for item in self.files],
            "left_out": [
                {"capture": item.capture.id, "url": item.capture.url, "reason": item.reason}
                for item in self.lost
            ],
        }


def manifest(
    selection: Selection, tally: Tally, *, kind: str, operator: str, extra: dict[str, Any] | None = None
) -> bytes:
    """The manifest's bytes: JSON, sorted where order says nothing."""
    content = {
        "format": FORMAT,
        "kind": kind,
        "created": now().isoformat(timespec="seconds"),
        "software": f"district-archive/{__version__}",
        "extractor": EXTRACTOR,
        "operator": operator,
        "selection": selection.to_dict(),
        **tally.to_dict(),
        **(extra or {}),
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def checksums(files: Sequence[Written]) -> bytes:
    """A `SHA256SUMS` file, as `sha256sum --check` reads it."""
    return "".join(f"{item.sha256}  {item.path}\n" for item in files).encode()


def now() -> dt.datetime:
    """The time, in UTC."""
    return dt.datetime.now(dt.UTC)
