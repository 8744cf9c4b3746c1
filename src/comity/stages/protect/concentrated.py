"""Noise as zero-concentrated privacy: rho of a law, what pure epsilons add up to, and epsilon of a rho.

Rho adds up over cells and releases, whoever asked (Bun and Steinke 2016, arXiv:1605.02065), so a ledger can keep it as
one number. It is a statement on Renyi divergence: D_alpha <= rho alpha for every alpha above 1.

    discrete Gaussian    shift^2 / (2 sigma^2)           Canonne, Kamath, Steinke 2020, theorem 4
    discrete Laplace     (shift / scale)^2 / 2           pure epsilon; Bun and Steinke 2016, proposition 1.4
    Skellam              by numbers up to an order, above by Agarwal, Kairouz, Liu 2021, theorem 3.5
"""

import math
from collections.abc import Iterable
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import FormatError
from comity.model.law import GAUSSIAN, LAPLACE, Exposure, Law

_UP: Final = Context(prec=12, rounding=ROUND_CEILING)
_FIRST: Final = 1e-3  # orders: from 1 + this one, in steps of a tenth of what lies above 1
_RATIO: Final = 1.1
_LAST: Final = 16  # up to this one, or where the moments would outgrow the table
_FLOATS: Final = 1 + 1e-6  # what floats lose in logarithms of masses and in sums of them, many times over
_ORDERS: Final = 1 + 2 ** (np.arange(-80, 161) / 8)  # from 1.001 to a million
_NEAR: Final = 0.7 + np.arange(200) / 400


def rho(law: Law, shift: int, cells: int) -> Decimal | None:
    """Zero-concentrated cost of so many cells, each moved by so much; rounded up to 12 digits.

    None where none can be stated: Skellam noise that is small beside the shift.

    >>> rho(Law("discrete-gaussian", Fraction(100)), shift=1, cells=2)
    Decimal('0.01')
    """
    if shift < 1 or cells < 1:
        raise FormatError("not a privacy parameter", where="noise", found=f"shift {shift}, cells {cells}")
    if law.name == GAUSSIAN:
        found = Fraction(shift**2, 2) / law.parameter
    elif law.name == LAPLACE:
        found = (shift / law.parameter) ** 2 / 2
    else:
        numbers = _skellam(law, shift)
        if numbers is None:
            return None
        found = Fraction(numbers)
    return _up(cells * found)


def pure(exposed: Iterable[Exposure]) -> Decimal | None:
    """Epsilon at any delta: what discrete Laplace noise adds up to; None where another law is among them."""
    total = Fraction(0)
    for one in exposed:
        if one.law.name != LAPLACE:
            return None
        total += one.cells * one.shift / one.law.parameter
    return _up(total)


def epsilon(spent: Decimal, delta: Fraction) -> Decimal:
    """Epsilon at delta of so much rho, never too small; Canonne, Kamath, Steinke 2020, corollary 13.

    For every order a: rho a + log(1 / (a delta)) / (a - 1) + log(1 - 1/a). The least of many orders is taken; each of
    them holds.
    """
    if spent == 0:
        return Decimal(0)
    r, lost = float(spent), -math.log(delta)
    a = _about(r, lost)
    found = float((r * a + (lost - np.log(a)) / (a - 1) + np.log1p(-1 / a)).min())
    return Decimal(max(found, 0.0) * _FLOATS + 1e-12)


def _about(spent: float, lost: float) -> NDArray[np.float64]:
    """Orders to try: a coarse row of them, and a fine one about the best for the continuous Gaussian."""
    best = 1 + math.sqrt(lost / spent)
    return np.concatenate([_ORDERS, 1 + (best - 1) * _NEAR])


@lru_cache(maxsize=64)
def _skellam(law: Law, shift: int) -> float | None:
    """Largest D_alpha / alpha over all orders, never too small; of one cell."""
    last = max(2, min(_LAST, int(10 * math.sqrt(law.parameter) / shift)))
    below, above = by_numbers(law, shift, last), by_theorem(law, shift, last)
    return max(below, above) * _FLOATS if math.isfinite(below) else None


