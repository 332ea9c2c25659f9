"""What is asked and answered about events and people."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.model.events import Claim, Event


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events; "" and 0 stand for all."""

    sort: str = "occasion"
    kind: str = ""
    site: str = ""
    place: str = ""
    year: int = 0
    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What one article tells of an event."""

    id: str
    gathering: str
    article: str
    site: str
    event: Event


def _knowledge(event: Event) -> tuple[bool, int, bool]:
    own_place = bool(event.places) and event.places != (event.organiser,)
    return own_place, len(event.people), event.when.time is not None


@dataclass(frozen=True, slots=True)
class Gathering:
    """One event and all that tell of it, the first told first."""

    id: str
    told: tuple[Told, ...]

    @property
    def event(self) -> Event:
        """The telling that knows most: a place of its own, people, an hour; the first told of equals.

        Where it gives neither an hour nor a part of the day, another telling's is taken: their days agree.
        """
        best = max((told.event for told in self.told), key=_knowledge)
        finer = next(
            (told.event.when for told in self.told if told.event.when.time or told.event.when.part), None
        )
        vague = not (best.when.time or best.when.part)
        return replace(best, when=finer) if vague and finer is not None else best

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that tell of it."""
        return tuple(dict.fromkeys(told.article for told in self.told))


@dataclass(frozen=True, slots=True)
class ClaimTold:
    """A claim with the article that makes it."""

    person: str
    article: str
    site: str
    day: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class Person:
    """A person as one site's articles name them, or several that an admin joined."""

    id: str
    name: str
    sites: tuple[str, ...]
    claims: int
    articles: int
    offices: tuple[str, ...]
    """As reported last."""
    first: str
    last: str
    """First and last day of the articles, '' when undated."""


@dataclass(frozen=True, slots=True)
class OfArticle:
    """All that was read out of one article."""

    events: tuple[Told, ...]
    claims: tuple[ClaimTold, ...]
    places: tuple[str, ...]
