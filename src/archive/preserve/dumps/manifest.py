"""The manifest of a dump: what it holds, of when it is, and the hash of every file.

A folder without one is no dump. It names the takedowns that were heeded: one that was ordered later holds the
dump back, whatever became of the database since, for the journal gives takedowns their ids.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from archive.errors import ConfigError
from archive.preserve.dumps.files import Part
from archive.store import Takedown

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "district-archive-dump-1"
FILE = "manifest.json"
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Dump:
    """A finished dump."""

    folder: Path
    created: dt.datetime
    change: int
    """Number of the newest change in it."""
    rights: str
    counts: Mapping[str, int]
    """articles, versions, events, people (claims), sites."""
    takedowns: frozenset[str]
    """Ids of those that it heeds."""
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """As its folder is called."""
        return self.folder.name

    @property
    def size(self) -> int:
        """Bytes of all files but the manifest."""
        return sum(part.size for part in self.parts)


def content(dump: Dump, schemas: Mapping[str, pa.Schema], about: Mapping[str, Any]) -> bytes:
    """The manifest's bytes.

    :param about: name, address and operator of the archive; software, extractor and rules.
    """
    values = {
        "format": FORMAT,
        "created": dump.created.isoformat(timespec="seconds"),
        **about,
        "rights": dump.rights,
        "change": dump.change,
        "takedowns": sorted(dump.takedowns),
        "counts": dict(dump.counts),
        "columns": {
            table: {field.name: str(field.type) for field in schema} for table, schema in schemas.items()
        },
        "files": [_plain(part) for part in dump.parts],
    }
    return json.dumps(values, ensure_ascii=False, indent=1).encode() + b"\n"


def _plain(part: Part) -> dict[str, Any]:
    values = dataclasses.asdict(part)
    values["bytes"] = values.pop("size")
    return values


def read(folder: Path) -> Dump:
    """A dump's manifest.

    :raises ConfigError: there is none, or it is not one of a dump that this program knows.
    """
    path = folder / FILE
    try:
        return _read(folder, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ConfigError(
            f"{folder} is no dump: it has no {FILE}.", "`archive dump make` writes one; half a dump has none."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}.", "Take the dump from its source again."
        ) from error


@lru_cache(maxsize=32)
def _read(folder: Path, _written: int) -> Dump:
    values = json.loads((folder / FILE).read_bytes())
    if values["format"] != FORMAT:
        raise ValueError(f"its format is {values['format']!r}, not {FORMAT}")
    parts = [
        Part(
            item["path"], item["table"], item["site"], item["year"], int(item["rows"]), int(item["bytes"]),
            item["sha256"],
        )
        for item in values["files"]
    ]  # fmt: skip
    for part in parts:
        place = PurePosixPath(part.path)
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"it names a file outside of the dump: {part.path!r}")
    return Dump(
        folder=folder,
        created=dt.datetime.fromisoformat(values["created"]),
        change=int(values["change"]),
        rights=str(values["rights"]),
        counts={str(name): int(number) for name, number in values["counts"].items()},
        takedowns=frozenset(values["takedowns"]),
        parts=tuple(parts),
    )


def found_in(folder: Path) -> tuple[list[Dump], list[str]]:
    """The finished dumps in a folder, the newest first; and why other folders are none."""
    dumps: list[Dump] = []
    problems: list[str] = []
    if folder.is_dir():
        for place in sorted(folder.iterdir()):
            if place.is_dir() and not place.name.startswith("."):
                try:
                    dumps.append(read(place))
                except ConfigError as error:
                    problems.append(str(error))
    return sorted(dumps, key=lambda item: (item.created, item.name), reverse=True), problems


def held_back(dump: Dump, active: Collection[Takedown]) -> Sequence[Takedown]:
    """The takedowns in force that a dump does not heed: while there are any, it must not be handed out.

    Whether what they withhold is in the dump is not asked: a name may stand anywhere.
    """
    return [item for item in active if item.id not in dump.takedowns]
