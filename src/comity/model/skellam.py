"""The Skellam distribution: the difference of two equal Poisson counts, the noise of a joint sum. Whole numbers only.

Mass at k is exp(-v) I_|k|(v) for variance v (I: modified Bessel function of the first kind). It is computed by Miller's
backward recurrence I_(k-1) = I_(k+1) + (2k / v) I_k in integers of unlimited size, and scaled by the identity
exp(v) = I_0 + 2 (I_1 + I_2 + ...); no floating point takes part, so every machine has the same table. Says how much
noise there is; draws none (`stages.protect.noise`). Sources: Skellam 1946; Olver 1964 (Miller's algorithm); DLMF 10.29,
10.35; for privacy Agarwal, Kairouz, Liu, NeurIPS 2021, arXiv:2110.04995.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from comity.errors import FormatError

ERROR: Final = Fraction(1, 2**160)
"""Largest total variation between the table and the distribution: what lies beyond the table, and rounding."""
LARGEST: Final = 2**32  # variance; a table of some million entries
_START: Final = 1 << 256  # first value of the recurrence: rounding is below 2^-256 of every value
_BEYOND: Final = 130.0  # the table ends where the Chernoff bound is below exp(-130) < 2^-187


@dataclass(frozen=True, slots=True, eq=False)
class Skellam:
    """Table of one variance: `weights[k] / total` is the mass at k and at -k."""

    variance: Fraction
    weights: tuple[int, ...]
    total: int

    def mass(self, k: int) -> Fraction:
        """Probability of exactly k."""
        return Fraction(self.weights[abs(k)], self.total) if abs(k) < len(self.weights) else Fraction(0)

    def tail(self, k: int) -> Fraction:
        """Probability of more than k in absolute value, never too small."""
        return Fraction(2 * sum(self.weights[k + 1 :]), self.total) + ERROR


@lru_cache(maxsize=32)
def skellam(variance: Fraction) -> Skellam:
    """The table of a variance.

    Raises:
        FormatError: a variance that is not positive, or beyond `LARGEST`.

    >>> table = skellam(Fraction(36))
    >>> round(float(table.mass(0)), 6), round(float(table.tail(20)), 6)
    (0.066725, 0.000704)
    """
    if not 0 < variance <= LARGEST:
        raise FormatError("not a variance of noise", where="noise", found=str(variance), wanted=f"0 < v <= {LARGEST}")
    up, down = 2 * variance.denominator, variance.numerator
    above, here, weights = 0, _START, [_START]
    for k in range(_end(float(variance)), 0, -1):
        above, here = here, above + up * k * here // down
        weights.append(here)
    weights.reverse()
    return Skellam(variance, tuple(weights), weights[0] + 2 * sum(weights[1:]))


def joint_bound(variance: Fraction, cells: int, confidence: Decimal | Fraction) -> int:
    """Least b such that, with this probability, no cell of so many lies beyond b in absolute value (union bound).

    >>> joint_bound(Fraction(36), 10, Decimal("0.9999"))
    27
    """
    table = skellam(variance)
    missed = (1 - Fraction(confidence)) / cells
    if missed <= 2 * ERROR:
        raise FormatError("more confidence than the table holds", where="noise", found=str(confidence))
    beyond, allowed = 0, (missed - ERROR) * table.total / 2
    for k in range(len(table.weights) - 1, 0, -1):
        beyond += table.weights[k]
        if beyond > allowed:
            return k
    return 0


def _end(variance: float) -> int:
    """A place beyond which hardly any mass lies (Chernoff bound of the tail); need not be exact, only far enough."""
    end = 8
    while math.hypot(end, variance) - variance - end * math.asinh(end / variance) > -_BEYOND:
        end += 1 + end // 8
    return end
