"""The sites file: which portals an operator collects.

::

    [[site]]
    name = "Cổng thông tin điện tử huyện Đầm Hà"
    start = "https://huyendamha.vn/"

Everything else has a default. What is wrong in the file is said with the file, the entry and the key, because
a portal that is silently skipped is noticed when it is gone.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import ArchiveError, ConfigError, UrlError
from archive.extract import profiles
from archive.model import Site
from archive.text.vietnamese import slug
from archive.urls import Scope, canonical
from crawler.schedule import recurrence

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\Z")
_EXAMPLE = '[[site]]\nname = "Cổng thông tin điện tử huyện Đầm Hà"\nstart = "https://huyendamha.vn/"'
_KEYS = tuple(field.name for field in dataclasses.fields(Site))
_NUMBERS = ("max_depth", "max_pages", "max_section_pages", "run_requests", "run_bytes")


def load_sites(path: Path) -> list[Site]:
    """The sites of a TOML file, in its order.

    :raises ConfigError: the file cannot be read, is no TOML, or an entry is wrong.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no sites file {path}.", f"Write one, or name another with --sites:\n{_EXAMPLE}"
        ) from error
    except OSError as error:
        raise ConfigError(f"The sites file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    for key in data:
        if key != "site":
            raise ConfigError(
                f"{path} has a top-level {key!r}, which is not known.",
                f"Each portal is an entry that begins with [[site]]:\n{_EXAMPLE}",
            )
    entries = data.get("site", [])
    if isinstance(entries, Mapping):
        raise ConfigError(f"{path} has one [site].", "Write [[site]], with two brackets, above each entry.")
    if not isinstance(entries, Sequence) or not all(isinstance(item, Mapping) for item in entries):
        raise ConfigError(f"{path} has a `site` that is no table.", f"An entry looks like this:\n{_EXAMPLE}")
    if not entries:
        raise ConfigError(f"{path} lists no portal.", f"An entry looks like this:\n{_EXAMPLE}")
    sites = [_Entry(path, number, item).site() for number, item in enumerate(entries, 1)]
    _check_ids(path, sites)
    return sites


def site_for(url: str, *, allow_private: bool = False) -> Site:
    """A passing site for one address, with the defaults of a sites entry.

    :raises UrlError: the address cannot be read.
    """
    start = canonical(url)
    return Site(id="one-page", name=urlsplit(start).netloc, start=(start,), allow_private=allow_private)


class _Entry:
    """One `[[site]]` table on its way to a `Site`."""

    def __init__(self, path: Path, number: int, values: Mapping[str, Any]) -> None:
        self._path = path
        self._number = number
        self._values = values

    def site(self) -> Site:
        for key in self._values:
            self._check_key(key)
        name = " ".join(self._text("name").split())
        start = self._starts()
        given: dict[str, Any] = {}
        for key in self._values.keys() - {"name", "start"}:
            given[key] = self._value(key)
        site = Site(**{"id": "", **given, "name": name, "start": start})
        try:
            Scope.of(site)
        except UrlError as error:
            raise self._error("scope", str(error)) from error
        if not all(Scope.of(site).contains(url) for url in start):
            raise self._error("scope", "it leaves out the site's own start address.", "Add it to the list.")
        return site if site.id else dataclasses.replace(site, id=self._derived_id(start[0], name))

    def _value(self, key: str) -> Any:
        value = self._values[key]
        match key:
            case "id":
                if not isinstance(value, str) or not _ID.match(value):
                    raise self._error(key, f"it is {value!r}.", "Use a-z, 0-9 and hyphens, at most 60.")
            case "scope" | "media_hosts":
                return tuple(self._strings(key))
            case "delay":
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
                    raise self._error(key, f"it is {value!r}.", "Give seconds, 0 to 3600.")
                return float(value)
            case "run_minutes":
                if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 100_000:
                    raise self._error(key, f"it is {value!r}.", "Give minutes, more than 0.")
                return float(value)
            case "full_sweep":
                if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000:
                    raise self._error(key, f"it is {value!r}.", "Give whole days, or 0 for never.")
            case "schedule":
                try:
                    return recurrence.checked(self._text(key))
                except ValueError as error:
                    raise self._error(key, f"{error}", recurrence.EXAMPLES) from error
            case "allow_private":
                if not isinstance(value, bool):
                    raise self._error(key, f"it is {value!r}.", "Write true or false, without quotes.")
            case "profile":
                self._check_profile(self._text(key))
            case "tls":
                if value != "legacy":
                    raise self._error(
                        key,
                        f"it is {value!r}.",
                        'Write "legacy", or leave it out for TLS 1.2 at least.',
                    )
            case "ca_file":
                return self._ca_file(self._text(key))
            case "ignore_robots":
                if not isinstance(value, str):
                    raise self._error(
                        key, f"it is {value!r}.", "Write the reason as a text: it is kept with each capture."
                    )
            case _ if key in _NUMBERS:
                if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                    raise self._error(key, f"it is {value!r}.", "Give a whole number, 1 or more.")
        return value

    def _starts(self) -> tuple[str, ...]:
        starts = []
        for text in self._strings("start"):
            written = text if "://" in text else f"https://{text}"
            try:
                starts.append(canonical(written))
            except UrlError as error:
                raise self._error("start", str(error)) from error
        return tuple(dict.fromkeys(starts))

    def _strings(self, key: str) -> list[str]:
        value = self._values.get(key)
        items = [value] if isinstance(value, str) else value
        if (
            not isinstance(items, list)
            or not items
            or not all(isinstance(x, str) and x.strip() for x in items)
        ):
            wanted = "an address, or a list of addresses" if key == "start" else "a list of texts"
            raise self._error(
                key, "it is missing." if value is None else f"it is {value!r}.", f"Give {wanted}."
            )
        return items

    def _text(self, key: str) -> str:
        value = self._values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._error(key, "it is missing." if value is None else f"it is {value!r}.", "Give a text.")
        return value

    def _check_key(self, key: str) -> None:
        if key not in _KEYS:
            raise self._error(key, "no such key is known.", f"{_near(key, _KEYS)}Known: {', '.join(_KEYS)}.")

    def _check_profile(self, name: str) -> None:
        known = sorted(profiles())
        if name not in known:
            raise self._error(
                "profile", f"there is no {name!r}.", f"{_near(name, known)}Known: {', '.join(known)}."
            )

    def _ca_file(self, text: str) -> str:
        """A path relative to the sites file, so that the file can be kept beside it."""
        path = self._path.parent / text
        if not path.is_file():
            raise self._error("ca_file", f"there is no file {path}.", "Give the path of a PEM file.")
        return str(path)

    def _derived_id(self, start: str, name: str) -> str:
        """From the host, which lasts as long as the portal; from the name where the host is a number."""
        host = urlsplit(start).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            parts = urlsplit(start)
            port = f"-{parts.port}" if parts.port else ""
            text = f"{host.removeprefix('www.')}{port}"
        else:
            text = slug(name) or urlsplit(start).netloc
        found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
        if not _ID.match(found):
            raise self._error("id", "none could be made from host and name.", 'Give one: id = "dam-ha"')
        return found

    def _error(self, key: str, what: str, mend: str = "") -> ArchiveError:
        name = self._values.get("name")
        label = f" ({name})" if isinstance(name, str) and name.strip() else ""
        return ConfigError(f"{self._path}, entry {self._number}{label}, `{key}`: {what}", mend)


def _near(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {found[0]}? " if found else ""


def _check_ids(path: Path, sites: Sequence[Site]) -> None:
    seen: dict[str, int] = {}
    for number, site in enumerate(sites, 1):
        if site.id in seen:
            raise ConfigError(
                f"{path}: entries {seen[site.id]} and {number} both have the id {site.id!r}.",
                f'Give each its own, for instance id = "{site.id}-2" in the second.',
            )
        seen[site.id] = number
