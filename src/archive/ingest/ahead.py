"""Pages read by other processes before their turn comes; whoever asks in order gets the same as without them.

What a page says follows from its bytes, the site's profile and what is known of the site alone. So it does
not matter who reads it, if all three are the same when it is asked for; where not, it is read again.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass

from archive.extract import SiteKnowledge, extract
from archive.ingest.page import decoded, page_of
from archive.model import Exchange, Extraction, Page


@dataclass(frozen=True, slots=True)
class Read:
    """What a worker read."""

    page: tuple[str, str, str]
    """Address, SHA-256 of the bytes, content type."""
    profile: str | None
    number: int
    """Of the knowledge of the site that was used; 0 for none."""
    extraction: Extraction


class ReadAhead:
    """Some processes that read pages. Used by one thread."""

    def __init__(self, processes: int) -> None:
        # Not forked: the caller has threads, connections and open files.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin)
        self._waiting: dict[str, deque[tuple[int, Future[Read | None]]]] = {}
        """By address: the batch that it came with, and what is read of it."""
        self._batches: deque[list[str]] = deque()
        self._done = 0
        self._is_broken = False

    def close(self) -> None:
        """End the processes; what was not asked for is forgotten."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin_batch(self) -> None:
        """What is begun from here on belongs to one batch."""
        self._batches.append([])

    def end_batch(self) -> None:
        """The oldest batch was dealt with: what was not asked for is forgotten."""
        self._done += 1
        for url in self._batches.popleft():
            left = self._waiting.get(url)
            while left and left[0][0] < self._done:
                left.popleft()[1].cancel()
            if not left:
                self._waiting.pop(url, None)

    def begin(self, exchange: Exchange, profile: str | None, knowledge: SiteKnowledge | None) -> None:
        """Have the page of an exchange read, if it holds one."""
        if exchange.status != 200 or self._is_broken:
            return
        try:
            future = self._pool.submit(_read, exchange, profile, knowledge)
        except BrokenProcessPool:
            self._is_broken = True
            return
        self._batches[-1].append(exchange.url)
        serial = self._done + len(self._batches) - 1
        self._waiting.setdefault(exchange.url, deque()).append((serial, future))

    def take(self, page: Page, profile: str | None, number: int) -> Extraction | None:
        """What a page says; None when the caller is to read it: nobody did, or not with the same input."""
        waiting = self._waiting.get(page.url)
        if not waiting:
            return None
        _, future = waiting.popleft()
        # What no process has begun is read sooner here.
        if self._is_broken or future.cancel():
            return None
        try:
            found = future.result()
        except BrokenProcessPool:  # one was killed, for want of memory say: go on without
            self._is_broken = True
            return None
        wanted = (_identity(page), profile, number)
        same = found is not None and (found.page, found.profile, found.number) == wanted
        return found.extraction if found is not None and same else None


def _read(exchange: Exchange, profile: str | None, knowledge: SiteKnowledge | None) -> Read | None:
    page = page_of(exchange, decoded(exchange))
    if page is None:
        return None
    extraction = extract(page, profile=profile, knowledge=knowledge)
    return Read(_identity(page), profile, knowledge.number if knowledge is not None else 0, extraction)


def _identity(page: Page) -> tuple[str, str, str]:
    return page.url, hashlib.sha256(page.body).hexdigest(), page.content_type


def _begin() -> None:
    """In a worker: the parent alone answers Ctrl-C, and a worker does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            with suppress(Exception):
                parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
