"""Making jobs of the turns that have come: each turn once, however long the scheduler was down."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from archive.config import Settings
from archive.model import Site
from archive.store import Store, jobs, schedules
from archive.store.jobs import JobKind
from crawler.schedule import recurrence

LOG = logging.getLogger("archive.scheduler")
BY = "schedule"


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that recurs."""

    name: str
    """Of its row in the table `schedules`: a site's id, or one that no site can have."""
    schedule: str
    kind: JobKind
    site: str = ""
    args: tuple[tuple[str, float], ...] = ()
    at_once: bool = False
    """Its first turn is now, and not when the schedule next comes true."""

    @property
    def key(self) -> str:
        """One open job of it at a time."""
        return f"{self.kind}:{self.site}" if self.site else self.kind.value


def turns(settings: Settings, sites: Iterable[Site]) -> list[Turn]:
    """All that recurs: the sites' crawls, and the nightly care of what is kept."""
    found = [Turn(site.id, site.schedule, JobKind.CRAWL, site.id, at_once=True) for site in sites]
    if settings.verify_minutes:
        minutes = (("minutes", settings.verify_minutes),)
        found.append(Turn("*verify", "30 5 * * *", JobKind.VERIFY, args=minutes))
    found.append(Turn("*manifest", "15 0 * * *", JobKind.MANIFEST))
    return found


def ask(
    store: Store, settings: Settings, sites: Sequence[Site], now: dt.datetime, *, without: Iterable[str] = ()
) -> list[int]:
    """Make a job of each turn that has come and was not made one.

    The job and the note that the turn is taken are one transaction: killed at any moment, a turn is neither
    lost nor taken twice.

    :param without: sites that are paused: their turns wait, and are one when the pause ends.
    :returns: the jobs.
    """
    zone, paused = ZoneInfo(settings.timezone), set(without)
    asked: list[int] = []
    with store.read() as connection:
        kept = schedules.kept(connection)
    for turn in turns(settings, sites):
        slot = _slot(turn, kept.get(turn.name), now, zone)
        if slot is None or (turn.site in paused and turn.site):
            continue
        with store.begin() as connection:
            schedules.keep(connection, turn.name, slot)
            if turn.name not in kept and not turn.at_once:
                continue
            if kept.get(turn.name, slot) > now:
                LOG.warning("%s: the clock was set back; its schedule is kept from now on", turn.name)
                continue
            args = dict(turn.args)
            asked.append(jobs.ask(connection, turn.kind, site=turn.site, args=args, by=BY, key=turn.key))
    return asked


def following(
    settings: Settings, sites: Iterable[Site], kept: dict[str, dt.datetime], now: dt.datetime
) -> dict[str, dt.datetime | None]:
    """When each schedule next comes true: now, for what was missed; None for never."""
    zone = ZoneInfo(settings.timezone)
    found: dict[str, dt.datetime | None] = {}
    for turn in turns(settings, sites):
        missed = _slot(turn, kept.get(turn.name), now, zone)
        found[turn.name] = (
            now if missed is not None else recurrence.following(turn.schedule, turn.site, now, zone)
        )
    return found


def _slot(turn: Turn, kept: dt.datetime | None, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The turn to be noted as taken; None when none has come."""
    if not recurrence.expression(turn.schedule, turn.site):
        return None
    if kept is None or kept > now:
        return now
    return recurrence.missed(turn.schedule, turn.site, kept, now, zone)
