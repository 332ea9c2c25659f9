"""The sample portal as a whole: three sites on three ports that stay the same from run to run."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.portal import grammar, moods
from tests.portal.families import FAMILIES, Family
from tests.portal.fates import Fates
from tests.portal.grammar import BASE_DAY, SampleArticle
from tests.portal.newsroom import Newsroom
from tests.portal.phrases import DISTRICTS, District
from tests.portal.server import SiteServer

PORTS_FILE = "ports.json"
CONTROL_FILE = "portal.json"


class PortInUseError(Exception):
    """A port that an earlier run's addresses were made with is taken by another program."""


@dataclass(frozen=True, slots=True)
class SampleSite:
    """One running site."""

    id: str
    name: str
    district: District
    family: Family
    server: SiteServer

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


class Portal:
    """Runs the three sites within a `with` block.

    :param articles: how many articles there are in all on `BASE_DAY`.
    :param seed: everything is the same for the same seed.
    :param var: folder that keeps the ports, so that addresses last; None: any free ports.
    """

    def __init__(self, articles: int = 600, seed: int = 1, var: Path | None = None) -> None:
        self.articles, self.seed, self.var = articles, seed, var
        self.fates = Fates()
        """What becomes of the sites as a whole."""
        self.sites: list[SampleSite] = []
        self._rooms = [Newsroom(district, seed, articles) for district in DISTRICTS]
        self._control_stamp = 0

    def __enter__(self) -> Portal:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def dark(self) -> set[str]:
        """Ids of sites that do not answer."""
        return self.fates.dark

    @dark.setter
    def dark(self, sites: set[str]) -> None:
        self.fates.dark = sites

    @property
    def today(self) -> dt.date:
        """The day that the portal believes it is; set it to move the clock."""
        return self._rooms[0].today

    @today.setter
    def today(self, day: dt.date) -> None:
        for room in self._rooms:
            room.today = day

    @property
    def requests(self) -> dict[str, int]:
        """How often each address was asked for, over all sites."""
        return {
            f"{site.base_url}{path}": n for site in self.sites for path, n in site.server.requests.items()
        }

    def start(self) -> None:
        """Start the sites.

        :raises PortInUseError: a kept port is taken.
        """
        ports = self._kept_ports()
        try:
            for district, room in zip(DISTRICTS, self._rooms, strict=True):
                family = FAMILIES[district.family](room)
                port = ports.get(district.id, 0)
                moody = moods.moody(family.app, lambda room=room: room.mood)  # type: ignore[misc]
                app = self.fates.guise(district.id, moody)
                try:
                    server = SiteServer(app, port, lambda name=district.id: self._is_dark(name))  # type: ignore[misc]
                except (OSError, SystemExit) as error:
                    raise PortInUseError(
                        f"The sample portal's port {port} is in use by another program. Stop that program, "
                        f"or delete {self.var} to begin a new sample archive on other ports."
                    ) from error
                self.sites.append(SampleSite(district.id, district.portal, district, family, server))
        except BaseException:
            self.close()
            raise
        if self.var is not None:
            self.var.mkdir(parents=True, exist_ok=True)
            kept = {site.id: site.server.port for site in self.sites}
            (self.var / PORTS_FILE).write_text(json.dumps(kept), "utf-8")

    def close(self) -> None:
        """Stop the sites."""
        for site in self.sites:
            site.server.close()
        self.sites.clear()

    def site(self, site_id: str) -> SampleSite:
        """A site by its id or its family's name."""
        return next(site for site in self.sites if site_id in (site.id, site.district.family))

    def set_mood(self, site_id: str, mood: str) -> None:
        """Let something befall a site as a whole; "" ends it.

        :raises ValueError: there is no such mood.
        """
        if mood and mood not in moods.names():
            raise ValueError(f"no mood {mood!r}; there are: {', '.join(moods.names())}")
        self.site(site_id).family.room.mood = mood

    def sites_toml(self) -> str:
        """A sites file for the crawler."""
        entries = [
            f'[[site]]\nid = "{site.id}"\nname = "{site.name}"\n'
            f'start = "{site.base_url}/"\nallow_private = true\n'
            for site in self.sites
        ]
        return "\n".join(entries)

    def truth(self, site: SampleSite) -> Iterator[tuple[str, SampleArticle]]:
        """Every article on line today with its address, newest first."""
        room = site.family.room
        for i in room.indexes():
            yield site.base_url + site.family.url(i), room.article(i)

    @property
    def real_url(self) -> str:
        """The address of the real article."""
        site = self.site("wordpress")
        return site.base_url + site.family.url(grammar.real_index(self.articles))

    def _kept_ports(self) -> dict[str, int]:
        if self.var is None or not (self.var / PORTS_FILE).is_file():
            return {}
        kept: dict[str, int] = json.loads((self.var / PORTS_FILE).read_text("utf-8"))
        return kept

    def _is_dark(self, site_id: str) -> bool:
        self._read_control()
        return site_id in self.dark

    def _read_control(self) -> None:
        """Take over what `python -m tests.portal clock` wrote, as soon as it is written."""
        if self.var is None:
            return
        path = self.var / CONTROL_FILE
        with contextlib.suppress(FileNotFoundError):
            stamp = path.stat().st_mtime_ns
            if stamp != self._control_stamp:
                self._control_stamp = stamp
                control = json.loads(path.read_text("utf-8"))
                self.today = dt.date.fromisoformat(control.get("today", BASE_DAY.isoformat()))
                fates = self.fates
                fates.dark, fates.renamed = set(control.get("dark", ())), set(control.get("renamed", ()))
                fates.moved = dict(control.get("moved", {}))
                fates.taken_over = set(control.get("taken_over", ()))
                for site in self.sites:
                    self.set_mood(site.id, control.get("moods", {}).get(site.id, ""))
