"""Noise of the joint sum: Skellam draws, and what a release with such noise gives away.

Every member adds its own part; Skellam is closed under sums, so whoever survives, the noise of the sum is Skellam of
the summed variance (Agarwal, Kairouz, Liu, NeurIPS 2021, arXiv:2110.04995). Decides how a draw is made and what it
costs; whether a budget bears the cost is `budget`, who charges and in which order is `stages.answer`.

Draws are exact up to a stated error: 128 random bits against a table of whole numbers (`model.skellam`), by comparison
alone, so no float and no rounding ever depends on a value (Mironov 2012: why floats would leak).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from comity.errors import FormatError
from comity.methods import registry
from comity.model import skellam
from comity.model.study import NoisePlan, Study, threshold
from comity.stages.dice import Dice

ERROR: Final = Fraction(1, 2**100)
"""Largest total variation between a draw and the distribution: the table's own error, and 2^-128 for each entry."""
STEP: Final = Decimal("0.0001")
"""Epsilons are rounded up to this."""
LARGEST: Final = 32
"""An epsilon of this or more promises nothing, and none is stated."""
_WORTHLESS: Final = LARGEST * 10**4  # in STEPs
_GUIDE: Final = 16  # leading bits that lead straight to an outcome, for nearly every draw
_TAIL: Final = 140  # an outcome with a mass below 2^-140 is left out of a composition: some million of them, 2^-118
_BLOCK: Final = 1 << 16  # draws at a time: what the processor's cache holds


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Outcome = `lowest` + how many of the ascending 128-bit `steps` are at most u, for a uniform 128-bit u.

    high: the leading 64 bits of the steps. low, up: least and largest count for each value of u's leading 16 bits.
    """

    lowest: int
    steps: tuple[int, ...]
    high: NDArray[np.uint64]
    low: NDArray[np.int64]
    up: NDArray[np.int64]


def add(cells: NDArray[np.int64], variance: Fraction, dice: Dice) -> None:
    """Add an independent Skellam draw of mean 0 and this variance to each cell, in place, modulo 2^64.

    Args:
        cells: little-endian, any values.
        variance: of one draw, exact.
        dice: asked for 32 bytes, the key of an AES-256-CTR stream that is used once; and for 8 more in the rare case
            that the leading 64 bits do not decide.
    """
    table = _table(variance)
    stream = Cipher(algorithms.AES256(dice(32)), modes.CTR(bytes(16))).encryptor()
    zeros = bytes(8 * _BLOCK)
    for start in range(0, len(cells), _BLOCK):
        part = cells[start : start + _BLOCK]
        np.add(part, _outcomes(table, np.frombuffer(stream.update(zeros[: 8 * len(part)]), "<u8"), dice), out=part)


def draw(variance: Fraction, count: int, dice: Dice) -> NDArray[np.int64]:
    """So many independent draws, each within `ERROR` of the distribution: see `add`."""
    drawn = np.zeros(count, "<i8")
    add(drawn, variance, dice)
    return drawn


def _outcomes(table: _Table, u: NDArray[np.uint64], dice: Dice) -> NDArray[np.int64]:
    """One outcome for each uniform 64-bit u."""
    guide = (u >> np.uint64(64 - _GUIDE)).astype(np.intp)
    counts = table.low[guide]
    undecided = np.flatnonzero(table.up[guide] != counts)
    if undecided.size:
        bits = u[undecided]
        found = np.searchsorted(table.high, bits, side="right")
        counts[undecided] = found
        for at in np.flatnonzero(table.high[np.maximum(found, 1) - 1] == bits):
            whole = int(bits[at]) << 64 | int.from_bytes(dice(8), "big")
            counts[undecided[at]] = bisect_right(table.steps, whole)
    return counts + table.lowest


@lru_cache(maxsize=8)
def _table(variance: Fraction) -> _Table:
    """Steps of the distribution function, rounded down to 128 bits."""
    law = skellam.skellam(variance)
    weights = (*law.weights[:0:-1], *law.weights[:-1])  # of -K, ..., K - 1: the last step, 2^128, is never reached
    steps = tuple((sum_ << 128) // law.total for sum_ in accumulate(weights))
    if (len(steps) + 1) * Fraction(1, 2**128) + skellam.ERROR > ERROR:
        raise FormatError("noise too large to draw exactly", where="noise", found=f"variance {variance}")
    high = np.array([step >> 64 for step in steps], np.uint64)
    starts = np.arange(1 << _GUIDE, dtype=np.uint64) << np.uint64(64 - _GUIDE)
    ends = starts | np.uint64(2 ** (64 - _GUIDE) - 1)
    low = np.searchsorted(high, starts, side="left").astype(np.int64)
    up = np.searchsorted(high, ends, side="right").astype(np.int64)
    return _Table(-(len(law.weights) - 1), steps, high, low, up)


@lru_cache(maxsize=256)
def epsilon(variance: Fraction, cells: int, delta: str, shift: int) -> Decimal:
    """What a release gives away, at most: epsilon at delta, rounded up.

    Of one cell, noised with this variance, whose value one person can move by `shift`, by the definition itself, in
    whole numbers; composed over several cells that one person can touch by their privacy loss distributions. What the
    table leaves out counts as lost (delta).

    Args:
        variance: of the noise in each cell.
        cells: cells that one person can touch.
        delta: as a decimal, between 0 and 1.
        shift: the largest part of one person in one cell.

    >>> epsilon(Fraction(100), 1, "0.0000000001", 1)
    Decimal('0.5535')
    """
    found = _epsilon(((variance, shift),) * cells, delta)
    if found is None:
        raise FormatError("the noise protects nothing", where="noise", found=f"variance {variance}, shift {shift}")
    return found


def loss(study: Study, variance: Fraction | None = None) -> Decimal | None:
    """Epsilon of one release of a study, at its delta; None without noise, or with too little to speak of epsilon.

    Args:
        variance: of the noise that counts; without it, the study's sigma^2: epsilon (i) of SEAL, at most c others
            collude. With a member's own variance it is epsilon (ii): all others do.
    """
    if study.noise is None:
        return None
    of_noise = Fraction(study.noise.sigma2) if variance is None else variance
    return _epsilon(tuple((of_noise, shift) for shift in _shifts(study, study.noise)), study.noise.delta)


def _shifts(study: Study, plan: NoisePlan) -> Iterator[int]:
    """How far one person can move each entry that it can move.

    A sum by its bound, in as many cells as one person touches. A moment by its whole range, which for a covariance is
    twice its bound, and in every cell: whoever leaves a sample changes the number that was drawn in the stratum, and
    with it the variances of cells where that person never stood.
    """
    method = registry.held(study.method)
    moments = {one.id: one for one in method.card.needs.moments} if method else {}
    for measure in study.layout.measures:
        moment = moments.get(measure.id)
        shift = measure.bound if moment is None or len(set(moment.of)) == 1 else 2 * measure.bound
        yield from (shift for _ in range(plan.cells if moment is None else study.layout.cells))


def share(study: Study, members: int, rate: int) -> Fraction:
    """Variance of one member's noise: rate x sigma^2 / (t - c), the rate in per cent (SEAL).

    Any t survivors, c of whom are not believed, still add up to sigma^2.
    """
    if study.noise is None:
        raise FormatError("a study without noise", where=study.id, wanted="a noise plan")
    believed = threshold(members, study.colluding) - study.colluding
    return Fraction(rate * study.noise.sigma2, 100 * believed)


def _epsilon(shifts: tuple[tuple[Fraction, int], ...], delta: str) -> Decimal | None:
    """Composed over cells, each of which one person can move by its own shift; None if it is LARGEST or more."""
    allowed = Fraction(delta)
    if not 0 < allowed < 1 or any(shift < 1 for _, shift in shifts):
        raise FormatError("not a privacy parameter", where="noise", found=f"delta {delta}, shifts {shifts[:4]}")
    # Beside the table stands the true distribution: each event, in each world and cell, differs by ERROR at most.
    allowed -= len(shifts) * (1 + Fraction(math.exp(LARGEST))) * ERROR
    if allowed <= 0:
        raise FormatError("delta below the error of the noise", where="noise", found=delta)
    if len(shifts) == 1:
        return _of_one_cell(*shifts[0], allowed)
    # Seconds to import, and only a study whose persons touch several cells needs it.
    from dp_accounting.pld import privacy_loss_distribution as pld

    composed = pld.identity(_grid(shifts))
    try:
        for (variance, shift), times in sorted({pair: shifts.count(pair) for pair in shifts}.items()):
            lower, upper = _log_masses(variance, 0), _log_masses(variance, shift)
            one = pld.from_two_probability_mass_functions(lower, upper, value_discretization_interval=_grid(shifts))
            composed = composed.compose(one.self_compose(times))
    except IndexError:  # it cannot compose where no loss is finite: anyone may move a study with noise that small
        return None
    found = composed.get_epsilon_for_delta(math.nextafter(float(allowed), 0))
    if not found < LARGEST:
        return None
    return _spelt(Decimal(math.nextafter(found, math.inf)).quantize(STEP, rounding=ROUND_CEILING))


def _of_one_cell(variance: Fraction, shift: int, allowed: Fraction) -> Decimal | None:
    """Least multiple of STEP at which the definition holds, by whole numbers: sum of max(0, P(k) - e^epsilon Q(k)) at
    most delta. Both directions are the same, as the noise is symmetric.
    """
    law = skellam.skellam(variance)
    last = len(law.weights) - 1
    pairs = [
        (law.weights[abs(k)], law.weights[abs(k - shift)] if k - shift >= -last else 0) for k in range(-last, last + 1)
    ]

    def holds(steps: int) -> bool:
        with localcontext(Context(prec=80, rounding=ROUND_FLOOR)):
            # exp is rounded half even whatever the context says, so it is lowered by its last digit.
            above = Fraction((STEP * steps).exp() * (1 - Decimal("1e-75")))
        lost = sum(max(0, p * above.denominator - q * above.numerator) for p, q in pairs)
        return lost <= allowed * law.total * above.denominator

    least = bisect_left(range(_WORTHLESS), True, key=holds)
    return None if least == _WORTHLESS else _spelt(STEP * least)


def _spelt(value: Decimal) -> Decimal:
    """One spelling: 10, not 1E+1 or 10.0000."""
    return Decimal(f"{value.normalize():f}")


def _grid(shifts: tuple[tuple[Fraction, int], ...]) -> float:
    """Width of a step of the privacy loss: a small part of the largest loss at one standard deviation.

    Steps are rounded against us, so a wide one never says too little; one as narrow as the smallest loss would take
    minutes where a count and a sum of squares are composed.
    """
    return min(1e-4, max(shift / math.sqrt(variance) / 1000 for variance, shift in shifts))


def _log_masses(variance: Fraction, shift: int) -> dict[int, float]:
    """Logarithm of the mass at each outcome, moved by `shift`.

    Without the outermost outcomes, whose masses together are far below ERROR, and whose ratios, where the table ends,
    are its rounding alone: they would stretch the loss over millions of steps.
    """
    law = skellam.skellam(variance)
    whole = math.log(law.total)
    half = [math.log(weight) - whole for weight in law.weights if weight << _TAIL >= law.total]
    return {shift + k: half[abs(k)] for k in range(1 - len(half), len(half))}
