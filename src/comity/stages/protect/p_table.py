"""The table of probabilities of the cell-key method: how often a count of so many is changed by so much.

For each count i: changes of at most `bound`, mean 0, a given variance, nothing below zero, nothing between 1 and
`blocked`, and otherwise as uncertain as can be: the distribution of largest entropy (Marley and Leaver 2011; Giessing
2016; the `ptable` package of R has the same parameters D, V and js). With mean and variance given, that is
p(d) ~ exp(a d + b d^2) over the changes that are allowed.

Reckoned with decimals of 60 digits and written as whole numbers of 2^-32, so the same on every machine; the mean is
0 exactly, the variance within bound^3 / 2^32.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError
from comity.model.protection import MOST_CHANGED

BITS: Final = 32  # of a cell key
WHOLE: Final = 1 << BITS
MOST: Final = MOST_CHANGED
_DIGITS: Final = Context(prec=60)
_ROUNDS: Final = 200  # of Newton's method, where a dozen is enough, and of halving a step
_NEAR: Final = Decimal(10) ** -45


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PTable:
    """Changes by count. Row i is for a count of i; the last row for every larger one.

    changes: ascending. weights: of each change, out of 2^32. steps: running sums of the weights but the last: a key's
    change is the one at the number of steps that are at most the key.
    """

    bound: int
    variance: Fraction
    blocked: int
    changes: tuple[NDArray[np.int64], ...]
    weights: tuple[tuple[int, ...], ...]
    steps: tuple[NDArray[np.int64], ...]


@lru_cache(maxsize=16)
def p_table(bound: int, variance: str, blocked: int = 0) -> PTable:
    """The table of a bound (D), a variance (V, a decimal) and the small counts that never appear, 1 to blocked (js).

    Raises:
        ConfigError: no distribution has this variance at mean 0 within the bound.

    >>> p_table(1, "0.5").weights[1] == (2**30, 2**31, 2**30)
    True
    """
    try:
        asked = Fraction(variance)
    except (ValueError, ZeroDivisionError):
        asked = Fraction(0)
    if not (1 <= bound <= MOST and 0 <= blocked < MOST and asked > 0):
        raise ConfigError(
            "no table of probabilities", where="cell-key", found=f"bound {bound}, variance {variance}",
            wanted=f"a bound of 1 to {MOST}, a variance above 0",
        )  # fmt: skip
    changes: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
    weights: list[tuple[int, ...]] = [(WHOLE,)]
    for count in range(1, bound + blocked + 1):
        allowed = [d for d in range(-bound, bound + 1) if count + d == 0 or count + d > blocked]
        changes.append(np.array(allowed, np.int64))
        weights.append(_weights(allowed, asked, count))
    steps = tuple(np.array(list(accumulate(row))[:-1], np.int64) for row in weights)
    return PTable(
        bound=bound, variance=asked, blocked=blocked, changes=tuple(changes), weights=tuple(weights), steps=steps
    )


def _weights(changes: Sequence[int], variance: Fraction, count: int) -> tuple[int, ...]:
    """Probabilities of one row in whole numbers that add up to 2^32 and have mean 0 exactly."""
    below, above = [d for d in changes if d < 0], [d for d in changes if d > 0]
    # With mean 0 the variance is greatest on the two ends, and least on the two changes next to 0, or at 0 itself.
    largest = -min(below) * max(above) if below and above else 0
    least = 0 if 0 in changes else -max(below, default=0) * min(above, default=0)
    if not least < variance < largest:
        raise ConfigError(
            f"no change of a count of {count} has this variance at mean 0",
            where="cell-key",
            found=f"variance {float(variance):g}",
            wanted=f"between {least} and {largest}",
        )
    with localcontext(_DIGITS):
        probabilities = _entropic([Decimal(d) for d in changes], Decimal(variance.numerator) / variance.denominator)
        found = [int((p * WHOLE).to_integral_value()) for p in probabilities]
    missing = WHOLE - sum(found)
    lean = -sum(w * d for w, d in zip(found, changes, strict=True))
    # The likeliest neighbours d and d + 1 take up the few units that rounding left over, in sum and in mean.
    pairs = [at for at, d in enumerate(changes[:-1]) if changes[at + 1] == d + 1]
    at = max(pairs, key=lambda one: min(found[one], found[one + 1]))
    up = lean - changes[at] * missing
    found[at + 1] += up
    found[at] += missing - up
    if min(found) < 0:
        raise ConfigError("a variance too near to its limit", where="cell-key", found=f"variance {float(variance):g}")
    return tuple(found)


def _entropic(changes: Sequence[Decimal], variance: Decimal) -> list[Decimal]:
    """p(d) ~ exp(a d + b d^2) of mean 0 and this variance.

    By Newton's method on ln(sum of exp(a d + b d^2)) - b variance, which is convex in a and b and least where both
    hold; a step that does not lower it is halved.
    """
    a, b = Decimal(0), -1 / (2 * variance)
    height, p = _at(changes, variance, a, b)
    for _ in range(_ROUNDS):
        m1, m2, m3, m4 = (sum((q * d**k for q, d in zip(p, changes, strict=True)), Decimal(0)) for k in range(1, 5))
        first, second = m1, m2 - variance
        if abs(first) < _NEAR and abs(second) < _NEAR:
            return p
        aa, ab, bb = m2 - m1 * m1, m3 - m1 * m2, m4 - m2 * m2
        det = aa * bb - ab * ab
        if det <= 0:
            break
        da, db = (second * ab - first * bb) / det, (first * ab - second * aa) / det
        for _ in range(_ROUNDS):
            lower, tried = _at(changes, variance, a + da, b + db)
            if lower <= height + _NEAR:  # beside the optimum the last digits say nothing
                break
            da, db = da / 2, db / 2
        a, b, height, p = a + da, b + db, lower, tried
    raise ConfigError("a variance too near to its limit", where="cell-key", found=f"variance {variance:.6g}")


def _at(changes: Sequence[Decimal], variance: Decimal, a: Decimal, b: Decimal) -> tuple[Decimal, list[Decimal]]:
    """What is to be made least, and the probabilities there."""
    heights = [a * d + b * d * d for d in changes]
    most = max(heights)
    weights = [(height - most).exp() for height in heights]
    total = sum(weights, Decimal(0))
    return most + total.ln() - b * variance, [weight / total for weight in weights]
