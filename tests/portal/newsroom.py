"""What one portal has published on a given day: new articles appear, some are edited, some vanish."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from archive.text.vietnamese import slug
from tests.portal import grammar, moods
from tests.portal.grammar import BASE_DAY, SampleArticle
from tests.portal.phrases import DISTRICTS, SECTIONS, District


@dataclass
class Newsroom:
    """The articles of one district, seen from a day that can be moved."""

    district: District
    seed: int
    total: int
    """Articles of all portals together up to `BASE_DAY`."""
    today: dt.date = BASE_DAY
    mood: str = ""
    """What befell the portal as a whole (`tests.portal.moods`)."""

    def __post_init__(self) -> None:
        self._first = DISTRICTS.index(self.district)
        self._by_section: dict[int, list[int]] = {number: [] for number in range(len(SECTIONS))}
        self._listed = self._first

    def indexes(self, section: int | None = None) -> list[int]:
        """Indexes of what is on line today, newest first; of one section or of all."""
        self._extend()
        if section is None:
            chosen = sorted((i for found in self._by_section.values() for i in found), reverse=True)
        else:
            chosen = self._by_section[section][::-1]
        return [i for i in chosen if self.online(i)]

    def online(self, i: int) -> bool:
        """Whether article `i` is this portal's, published, and not taken down."""
        if i < 0 or i % len(DISTRICTS) != self._first:
            return False
        if grammar.published(i, self.total).date() > self.today:
            return False
        return not (self._event(i, 29) and i != grammar.real_index(self.total))

    def is_edited(self, i: int) -> bool:
        """Whether article `i` was edited by today."""
        return self._event(i, 13) and i != grammar.real_index(self.total)

    def article(self, i: int) -> SampleArticle:
        """Article `i` as it stands today.

        :raises KeyError: it is not on line.
        """
        if not self.online(i):
            raise KeyError(i)
        sample = grammar.article(self.seed, i, self.total)
        edited = grammar.edited(sample, i // 39 % 3) if self.is_edited(i) else sample
        return moods.article_in(self.mood, edited)

    def modified(self, i: int) -> dt.datetime:
        """When article `i` was last touched (local time)."""
        if self.is_edited(i):
            return dt.datetime.combine(self._event_day(i), dt.time(9))
        return grammar.published(i, self.total) if i != grammar.real_index(self.total) else grammar.REAL_DAY

    def slug(self, i: int) -> str:
        """The article's name in its address: made from its first title, never changed by an edit."""
        title = slug(grammar.article(self.seed, i, self.total).title)
        return title if i == grammar.real_index(self.total) else f"{title[:70].strip('-')}-{i}"

    def _extend(self) -> None:
        while self._listed < self.total or grammar.published(self._listed, self.total).date() <= self.today:
            section = grammar.section_of(self.seed, self._listed, self.total)
            self._by_section[section].append(self._listed)
            self._listed += len(DISTRICTS)

    def _event(self, i: int, every: int) -> bool:
        """Whether something that befalls one article in `every` has befallen this one by today."""
        return i < self.total and (i // len(DISTRICTS) + 7) % every == 0 and self._event_day(i) <= self.today

    @staticmethod
    def _event_day(i: int) -> dt.date:
        return BASE_DAY + dt.timedelta(days=1 + i % 14)
