"""The discrete Gaussian distribution: the bell curve on whole numbers, noise by zero-concentrated privacy.

Mass at k is in proportion to exp(-k^2 / (2 s)) for the parameter s (sigma squared); the variance is s at most, and
hardly less from s = 1 on. Sums of two are not quite of the same law (Skellam's are), so members that add parts of one
noise use that. Whole numbers only; says how much noise there is and draws none. Source: Canonne, Kamath, Steinke,
NeurIPS 2020, arXiv:2004.00010, definition 1, corollary 9 (variance) and proposition 25 (tail).
"""

from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Final

from comity.errors import FormatError
from comity.model.masses import BEYOND, BITS, Masses, decay, halved

LARGEST: Final = 2**32  # sigma squared; a table of some million entries


@lru_cache(maxsize=32)
def discrete_gaussian(sigma2: Fraction) -> Masses:
    """The table of a parameter: each mass from the one before, w(k + 1) = w(k) r q^k, r = exp(-1/2s), q = exp(-1/s).

    Errors of r, q and their products add up: after k steps k^2 2^-(BITS - 20) at most, below 2^-240 of w(0).

    Raises:
        FormatError: a parameter that is not positive, or beyond `LARGEST`.

    >>> table = discrete_gaussian(Fraction(36))
    >>> round(float(table.mass(0)), 6), round(float(table.variance), 9)
    (0.06649, 36.0)
    """
    if not 0 < sigma2 <= LARGEST:
        raise FormatError("not a variance of noise", where="noise", found=str(sigma2), wanted=f"0 < v <= {LARGEST}")
    ratio, change = decay(1 / (2 * sigma2)), decay(1 / sigma2)
    weights = [1 << BITS]
    for _ in range(isqrt(int(2 * (BEYOND + 1) * sigma2)) + 1):
        weights.append(weights[-1] * ratio >> BITS)
        ratio = ratio * change >> BITS
    return halved(tuple(weights))
