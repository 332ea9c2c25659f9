"""What a crawl did, as a value and as a table."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table


@dataclass(slots=True)
class SiteResult:
    """The row of one site in the table of results."""

    site: str
    name: str
    pages: int = 0
    """Addresses asked for, pictures among them."""
    pictures: int = 0
    new: int = 0
    """Articles captured for the first time."""
    changed: int = 0
    """Articles that got a new version."""
    same: int = 0
    """Articles found as they were."""
    gone: int = 0
    """Articles found missing."""
    failures: Counter[str] = field(default_factory=Counter)
    """Given up or left out, by `archive.model.Reason`."""
    bytes: int = 0
    """As received."""
    seconds: float = 0.0
    left: int = 0
    """Addresses still queued."""
    stopped: bool = False
    """Asked to stop before the end."""
    error: str = ""
    """Why the site could not be crawled, or not to the end."""
    busy: bool = False
    """Another process crawls it."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return dataclasses.asdict(self) | {"failures": dict(self.failures), "seconds": round(self.seconds, 2)}


def results_table(results: Sequence[SiteResult]) -> Table:
    """A table for the terminal: a row a site, and what was wrong below it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Site")
    for name in (
        "Pages",
        "Pictures",
        "New",
        "Changed",
        "Same",
        "Gone",
        "Failed",
        "Left",
        "Seconds",
        "Pages/s",
    ):
        table.add_column(name, justify="right")
    table.add_column("Remarks", overflow="fold")
    for item in results:
        pace = f"{item.pages / item.seconds:.1f}" if item.seconds > 0 else "–"
        numbers = (
            item.pages,
            item.pictures,
            item.new,
            item.changed,
            item.same,
            item.gone,
            item.failures.total(),
            item.left,
        )
        table.add_row(
            item.site, *(str(number) for number in numbers), f"{item.seconds:.1f}", pace, _remarks(item)
        )
    return table


def _remarks(item: SiteResult) -> str:
    reasons = ", ".join(f"{number} {reason}" for reason, number in item.failures.most_common())
    parts = [item.error, "stopped" if item.stopped else "", reasons]
    return "; ".join(part for part in parts if part)
