"""The discrete Laplace distribution: two geometric tails, noise by pure epsilon.

Mass at k is (1 - q) / (1 + q) q^|k| with q = exp(-1 / t) for the scale t: neighbours differ by the factor exp(1 / t)
wherever one looks, so a value that one person moves by s costs epsilon s / t, at any delta. Whole numbers only; says
how much noise there is and draws none. Source: Inusah and Kozubowski 2006; Ghosh, Roughgarden, Sundararajan 2009 (the
geometric mechanism).
"""

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Final

from comity.errors import FormatError
from comity.model.masses import BEYOND, BITS, Masses, decay, halved

LARGEST: Final = 2**13  # scale; a table of some million entries


@lru_cache(maxsize=32)
def discrete_laplace(scale: Fraction) -> Masses:
    """The table of a scale.

    Raises:
        FormatError: a scale that is not positive, or beyond `LARGEST`.

    >>> table = discrete_laplace(Fraction(2))
    >>> round(float(table.mass(0)), 6), round(float(table.variance), 4)
    (0.244919, 7.8354)
    """
    if not 0 < scale <= LARGEST:
        raise FormatError("not a scale of noise", where="noise", found=str(scale), wanted=f"0 < t <= {LARGEST}")
    ratio, weights = decay(1 / scale), [1 << BITS]
    for _ in range(ceil((BEYOND + 1) * scale)):
        weights.append(weights[-1] * ratio >> BITS)
    return halved(tuple(weights))
