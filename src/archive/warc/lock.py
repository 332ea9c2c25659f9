"""One writer of a site's capture files at a time, across processes."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from archive.errors import BusyError


@contextlib.contextmanager
def site_lock(folder: Path, site: str, *, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a site for this process; the lock ends with the process, however it ends.

    :param folder: `Settings.locks`; made when missing.
    :param site: the site's id.
    :param waiting: when given, another holder is waited for, and this is called once with the id before.
    :raises BusyError: another process holds the site, and nobody wants to wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{site}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is None:
                raise BusyError(
                    f"{site} is being crawled by another process, or imported into.",
                    "Wait for it to end, or stop it; then start again.",
                ) from None
            waiting(site)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def held(path: Path, message: str) -> Iterator[None]:
    """Hold a lock file for this process.

    :param message: what another holder of it does, as a sentence.
    :raises BusyError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(message, "Wait for it to end, or stop it; then start again.") from None
        yield


@contextlib.contextmanager
def site_locks(
    folder: Path, sites: Iterable[str], *, waiting: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold several sites; taken in order of id, so that two processes never wait for each other."""
    with contextlib.ExitStack() as stack:
        for site in sorted(set(sites)):
            stack.enter_context(site_lock(folder, site, waiting=waiting))
        yield
