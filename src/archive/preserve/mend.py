"""Bringing damaged capture files back from a backup, in an archive that stays where it is.

Capture files only ever grow, but for what was destroyed by order. So a file of a backup is the beginning of
the file as it should be: what follows it was written since, and is taken from the file that is here. One that
stands in the bucket is sent there anew, in the place of the damaged one.
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
from archive.preserve.files import cannot_write, new_file, sha256_of
from archive.preserve.putaway import Notes
from archive.preserve.verify import verify
from archive.store import Store, audit
from archive.warc import FileName, capture_files
from archive.warc.files import CaptureFile
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

    A damaged file is kept in `<var>/warc/damaged`, one of a bucket too. What was destroyed by order is
    destroyed again.

    :param folder: a backup, or a folder of backups, of which the newest is taken.
    :raises ConfigError: there is no backup.
    :raises StoreError: the backup's own file is damaged.
    :raises BusyError: a site whose file is damaged is being crawled.
    :raises StorageError: the bucket does not serve; what is there is as it was.
    :raises ArchiveError: the disk is full, read-only …; the file is as it was.
    """
    source = find_backup(folder)
    there = {item.path: item for item in read_manifest(source)}
    report = MendReport(str(source))
    files, notes = capture_files(settings), Notes(settings.var)
    names = dict.fromkeys(item.file for item in verify(store, files).findings if item.file)
    for name in names:
        kept = there.get(f"warc/{name}")
        parsed = FileName.parse(name)
        with store.read() as connection:
            rows = list(audit.captures_in(connection, name).values())
        file = files.file(name)
        sound = _sound(file, rows)
        if kept is not None and parsed is not None:
            _check(source / kept.path, kept.sha256)
            with site_lock(settings.var / "locks", parsed.site):
                _bring_back(file, source / kept.path, notes)
            enforce(store, settings)
            after = _sound(file, rows)
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


def _sound(file: CaptureFile, rows: list[Capture]) -> int:
    """How many captures have their bytes in a file."""
    if file.size() is None:
        return 0
    found = (file.read(row.ref.offset, row.ref.length) for row in rows)
    return sum(
        hashlib.sha256(data).hexdigest() == row.ref.sha256 for data, row in zip(found, rows, strict=True)
    )


def _bring_back(file: CaptureFile, source: Path, notes: Notes) -> None:
    """Put a backup's file in place, with what was written after the backup.

    In the bucket first: killed in between, what is read is the damaged file still, and the next time mends
    both.
    """
    path, size = file.path, source.stat().st_size
    whole, aside = path.with_suffix(".mended"), path.parent / "damaged" / path.name
    remote, is_here = file.files.remote, path.exists()
    is_away = remote is not None and remote.size(file.name) is not None
    try:
        make_folder(aside.parent)
        whole.unlink(missing_ok=True)
        with new_file(whole) as output:
            with source.open("rb") as kept:
                shutil.copyfileobj(kept, output, _STEP)
            if is_here or is_away:
                with file.open(size) as rest:
                    shutil.copyfileobj(rest, output, _STEP)
        aside.unlink(missing_ok=True)
        if is_here:
            aside.hardlink_to(path)
        elif is_away:
            with new_file(aside) as output, file.open() as damaged:
                shutil.copyfileobj(damaged, output, _STEP)
        fsync_folder(aside.parent)
        if remote is not None and is_away:
            digest = sha256_of(whole)
            remote.put(file.name, whole, digest, replace=True)
            notes.add(remote.place, file.name, whole.stat().st_size, digest)
        if is_here or not is_away:
            whole.replace(path)
        else:
            whole.unlink()
        fsync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
