"""The one right to write to an index, among the processes of a machine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.durable import make_folder
from archive.errors import IndexBusyError, SearchError

_LOCK = "WRITELOCK"


@contextmanager
def write_lock(root: Path) -> Iterator[None]:
    """Hold the right to write to an index. The kernel takes it back from a process that ends.

    :param root: the index folder.
    :raises IndexBusyError: another process, or thread, holds it.
    :raises SearchError: the folder cannot be written to.
    """
    try:
        make_folder(root)
        lock = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unwritable(root, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexBusyError(
                f"Another process is writing the search index in {root}.",
                "Wait until it has finished; the next `archive index update` indexes what it leaves out.",
            ) from None
        except OSError as error:
            raise unwritable(root, error) from error
        yield
    finally:
        os.close(lock)


def unwritable(root: Path, error: OSError) -> SearchError:
    """A full disk, a read-only folder."""
    return SearchError(
        f"The search index in {root} cannot be written: {error.strerror or error}.",
        "Make room or mend the permissions, then run `archive index update`; searches go on meanwhile.",
    )
