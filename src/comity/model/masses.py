"""Masses of whole numbers: a symmetric distribution as a table, within a stated error. No floating point takes part.

What the laws of noise have in common (`skellam`, `discrete_gaussian`, `discrete_laplace`): every machine has the same
table of a law, so two nodes state the same cost and draw from the same distribution. Draws none (`protect.sampler`).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from comity.errors import FormatError

ERROR: Final = Fraction(1, 2**160)
"""Largest total variation between a table and its distribution: what lies beyond the table, and rounding."""
BEYOND: Final = 130
"""A table ends where less than exp(-130) < 2^-187 of the distribution lies beyond, as a tail bound has it."""
BITS: Final = 320
"""Digits behind the point of what is computed by recurrence: a million steps keep far more than ERROR asks."""


@dataclass(frozen=True, slots=True, eq=False)
class Masses:
    """`weights[k] / total` is the mass at k and at -k; none lies beyond."""

    weights: tuple[int, ...]
    total: int

    def mass(self, k: int) -> Fraction:
        """Probability of exactly k."""
        return Fraction(self.weights[abs(k)], self.total) if abs(k) < len(self.weights) else Fraction(0)

    def tail(self, k: int) -> Fraction:
        """Probability of more than k in absolute value, never too small."""
        return Fraction(2 * sum(self.weights[k + 1 :]), self.total) + ERROR

    @property
    def variance(self) -> Fraction:
        """Of the table: mean of the square."""
        return Fraction(2 * sum(k * k * weight for k, weight in enumerate(self.weights)), self.total)

    def bound(self, cells: int, confidence: Decimal | Fraction) -> int:
        """Least b such that, with this probability, no cell of so many lies beyond b in absolute value (union bound).

        Raises:
            FormatError: more confidence than the table holds.
        """
        missed = (1 - Fraction(confidence)) / cells
        if missed <= 2 * ERROR:
            raise FormatError("more confidence than the table holds", where="noise", found=str(confidence))
        beyond, allowed = 0, (missed - ERROR) * self.total / 2
        for k in range(len(self.weights) - 1, 0, -1):
            beyond += self.weights[k]
            if beyond > allowed:
                return k
        return 0


def halved(weights: tuple[int, ...]) -> Masses:
    """Masses by the weights of 0, 1, 2, ..., in any unit."""
    return Masses(weights, weights[0] + 2 * sum(weights[1:]))


def decay(x: Fraction) -> int:
    """exp(-x) x 2^BITS, for x of 0 or more, within 2^-(BITS - 20) of the truth.

    By the series of exp(-x / 2^j), x / 2^j below 1, and j squarings, each of which doubles the error.

    >>> decay(Fraction(1)) * 10**20 >> BITS  # 1/e
    36787944117144232159
    """
    if x > BITS:  # below 2^-461
        return 0
    halvings = max(0, (x.numerator // x.denominator).bit_length())
    part = x / 2**halvings
    found = term = 1 << BITS
    n = 0
    while term:
        n += 1
        term = term * part.numerator // (part.denominator * n)
        found += -term if n % 2 else term
    for _ in range(halvings):
        found = found * found >> BITS
    return found
