"""What makes a change of files survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def fsync_folder(folder: Path) -> None:
    """Make names created in or removed from a folder last, as fsync(2) asks for.

    :raises OSError: the folder is missing, or the disk fails.
    """
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
