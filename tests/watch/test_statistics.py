"""The tails against exact fractions; what counts as low against chance."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from archive.watch.statistics import Usual, binomial_at_most, is_high, is_low, poisson_at_most


@pytest.mark.parametrize(
    ("hits", "of", "share"), [(0, 3, "9/10"), (4, 10, "1/2"), (90, 100, "19/20"), (7, 7, "1/3")]
)
def test_the_binomial_tail_is_exact(hits: int, of: int, share: str) -> None:
    p = Fraction(share)
    exact = sum(math.comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(hits + 1))
    assert binomial_at_most(hits, of, float(p)) == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize(("count", "rate"), [(0, 7.0), (3, 2.5), (30, 20.0)])
def test_the_tail_of_poisson_is_exact(count: int, rate: float) -> None:
    exact = sum(math.exp(-rate) * rate**k / math.factorial(k) for k in range(count + 1))
    assert poisson_at_most(count, rate) == pytest.approx(exact, rel=1e-9)


def test_edges_have_no_error() -> None:
    assert binomial_at_most(0, 0, 0.5) == 1
    assert binomial_at_most(5, 10, 0.0) == 1
    assert binomial_at_most(5, 10, 1.0) == 0
    assert poisson_at_most(3, 0.0) == 1


def test_usual_is_the_median_and_single_odd_runs_do_not_move_it() -> None:
    usual = Usual.of([0.9, 0.92, 0.91, 0.0, 0.9])
    assert usual is not None
    assert usual.value == 0.9
    assert usual.spread < 0.02
    assert Usual.of([]) is None


@pytest.mark.parametrize(
    ("hits", "of", "value", "spread", "low"),
    [
        (0, 3, 1.0, 0.0, True),  # three of three lost what all had
        (0, 3, 0.5, 0.0, False),  # may well be chance
        (85, 100, 1.0, 0.0, True),
        (95, 100, 1.0, 0.0, False),  # improbable, and too small to matter
        (70, 100, 0.9, 0.1, False),  # it has always gone up and down as much
        (50, 100, 0.9, 0.1, True),
    ],
)
def test_low_is_improbable_and_large(hits: int, of: int, value: float, spread: float, low: bool) -> None:
    assert is_low(hits, of, Usual(value, spread, 200), 0.1) is low


def test_high_is_the_mirror_of_low() -> None:
    usual = Usual(0.0, 0.0, 200)
    assert is_high(3, 20, usual, 0.02)
    assert not is_high(0, 20, usual, 0.02)
