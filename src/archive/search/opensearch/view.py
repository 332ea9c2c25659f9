"""One generation as it is shown: everything but what is hidden."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archive.search.opensearch.connection import Connection
from archive.search.opensearch.questions import Clause

ALIKE_TEXT = ("shown.title", "shown.lead", "shown.body")
"""What words are looked for in when the texts themselves are read."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search to be made."""

    body: dict[str, Any]
    ranked: bool = False
    """It is ordered by relevance: how rare words are is then reckoned over all shards alike."""


@dataclass(frozen=True, slots=True)
class View:
    """What questions are put to."""

    connection: Connection
    index: str
    hidden: tuple[Clause, ...]
    """Clauses that find what is not to be shown."""
    seconds: float
    """After so long a shard answers with what it has."""

    def visible(self, clause: Clause | None = None, filters: Sequence[Clause] = ()) -> Clause:
        """A query of a clause and filters, without what is hidden.

        :param clause: None: the filters alone, nothing scored.
        """
        query: Clause = {"filter": list(filters), "must_not": list(self.hidden)}
        if clause is not None:
            query["must"] = [clause]
        return {"bool": query}

    def ask(self, searches: Sequence[Search], preference: str = "") -> list[Any]:
        """Several searches in one round trip.

        :param preference: questions with the same one are answered by the same copies of the shards, whose
            scores may differ in the last digits from those of others.
        :raises SearchError: the cluster does not answer, or refuses.
        """
        if not searches:
            return []
        bodies = [
            ({**item.body, "timeout": f"{int(self.seconds * 1000)}ms"}, item.ranked) for item in searches
        ]
        # Hashed, for the engine reads some words as commands.
        spread = hashlib.blake2b(preference.encode("utf-8", "replace"), digest_size=8).hexdigest()
        return self.connection.searches(self.index, bodies, spread if preference else "")

    def documents(self, query: Clause, size: int, fields: Sequence[str] = ALIKE_TEXT) -> Search:
        """A search that reads the texts of the best articles; totals are not counted."""
        body = {"query": query, "size": size, "_source": list(fields), "track_total_hits": False}
        return Search(body, ranked=True)

    def counts(self, clauses: Sequence[Clause]) -> Search:
        """A search that counts, for each clause, the articles that it finds."""
        named = {str(number): clause for number, clause in enumerate(clauses)}
        return Search(
            {
                "query": self.visible(),
                "size": 0,
                "track_total_hits": False,
                "aggs": {"counts": {"filters": {"filters": named}}},
            }
        )


def shown(answer: Any) -> list[dict[str, Any]]:
    """The documents of an answer."""
    return [item["_source"]["shown"] for item in answer["hits"]["hits"]]


def counted(answer: Any) -> list[int]:
    """The answer to `View.counts`."""
    buckets = answer["aggregations"]["counts"]["buckets"]
    return [buckets[str(number)]["doc_count"] for number in range(len(buckets))]
