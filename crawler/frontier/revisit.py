"""When an address is due for another look. Pure.

Pages that stood unchanged for long are likely to stand on: the pause is a twentieth of the time for which a
page has stood, which is the rule of the Alex file cache (V. Cate, 1992), found best for the web by
J. Gwertzman and M. Seltzer ("World-Wide Web cache consistency", USENIX 1996). An article that was never
seen to change has stood since its day of publication, so what is old when it is first captured is not asked
for every day.

A page that does change is looked at sooner than its age says: the pause is multiplied by the probability
that a visit finds nothing new, `(n - X + 0.5) / (n + 0.5)` after X changes in n visits. That is `exp(-r)` of
the estimator `r = -ln((n - X + 0.5) / (n + 0.5))` that J. Cho and H. Garcia-Molina gave for pages whose
changes are only seen when they are visited ("Estimating frequency of change", ACM TOIT 3(3), 2003).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crawler.discover import Kind

SHORTEST, LONGEST = dt.timedelta(hours=20), dt.timedelta(days=90)
"""Bounds of the pause before an article is looked at again."""
AGE_SHARE = 20
"""The pause is this part of the time for which a page has stood."""
EACH_RUN = frozenset({Kind.SEED, Kind.FEED, Kind.SITEMAP})
"""What each crawl asks for again: new articles show here first."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the earlier visits to one address."""

    kind: Kind
    last_fetch: dt.datetime | None
    last_changed: dt.datetime | None
    published: dt.date | None = None
    """Day of publication, for an article that has one."""
    visits: int = 0
    """Visits after the first."""
    changes: int = 0
    """Those of them that found it changed."""


def pause(history: History) -> dt.timedelta:
    """How long to wait after the last visit.

    Articles and other pages: between `SHORTEST` and `LONGEST`. Sections' first pages: `SHORTEST` at most, so
    that a crawl every hour asks for the busy ones only.
    """
    if history.kind in EACH_RUN or history.last_fetch is None:
        return dt.timedelta(0)
    visits, changes = history.visits, min(history.changes, history.visits)
    quiet = (visits - changes + 0.5) / (visits + 0.5)
    found = (history.last_fetch - _stands_since(history, history.last_fetch)) / AGE_SHARE * quiet
    if history.kind is Kind.LIST:
        return min(SHORTEST, found)
    return min(LONGEST, max(SHORTEST, found))


def is_due(history: History, now: dt.datetime) -> bool:
    """Whether the pause is over; also when the last visit lies in the future, since the clock has jumped."""
    if history.last_fetch is None or history.last_fetch > now:
        return True
    return now - history.last_fetch >= pause(history)


def _stands_since(history: History, last_fetch: dt.datetime) -> dt.datetime:
    since = history.last_changed or last_fetch
    if history.published is not None and not history.changes:
        since = min(since, dt.datetime.combine(history.published, dt.time(), dt.UTC))
    return min(since, last_fetch)
