"""The alarms as an Atom feed, for admins who read feeds: at an address that only they know."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort

from archive.watch import words
from archive.web import links
from archive.web.caching import validated
from archive.web.resources import resources, settings
from archive.web.xml import rendered

bp = Blueprint("alarm_feed", __name__)

_ENTRIES = 100


@bp.get("/alarms/<token>.atom")
def feed(token: str) -> Response:
    """The newest alarms, open ones and those that are over; an alarm that closes is an update of its entry.

    404 without the setting `alarm_token`, and for any other token: nobody learns whether there is a feed.
    """
    wanted = settings().alarm_token
    if not wanted or not hmac.compare_digest(token.encode(), wanted.encode()):
        abort(404)
    found = resources().store.alarms()[:_ENTRIES]
    host = urlsplit(settings().public_base).hostname
    entries = [
        (
            f"tag:{host},{alarm.opened_at:%Y-%m-%d}:alarm/{alarm.id}",
            alarm,
            words.sentence(alarm.finding),
            words.command(alarm),
        )
        for alarm in found
    ]
    moments = [alarm.closed_at or alarm.last_seen for alarm in found]
    text = rendered(
        "machines/alarms.atom",
        entries=entries,
        updated=max(moments, default=None),
        here=links.absolute(f"/alarms/{token}.atom"),
    )
    response = validated(Response(text, mimetype="application/atom+xml"))
    # The address is a secret: no shared cache keeps what it leads to.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
