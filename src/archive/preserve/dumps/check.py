"""Checking a dump that was copied: every file there, every hash right, every row readable, nothing else."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive.preserve.dumps import manifest
from archive.preserve.dumps.files import Part
from archive.preserve.dumps.manifest import Dump
from archive.preserve.files import sha256_of

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(slots=True)
class Checked:
    """What was found."""

    dump: Dump
    faults: list[str] = field(default_factory=list)
    """What is wrong, a sentence each, naming the file."""


def check(folder: Path, progress: Progress | None = None) -> Checked:
    """Check a dump against its manifest. Needs no database and no network.

    :raises ConfigError: the folder is no dump.
    """
    dump = manifest.read(folder)
    result = Checked(dump)
    done = 0
    for part in dump.parts:
        result.faults += _faults(folder, part)
        done += part.size
        if progress is not None:
            progress(done, dump.size)
    known = {part.path for part in dump.parts} | {manifest.FILE, manifest.SUMS}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    result.faults += [f"{name} is there and in no manifest." for name in sorted(there - known)]
    return result


def _faults(folder: Path, part: Part) -> Iterator[str]:
    path = folder / part.path
    try:
        size = path.stat().st_size
        if size != part.size:
            yield f"{part.path} has {size} bytes, not {part.size}."
        elif sha256_of(path) != part.sha256:
            yield f"{part.path} has another SHA-256 than the manifest says."
        elif (rows := _rows(path)) != part.rows:
            yield f"{part.path} has {rows} rows, not {part.rows}."
    except FileNotFoundError:
        yield f"{part.path} is missing."
    except (OSError, EOFError, ValueError, zlib.error) as error:
        yield f"{part.path} cannot be read: {error}."


def _rows(path: Path) -> int:
    """Rows that can be read; of Parquet as its footer counts them."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq  # 60 MB, and needed here only

        return int(pq.read_metadata(path).num_rows)
    with gzip.open(path, "rb") as lines:
        return sum(1 for line in lines if isinstance(json.loads(line), dict))
