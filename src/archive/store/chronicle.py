"""The door to events, people and places, and to what people corrected in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from archive.model import ArticleView
from archive.model.events import Reading
from archive.store.happenings import corrections, events, people, write
from archive.store.happenings.corrections import Correction
from archive.store.happenings.values import ClaimTold, EventQuery, Gathering, OfArticle, Person
from archive.store.store import Store


class Chronicle:
    """Events, people and places of a store; as safe to share as the store is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -------------------------------------------------------------------------------------- readings

    def state(self) -> tuple[str, int]:
        """The rules that read what is there, and the last line of the change log that was read."""
        with self._store.read() as connection:
            return write.state(connection)

    def put(
        self, readings: Sequence[tuple[ArticleView, Reading]], gone: Iterable[str], rules: str, seq: int
    ) -> None:
        """Put new readings in the place of the old, in one transaction with how far the log was read."""
        with self._store.begin() as connection:
            write.forget(connection, gone)
            for view, reading in readings:
                write.put(connection, view, reading)
            write.set_state(connection, rules, seq)

    # -------------------------------------------------------------------------------------- questions

    def gatherings(
        self, query: EventQuery, *, limit: int, offset: int = 0, forward: bool = False
    ) -> list[Gathering]:
        """Events by day, the newest first; `forward`: the earliest first."""
        with self._store.read() as connection:
            return events.gatherings(connection, query, limit=limit, offset=offset, forward=forward)

    def count(self, query: EventQuery) -> int:
        """How many events there are."""
        with self._store.read() as connection:
            return events.count(connection, query)

    def days(self, query: EventQuery) -> dict[str, int]:
        """ISO day → number of events that begin then."""
        with self._store.read() as connection:
            return events.days(connection, query)

    def years(self, query: EventQuery) -> dict[str, int]:
        """Year → number of events."""
        with self._store.read() as connection:
            return events.years(connection, query)

    def kinds(self, query: EventQuery) -> dict[str, int]:
        """Id of a kind → number of events."""
        with self._store.read() as connection:
            return events.kinds(connection, query)

    def places(self, query: EventQuery) -> dict[str, int]:
        """Folded name of a place → number of events, the commonest first."""
        with self._store.read() as connection:
            return events.places(connection, query)

    def gathering(self, event: str) -> Gathering | None:
        """The event that an id, old or new, leads to."""
        with self._store.read() as connection:
            return events.gathering(connection, event)

    def on_day(self, day: dt.date, limit: int) -> list[Gathering]:
        """Occasions of this day in earlier years, the newest first."""
        with self._store.read() as connection:
            return events.on_days(connection, day.strftime("%m-%d"), day.isoformat(), limit)

    def people(self, *, site: str = "", name: str = "", limit: int, offset: int = 0) -> list[Person]:
        """People by how often they are named."""
        with self._store.read() as connection:
            return people.people(connection, site=site, name=name, limit=limit, offset=offset)

    def count_people(self, *, site: str = "", name: str = "") -> int:
        """How many people there are."""
        with self._store.read() as connection:
            return people.count_people(connection, site=site, name=name)

    def person(self, identity: str) -> Person | None:
        """One person; None when nobody is known, or the name is withheld."""
        with self._store.read() as connection:
            return people.person(connection, identity)

    def claims(self, identity: str) -> list[ClaimTold]:
        """What is said of a person, by day."""
        with self._store.read() as connection:
            return people.claims_of(connection, identity)

    def namesakes(self, person: Person) -> list[Person]:
        """People of the same name on other sites."""
        with self._store.read() as connection:
            ids = people.namesakes(connection, person)
            found = [people.person(connection, item) for item in ids]
        return [item for item in found if item is not None]

    def of_article(self, article: str) -> OfArticle:
        """What was read out of one article."""
        return self.of_articles((article,)).get(article, OfArticle((), (), ()))

    def of_articles(self, ids: Iterable[str]) -> dict[str, OfArticle]:
        """What was read out of each of some articles."""
        with self._store.read() as connection:
            return people.of_articles(connection, ids)

    # ------------------------------------------------------------------------------------ corrections

    def correct(
        self,
        action: str,
        target: str,
        data: dict[str, Any],
        *,
        reason: str,
        by: str,
        at: dt.datetime | None = None,
    ) -> int:
        """Correct a reading: at once, and again whenever its article is read again.

        Callers go through `archive.chronicle.corrections`, which keeps the journal.

        :param action: "hide" or "change" for an event's id; "same" for a person's, with `data["with"]`.
        :returns: the number of the correction, by which it is lifted.
        """
        with self._store.begin() as connection:
            moment = at or dt.datetime.now(dt.UTC)
            number = corrections.correct(connection, action, target, data, reason=reason, by=by, at=moment)
            write.apply(connection, target)
            return number

    def lift(self, number: int, *, by: str) -> bool:
        """Take a correction back; False when there is none in force with that number."""
        with self._store.begin() as connection:
            target = corrections.lift(connection, number, by=by, at=dt.datetime.now(dt.UTC))
            if target is not None:
                write.apply(connection, target)
            return target is not None

    def corrections(self, *, lifted: bool = False) -> list[Correction]:
        """Corrections in force, the oldest first; with `lifted`, those taken back too."""
        with self._store.read() as connection:
            return corrections.listed(connection) if lifted else corrections.in_force(connection)
