"""The hosts that a crawl talks to: their rules and their pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from archive.urls import host_port
from crawler.politeness import Decision, Pace, Robots

Clock = Callable[[], float]


@dataclass(slots=True)
class Host:
    """One host: what it allows and when it may be asked again."""

    name: str
    """`host:port`."""
    pace: Pace
    robots: Robots | None = None
    """None until its robots.txt was asked for in this run."""

    def decide(self, url: str, override: str) -> Decision:
        """Whether its robots.txt allows an address."""
        assert self.robots is not None, "robots.txt is asked for first"  # noqa: S101
        return self.robots.decide(url, override)


@dataclass(slots=True)
class Hosts:
    """All hosts of one site's crawl.

    :param delay: seconds between requests; None for the default of the kind of host.
    :param default: that default, for hosts not on loopback.
    """

    delay: float | None
    default: float
    clock: Clock = time.monotonic
    _known: dict[str, Host] = field(default_factory=dict)

    def of(self, url: str) -> Host:
        """The host of a canonical address."""
        name = host_port(url)
        if name not in self._known:
            self._known[name] = Host(name, Pace(self._delay_for(url)))
        return self._known[name]

    def _delay_for(self, url: str) -> float:
        if self.delay is not None:
            return self.delay
        host = (urlsplit(url).hostname or "").lower()
        on_loopback = host in ("localhost", "::1") or host.startswith("127.")
        return 0.0 if on_loopback else self.default


def robots_url(url: str) -> str:
    """The robots.txt that governs a canonical address (RFC 9309, 2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"
