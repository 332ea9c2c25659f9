"""What a crawl did, as a value and as a table."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from archive.model import Reason

_UNANSWERED = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.TLS, Reason.CUT, Reason.PAUSED})
"""Failures that a dark portal gives."""


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
    run: int = 0
    """Number of the run; 0 when none was begun."""
    stopped: bool = False
    """Asked to stop before the end."""
    budget: str = ""
    """The bound of the site's entry that ended the run before its end, in words; "" for none."""
    error: str = ""
    """Why the site could not be crawled, or not to the end."""
    weak_tls: str = ""
    """The oldest TLS below 1.2 that its servers spoke, as the site's `tls = "legacy"` allows; else ""."""
    busy: bool = False
    """Another process crawls it."""

    @property
    def unanswered(self) -> bool:
        """Whether not one page was had, and only because nobody answered."""
        return self.pages == 0 and bool(self.failures) and set(self.failures) <= _UNANSWERED

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SiteResult:
        """What `to_dict` gave, perhaps in another process; what an older program did not know is left."""
        names = {item.name for item in dataclasses.fields(cls)}
        known = {name: value for name, value in values.items() if name in names}
        return cls(**{**known, "failures": Counter(known.get("failures", {}))})

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return dataclasses.asdict(self) | {"failures": dict(self.failures), "seconds": round(self.seconds, 2)}


_COLUMNS = ("Pages", "Pictures", "New", "Changed", "Same", "Gone", "Failed", "Left", "Pages/s")


def results_table(results: Sequence[SiteResult]) -> Group:
    """For the terminal: a row a site, fitting 80 columns, and below what was wrong with each."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Site", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for item in results:
        pace = f"{item.pages / item.seconds:.1f}" if item.seconds > 0 else "–"
        kept = (item.pages, item.pictures, item.new, item.changed, item.same, item.gone)
        table.add_row(item.site, *map(str, kept), str(item.failures.total()), str(item.left), pace)
    remarks = [Text(f"{item.site}: {_remarks(item)}") for item in results if _remarks(item)]
    if any(item.failures for item in results):
        remarks.append(Text("`archive crawl --failures` lists each address with its reason.", style="dim"))
    return Group(table, *remarks)


def _remarks(item: SiteResult) -> str:
    reasons = ", ".join(f"{number} {reason}" for reason, number in item.failures.most_common())
    weak = f'spoke {item.weak_tls} only, which tls = "legacy" allows' if item.weak_tls else ""
    parts = [item.error, "stopped" if item.stopped else "", item.budget, weak, reasons]
    return "; ".join(part for part in parts if part)
