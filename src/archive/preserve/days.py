"""Daily manifests: the hash of every capture record, chained from day to day and stamped by an authority.

Each consists of three files in `<var>/manifests`:

- `2026-11-24.list`: a line for each record that no earlier manifest has, `sha256  file  offset  length`;
- `2026-11-24.json`: how many, the list's SHA-256, that of the manifest before, and the bytes covered;
- `2026-11-24.tsr`: an RFC 3161 token over the JSON file, where an authority is set.

Addresses are not in them: a manifest goes out with evidence packs, and must not tell what is withheld.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import __version__
from archive.config import Settings
from archive.durable import make_folder
from archive.errors import DamagedRecordError, TimestampError
from archive.model import WarcRef
from archive.preserve.files import cannot_write, new_file, replace_file, sha256_of
from archive.preserve.timestamp import Stamp, check_stamp, request_stamp
from archive.store import Connection, Store, audit, ledger
from archive.warc import Folder, capture_files, read_record, tombstone
from archive.warc.lock import held

FORMAT = "district-archive-manifest-1"


@dataclass(frozen=True, slots=True)
class DayManifest:
    """One manifest on disk."""

    name: str
    """`2026-11-24`; a second one of a day is `2026-11-24-2`."""
    path: Path
    """Of its JSON file."""
    records: int
    list_sha256: str
    previous: str
    """Hex SHA-256 of the JSON file before; "" for the first."""
    covered: dict[str, tuple[int, int]]
    """For each file the range of bytes whose records it lists."""

    @property
    def list_path(self) -> Path:
        """Of its list."""
        return self.path.with_suffix(".list")

    @property
    def token_path(self) -> Path:
        """Of its token, which may be missing."""
        return self.path.with_suffix(".tsr")


@dataclass(slots=True)
class DayCheck:
    """What checking the manifests gave."""

    manifests: int = 0
    stamped: int = 0
    problems: list[str] = field(default_factory=list)


def make_manifest(
    settings: Settings, store: Store, *, day: dt.date | None = None, stamp: bool = True
) -> DayManifest | None:
    """List what was captured since the manifest before, and let it be stamped.

    :param day: its name; None for today (UTC).
    :returns: None when there is nothing new.
    :raises BusyError: another process makes one.
    :raises TimestampError: the authority gave no token; the manifest stands, `stamp_missing` tries again.
    """
    with held(settings.var / "locks" / ".manifest.lock", "Another process makes a manifest."):
        made = _make(settings, store, day)
    if made is not None and stamp:
        stamp_missing(settings)
    return made


def _make(settings: Settings, store: Store, day: dt.date | None) -> DayManifest | None:
    folder = settings.var / "manifests"
    try:
        make_folder(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    known = manifests(folder)
    covered: dict[str, int] = {}
    for item in known:
        covered |= {name: end for name, (_, end) in item.covered.items()}
    day = day or dt.datetime.now(dt.UTC).date()
    name = _free_name(folder, day)
    path = folder / f"{name}.json"
    digest, records = hashlib.sha256(), 0
    ranges: dict[str, tuple[int, int]] = {}
    path.with_suffix(".list").unlink(missing_ok=True)  # of an attempt that did not get to its JSON file
    with store.read() as connection, new_file(path.with_suffix(".list")) as file:
        for warc, end in sorted(ledger.committed(connection).items()):
            start = covered.get(warc, 0)
            if end > start:
                ranges[warc] = (start, end)
                for ref in _records(connection, warc, start, end):
                    line = f"{ref.sha256}  {ref.file}  {ref.offset}  {ref.length}\n".encode()
                    digest.update(line)
                    file.write(line)
                    records += 1
    if not records:
        path.with_suffix(".list").unlink()
        return None
    previous = sha256_of(known[-1].path) if known else ""
    content = {
        "format": FORMAT,
        "name": name,
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "software": f"district-archive/{__version__}",
        "operator": settings.operator,
        "records": records,
        "list": {"name": f"{name}.list", "sha256": digest.hexdigest()},
        "previous": {"name": known[-1].path.name, "sha256": previous} if known else None,
        "files": {warc: list(span) for warc, span in ranges.items()},
    }
    # The JSON file last: with it the manifest is there.
    replace_file(path, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
    return DayManifest(name, path, records, digest.hexdigest(), previous, ranges)


def stamp_missing(settings: Settings) -> int:
    """Let every manifest without a token be stamped, the oldest first. Returns how many were.

    :raises TimestampError: the authority gave none.
    """
    if not settings.timestamp_url:
        return 0
    done = 0
    for item in manifests(settings.var / "manifests"):
        if not item.token_path.exists():
            token = request_stamp(
                settings.timestamp_url, item.path.read_bytes(), ca_file=certificates(settings)
            )
            replace_file(item.token_path, token)
            done += 1
    return done


def manifests(folder: Path) -> list[DayManifest]:
    """All manifests in order. What cannot be read is left out here; `check` names it."""
    found = (_read(path) for path in _paths(folder))
    return [item for item in found if item is not None]


def manifest_of(settings: Settings, ref: WarcRef) -> DayManifest | None:
    """The manifest that lists a record; None when it came in since the newest."""
    for item in manifests(settings.var / "manifests"):
        start, end = item.covered.get(ref.file, (0, 0))
        if start <= ref.offset < end:
            return item
    return None


def check(settings: Settings, store: Store) -> DayCheck:
    """Check each manifest's list, chain and token, and that each record it lists is the one that is known.

    That the records in the files are those that the database knows is for `verify` to see.
    """
    folder = settings.var / "manifests"
    result = DayCheck()
    before: Path | None = None
    for path in _paths(folder):
        result.manifests += 1
        item = _read(path)
        if item is None:
            result.problems.append(f"{path.name} is no manifest, or is damaged")
            before = path
            continue
        if not item.list_path.is_file():
            result.problems.append(f"{item.list_path.name} is missing")
        elif sha256_of(item.list_path) != item.list_sha256:
            result.problems.append(f"{item.list_path.name} was changed since {path.name} was written")
        else:
            result.problems += _against_database(store, capture_files(settings), item)
        if item.previous != (sha256_of(before) if before is not None else ""):
            result.problems.append(f"{path.name} does not follow on {before.name if before else 'nothing'}")
        if item.token_path.exists():
            try:
                stamp_of(settings, item)
                result.stamped += 1
            except TimestampError as error:
                result.problems.append(f"{item.token_path.name}: {error.message}")
        before = path
    return result


def stamp_of(settings: Settings, item: DayManifest) -> Stamp | None:
    """What a manifest's token says; None when it has none.

    :raises TimestampError: it does not hold.
    """
    if not item.token_path.exists():
        return None
    return check_stamp(item.token_path.read_bytes(), item.path.read_bytes(), ca_file=certificates(settings))


def certificates(settings: Settings) -> Path | None:
    """The certificates that tokens are checked against."""
    return Path(settings.timestamp_ca) if settings.timestamp_ca else None


def _against_database(store: Store, folder: Folder, item: DayManifest) -> Iterator[str]:
    """Records of a list that are not the ones that are known now, those destroyed by order aside."""
    with store.read() as connection, item.list_path.open(encoding="utf-8") as lines:
        rows: dict[int, WarcRef] = {}
        file = ""
        for line in lines:
            digest, name, offset, _ = line.split("  ")
            if name != file:
                file = name
                rows = {ref.offset: ref for ref in _records(connection, name, 0, None)}
            known = rows.get(int(offset))
            if known is not None and known.sha256 != digest and not _is_destroyed(folder, known):
                yield f"{name} at byte {offset}: its record is not the one that {item.path.name} lists"


def _is_destroyed(folder: Folder, ref: WarcRef) -> bool:
    try:
        return tombstone.read(read_record(folder, ref)) is not None
    except DamagedRecordError:
        return False


def _records(connection: Connection, file: str, start: int, end: int | None) -> Iterator[WarcRef]:
    rows = audit.captures_in(connection, file)
    for offset in sorted(rows):
        if offset >= start and (end is None or offset < end):
            yield rows[offset].ref


def _paths(folder: Path) -> list[Path]:
    def order(path: Path) -> tuple[str, int]:
        number = path.stem[11:]
        return path.stem[:10], int(number) if number.isdigit() else 1

    return sorted(folder.glob("*.json"), key=order)


def _read(path: Path) -> DayManifest | None:
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            return None
        covered = {str(name): (int(span[0]), int(span[1])) for name, span in data["files"].items()}
        previous = data["previous"]["sha256"] if data["previous"] else ""
        return DayManifest(
            path.stem, path, int(data["records"]), str(data["list"]["sha256"]), previous, covered
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _free_name(folder: Path, day: dt.date) -> str:
    name, number = day.isoformat(), 1
    while (folder / f"{name}.json").exists():
        number += 1
        name = f"{day.isoformat()}-{number}"
    return name
