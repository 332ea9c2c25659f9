"""The check of everything in portions: it remembers how far it came, and begins with what waited longest.

A scheduler calls `check` with a budget each night; an operator without one. Damage that was found stays told
until the file is found sound again.
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import closing
from threading import Event

from archive.config import Settings
from archive.preserve import days
from archive.preserve.verify import Finding, FindingKind, Progress, Verification, VerifyReport
from archive.search import open_backend
from archive.store import Store, fixity
from archive.store.fixity import Checked
from archive.warc import capture_files
from archive.warc.lock import held

_DATABASE, _MANIFESTS, _INDEX, _ROUND = "(database)", "(manifests)", "(index)", "(round)"
"""Rows of the table that are no files; no capture file has such a name."""


def check(
    settings: Settings,
    store: Store,
    *,
    minutes: float | None = None,
    since: dt.datetime | None = None,
    resume: bool = False,
    stop: Event | None = None,
    progress: Progress | None = None,
) -> VerifyReport:
    """Check capture files, rows, manifests and timestamps, and the search index.

    With none of `minutes`, `since` and `resume` everything is checked from the beginning.

    :param minutes: end after about so long; what was checked longest ago comes first.
    :param since: only what was not checked since then.
    :param resume: go on with the last check of everything that did not come to its end.
    :param stop: when set, the check ends after the record under way.
    :returns: with the damage that earlier checks found in what this one did not reach.
    :raises BusyError: another process checks already.
    :raises StoreError: the database cannot be read at all.
    """
    with held(settings.var / "locks" / ".verify.lock", "The archive is being checked by another process."):
        return _Round(settings, store, minutes, stop or Event()).run(since, resume, progress)


class _Round:
    def __init__(self, settings: Settings, store: Store, minutes: float | None, stop: Event) -> None:
        self._settings, self._store, self._stop = settings, store, stop
        self._minutes = minutes
        self._until = time.monotonic() + minutes * 60 if minutes is not None else None

    def run(self, since: dt.datetime | None, resume: bool, progress: Progress | None) -> VerifyReport:
        now = dt.datetime.now(dt.UTC)
        with self._store.read() as connection:
            state = fixity.state(connection)
        if resume:
            since = state[_ROUND].checked_at if _ROUND in state else None
        elif since is None and self._minutes is None:
            since = now
            state = {name: Checked(name, 0, item.checked_at, item.findings) for name, item in state.items()}
            self._put(Checked(_ROUND, 0, now))
        with self._store.read() as connection:
            run = Verification(connection, capture_files(self._settings), progress)
            names = [_DATABASE, _MANIFESTS, _INDEX, *run.names()]
            report = run.report
            found: dict[str, tuple[Finding, ...]] = {
                name: tuple(map(Finding.from_dict, item.findings))
                for name, item in state.items()
                if name in names
            }
            for name in _ordered(names, state, since):
                if self._is_over():
                    report.complete = False
                    break
                stopped = self._one(run, name, state.get(name, Checked(name)), found)
                if stopped:
                    report.complete = False
                    break
        for name in set(state) - set(names) - {_ROUND}:
            with self._store.begin() as connection:
                fixity.forget(connection, name)
        report.findings = [item for name in names for item in found.get(name, ())]
        return report

    def _is_over(self) -> bool:
        return self._stop.is_set() or (self._until is not None and time.monotonic() >= self._until)

    def _one(
        self, run: Verification, name: str, before: Checked, found: dict[str, tuple[Finding, ...]]
    ) -> bool:
        """Check one file, or what stands for one. Returns whether it had to be stopped."""
        told = len(run.report.findings)
        stopped: int | None = None
        if name == _DATABASE:
            run.database()
        elif name == _MANIFESTS:
            self._manifests(run.report)
        elif name == _INDEX:
            self._index(run.report)
        else:
            stopped = run.file(name, before.position, self._is_over)
        new = tuple(run.report.findings[told:])
        if before.position:
            new = (*found.get(name, ()), *new)
        if stopped is None or new:
            found[name] = new
        checked_at = dt.datetime.now(dt.UTC) if stopped is None else before.checked_at
        self._put(
            Checked(name, stopped or 0, checked_at, tuple(item.to_dict() for item in found.get(name, ())))
        )
        return stopped is not None

    def _manifests(self, report: VerifyReport) -> None:
        result = days.check(self._settings, self._store)
        report.manifests, report.stamped = result.manifests, result.stamped
        for problem in result.problems:
            report.findings.append(Finding(FindingKind.MANIFEST, "", None, problem))

    def _index(self, report: VerifyReport) -> None:
        with closing(open_backend(self._settings)) as backend:
            for item in backend.damage():
                report.findings.append(Finding(FindingKind.INDEX, item.file, None, item.what))

    def _put(self, item: Checked) -> None:
        with self._store.begin() as connection:
            fixity.put(connection, item)


def _ordered(names: list[str], state: dict[str, Checked], since: dt.datetime | None) -> list[str]:
    """What is to be checked: what was begun, then what never was, then what waited longest."""
    never = dt.datetime.min.replace(tzinfo=dt.UTC)

    def key(name: str) -> tuple[bool, dt.datetime]:
        item = state.get(name, Checked(name))
        return not item.position, item.checked_at or never

    due = [
        name
        for name in names
        if since is None or (state.get(name, Checked(name)).checked_at or never) < since
    ]
    return sorted(due, key=key)
