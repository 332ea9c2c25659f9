"""How strongly two things stand together: measures on a table of two by two. Pure.

Of N units (articles, or paragraphs) R have the one thing, C the other, O both; were the two independent,
E = R · C / N units would be expected to have both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contingency:
    """What was counted of two things."""

    both: int
    first: int
    """Units with the one, whether or not with the other."""
    second: int
    total: int

    @property
    def expected(self) -> float:
        """Units that would have both, were they independent."""
        return self.first * self.second / self.total if self.total else 0.0

    @property
    def g2(self) -> float:
        """Log-likelihood ratio, signed: above 0 when they stand together more often than expected.

        G² = 2 Σ O ln(O / E) over the four cells (Dunning, "Accurate methods for the statistics of surprise
        and coincidence", Computational Linguistics 19, 1993; the sign as in Evert, "The statistics of word
        cooccurrences", 2005, section 3.1). 3.84 is exceeded by chance in 5 of 100 tables, 10.83 in 1 of
        1,000.
        """
        observed = (
            self.both,
            self.first - self.both,
            self.second - self.both,
            self.total - self.first - self.second + self.both,
        )
        rows, columns = (self.first, self.total - self.first), (self.second, self.total - self.second)
        margins = (
            rows[0] * columns[0],
            rows[0] * columns[1],
            rows[1] * columns[0],
            rows[1] * columns[1],
        )
        terms = (
            count * math.log(count * self.total / margin)
            for count, margin in zip(observed, margins, strict=True)
            if count
        )
        value = 2 * math.fsum(terms)
        # Rounding can leave a hair below zero where observed and expected are the same.
        return math.copysign(max(value, 0.0), self.both - self.expected)

    @property
    def pmi(self) -> float:
        """Pointwise mutual information in bits, log2(O / E) (Church and Hanks, "Word association norms,
        mutual information, and lexicography", Computational Linguistics 16, 1990). High for what is rare:
        Evert (2005, section 3.1) advises against it for small counts. -inf when nothing has both.
        """
        return math.log2(self.both / self.expected) if self.both else -math.inf
