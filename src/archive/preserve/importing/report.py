"""What came of an import."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ImportReport:
    """What came of one source."""

    source: str
    sha256: str
    sites: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """taken, known, articles, versions, pages, skipped."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Place and reason; at most `MAX_SKIPPED`."""
    begun_before: int = 0
    """Items that an interrupted import had dealt with."""
    complete: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "source": self.source,
            "sha256": self.sha256,
            "sites": self.sites,
            **{name: self.counts[name] for name in ("taken", "known", "articles", "versions", "skipped")},
            "complete": self.complete,
            "skipped_list": [{"place": place, "reason": reason} for place, reason in self.skipped],
        }
