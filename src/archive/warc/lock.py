"""One writer of a site's capture files at a time, across processes; and one of other things that bear no
two."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from archive.durable import make_folder
from archive.errors import ArchiveError, BusyError


@contextlib.contextmanager
def site_lock(folder: Path, site: str, *, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a site for this process; the lock ends with the process, however it ends.

    :param folder: `Settings.locks`; made when missing.
    :param site: the site's id.
    :param waiting: when given, another holder is waited for, and this is called once with the id before.
    :raises BusyError: another process holds the site, and nobody wants to wait.
    :raises ArchiveError: the folder cannot be written.
    """
    message = f"{site} is being crawled by another process, or imported into."
    wait = (lambda: waiting(site)) if waiting is not None else None
    with held(folder / f"{site}.lock", message, waiting=wait):
        yield


@contextlib.contextmanager
def held(path: Path, message: str, *, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a lock file for this process; the lock ends with the process, however it ends.

    :param message: what another holder of it does, as a sentence.
    :param waiting: when given, another holder is waited for, and this is called once before.
    :raises BusyError: another process holds it, and nobody wants to wait.
    :raises ArchiveError: the folder cannot be written.
    """
    try:
        make_folder(path.parent)
        file = path.open("a")
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written: {error.strerror}.",
            "Make room, or give this user the right to write there, and start the same command again.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is None:
                raise BusyError(message, "Wait for it to end, or stop it; then start again.") from None
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
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
