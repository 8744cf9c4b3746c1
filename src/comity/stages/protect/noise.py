"""What a release with noise gives away: by the definition, by privacy loss distributions, and as zero-concentrated.

Every member adds its own part of a joint sum's noise; Skellam is closed under sums, so whoever survives, the noise of
the sum is Skellam of the summed variance (Agarwal, Kairouz, Liu, NeurIPS 2021, arXiv:2110.04995). Decides what a draw
costs; how it is made is `sampler`, whether a budget bears the cost is `budget`, who charges and in which order is
`stages.answer`. Accounts may use floats, which round against us; no draw does.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Final

from comity.errors import FormatError
from comity.methods import registry
from comity.model.law import SKELLAM, Exposure, Law
from comity.model.study import NoisePlan, Study, threshold
from comity.stages.protect import concentrated
from comity.stages.protect.concentrated import rho as rho
from comity.stages.protect.sampler import ERROR
from comity.stages.protect.sampler import add as add
from comity.stages.protect.sampler import draw as draw

STEP: Final = Decimal("0.0001")
"""Epsilons are rounded up to this."""
LARGEST: Final = 32
"""An epsilon of this or more promises nothing, and none is stated."""
_WORTHLESS: Final = LARGEST * 10**4  # in STEPs
_MANY: Final = 10**5  # cells; to compose more takes minutes, and what is rounded costs more than rho does
_TAIL: Final = 140  # an outcome with a mass below 2^-140 is left out of a composition: some million of them, 2^-118


@lru_cache(maxsize=256)
def epsilon(law: Law, cells: int, delta: str, shift: int) -> Decimal:
    """What a release gives away, at most: epsilon at delta, rounded up.

    Args:
        law: of the noise in each cell.
        cells: cells that one person can touch.
        delta: as a decimal, between 0 and 1.
        shift: the largest part of one person in one cell.

    Raises:
        FormatError: no privacy parameters, or noise that protects nothing.

    >>> epsilon(Law("skellam", Fraction(100)), 1, "0.0000000001", 1)
    Decimal('0.5535')
    """
    found = composed((Exposure(law, shift, cells),), delta)
    if found is None:
        raise FormatError("the noise protects nothing", where="noise", found=f"{law}, shift {shift}")
    return found


def loss(study: Study, variance: Fraction | None = None) -> Decimal | None:
    """Epsilon of one release of a study, at its delta; None without noise, or with too little to speak of epsilon.

    Args:
        variance: of the noise that counts; without it, the study's sigma^2: epsilon (i) of SEAL, at most c others
            collude. With a member's own variance it is epsilon (ii): all others do.
    """
    if study.noise is None:
        return None
    return composed(tuple(exposures(study, variance)), study.noise.delta)


def exposures(study: Study, variance: Fraction | None = None) -> Iterator[Exposure]:
    """What whom the study protects stands under in one release, measure by measure; nothing without noise.

    Args:
        variance: as in `loss`.
    """
    if study.noise is None:
        return
    law = Law(SKELLAM, Fraction(study.noise.sigma2) if variance is None else variance)
    for shift, cells in _shifts(study, study.noise):
        yield Exposure(law, shift, cells)


def _shifts(study: Study, plan: NoisePlan) -> Iterator[tuple[int, int]]:
    """How far whom the plan protects can move the entries of each measure, and how many of them.

    A member: each entry from nothing to the study's bound, to which it is clipped; and never less than a person could.
    A sum by its bound, in as many cells as one person touches. A moment by its whole range, which for a covariance is
    twice its bound, and in every cell: whoever leaves a sample changes the number that was drawn in the stratum, and
    with it the variances of cells where that person never stood.
    """
    method = registry.held(study.method)
    moments = {one.id: one for one in method.card.needs.moments} if method else {}
    for measure in study.layout.measures:
        moment = moments.get(measure.id)
        shift = measure.bound if moment is None or len(set(moment.of)) == 1 else 2 * measure.bound
        if plan.protects == "member":
            yield max(shift, study.bound), study.layout.cells
        else:
            yield shift, plan.cells if moment is None else study.layout.cells


def share(study: Study, members: int, rate: int) -> Fraction:
    """Variance of one member's noise: rate x sigma^2 / (t - c), the rate in per cent (SEAL).

    Any t survivors, c of whom are not believed, still add up to sigma^2.
    """
    if study.noise is None:
        raise FormatError("a study without noise", where=study.id, wanted="a noise plan")
    believed = threshold(members, study.colluding) - study.colluding
    return Fraction(rate * study.noise.sigma2, 100 * believed)


def composed(exposed: tuple[Exposure, ...], delta: str) -> Decimal | None:
    """Epsilon at delta of all that one person stands under, together; rounded up to STEP.

    One cell by the definition itself, in whole numbers. Several, also of many releases, by their privacy loss
    distributions (dp-accounting, pessimistic), whatever their laws; very many by their rho. Where all are discrete
    Laplace, and it is less, by adding up what each gives away at any delta. What the tables leave out counts as lost
    (delta).

    Args:
        exposed: of one release, or of all that a ledger holds.
        delta: as a decimal, between 0 and 1.

    Returns:
        None if it is LARGEST or more: the noise protects nothing.

    Raises:
        FormatError: no privacy parameters, or a delta below the error of the draws.
    """
    return _composed(_merged(exposed), delta)


def from_rho(spent: Decimal, delta: str, cells: int) -> Decimal | None:
    """Epsilon at delta of what adds up to so much rho, rounded up to STEP; None if it is LARGEST or more.

    Args:
        spent: sum of `rho` over releases.
        delta: as a decimal, between 0 and 1.
        cells: over all of them; the error of their draws is taken from delta.
    """
    found = concentrated.epsilon(spent, _allowed(delta, cells))
    return _stated(found) if found < LARGEST else None


def _merged(exposed: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """Each law and shift once, in one order."""
    cells: Counter[tuple[Law, int]] = Counter()
    for one in exposed:
        cells[one.law, one.shift] += one.cells
    merged = (Exposure(law, shift, number) for (law, shift), number in cells.items())
    return tuple(sorted(merged, key=str))


def _allowed(delta: str, cells: int) -> Fraction:
    """What is left of delta. Beside a table stands its law: each event, in each world and cell, differs by ERROR."""
    allowed = Fraction(delta)
    if not 0 < allowed < 1 or cells < 1:
        raise FormatError("not a privacy parameter", where="noise", found=f"delta {delta}, cells {cells}")
    allowed -= cells * (1 + Fraction(math.exp(LARGEST))) * ERROR
    if allowed <= 0:
        raise FormatError("delta below the error of the noise", where="noise", found=delta)
    return allowed


@lru_cache(maxsize=256)
def _composed(exposed: tuple[Exposure, ...], delta: str) -> Decimal | None:
    if any(one.shift < 1 or one.cells < 1 for one in exposed):
        raise FormatError("not a privacy parameter", where="noise", found=", ".join(map(str, exposed))[:80])
    allowed = _allowed(delta, sum(one.cells for one in exposed))
    cells = sum(one.cells for one in exposed)
    if cells == 1:
        found = _of_one_cell(exposed[0], allowed)
    else:
        found = _of_many(exposed, allowed) if cells <= _MANY else _of_masses(exposed, allowed)
    pure = concentrated.pure(exposed)
    known = [one for one in (found, pure) if one is not None and one < LARGEST]
    return _stated(min(known)) if known else None


def _of_many(exposed: tuple[Exposure, ...], allowed: Fraction) -> Decimal | None:
    if sum(map(_loss, exposed)) > 2 * LARGEST:
        return None  # the mean of the loss alone is beyond what is stated; to compose it would take hours
    # Seconds to import, and only whoever touches several cells needs it.
    from dp_accounting.pld import privacy_loss_distribution as pld

    grid = _grid(exposed)
    whole = pld.identity(grid)
    try:
        for one in exposed:
            lower, upper = _log_masses(one.law, 0), _log_masses(one.law, one.shift)
            cell = pld.from_two_probability_mass_functions(lower, upper, value_discretization_interval=grid)
            whole = whole.compose(cell.self_compose(one.cells))
    except IndexError:  # it cannot compose where no loss is finite: anyone may move a study with noise that small
        return None
    found = whole.get_epsilon_for_delta(math.nextafter(float(allowed), 0))
    return Decimal(math.nextafter(found, math.inf)) if found < LARGEST else None


def _of_masses(exposed: tuple[Exposure, ...], allowed: Fraction) -> Decimal | None:
    costs = [rho(one.law, one.shift, one.cells) for one in exposed]
    known = [one for one in costs if one is not None]
    return concentrated.epsilon(sum(known, Decimal(0)), allowed) if len(known) == len(costs) else None


def _of_one_cell(one: Exposure, allowed: Fraction) -> Decimal | None:
    """Least multiple of STEP at which the definition holds, by whole numbers: sum of max(0, P(k) - e^epsilon Q(k)) at
    most delta. Both directions are the same, as the noise is symmetric.

    All laws are log-concave, so P / Q only falls as k grows: the terms above 0 are those up to some k.
    """
    weights, total, shift = one.law.masses.weights, one.law.masses.total, one.shift
    last = len(weights) - 1
    below = [0, *accumulate(weights[abs(k)] for k in range(-last, last + 1))]  # weight of what is less than k - last

    def holds(steps: int) -> bool:
        with localcontext(Context(prec=80, rounding=ROUND_FLOOR)):
            # exp is rounded half even whatever the context says, so it is lowered by its last digit.
            above = Fraction((STEP * steps).exp() * (1 - Decimal("1e-75")))

        def negative(k: int) -> bool:
            return (
                k - shift >= -last and weights[abs(k)] * above.denominator < weights[abs(k - shift)] * above.numerator
            )

        end = bisect_left(range(-last, last + 1), True, key=negative)
        lost = below[end] * above.denominator - below[max(0, end - shift)] * above.numerator
        return lost <= allowed * total * above.denominator

    least = bisect_left(range(_WORTHLESS), True, key=holds)
    return None if least == _WORTHLESS else STEP * least


def _stated(value: Decimal) -> Decimal:
    """Rounded up to STEP, in one spelling: 10, not 1E+1 or 10.0000."""
    return Decimal(f"{value.quantize(STEP, rounding=ROUND_CEILING).normalize():f}")


def _loss(one: Exposure) -> Fraction:
    """About the mean of the privacy loss, and not more: shift^2 / 2 variance, and of a wide shift a part of it."""
    return one.cells * min(one.shift**2 / (2 * one.law.variance), Fraction(2, 5))


def _grid(exposed: tuple[Exposure, ...]) -> float:
    """Width of a step of the privacy loss: a small part of the largest loss at one standard deviation.

    Steps are rounded against us, so a wide one never says too little; one as narrow as the smallest loss would take
    minutes where a count and a sum of squares are composed.
    """
    return min(1e-4, max(one.shift / math.sqrt(one.law.variance) / 1000 for one in exposed))


def _log_masses(law: Law, shift: int) -> dict[int, float]:
    """Logarithm of the mass at each outcome, moved by `shift`.

    Without the outermost outcomes, whose masses together are far below ERROR, and whose ratios, where the table ends,
    are its rounding alone: they would stretch the loss over millions of steps.
    """
    table = law.masses
    whole = math.log(table.total)
    half = [math.log(weight) - whole for weight in table.weights if weight << _TAIL >= table.total]
    return {shift + k: half[abs(k)] for k in range(1 - len(half), len(half))}
