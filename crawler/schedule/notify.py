"""Telling of alarms outside: by mail and webhook, until it has worked or was tried for long enough."""

from __future__ import annotations

import datetime as dt
import logging
from urllib.parse import urlsplit

from archive.config import Settings
from archive.errors import ArchiveError, ConfigError
from archive.store import Store, alarms
from archive.store.alarms import Notice
from archive.watch import mail, words
from crawler.fetch.webhook import post_json

LOG = logging.getLogger("archive.watch")
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=6)


def channels(settings: Settings) -> tuple[str, ...]:
    """By what alarms are told, beside the log, the page and the feed.

    :raises ConfigError: a setting for it is wrong: said at the start, not when the first alarm is lost.
    """
    found = []
    if settings.alarm_mail:
        mail.recipients(settings)
        mail.server(settings)
        found.append("mail")
    if settings.alarm_webhook:
        parts = urlsplit(settings.alarm_webhook)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                "The setting alarm_webhook is no web address.", "Write https://host/path, or leave it out."
            )
        found.append("webhook")
    return tuple(found)


def deliver(store: Store, settings: Settings, now: dt.datetime) -> int:
    """Send what is to be sent now; what fails is tried again, later each time.

    :returns: how many went out.
    """
    with store.read() as connection:
        waiting = alarms.pending(connection, now)
    return sum(_deliver(store, settings, notice, now) for notice in waiting)


def _deliver(store: Store, settings: Settings, notice: Notice, now: dt.datetime) -> bool:
    try:
        if notice.channel == "mail":
            mail.send(settings, [mail.message(settings, notice)])
        else:
            data = {"notice": notice.id, "event": notice.event, "archive": settings.public_base}
            alarm = words.to_dict(notice.alarm)
            post_json(settings.alarm_webhook, data | {"alarm": alarm}, user_agent=settings.user_agent)
    except (ArchiveError, OSError) as error:
        # Never with the settings in it: a mail server's answer may repeat what it was given.
        LOG.warning("alarm %d could not be told by %s: %s", notice.alarm.id, notice.channel, error)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(notice.attempts, 10))
        with store.begin() as connection:
            alarms.not_sent(connection, notice.id, str(error)[:500], now + pause)
        return False
    with store.begin() as connection:
        alarms.sent(connection, notice.id, now)
    return True
