"""Telling a person how a crawl goes: bars on a terminal, one line an event elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from crawler.results import SiteResult

LOG = logging.getLogger("crawler")


class Reporter(Protocol):
    """Is told of a crawl's events, from several threads."""

    def started(self, site: str, name: str, known: int) -> None:
        """A site's crawl begins; `known` addresses are queued already."""
        ...

    def visited(self, result: SiteResult, queued: int, delay: float, url: str, what: str) -> None:
        """An address was asked for. `queued` are left, `delay` is the host's pause in seconds."""
        ...

    def remark(self, site: str, text: str) -> None:
        """Something that a person should know."""
        ...

    def finished(self, result: SiteResult) -> None:
        """A site's crawl is over."""
        ...


class LogReporter:
    """One log line an event."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def started(self, site: str, name: str, known: int) -> None:
        self._line(site, f"start queued={known} name={name!r}")

    def visited(self, result: SiteResult, queued: int, delay: float, url: str, what: str) -> None:
        self._line(result.site, f"{what} queued={queued} {url}")

    def remark(self, site: str, text: str) -> None:
        self._line(site, text)

    def finished(self, result: SiteResult) -> None:
        self._line(result.site, f"end pages={result.pages} new={result.new} failed={result.failures.total()}")

    def _line(self, site: str, text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self._console.print(f"{stamp} {site} {text}", markup=False, soft_wrap=True)


class RichReporter:
    """A bar a site: done, found, failed, pace, time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}

    def started(self, site: str, name: str, known: int) -> None:
        self._began[site] = time.monotonic()
        self._tasks[site] = self._progress.add_task(name[:40], total=max(1, known), facts="")

    def visited(self, result: SiteResult, queued: int, delay: float, url: str, what: str) -> None:
        took = time.monotonic() - self._began[result.site]
        pace = result.pages / took if took > 0 else 0.0
        facts = f"{result.pages} done, {queued} left, {result.new} articles, {result.failures.total()} failed"
        facts += f", {pace:.1f}/s, {_time_left(queued, pace, delay)}"
        self._progress.update(
            self._tasks[result.site], completed=result.pages, total=result.pages + queued, facts=facts
        )

    def remark(self, site: str, text: str) -> None:
        self._progress.console.print(f"[yellow]{site}:[/yellow] {text}")

    def finished(self, result: SiteResult) -> None:
        if result.site in self._tasks:
            self._progress.update(
                self._tasks[result.site], total=max(1, result.pages), completed=max(1, result.pages)
            )


@contextmanager
def reporter(console: Console) -> Iterator[Reporter]:
    """Bars on a terminal, log lines elsewhere."""
    if not console.is_terminal:
        yield LogReporter(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[facts]}"))
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        yield RichReporter(progress)


def _time_left(queued: int, pace: float, delay: float) -> str:
    """An honest guess: what is known now, at the pace so far or the polite one, whichever is slower.

    Pages not yet found are not in it, so it says "at least".
    """
    if not queued:
        return "nearly done"
    seconds = queued * max(delay, 1 / pace if pace > 0 else delay)
    if seconds < 90:
        return f"at least {seconds:.0f} s left"
    if seconds < 5400:
        return f"at least {seconds / 60:.0f} min left"
    if seconds < 48 * 3600:
        return f"at least {seconds / 3600:.0f} h left"
    return f"at least {seconds / 86400:.1f} days left"
