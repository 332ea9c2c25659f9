"""The few statistics by which "other than usual" is told from chance. Pure.

A change must be both improbable and large. Improbable: the exact tail of the binomial distribution (shares)
or of Poisson's (counts) is below `ALPHA`. Large: it is farther from the median of earlier runs than the
smallest difference that matters, and than three robust standard deviations, 1.4826 times the median absolute
deviation (F. R. Hampel, "The influence curve and its role in robust estimation", JASA 69, 1974), so that
single odd runs neither set an alarm off nor hide the next.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ALPHA = 0.001
"""With thirty fields of sixty portals, about one false alarm in a night if all runs were independent."""
DEVIATIONS = 3.0
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Usual:
    """What earlier runs measured."""

    value: float
    """Their median."""
    spread: float
    """Robust standard deviation; 0 when all were alike."""
    sample: int
    """Pages that it is of."""

    @classmethod
    def of(cls, values: Sequence[float], sample: int = 0) -> Usual | None:
        """None without any value."""
        if not values:
            return None
        middle = statistics.median(values)
        deviation = statistics.median(abs(value - middle) for value in values)
        return cls(middle, MAD_TO_SIGMA * deviation, sample or len(values))


def binomial_at_most(hits: int, of: int, share: float) -> float:
    """The probability of `hits` or fewer in `of`, each with the probability `share`."""
    if hits >= of or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    log_share, log_rest = math.log(share), math.log1p(-share)
    whole = math.lgamma(of + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(
                whole - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * log_share + (of - k) * log_rest
            )
            for k in range(hits + 1)
        ),
    )


def poisson_at_most(count: int, rate: float) -> float:
    """The probability of `count` or fewer when `rate` are expected."""
    if rate <= 0:
        return 1.0
    return min(
        1.0, math.fsum(math.exp(k * math.log(rate) - rate - math.lgamma(k + 1)) for k in range(count + 1))
    )


def is_low(hits: int, of: int, usual: Usual, least: float) -> bool:
    """Whether a share lies below what is usual, by more than chance and by at least `least`."""
    if usual.value - hits / of < max(least, DEVIATIONS * usual.spread):
        return False
    # Never quite 1: after n successes the next is as good as certain, but for half a case (Jeffreys).
    share = min(usual.value, 1 - 0.5 / (usual.sample + 1))
    return binomial_at_most(hits, of, share) < ALPHA


def is_high(hits: int, of: int, usual: Usual, least: float) -> bool:
    """Whether a share lies above what is usual: the rest of it lies below."""
    rest = Usual(1 - usual.value, usual.spread, usual.sample)
    return is_low(of - hits, of, rest, least)
