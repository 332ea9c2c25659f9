"""After a run: judge it, open and close alarms, note what is to be told outside."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from archive.store import Connection, Store, alarms, coverage, runs
from archive.store.alarms import Alarm, Finding
from archive.store.runs import Measured
from archive.watch import words
from archive.watch.fields import Field
from archive.watch.judge import HISTORY, WEEKS, History, judge, judge_weeks

LOG = logging.getLogger("archive.watch")
_KEPT = 3 * HISTORY
"""Runs that are read: some of them are left out, since something was wrong then."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What became of a site's alarms."""

    opened: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()
    standing: tuple[Alarm, ...] = ()
    """Open before, and still so."""


def evaluate(
    store: Store, site: str, run: int, *, now: dt.datetime | None = None, channels: Sequence[str] = ()
) -> Evaluated:
    """Judge one run of a site. Safe to repeat: an alarm that is open already is seen again, not doubled.

    :param run: the run that has just ended; nothing is judged when it measured nothing.
    :param now: the present moment; None for the clock's.
    :param channels: by what opened and closed alarms are to be told, beside the log.
    """
    now = now or dt.datetime.now(dt.UTC)
    with store.begin() as connection:
        measured = runs.measured(connection, site, _KEPT, until=run)
        if not measured or measured[0].run != run:
            return Evaluated()
        known = alarms.listed(connection, site=site)
        findings, judged = _look(connection, site, measured, known, now)
        result = _write(connection, site, run, known, findings, judged, now, channels)
        runs.thin(connection, site, _KEPT)
    for alarm in result.opened:
        LOG.warning("alarm %d, %s: %s", alarm.id, site, words.sentence(alarm.finding))
    for alarm in result.closed:
        LOG.warning("alarm %d, %s: over (%s)", alarm.id, site, alarm.finding.field)
    return result


def _look(
    connection: Connection, site: str, measured: list[Measured], known: list[Alarm], now: dt.datetime
) -> tuple[list[Finding], set[str]]:
    flagged: dict[str, list[tuple[int, int]]] = defaultdict(list)
    since: dict[str, int] = {}
    since_day: dt.date | None = None
    for alarm in known:
        name = alarm.finding.field
        if alarm.acknowledged_by:
            since[name] = max(since.get(name, 0), alarm.first_run)
            if name == Field.NEW and since_day is None:  # the newest comes first
                since_day = alarm.opened_at.date()
        else:
            last = measured[0].run if alarm.is_open else alarm.last_run
            flagged[name].append((alarm.first_run, last))
    spans = {name: tuple(found) for name, found in flagged.items()}
    verdict = judge(measured[0], History(tuple(measured[1:]), spans, since))
    findings, judged = list(verdict.findings), {name.value for name in verdict.judged}
    today = now.astimezone(coverage.VIETNAM).date()
    begin = today - dt.timedelta(days=7 * (WEEKS + 1))
    enough, finding = judge_weeks(coverage.appeared(connection, site, begin), today, since=since_day)
    if enough:
        judged.add(Field.NEW.value)
    if finding is not None:
        findings.append(finding)
    return findings, judged


def _write(
    connection: Connection,
    site: str,
    run: int,
    known: list[Alarm],
    findings: list[Finding],
    judged: set[str],
    now: dt.datetime,
    channels: Sequence[str],
) -> Evaluated:
    standing = {alarm.finding.field: alarm for alarm in known if alarm.is_open}
    opened, seen = [], []
    for finding in findings:
        alarm = standing.pop(finding.field, None)
        if alarm is None:
            opened.append(alarms.open_one(connection, site, finding, run, now, channels))
        else:
            alarms.see_again(connection, alarm.id, finding, run, now)
            seen.append(alarm)
    over = [alarm for alarm in standing.values() if alarm.finding.field in judged]
    for alarm in over:
        alarms.close(connection, alarm.id, now, channels)
    rest = [alarm for alarm in standing.values() if alarm not in over]
    return Evaluated(tuple(opened), tuple(over), tuple(seen + rest))
