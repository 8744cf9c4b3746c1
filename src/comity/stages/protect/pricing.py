"""What a release with noise costs, as the ledger keeps it, and what all that a ledger holds gives away together.

Decides which numbers of a release are charged: epsilon at delta as the study states it (never less than `noise` finds:
see `stages.consent`), rho as `noise` finds it, and what it was made of, so that every account can be reckoned again.
Whether a budget bears it is `budget`. Loads arrays: only who draws, or is asked what it would cost, pays for that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from comity.errors import FormatError
from comity.model.law import Exposure
from comity.model.policy import Budget
from comity.model.study import NoisePlan, Study
from comity.stages.protect import budget, noise
from comity.stages.protect.budget import Charged, Cost, Reckoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What charges give away together at the budget's delta, by each accounting; None where that delta is too small.

    pld: composition of the privacy loss distributions, what nobody knows the making of added up beside it. To be read:
        it holds for releases that were fixed beforehand, and lets nothing pass.
    """

    reckoned: Reckoned
    pld: Decimal | None


def of_study(study: Study) -> Cost | None:
    """What one answer to a study costs; None without noise. The study must be sound (`model.study.unsound`)."""
    return None if study.noise is None else of_plan(study, study.noise)


def of_plan(study: Study, plan: NoisePlan) -> Cost:
    """What one answer costs by the study's own plan."""
    return _cost(tuple(noise.exposures(study)), plan.epsilon, plan.delta)


def of_release(exposed: Iterable[Exposure], delta: str) -> Cost:
    """What a release costs that one privacy unit is so exposed to, such as an own table with noise.

    Raises:
        FormatError: the noise protects nothing, or delta is below the error of its draws.
    """
    parts = tuple(exposed)
    found = noise.composed(parts, delta)
    if found is None:
        raise FormatError("the noise protects nothing", where="noise", found=budget.spelt(parts)[:80])
    return _cost(parts, f"{found:f}", delta)


def _cost(exposed: tuple[Exposure, ...], epsilon: str, delta: str) -> Cost:
    found = [noise.rho(one.law, one.shift, one.cells) for one in exposed]
    known = [one for one in found if one is not None]
    rho = f"{sum(known, Decimal(0)):f}" if len(known) == len(found) > 0 else ""
    return Cost(epsilon=epsilon, delta=delta, rho=rho, made=budget.spelt(exposed))


def accounts(charges: Iterable[Charged], allowed: Budget) -> Accounts:
    """All accounts of the charges of one window; a key counts once."""
    each = {one.key: one for one in charges}.values()
    total = budget.NOTHING
    for one in each:
        total = total.plus(one.cost)
    return Accounts(reckoned=budget.reckoned(total, allowed), pld=_pld(tuple(one.cost for one in each), allowed))


def _pld(costs: tuple[Cost, ...], allowed: Budget) -> Decimal | None:
    plain = budget.NOTHING
    for one in costs:
        plain = plain if one.made else plain.plus(one)
    exposed = tuple(part for one in costs for part in budget.made(one.made))
    left = budget.cost(allowed.delta) - plain.delta
    if not exposed:
        return plain.epsilon if left >= 0 else None
    try:
        found = noise.composed(exposed, f"{left:f}")
    except FormatError:  # nothing of delta is left
        return None
    return None if found is None else plain.epsilon + found
