"""Holding sites for this process: by a lock file against others of this host, by a lease against all."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection

from archive.errors import BusyError, StoreError
from archive.store import leases
from archive.store.store import Store
from archive.warc.lock import site_lock

_LOG = logging.getLogger(__name__)
_PARTS = 4
"""A lease is renewed so many times within its term."""
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_POLL = 2.0
"""Seconds between two looks at a lease that is waited for."""


class Holder:
    """This process as it stands in the leases, which a thread of it renews. To be used as a context.

    :param term: how long a lease outlives this process; None for `leases.TERM`.
    """

    def __init__(self, store: Store, *, term: dt.timedelta | None = None) -> None:
        self.store, self.term = store, term or leases.TERM
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._held: set[str] = set()
        self._guard = threading.Lock()
        self._renewed = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)

    def __enter__(self) -> Holder:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @contextlib.contextmanager
    def lease(self, name: str, *, lock: str = "") -> Iterator[None]:
        """Hold one thing.

        :raises BusyError: another process holds it.
        """
        began = time.monotonic()
        with self.store.begin_rows() as connection:
            taken = leases.take(connection, [name], self.name, lock=lock, term=self.term)
            other = "" if taken else leases.holder_of(connection, name)
        if taken is None:
            kind, _, what = name.partition(":")
            doing = f"{what} is being crawled by another process ({other}), or imported into."
            raise BusyError(
                doing if kind == "site" else f"Another {kind} ({other}) works for this archive already.",
                "Wait for it to end, or stop it; then start again.",
            )
        with self._guard:
            if not self._held:
                self._renewed = began
            self._held.add(name)
        try:
            yield
        finally:
            with self._guard:
                self._held.discard(name)
            # What cannot be let go of now runs out by itself.
            with contextlib.suppress(StoreError), self.store.begin_rows() as connection:
                leases.release(connection, name, self.name)

    @contextlib.contextmanager
    def site(
        self, folder: Path, site: str, *, waiting: Callable[[str], None] | None = None
    ) -> Iterator[HeldSite]:
        """Hold a site: its capture files and its rows have one writer.

        :param folder: of lock files.
        :param waiting: when given, another holder is waited for, and this is called once with the id before.
        :raises BusyError: another process holds the site, and nobody wants to wait.
        """
        with site_lock(folder, site, waiting=waiting), contextlib.ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self.lease(f"site:{site}", lock=identity(folder / f"{site}.lock")))
                    break
                except BusyError:
                    if waiting is None:
                        raise
                waiting(site)
                time.sleep(_POLL)
            yield HeldSite(self, site)

    @contextlib.contextmanager
    def sites(
        self, folder: Path, sites: Iterable[str], *, waiting: Callable[[str], None] | None = None
    ) -> Iterator[dict[str, HeldSite]]:
        """Hold several; taken in order of id, so that two processes never wait for each other."""
        with contextlib.ExitStack() as stack:
            yield {
                site: stack.enter_context(self.site(folder, site, waiting=waiting))
                for site in sorted(set(sites))
            }

    def is_sure(self) -> bool:
        """Whether the leases were renewed lately enough for nobody to have taken them."""
        return time.monotonic() - self._renewed < self.term.total_seconds()

    def _keep(self) -> None:
        while not self._ended.wait(self.term.total_seconds() / _PARTS):
            with self._guard:
                if not self._held:
                    continue
            began = time.monotonic()
            try:
                with self.store.begin_rows() as connection:
                    leases.renew(connection, self.name, self.term)
                self._renewed = began
            except StoreError as error:
                _LOG.warning("The leases of this process could not be renewed: %s", error)


class HeldSite:
    """A site that this process holds."""

    def __init__(self, holder: Holder, site: str) -> None:
        self._holder, self.site = holder, site

    def check(self) -> None:
        """Refuse to act on the site when its lease may have run out.

        :raises BusyError: it may have.
        """
        if not self._holder.is_sure():
            with self._holder.store.read() as connection:
                self.check_in(connection)

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes rows of this site, beside those of other sites; see `Store.begin`.

        :raises BusyError: the site was taken over by another process.
        """
        with self._holder.store.begin(self.site) as connection:
            self.check_in(connection)
            yield connection

    def check_in(self, connection: Connection) -> None:
        """Refuse to write in a transaction when the site was taken over.

        :raises BusyError: it was.
        """
        leases.check(connection, f"site:{self.site}", self._holder.name)


def identity(path: Path) -> str:
    """What tells a lock file from all others: of two processes that name the same one, only one can hold it.

    The same file on the same running kernel: over a network two kernels might not see each other's locks.
    """
    found = path.stat()
    boot = Path(_BOOT_ID)
    kernel = boot.read_text("ascii").strip() if boot.exists() else socket.gethostname()
    return f"{kernel}:{found.st_dev}:{found.st_ino}"
