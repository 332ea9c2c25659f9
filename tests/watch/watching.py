"""One site of the sample portal, crawled again and again in a small archive of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from archive.config import Settings
from archive.model import Site
from archive.store import Store
from archive.store.alarms import Alarm
from archive.watch import Evaluated, evaluate
from crawler import SiteResult, crawl
from tests.crawler.crawling import Recorder
from tests.portal import Portal
from tests.portal.portal import SampleSite
from tests.postgresql import copy_database


@dataclass
class Watched:
    """An archive of one site; each night is a crawl that asks for everything, and a look at its figures."""

    portal: Portal
    sample: SampleSite
    settings: Settings
    channels: tuple[str, ...] = ()
    results: list[SiteResult] = field(default_factory=list)

    @classmethod
    def at(cls, folder: Path, portal: Portal, family: str) -> Self:
        settings = Settings(var=folder / "var", index=folder / "index", contact="test@example.org")
        return cls(portal, portal.site(family), settings)

    def copy(self, folder: Path) -> Watched:
        """The same archive again, to let something else befall it."""
        shutil.copytree(self.settings.var, folder / "var")
        settings = dataclasses.replace(self.settings, var=folder / "var", index=folder / "index")
        copy_database(self.settings, settings)
        return dataclasses.replace(self, settings=settings, results=[])

    @property
    def site(self) -> Site:
        return Site(self.sample.id, self.sample.name, (f"{self.sample.base_url}/",), allow_private=True)

    def night(
        self,
        mood: str = "",
        *,
        limit: int | None = None,
        recheck: bool = True,
        now: dt.datetime | None = None,
    ) -> Evaluated:
        """Crawl while the portal is in a mood, and look at what came of it."""
        self.portal.set_mood(self.sample.id, mood)
        store = Store.open(self.settings.database_url)
        try:
            result = crawl(
                self.settings, [self.site], store=store, reporter=Recorder(), recheck=recheck, limit=limit
            )[0]
            self.results.append(result)
            return evaluate(store, self.site.id, result.run, now=now, channels=self.channels)
        finally:
            store.close()
            self.portal.set_mood(self.sample.id, "")

    def alarms(self, *, open_only: bool = True) -> list[Alarm]:
        store = Store.open(self.settings.database_url)
        try:
            return store.alarms(open_only=open_only)
        finally:
            store.close()
