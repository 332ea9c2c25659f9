"""Documents to the cluster in bulk: bounded memory, back-pressure, each item's acknowledgement looked at.

An item carries the place of the change log that it stands at as its external version: sent twice, or late, it
changes nothing that is newer. So whatever is not acknowledged is simply sent again.
"""

from __future__ import annotations

import json
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from archive.errors import SearchError
from archive.search.backend import IndexDocument
from archive.search.opensearch.analysis import source
from archive.search.opensearch.connection import Connection, RefusedError
from archive.search.opensearch.patience import patiently

CHUNK_BYTES = 4_000_000
CHUNK_ITEMS = 1_000
_AT_ONCE = 2
"""Requests under way; while so many are, no further document is taken."""


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    lines: str


class BulkWriter:
    """Sends upserts and deletions to one index. Used with `with`; leaving it waits for all of them.

    :raises SearchError: from any method: the cluster refused an item, or stayed away for `patience.PATIENCE`.
    """

    def __init__(self, connection: Connection, index: str, version: int) -> None:
        """
        :param version: place in the change log that all items stand at.
        """
        self._connection = connection
        self._path = f"/{index}/_bulk"
        # Equal versions are taken too: a batch that is repeated may hold newer texts.
        self._routing = {"version": max(version, 1), "version_type": "external_gte"}
        self._items: list[_Item] = []
        self._bytes = 0
        self._pool = ThreadPoolExecutor(_AT_ONCE, "bulk")
        self._waiting: deque[Future[None]] = deque()
        self.count = 0
        """Upserts taken."""

    def __enter__(self) -> BulkWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._send()
                while self._waiting:
                    self._waiting.popleft().result()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def add(self, doc: IndexDocument) -> None:
        """Add or replace a document."""
        self.count += 1
        self._take(doc.id, "index", json.dumps(source(doc), ensure_ascii=False, separators=(",", ":")) + "\n")

    def delete(self, article_id: str) -> None:
        """Delete a document; one that is not there is no error."""
        self._take(article_id, "delete", "")

    def _take(self, key: str, action: str, body: str) -> None:
        lines = json.dumps({action: {"_id": key, **self._routing}}) + "\n" + body
        self._items.append(_Item(key, lines))
        self._bytes += len(lines)
        if self._bytes >= CHUNK_BYTES or len(self._items) >= CHUNK_ITEMS:
            self._send()

    def _send(self) -> None:
        if not self._items:
            return
        while len(self._waiting) >= _AT_ONCE:
            self._waiting.popleft().result()
        items, self._items, self._bytes = self._items, [], 0
        self._waiting.append(self._pool.submit(self._until_acknowledged, items))

    def _until_acknowledged(self, items: list[_Item]) -> None:
        left = items

        def send() -> None:
            nonlocal left
            left, problem = self._unacknowledged(left)
            if problem is not None:
                raise problem

        patiently(send)

    def _unacknowledged(self, items: list[_Item]) -> tuple[list[_Item], SearchError | None]:
        """Send once; what is to be sent again, and why.

        :raises SearchError: the engine will never take one of them, or nothing now.
        """
        answer = self._connection.do("POST", self._path, "".join(item.lines for item in items))
        if not answer["errors"]:
            return [], None
        again: list[_Item] = []
        problem: SearchError | None = None
        for item, told in zip(items, answer["items"], strict=True):
            ((_, result),) = told.items()
            status, error = int(result["status"]), result.get("error")
            # 409: something newer is there already. 404: nothing was there to delete.
            if error is None or (status in (404, 409) and "index_not_found" not in str(error.get("type"))):
                continue
            refusal = self._connection.refusal(status, _of_item(error, item.key))
            if not isinstance(refusal, RefusedError) or not refusal.again:
                raise refusal
            again.append(item)
            problem = refusal
        return again, problem


def _of_item(error: dict[str, Any], key: str) -> dict[str, Any]:
    """The error of one item, with the article it is about unless it concerns all."""
    if error.get("type") in ("cluster_block_exception", "index_not_found_exception"):
        return error
    cause = error.get("caused_by") or {}
    reason = ": ".join(filter(None, (str(error.get("reason", "")), str(cause.get("reason", "")))))
    return {**error, "reason": f"article {key!r}: {reason}"}