def by_numbers(law: Law, shift: int, last: int) -> float:
    """Of Skellam noise, up to this order; infinite where its table is too short to tell.

    g(alpha) = (alpha - 1) D_alpha is the logarithm of a moment, so it is convex, and 0 at 1: between two orders it lies
    below the chord.
    """
    orders = [1 + _FIRST * _RATIO**i for i in range(math.ceil(math.log((last - 1) / _FIRST, _RATIO)))] + [last]
    moments = _Moments(law, shift)
    heights = [math.log1p(moments.above(order)) for order in orders]
    if not math.isfinite(heights[-1]):
        return math.inf
    steps = zip(zip(orders, heights, strict=True), zip(orders[1:], heights[1:], strict=True), strict=False)
    return max(heights[0] / _FIRST, *(_chord(*low, *high) for low, high in steps))


def by_theorem(law: Law, shift: int, last: int) -> float:
    """Of Skellam noise, from this whole order on: Agarwal, Kairouz, Liu 2021, theorem 3.5, s the shift, v the variance.

    D_n <= n s^2 / 2v + ((2 n - 1) s^2 + 6 s) / 4v^2 for whole n; the chord between two adds a quarter at most.
    """
    s, v = float(shift), float(law.parameter)
    bound = s * s / (2 * v) + (2 * s * s + max(0.0, 6 * s - s * s) / last) / (4 * v * v)
    return bound * (1 + 1 / (4 * last * (last - 1)))


def _chord(a: float, low: float, b: float, high: float) -> float:
    """Largest value of the line from (a, low) to (b, high) over alpha (alpha - 1).

    The line m x + n over x (x - 1) has one minimum at most in between, so the largest value is at an end, or where the
    derivative is 0; evaluated at both ends and there.
    """
    m = (high - low) / (b - a)
    n = low - m * a
    places = [a, b]
    if m and (inside := n * n + m * n) >= 0:  # m x^2 + 2 n x - n = 0
        places += [x for root in (1, -1) if a < (x := (-n + root * math.sqrt(inside)) / m) < b]
    return max((m * x + n) / (x * (x - 1)) for x in places)


class _Moments:
    """E[(P/Q)^alpha] - 1 of Skellam noise Q and its shift P, order by order; infinite where the table is too short."""

    def __init__(self, law: Law, shift: int) -> None:
        table = law.masses
        self.variance, self.shift, self.last = float(law.parameter), shift, len(table.weights) - 1 - shift
        whole = math.log(table.total)
        half = np.array([math.log(weight) - whole for weight in table.weights])
        k = np.arange(-self.last, self.last + 1)
        here = half[np.abs(k)]
        self.masses: NDArray[np.float64] = np.exp(here)
        self.loss: NDArray[np.float64] = half[np.abs(k - shift)] - here
        self.twin: NDArray[np.float64] = np.expm1(self.loss)

    def above(self, order: float) -> float:
        """As both masses add up to 1, the mean of e^(aL) - 1 - a (e^L - 1): no term is negative, nothing cancels.

        Beyond the table a term is e^(aL) at most where the loss is above 0, and a where it is below.
        """
        beyond = self.beyond(order)
        if math.isinf(beyond):
            return beyond
        with np.errstate(over="ignore"):
            inside = float(self.masses @ (np.expm1(order * self.loss) - order * self.twin))
        return inside + (1 + order) * beyond

    def beyond(self, order: float) -> float:
        """At most so much of E[e^(aL)] beyond the table, or of Q alone: a geometric series from its end on.

        As I_(k-1) / I_k <= e^asinh(k/v) (Amos 1974) and by the Chernoff bound of the tail, a term is at most
        exp(a s asinh(k/v) - k asinh(k/v) + sqrt(k^2 + v^2) - v); the next is smaller by a factor that falls further.
        """
        if self.last < 1:
            return math.inf
        k, v, push = float(self.last), self.variance, order * self.shift
        steep = math.asinh(k / v)
        slope = push / math.hypot(k, v) - steep
        exponent = push * steep - k * steep + math.hypot(k, v) - v
        return math.inf if slope >= 0 or exponent > 700 else math.exp(exponent) / -math.expm1(slope)


def _up(value: Fraction) -> Decimal:
    """Rounded up to 12 digits, in one spelling."""
    found = _UP.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(f"{found.normalize():f}")
