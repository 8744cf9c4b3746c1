"""The Skellam distribution: the difference of two equal Poisson counts, the noise of a joint sum. Whole numbers only.

Mass at k is exp(-v) I_|k|(v) for variance v (I: modified Bessel function of the first kind). It is computed by Miller's
backward recurrence I_(k-1) = I_(k+1) + (2k / v) I_k in integers of unlimited size, and scaled by the identity
exp(v) = I_0 + 2 (I_1 + I_2 + ...); no floating point takes part, so every machine has the same table. Says how much
noise there is; draws none (`protect.sampler`). Sources: Skellam 1946; Olver 1964 (Miller's algorithm); DLMF 10.29,
10.35; for privacy Agarwal, Kairouz, Liu, NeurIPS 2021, arXiv:2110.04995.
"""

import math
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from comity.errors import FormatError
from comity.model.masses import BEYOND, Masses, halved

LARGEST: Final = 2**32  # variance; a table of some million entries
_START: Final = 1 << 256  # first value of the recurrence: rounding is below 2^-256 of every value


@lru_cache(maxsize=32)
def skellam(variance: Fraction) -> Masses:
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
    return halved(tuple(weights))


def joint_bound(variance: Fraction, cells: int, confidence: Decimal | Fraction) -> int:
    """Least b such that, with this probability, no cell of so many lies beyond b in absolute value (union bound).

    >>> joint_bound(Fraction(36), 10, Decimal("0.9999"))
    27
    """
    return skellam(variance).bound(cells, confidence)


def _end(variance: float) -> int:
    """A place beyond which hardly any mass lies (Chernoff bound of the tail); need not be exact, only far enough."""
    end = 8
    while math.hypot(end, variance) - variance - end * math.asinh(end / variance) > -BEYOND:
        end += 1 + end // 8
    return end
