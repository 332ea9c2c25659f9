"""Which words follow which, and where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.whoosh.pairs import pairs_of

tokens = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=30)
"""Words, each with the distance of its address from that of the one before: 0 for a figure's parts."""


@pytest.mark.parametrize("vocabulary", [5, 1 << 31])
@given(given=tokens)
def test_every_two_neighbours_are_listed_with_their_addresses(
    given: list[tuple[int, int]], vocabulary: int
) -> None:
    """Also when the numbers of words are too wide to be sorted as one."""
    addresses = np.cumsum([step for step, _ in given]).astype(np.uint32)
    placed = {(int(at), word) for at, (_, word) in zip(addresses, given, strict=True)}
    unique = sorted(placed)
    made = pairs_of(
        np.array([word for _, word in unique], np.uint32),
        np.array([at for at, _ in unique], np.uint32),
        vocabulary,
    )
    expected: dict[int, list[int]] = {}
    for at, word in unique:
        for other in range(5):
            if (at + 1, other) in placed:
                expected.setdefault(word << 32 | other, []).append(at)
    found = {
        int(key): made.places[begin:end].tolist()
        for key, begin, end in zip(made.keys, made.at[:-1], made.at[1:], strict=True)
    }
    assert found == expected
    assert list(found) == sorted(found)
