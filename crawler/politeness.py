"""Robots, pace and patience. Pure: the clock is passed in, nothing here waits or fetches.

robots.txt as RFC 9309 says; rules are matched by protego.
"""

from __future__ import annotations

import datetime as dt
import email.utils
from dataclasses import dataclass, field

from protego import Protego

ROBOTS_AGENT = "DistrictArchive"
MAX_ROBOTS = 512 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5 asks for 500 KiB at least)."""
MAX_RETRY_AFTER = 600.0
"""Seconds that a Retry-After may ask for; more is taken as this much."""
MAX_DELAY = 60.0
MAX_CRAWL_DELAY = 30.0
MAX_SITEMAPS = 50
GIVE_UP = 6.0
"""Failures of a host in a row after which it is left alone for the rest of the run."""
SERVER_ERROR = 0.25
"""What an error page counts for: single broken pages stand side by side in old sections."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an address may be asked for, and why; recorded with the capture."""

    allowed: bool
    text: str


class Robots:
    """The rules of one host.

    :param status: of the answer to robots.txt; 0 when the host could not be reached.
    """

    def __init__(self, status: int, body: bytes = b"") -> None:
        self._status = status
        self._rules: Protego | None = None
        if 200 <= status < 300:
            self._rules = Protego.parse(body[:MAX_ROBOTS].decode("utf-8-sig", "replace"))

    def decide(self, url: str, override: str = "") -> Decision:
        """:param override: the operator's reason for not obeying; recorded as that."""
        allowed, why = self._decide(url)
        if not allowed and override:
            return Decision(True, f"override: {override}")
        return Decision(allowed, why)

    def _decide(self, url: str) -> tuple[bool, str]:
        if self._rules is not None:
            allowed = bool(self._rules.can_fetch(url, ROBOTS_AGENT))
            return allowed, "allowed" if allowed else "disallowed by robots.txt"
        if 400 <= self._status < 500:
            return True, f"none: robots.txt answers {self._status}"
        return False, f"robots.txt cannot be read (status {self._status}), which forbids all"

    @property
    def unreachable(self) -> bool:
        """Whether all is forbidden because the rules could not be had (RFC 9309, 2.3.1.4)."""
        return self._rules is None and not 400 <= self._status < 500

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that it names, as they stand."""
        return tuple(self._rules.sitemaps)[:MAX_SITEMAPS] if self._rules is not None else ()

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the host asks for, within reason; 0 when it says nothing."""
        asked = self._rules.crawl_delay(ROBOTS_AGENT) if self._rules is not None else None
        return min(float(asked), MAX_CRAWL_DELAY) if asked else 0.0


@dataclass(slots=True)
class Pace:
    """When a host may be asked again. All times are of one monotonic clock, in seconds."""

    delay: float
    """The configured pause."""
    penalty: float = 0.0
    """What was added after refusals; halves with each success."""
    ready_at: float = 0.0
    failures: float = 0.0
    """In a row."""
    given_up: bool = field(default=False)

    def wait(self, now: float) -> float:
        """Seconds until the next request may go out."""
        return max(0.0, self.ready_at - now)

    def succeeded(self, now: float) -> None:
        """An answer came that is no complaint; quick error pages must not speed the crawl up."""
        self.failures = 0
        self.penalty = self.penalty / 2 if self.penalty > 0.05 else 0.0
        self.ready_at = now + self.delay + self.penalty

    def refused(self, now: float, retry_after: float | None) -> None:
        """429 or 503: wait as asked, then go slower."""
        self._failed()
        self.penalty = min(MAX_DELAY, max(2 * self.penalty, self.delay, 0.1))
        asked = min(retry_after, MAX_RETRY_AFTER) if retry_after is not None else 0.0
        self.ready_at = now + max(asked, self.delay + self.penalty)

    def failed(self, now: float, weight: float = 1.0) -> None:
        """No answer, or (with `SERVER_ERROR`) an error page."""
        self._failed(weight)
        self.ready_at = now + min(MAX_DELAY, self.delay * 2 ** min(self.failures, 6))

    def _failed(self, weight: float = 1.0) -> None:
        self.failures += weight
        self.given_up = self.failures >= GIVE_UP


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After field asks for (RFC 9110, 10.2.3); None for nonsense, never negative."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())
