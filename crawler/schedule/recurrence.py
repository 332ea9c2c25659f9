"""When a site's turn comes: the words and cron expressions of `schedule` in a sites file. Pure.

Expressions have the five fields and the meaning of Debian's cron (cronsim reads them), in the zone of the
setting `timezone`. The words stand for an expression of their own for each site, so that an archive of
sixty portals does not begin with all of them in the same minute.
"""

from __future__ import annotations

import datetime as dt
import zlib
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

NEVER = "never"
EXAMPLES = 'Write "daily", "hourly", "weekly", "never", or five cron fields: "10 2 * * *" is 02:10 every day.'
_WORDS = ("hourly", "daily", "weekly")
_NIGHT = range(1, 5)
"""Hours of the day in which the words "daily" and "weekly" begin a crawl."""
MAX_MISSED = 1_000
"""Turns that are stepped over one by one to find the newest that was missed."""


def checked(schedule: str) -> str:
    """The schedule as it is kept.

    :raises ValueError: it is neither a known word nor a cron expression that ever comes true.
    """
    text = " ".join(schedule.split())
    if text.lower() in (*_WORDS, NEVER):
        return text.lower()
    try:
        next(CronSim(text, dt.datetime(2000, 1, 1, tzinfo=dt.UTC)))
    except CronSimError as error:
        raise ValueError(f"it is {schedule!r}, which is no cron expression ({error}).") from error
    except StopIteration:
        raise ValueError(f"it is {schedule!r}, a day that never comes.") from None
    return text


def expression(schedule: str, site: str) -> str:
    """The cron expression of a checked schedule; "" for never. A site's own minute lies in its id."""
    place = zlib.crc32(site.encode())
    minute, hour = place % 60, _NIGHT[place // 60 % len(_NIGHT)]
    match schedule:
        case "never":
            return ""
        case "hourly":
            return f"{minute} * * * *"
        case "daily":
            return f"{minute} {hour} * * *"
        case "weekly":
            return f"{minute} {hour} * * {place // 300 % 7}"
    return schedule


def following(schedule: str, site: str, after: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The first turn after a moment (UTC); None when there is none."""
    text = expression(schedule, site)
    if not text:
        return None
    return next((turn.astimezone(dt.UTC) for turn in CronSim(text, after.astimezone(zone))), None)


def missed(
    schedule: str, site: str, kept: dt.datetime, now: dt.datetime, zone: ZoneInfo
) -> dt.datetime | None:
    """The newest turn after `kept` that has come by now; None when none has.

    However many turns were missed, one is given: what they would have asked for, the one asks for.
    """
    turn = following(schedule, site, kept, zone)
    if turn is None or turn > now:
        return None
    for _ in range(MAX_MISSED):
        later = following(schedule, site, turn, zone)
        if later is None or later > now:
            return turn
        turn = later
    # Down for so long that it does not matter which turn it was.
    return now
