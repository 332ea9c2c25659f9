"""When no article has all that was asked for: those with most of it, by weight."""

from __future__ import annotations

import math
from collections.abc import Sequence

from archive.search.opensearch.questions import Clause, question
from archive.search.opensearch.view import Search, View, counted
from archive.search.query import And, Node
from archive.search.ranking import MOST, Ranking

_SLACK = 1e-3
"""Weights are added up in single precision."""


def most(
    view: View, wanted: Sequence[Node], others: Sequence[Node], exact: bool, ranking: Ranking
) -> Clause | None:
    """Finds the articles with most of what is wanted: a rare word counts more than a common one.

    :param others: what every one of them must fit all the same (dates, exclusions).
    :return: None when no article has any of it.
    """
    nodes = list(dict.fromkeys(wanted))
    clauses = [question(node, exact, ranking).clause for node in nodes]
    strict = question(And(tuple(others)), exact, ranking).clause if others else {"match_all": {}}
    (answer,) = view.ask([view.counts([{"match_all": {}}, *clauses])])
    everything, *found = counted(answer)
    weighted: list[Clause] = [
        {"constant_score": {"filter": clause, "boost": math.log(everything / (count + 1)) + 1}}
        for clause, count in zip(clauses, found, strict=True)
        if count
    ]
    if not weighted:
        return None
    have: Clause = {"bool": {"should": weighted}}
    (answer,) = view.ask([Search({"query": view.visible(have), "size": 1, "track_scores": True})])
    best = answer["hits"]["max_score"]
    if not best:
        return None
    enough: Clause = {"function_score": {"query": have, "min_score": best * MOST - _SLACK}}
    return {"bool": {"filter": [enough, strict], "should": clauses}}
