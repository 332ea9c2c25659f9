"""Which index is searched: an alias names one generation, and is moved in one step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from archive.errors import IndexMismatchError, IndexMissingError, SearchError
from archive.search.opensearch import schema
from archive.search.opensearch.connection import DISK_SECONDS, Connection, RefusedError


@dataclass(frozen=True, slots=True)
class State:
    """The generation that the alias names, and what it says of itself."""

    index: str
    fingerprint: str
    cursor: int


class Indices:
    """The archive's indices of a cluster."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._alias = connection.address.prefix
        self._name = re.compile(rf"{re.escape(self._alias)}-(\d{{6,}})")

    def state(self) -> State:
        """What the alias names, whatever wrote it.

        :raises IndexMissingError: nothing, or an index that is not the archive's.
        :raises SearchError: the cluster does not answer, or something else has the name.
        """
        # As the node that is asked knows it, so that there is an answer also while the cluster has no leader.
        # An older cursor is harmless: more than need be is then hidden or applied again.
        found: dict[str, Any] = self._connection.ask(
            "GET", f"/{self._alias}/_mapping", filter_path="*.mappings._meta", local="true"
        )
        if not found:
            # The filter leaves nothing of an index without `_meta`.
            raise IndexMissingError(
                f"What stands at {self._connection.address} is no index of the archive.",
                "Choose another name in `search_engine`, or build one with `archive index rebuild`.",
            )
        if len(found) > 1 or not self._name.fullmatch(next(iter(found))):
            raise SearchError(
                f"{self._connection.address} names {', '.join(sorted(found))}, and must name one index "
                f"{self._alias}-000001 or the like.",
                "Choose another name in `search_engine`.",
            )
        ((index, answer),) = found.items()
        told = answer["mappings"]["_meta"]
        return State(index, str(told.get("fingerprint", "")), int(told.get("cursor", 0)))

    def matching(self) -> State:
        """As `state`, for an index that this program can read.

        :raises IndexMismatchError: it was written with another schema or analysis.
        """
        state = self.state()
        if state.fingerprint != schema.FINGERPRINT:
            raise IndexMismatchError(
                f"The search index at {self._connection.address} was written with another schema or analysis "
                f"({state.fingerprint!r}, this program has {schema.FINGERPRINT!r}).",
                "Build it anew with `archive index rebuild`; articles stay readable meanwhile.",
            )
        return state

    def create(self) -> State:
        """The first generation, in use at once."""
        name = self._next()
        made = {**schema.body(self._connection.address, filling=False), "aliases": {self._alias: {}}}
        try:
            self._connection.do("PUT", f"/{name}", made)
        except RefusedError as error:
            if error.kind != "resource_already_exists_exception":
                raise
        return self.state()

    def begin(self) -> str:
        """A fresh index for the next generation, beside the one in use; half-built ones of interrupted
        rebuilds go."""
        used = self._used()
        for name in self._all():
            if name not in used:
                self._connection.do("DELETE", f"/{name}")
        name = self._next()
        self._connection.do("PUT", f"/{name}", schema.body(self._connection.address, filling=True))
        return name

    def discard(self, index: str) -> None:
        """Drop a generation that is not to be used."""
        self._connection.do("DELETE", f"/{index}", ignore_unavailable="true")

    def finish(self, index: str, cursor: int) -> None:
        """Make a filled generation ready for use: on disk, with its copies and its cursor.

        :raises SearchError: another process has removed it meanwhile.
        """
        told = self._connection.do("GET", f"/{index}/_mapping", filter_path="*.mappings._meta")
        if not told:
            raise SearchError(
                f"The index {index} at {self._connection.address} was removed while it was filled.",
                "Let one process rebuild it; the index in use is untouched.",
            )
        self._connection.do("PUT", f"/{index}/_settings", schema.finished(self._connection.address))
        self._connection.do("POST", f"/{index}/_flush", seconds=DISK_SECONDS)
        self.set_cursor(index, cursor)

    def swap(self, index: str) -> None:
        """From here on, that index is searched; all others go."""
        others = [name for name in self._used() if name != index]
        actions: list[dict[str, Any]] = [{"remove": {"index": name, "alias": self._alias}} for name in others]
        actions.append({"add": {"index": index, "alias": self._alias}})
        self._connection.do("POST", "/_aliases", {"actions": actions})
        for name in self._all():
            if name != index:
                self._connection.do("DELETE", f"/{name}", ignore_unavailable="true")

    def retire(self) -> None:
        """Take the alias away; the index itself goes with the next one that is built."""
        actions = [{"remove": {"index": name, "alias": self._alias}} for name in self._used()]
        if actions:
            self._connection.do("POST", "/_aliases", {"actions": actions})

    def set_cursor(self, index: str, cursor: int) -> None:
        """Move the cursor: part of the cluster's state, which its leaders keep on disk.

        :raises SearchError: it was not acknowledged.
        """
        answer = self._connection.do("PUT", f"/{index}/_mapping", {"_meta": schema.meta(cursor)})
        if not answer["acknowledged"]:
            raise SearchError(
                f"The search engine at {self._connection.address} did not acknowledge the end of a batch.",
                "Run `archive index update` again: the batch is then repeated, which is harmless.",
            )

    def _all(self) -> list[str]:
        found: dict[str, Any] = self._connection.do("GET", f"/{self._alias}-*/_alias")
        return sorted(name for name in found if self._name.fullmatch(name))

    def _used(self) -> list[str]:
        found: dict[str, Any] = self._connection.do("GET", f"/{self._alias}-*/_alias")
        return sorted(name for name, item in found.items() if self._alias in item["aliases"])

    def _next(self) -> str:
        numbers = [int(match[1]) for name in self._all() if (match := self._name.fullmatch(name))]
        return f"{self._alias}-{max(numbers, default=0) + 1:06}"
