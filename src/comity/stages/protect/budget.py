"""The privacy budget as arithmetic: what charges add up to, and whether one more fits. Writes nothing.

Budgets are per source and calendar year (UTC). Epsilons add up, and so do deltas (basic composition, Dwork and Roth
2014, theorem 3.16): true whatever the releases are. A charge is named by its key: the same key is the same charge.
What a release costs is `noise`; that a charge is durable before noise is drawn is `stages.answer` and the ledger.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final

from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget

ANY: Final = "*"  # source of a charge that counts for each: nobody knows any more which one paid (a recovery)
DIGITS: Final = 60  # before and behind the point, at most
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])  # sums of costs are never rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """One release paid for."""

    key: str
    source: str
    time: int  # POSIX seconds
    epsilon: str  # decimal
    delta: str  # decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What charges add up to."""

    epsilon: Decimal
    delta: Decimal


def spent(charges: Iterable[Charged], *, source: str, year: int) -> Spent:
    """What a source's charges of a year add up to; a key counts once."""
    own = {c.key: c for c in charges if c.source in (source, ANY) and year_of(c.time) == year}
    epsilon = delta = Decimal(0)
    for charge in own.values():
        epsilon = _EXACT.add(epsilon, cost(charge.epsilon))
        delta = _EXACT.add(delta, cost(charge.delta))
    return Spent(epsilon=epsilon, delta=delta)


def fits(before: Spent, epsilon: str, delta: str, budget: Budget) -> bool:
    """Whether a release of this cost may follow what was spent; a cost that is none, as a study may say, never does.

    >>> fits(Spent(epsilon=Decimal("0.9"), delta=Decimal(0)), "0.1", "0", Budget(epsilon="1", delta="0"))
    True
    """
    try:
        after = _EXACT.add(before.epsilon, cost(epsilon)), _EXACT.add(before.delta, cost(delta))
    except ConfigError:
        return False
    return after[0] <= cost(budget.epsilon) and after[1] <= cost(budget.delta)


def charge(charges: tuple[Charged, ...], new: Charged, budget: Budget) -> tuple[Charged, ...]:
    """The charges with one more; the same as before if it is among them.

    Raises:
        BudgetSpent: its source's year cannot bear it, or another charge stands under its key.
        ConfigError: what it costs is no cost.
    """
    _ = cost(new.epsilon), cost(new.delta)
    for known in charges:
        if known.key == new.key:
            if (known.source, known.epsilon, known.delta) != (new.source, new.epsilon, new.delta):
                raise BudgetSpent("another charge stands under this key", where="ledger", found=new.key)
            return charges
    before = spent(charges, source=new.source, year=year_of(new.time))
    if not fits(before, new.epsilon, new.delta, budget):
        raise BudgetSpent(
            "the privacy budget of this year does not allow this release",
            where=new.source,
            found=f"epsilon {new.epsilon} and delta {new.delta}, after {before.epsilon:f} and {before.delta:f}",
            wanted=f"at most {budget.epsilon} and {budget.delta}",
            way_out="ask for less, or wait for the next year",
        )
    return (*charges, new)


def cost(text: str) -> Decimal:
    """A cost or budget; never negative, never infinite, so that nothing pays budget back; ConfigError otherwise."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value.is_signed() or max(abs(value.adjusted()), len(value.as_tuple().digits)) > DIGITS:
        raise ConfigError("not a privacy cost", where="budget", found=text, wanted="a decimal of 0 or more")
    return value


def year_of(time: int) -> int:
    """Calendar year of POSIX seconds, UTC."""
    return datetime.datetime.fromtimestamp(time, datetime.UTC).year
