"""Requests to the cluster, and the one place that turns its errors into the archive's.

A node that does not answer is not asked again for a while by the same process: pages that only mention search
(an article with its neighbours) must not wait for it one after another.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import ConnectionError as NoConnectionError
from opensearchpy import ConnectionTimeout, OpenSearch, TransportError, Urllib3HttpConnection

from archive.errors import IndexMissingError, SearchError
from archive.search.opensearch.address import Address

AWAY_SECONDS = 3.0
"""For so long after a failed connection nothing is asked."""
WRITE_SECONDS = 60.0
"""For a request of a command."""
DISK_SECONDS = 900.0
"""For a request that has what a whole rebuild gathered searchable, or on disk."""
_CONNECTIONS = 4
_LATER = (429, 502, 503, 504)
"""Statuses of a cluster that has too much to do, or is choosing a leader."""
Body = Mapping[str, Any]

# The client logs every failed request with its traceback. Here errors are told once, to whom they concern.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)


class UnansweredError(SearchError):
    """The cluster cannot be reached, or did not answer in time.

    :param what: what happened, as the end of a sentence.
    """

    def __init__(self, what: str, message: str, mend: str) -> None:
        super().__init__(message, mend)
        self.what = what


class RefusedError(SearchError):
    """The cluster answered with an error.

    :param kind: the engine's name of the error.
    :param again: the same request may be taken a little later.
    """

    def __init__(self, kind: str, message: str, mend: str, *, again: bool = False) -> None:
        super().__init__(message, mend)
        self.kind = kind
        self.again = again


class Connection:
    """A cluster that can be asked. Serves one thread at a time for reading; `bulk` any number."""

    _away: dict[Address, tuple[float, str]] = {}  # noqa: RUF012
    """By cluster, until when (`time.monotonic()`) it is not asked, and why; shared by all of a process."""

    def __init__(self, address: Address, seconds: float) -> None:
        """
        :param seconds: within which a question must be answered.
        """
        self.address = address
        self._seconds = seconds
        self._client = OpenSearch(
            hosts=[{"host": host, "port": port, "use_ssl": address.secure} for host, port in address.hosts],
            http_auth=(address.user, address.password) if address.user else None,
            ca_certs=str(address.ca) if address.ca else None,
            connection_class=Urllib3HttpConnection,
            pool_maxsize=_CONNECTIONS,
            max_retries=len(address.hosts) - 1,
            # Another node may answer where one has stopped.
            retry_on_timeout=len(address.hosts) > 1,
            http_compress=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ----------------------------------------------------------------------------------------- asking

    def ask(self, method: str, path: str, body: Body | None = None, **parameters: Any) -> Any:
        """A question that a reader waits for.

        :raises SearchError: as `RefusedError` and `UnansweredError` say.
        """
        return self._asked(method, path, body, parameters)

    def searches(self, index: str, searches: Sequence[tuple[Body, bool]], preference: str) -> list[Any]:
        """Several searches of one index in one round trip.

        :param searches: body, and whether how rare words are is reckoned over all shards alike.
        :param preference: as `View.ask` says; "" for none.
        :raises SearchError: any of them failed, or is without a part of the index.
        """
        lines = []
        for body, everywhere in searches:
            head = {"index": index, **({"preference": preference} if preference else {})}
            if everywhere:
                head["search_type"] = "dfs_query_then_fetch"
            lines += [json.dumps(head), json.dumps(body)]
        answer = self._asked("POST", "/_msearch", "\n".join([*lines, ""]), {})
        for item in answer["responses"]:
            if "error" in item:
                raise self._refused(item["status"], item)
            self.check_whole(item)
        responses: list[Any] = answer["responses"]
        return responses

    def check_whole(self, answer: Any) -> None:
        """:raises SearchError: a part of the index did not answer: totals would be wrong."""
        shards = answer["_shards"]
        if shards["failed"]:
            reasons = [item.get("reason") or {} for item in shards.get("failures", ())]
            reason = next((str(item.get("reason")) for item in reasons), "no copy of it is up")
            raise UnansweredError(
                reason,
                f"{shards['failed']} of {shards['total']} parts of the search index at {self.address} do not "
                f"answer ({reason}).",
                "Start the missing node; articles stay readable meanwhile.",
            )

    def do(
        self,
        method: str,
        path: str,
        body: Body | str | None = None,
        seconds: float = WRITE_SECONDS,
        **parameters: Any,
    ) -> Any:
        """A request of a command, which may take its time.

        :raises SearchError: as `RefusedError` and `UnansweredError` say.
        """
        return self._request(method, path, body, seconds, parameters)

    def _asked(self, method: str, path: str, body: Body | str | None, parameters: dict[str, Any]) -> Any:
        until, what = self._away.get(self.address, (0.0, ""))
        if time.monotonic() < until:
            raise self._unanswered(what)
        try:
            return self._request(method, path, body, self._seconds + 1.0, parameters)
        except UnansweredError as error:
            self._away[self.address] = time.monotonic() + AWAY_SECONDS, error.what
            raise

    def _request(
        self, method: str, path: str, body: Body | str | None, seconds: float, parameters: dict[str, Any]
    ) -> Any:
        try:
            answer = self._client.transport.perform_request(
                method, path, params=parameters or None, body=body, timeout=seconds
            )
        except ConnectionTimeout as error:
            raise self._unanswered(f"did not answer within {seconds:g} s") from error
        except NoConnectionError as error:
            raise self._unanswered(f"cannot be reached ({_reason(error)})") from error
        except TransportError as error:
            raise self._refused(int(error.status_code), error.info) from error
        self._away.pop(self.address, None)
        return answer

    # ---------------------------------------------------------------------------------------- errors

    def _unanswered(self, what: str) -> UnansweredError:
        return UnansweredError(
            what,
            f"The search engine at {self.address} {what}.",
            "Start it, or correct `search_engine`; articles stay readable meanwhile.",
        )

    def _refused(self, status: int, info: Any) -> SearchError:
        error = info.get("error", info) if isinstance(info, dict) else {}
        error = error if isinstance(error, dict) else {"reason": str(error)}
        return self.refusal(status, error)

    def refusal(self, status: int, error: Mapping[str, Any]) -> SearchError:
        """What an error of the engine means for a person.

        :param error: as the engine gives it: `type`, `reason`, perhaps `root_cause`.
        """
        kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
        for cause in error.get("root_cause") or ():
            if kind in ("search_phase_execution_exception", ""):
                kind, reason = str(cause.get("type", "")), str(cause.get("reason", ""))
        if kind in ("index_not_found_exception", "alias_not_found_exception"):
            return IndexMissingError(
                f"There is no search index at {self.address}.", "Build it with `archive index update`."
            )
        message, mend = f"The search engine at {self.address} refused: {reason or kind or status}.", ""
        again = False
        if status in (401, 403) and kind != "cluster_block_exception":
            message = f"The search engine at {self.address} refused the user {self.address.user!r}."
            mend = "Correct user and password in `search_engine`."
        elif kind == "cluster_block_exception" and ("disk usage" in reason or "read-only" in reason):
            message = f"The search engine at {self.address} takes nothing more: {reason}."
            mend = "Make room on its nodes' disks, then run `archive index update`; searches go on meanwhile."
        elif status in _LATER:
            mend, again = "It is overloaded or without a leader; try again when it has recovered.", True
        return RefusedError(kind, message, mend, again=again)


def _reason(error: TransportError) -> str:
    """The innermost reason that a connection failed, without the address."""
    text = str(error.error)
    return text.rsplit(": ", 1)[-1].strip("')\" ")[:120]
