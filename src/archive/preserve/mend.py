"""Bringing damaged capture files back from a backup, in an archive that stays where it is.

Capture files only ever grow, but for what was destroyed by order. So a file of a backup is the beginning of
the file as it should be: what follows it was written since, and is taken from the file that is here.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from archive.config import Settings
from archive.durable import fsync_folder, make_folder
from archive.errors import StoreError
from archive.model import Capture
from archive.preserve.backup import find_backup, read_manifest
from archive.preserve.destroy import enforce
from archive.preserve.files import cannot_write, new_file
from archive.preserve.verify import verify
from archive.store import Store, audit
from archive.warc import FileName, capture_files
from archive.warc.lock import site_lock

_STEP = 1 << 20


@dataclass(slots=True)
class MendReport:
    """What was brought back."""

    backup: str
    files: list[str] = field(default_factory=list)
    """Capture files that were mended, wholly or in part."""
    captures: int = 0
    """Captures whose records are sound again."""
    lost: list[str] = field(default_factory=list)
    """Files in which captures stay damaged: the backup does not have them either."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def mend(store: Store, settings: Settings, folder: Path) -> MendReport:
    """Verify everything, and bring back from a backup what is damaged, cut off or missing of the capture
    files.

    A damaged file is kept in `<var>/warc/damaged`. What was destroyed by order is destroyed again.

    :param folder: a backup, or a folder of backups, of which the newest is taken.
    :raises ConfigError: there is no backup.
    :raises StoreError: the backup's own file is damaged.
    :raises BusyError: a site whose file is damaged is being crawled.
    :raises ArchiveError: the disk is full, read-only …; the file is as it was.
    """
    source = find_backup(folder)
    there = {item.path: item for item in read_manifest(source)}
    report = MendReport(str(source))
    names = dict.fromkeys(item.file for item in verify(store, capture_files(settings)).findings if item.file)
    for name in names:
        kept = there.get(f"warc/{name}")
        parsed = FileName.parse(name)
        with store.read() as connection:
            rows = list(audit.captures_in(connection, name).values())
        sound = _sound(settings.warc_dir / name, rows)
        if kept is not None and parsed is not None:
            _check(source / kept.path, kept.sha256)
            with site_lock(settings.var / "locks", parsed.site):
                _bring_back(settings.warc_dir / name, source / kept.path)
            enforce(store, settings)
            after = _sound(settings.warc_dir / name, rows)
            report.captures += after - sound
            report.files.append(name)
            sound = after
        if sound < len(rows):
            report.lost.append(name)
    return report


def _check(path: Path, sha256: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.", "Take another backup.") from error
    if found != sha256:
        raise StoreError(f"{path} is not as it was when the backup was made.", "Take another backup.")


def _sound(path: Path, rows: list[Capture]) -> int:
    """How many captures have their bytes in a file."""
    if not path.exists():
        return 0
    count = 0
    with path.open("rb") as file:
        for row in rows:
            file.seek(row.ref.offset)
            count += hashlib.sha256(file.read(row.ref.length)).hexdigest() == row.ref.sha256
    return count


def _bring_back(path: Path, source: Path) -> None:
    """Put a backup's file in place, with what was written after the backup."""
    size = source.stat().st_size
    whole = path.with_suffix(".mended")
    whole.unlink(missing_ok=True)
    try:
        with new_file(whole) as output:
            with source.open("rb") as file:
                shutil.copyfileobj(file, output, _STEP)
            if path.exists():
                with path.open("rb") as file:
                    file.seek(size)
                    shutil.copyfileobj(file, output, _STEP)
        if path.exists():
            aside = path.parent / "damaged" / path.name
            make_folder(aside.parent)
            aside.unlink(missing_ok=True)
            aside.hardlink_to(path)
            fsync_folder(aside.parent)
        whole.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
