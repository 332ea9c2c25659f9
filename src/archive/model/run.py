"""What one crawl of one site measured: the figures by which a portal is watched."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts of one run. All but the medians add up over runs."""

    answers: int = 0
    """Answers to what was asked for, pictures and robots.txt not counted."""
    unanswered: int = 0
    """Addresses given up without any answer."""
    failed: int = 0
    """Addresses given up, and those whose answer was not what was asked for; those left out by rule (robots,
    scope, traps) are not counted, nor is what is missing (404)."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """Answers by group: ok, moved, missing, refused, error (see `status_group`)."""
    articles: int = 0
    """Article pages read: a whole page came, and it was an article."""
    title: int = 0
    """Those of them with a title."""
    date: int = 0
    """With a date of publication."""
    body: int = 0
    """With text in the body."""
    pictured: int = 0
    """With a picture."""
    captioned: int = 0
    """With a caption to a picture."""
    length: float | None = None
    """Median number of characters of their bodies; None without any."""
    profiles: Mapping[str, int] = field(default_factory=dict)
    """Article pages by the profile that read them; "" for the generic rules alone."""
    known: int = 0
    """Whole pages that came from addresses where an article was read before."""
    kept: int = 0
    """Those of them that were read as an article again."""
    lists: int = 0
    """Lists, feeds, sitemaps and home pages that came whole."""
    listing: int = 0
    """Those of them that named an article."""
    sightings: int = 0
    """Signs of articles: pages read or vouched for (304), links to them, lists that stand as they were."""
    bot_checks: int = 0
    soft_404s: int = 0
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """Redirects out of the site, by the host that they lead to."""
    milliseconds: float | None = None
    """Median time of an answer; None without any."""
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A few addresses for each thing that was not as it should be, by the alarm's field."""

    @property
    def asked(self) -> int:
        """All that was asked for, with or without an answer."""
        return self.answers + self.unanswered

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `to_dict` gave; names of a later program are left out."""
        known = {item.name for item in dataclasses.fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        examples = {name: tuple(urls) for name, urls in given.pop("examples", {}).items()}
        return cls(**given, examples=examples)


def status_group(status: int) -> str:
    """What an HTTP status says of a portal: that all is well, or which way it is not."""
    if status in (404, 410):
        return "missing"
    if status in (401, 403, 407, 429, 451):
        return "refused"
    if status >= 400:
        return "error"
    return "moved" if 300 <= status < 400 and status != 304 else "ok"
