"""Which site an imported page belongs to: the one that was named, one that is known, or a new one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from archive.errors import SourceError, UrlError
from archive.model import Site
from archive.preserve.importing.source import Item
from archive.store.rows import site_from_settings
from archive.text.vietnamese import slug
from archive.urls import Scope, canonical

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\Z")
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Target:
    """Where an import is to go, as it was asked for."""

    site: Site | None = None
    """All of it to this site."""
    new_name: str = ""
    """All of it to a new site of this name."""

    @property
    def key(self) -> str:
        """How the table of imports names it."""
        if self.site is not None:
            return f"site:{self.site.id}"
        return f"new:{self.new_name}" if self.new_name else "auto"


class Chooser:
    """Finds the site of each item. Made from a first look at the whole source."""

    def __init__(self, target: Target, known: Sequence[Site]) -> None:
        """
        :param known: sites of the sites file, then those of the database.
        """
        self._target = target
        self._known: dict[str, Site] = {}
        for site in known:
            self._known.setdefault(site.id, site)
        self._scopes = [(site, Scope.of(site)) for site in self._known.values()]
        self._told: dict[str, Site] = {}
        self._pages: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._new: Site | None = None
        self.sites: dict[str, Site] = {}
        """All sites that items belong to, by id."""

    def look(self, item: Item) -> None:
        """Take account of an item, before anything is imported."""
        host = _host(item.exchange.url)
        kind = next((v for k, v in item.exchange.headers if k.lower() == "content-type"), "")
        self._pages[host] += "html" in kind.lower()
        if self._target.site is None and not self._target.new_name:
            site = self._of(item)
            if site is None:
                self._unknown[host] += 1
            else:
                self.sites[site.id] = site

    def decide(self, name: str) -> None:
        """End the first look.

        :raises SourceError: nothing in the source belongs to a known site.
        """
        if self._target.site is not None:
            self.sites = {self._target.site.id: self._target.site}
        elif self._target.new_name:
            self._new = self._made(self._target.new_name)
            self.sites = {self._new.id: self._new}
        elif not self.sites and self._unknown:
            hosts = ", ".join(f"{host} ({count})" for host, count in self._unknown.most_common(_SHOWN))
            raise SourceError(
                f"Nothing in {name} belongs to a known site; it holds {hosts}.",
                'Name the site with --site ID, or make one with --new-site "Cổng TTĐT huyện …".',
            )

    def site_of(self, item: Item) -> Site | None:
        """The site of an item; None when it belongs to none."""
        return self._target.site or self._new or self._of(item)

    def _of(self, item: Item) -> Site | None:
        if item.site is not None and (told := self._told_by(item.site)) is not None:
            return told
        try:
            url = canonical(item.exchange.url)
        except UrlError:
            return None
        inside = next((site for site, scope in self._scopes if scope.contains(url)), None)
        return inside or next((site for site, scope in self._scopes if scope.media(url)), None)

    def _told_by(self, entry: dict[str, Any]) -> Site | None:
        """The site that one of our own files names; what the archive knows of it goes before.

        A file from elsewhere gives no leave to reach private addresses or to pass over robots.txt.
        """
        identity = entry.get("id")
        if not isinstance(identity, str) or not _ID.match(identity):
            return None
        if identity in self._known:
            return self._known[identity]
        if identity not in self._told:
            try:
                site = site_from_settings(entry)
                made = replace(site, allow_private=False, ignore_robots="", ca_file=None)
                Scope.of(made)
            except (TypeError, ValueError, AttributeError, UrlError):
                return None
            self._told[identity] = made
        return self._told[identity]

    def _made(self, name: str) -> Site:
        """A site for all hosts of the source, named by the one with most pages."""
        hosts = [host for host, count in self._pages.most_common() if count] or list(self._pages)
        if not hosts:
            raise SourceError("The source holds no page that a site could be made for.")
        made = new_site(name, f"http://{hosts[0]}/", hosts)
        known = self._known.get(made.id)
        if known is not None and known.name != made.name:
            raise SourceError(
                f"There is a site {made.id} already, named {known.name}.",
                f"Use --site {made.id}, or add an entry for the new one to the sites file.",
            )
        return known or made  # the same command again goes on with what it made


def new_site(name: str, start: str, hosts: Iterable[str]) -> Site:
    """A site's entry for hosts that no known site has.

    :raises SourceError: no id can be made.
    """
    host = urlsplit(start).netloc.removeprefix("www.")
    is_number = re.fullmatch(r"[\d.:]+|localhost(?::\d+)?", host) is not None
    text = (slug(name) or host) if is_number else host
    identity = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
    if not _ID.match(identity):
        raise SourceError(f"No id can be made of {name!r} and {host!r}.", "Add an entry to the sites file.")
    scope = dict.fromkeys(item.removeprefix("www.") for item in hosts)
    return Site(id=identity, name=" ".join(name.split()), start=(canonical(start),), scope=tuple(scope))


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
