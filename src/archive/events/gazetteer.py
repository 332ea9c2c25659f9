"""Places and what became of them: data in `gazetteer.toml`, which an archive extends by a file of its own."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from archive.errors import ConfigError
from archive.text.vietnamese import fold, whole_words

_FIELDS = {"name", "kind", "within", "until", "became", "aliases", "source"}


@dataclass(frozen=True, slots=True)
class Place:
    """One place under one name."""

    name: str
    kind: str
    within: str = ""
    until: dt.date | None = None
    """The last day on which it bore the name; None while it does, or when nobody said."""
    became: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    source: str = ""


class Gazetteer:
    """Places by their names, found whatever case and accents they are written in."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places: dict[str, Place] = {}
        for place in places:
            for name in (place.name, *place.aliases):
                self._places[_key(name)] = place

    def find(self, name: str) -> Place | None:
        """The place of a name; None when the gazetteer has none."""
        return self._places.get(_key(name))


def _key(name: str) -> str:
    return " ".join(fold(word) for word in whole_words(name))


@cache
def built_in() -> Gazetteer:
    """The places that come with the archive."""
    return Gazetteer(_built_in())


def load(path: Path) -> Gazetteer:
    """The built-in places and the archive's own, which win.

    :raises ConfigError: the file cannot be read or has something else than places in it.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            f"The gazetteer {path} cannot be read: {error.strerror}.", "Check `gazetteer`."
        ) from error
    return Gazetteer((*_built_in(), *_parse(text, str(path))))


def _built_in() -> tuple[Place, ...]:
    return _parse(
        resources.files("archive.events").joinpath("gazetteer.toml").read_text("utf-8"), "gazetteer.toml"
    )


def _parse(text: str, place: str) -> tuple[Place, ...]:
    try:
        tables = tomllib.loads(text).get("place", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place} is no TOML: {error}.", "Mend the line that it names.") from error
    return tuple(_place(table, place) for table in tables)


def _place(table: dict[str, Any], place: str) -> Place:
    until = table.get("until")
    fits = table.keys() <= _FIELDS and table.get("name") and table.get("kind")
    if not fits or not (until is None or isinstance(until, dt.date)):
        raise ConfigError(
            f"{place}: {table.get('name', table)!r} is no place.",
            'A place has `name = "xã Quảng Tân"`, `kind = "xã"` and may have within, until (a date), became, aliases, source.',
        )
    return Place(
        name=str(table["name"]),
        kind=str(table["kind"]),
        within=str(table.get("within", "")),
        until=until,
        became=tuple(str(name) for name in table.get("became", ())),
        aliases=tuple(str(name) for name in table.get("aliases", ())),
        source=str(table.get("source", "")),
    )
