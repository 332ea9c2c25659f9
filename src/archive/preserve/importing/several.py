"""Several sources, one after the other: one may hold the payload that a revisit in another rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Event

from archive.config import Settings
from archive.errors import SourceError
from archive.model import Site
from archive.preserve.importing.files import expand, open_source
from archive.preserve.importing.report import ImportReport
from archive.preserve.importing.run import NO_PAYLOAD, Progress, import_source
from archive.preserve.importing.sites import Target
from archive.store import Store

Bar = Callable[[str], AbstractContextManager[Progress | None]]
"""Makes the progress display of one source from its name."""


def import_all(
    settings: Settings,
    store: Store,
    paths: Sequence[Path],
    *,
    target: Target,
    sites: Sequence[Site] = (),
    by: str = "",
    base: str = "",
    stop: Event | None = None,
    bar: Bar = lambda _: nullcontext(),
    waiting: Callable[[str], None] | None = None,
    processes: int = 1,
) -> tuple[list[ImportReport], list[SourceError]]:
    """Take in files and folders; one that is refused does not keep the others out.

    Parameters and errors as in `import_source`; `base` as in `open_source`.

    :returns: a report for each source that was not refused, and why the others were.
    """
    stop = stop or Event()
    reports: dict[Path, ImportReport] = {}
    refused: list[SourceError] = []

    def one(path: Path) -> ImportReport:
        with bar(path.name) as progress:
            return import_source(
                settings, store, open_source(path, base=base), target=target, sites=sites, by=by, stop=stop,
                progress=progress, waiting=waiting, processes=processes,
            )  # fmt: skip

    for path in expand(paths):
        if stop.is_set():
            break
        try:
            reports[path] = one(path)
        except SourceError as error:
            refused.append(error)
    for path, first in list(reports.items()):
        if len(reports) > 1 and not stop.is_set() and _lacks_payload(first):
            reports[path] = _joined(first, one(path))
    return list(reports.values()), refused


def _lacks_payload(report: ImportReport) -> bool:
    return report.complete and any(reason == NO_PAYLOAD for _, reason in report.skipped)


def _joined(first: ImportReport, second: ImportReport) -> ImportReport:
    """The second look's report, with what the first took in."""
    for name in ("taken", "articles", "versions"):
        second.counts[name] += first.counts[name]
    second.counts["known"] -= first.counts["taken"]
    return second
