"""Measures against worked examples and an independent reckoning."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.association import Contingency


def test_g2_of_a_published_table() -> None:
    """ "The swiss": 110 together, 2442 and 111 apart, 29114 neither (Dunning 1993, table 1)."""
    table = Contingency(both=110, first=110 + 2442, second=110 + 111, total=110 + 2442 + 111 + 29114)
    assert table.g2 == pytest.approx(270.72, abs=0.01)


def test_pmi_is_bits_over_chance() -> None:
    assert Contingency(both=8, first=16, second=16, total=256).pmi == pytest.approx(3.0)
    assert Contingency(both=0, first=2, second=2, total=9).pmi == -math.inf


@given(st.lists(st.integers(0, 500), min_size=4, max_size=4).filter(sum))
def test_g2_is_the_sum_over_cells(cells: list[int]) -> None:
    a, b, c, d = cells
    table = Contingency(a, a + b, a + c, sum(cells))
    total, value = sum(cells), 0.0
    for observed, row, column in ((a, a + b, a + c), (b, a + b, b + d), (c, c + d, a + c), (d, c + d, b + d)):
        if observed:
            value += 2 * observed * (math.log(observed) - math.log(row) - math.log(column) + math.log(total))
    assert abs(table.g2) == pytest.approx(abs(value), abs=1e-6)
    assert table.g2 == 0 or (table.g2 > 0) == (
        a * total > (a + b) * (a + c) or math.isclose(table.g2, 0, abs_tol=1e-9)
    )
