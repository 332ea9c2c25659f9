"""A portal as the sites file describes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """One portal that an admin listed."""

    id: str
    """Short, stable, `[a-z0-9-]+`; part of addresses and of article ids."""
    name: str
    """As readers see it: "Cổng TTĐT huyện Đầm Hà"."""
    start: tuple[str, ...]
    """Seeds: addresses where the crawl begins."""
    scope: tuple[str, ...] = ()
    """`host[:port][/path]` prefixes that belong to the site; empty means the hosts of `start`."""
    media_hosts: tuple[str, ...] = ()
    """Other hosts from which pictures of articles may be taken; `*` means any public host."""
    delay: float | None = None
    """Seconds between two requests to one host; None means the default (1 s; 0 on loopback)."""
    profile: str | None = None
    """A profile's name to force; None means: found by the evidence in the pages."""
    allow_private: bool = False
    """May connect to loopback and private addresses (an intranet portal, the sample portal)."""
    ignore_robots: str = ""
    """The operator's recorded reason for overriding robots.txt; empty means it is obeyed."""
    ca_file: str | None = None
    """Extra certificates (PEM) for a portal with an incomplete chain."""
    tls: str = ""
    """"legacy" allows TLS 1.0 and 1.1, weak ciphers and short keys, for a portal that has nothing better."""
    max_depth: int = 12
    """Links from a seed to a page at most, paging not counted."""
    max_pages: int = 200_000
    """Pages of the site at most."""
    max_section_pages: int = 5_000
    """List pages of one section at most: calendars page without end."""
    schedule: str = "daily"
    """When `archive scheduler` crawls it: "hourly", "daily", "weekly", a cron expression, or "never"."""
    full_sweep: int = 180
    """Days after which a crawl asks for all known pages again, due or not; 0 for never."""
    run_requests: int | None = None
    """Requests of one run at most; None for no bound."""
    run_minutes: float | None = None
    """Minutes of one run at most; None for no bound."""
    run_bytes: int | None = None
    """Bytes received in one run at most; None for no bound."""
