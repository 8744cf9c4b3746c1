"""The privacy budget as arithmetic: what charges come to together, and whether one more fits. Writes nothing.

One account for each source, in windows of the policy's `years` calendar years (UTC) that end with the present one; a
privacy unit that the policy names has an account of its own, and what any other unit cost counts for all. Whoever asks,
pays from the same. A charge is named by its key: the same key is the same charge.

Charges are reckoned in two ways, and one more fits if it fits by either:

- adding up: epsilons add up, and so do deltas (Dwork and Roth 2014, theorem 3.16): true whatever the releases are;
- zCDP: rhos add up (Bun and Steinke 2016, arXiv:1605.02065), and give an epsilon at the budget's delta
  (`noise.from_rho`); what has no rho is added up beside it. Epsilon grows with the root of the number of releases then.

Both hold for releases that are chosen in the light of earlier ones, as studies are (privacy filters: Rogers et al.
2016, arXiv:1605.08294; Whitehouse et al. 2023, arXiv:2203.05481). As either may let a release pass, somebody who plays
the two against each other may spend the budget's delta twice, and never more; a list that was fixed beforehand spends
it once. The composition of privacy loss distributions is a little tighter still, but shown for releases that are fixed
beforehand alone: `pricing` reckons it to be read, and it lets nothing pass.

What a release costs is `pricing`; that a charge is durable before noise is drawn is `stages.answer` and the ledger.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import Final, NamedTuple, Self

from comity.errors import BudgetSpent, ConfigError, FormatError
from comity.model.law import Exposure
from comity.model.policy import Budget

ANY: Final = "*"  # source or unit of a charge that counts for each: nobody knows any more which one paid
DIGITS: Final = 60  # before and behind the point, at most
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])  # sums of costs are never rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a release costs, in decimals.

    epsilon: at delta. rho: of zero-concentrated differential privacy, "" where no such bound is known.
    made: what the privacy unit is exposed to, as `spelt` writes it; "" where nobody knows: rho is not believed then.
    """

    epsilon: str
    delta: str
    rho: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """One release paid for, with its cost as in `Cost`. unit: the norm's privacy unit."""

    key: str
    source: str
    time: int  # POSIX seconds
    epsilon: str
    delta: str
    unit: str = ANY
    rho: str = ""
    made: str = ""

    @classmethod
    def of(cls, cost: Cost, *, key: str, source: str, unit: str, time: int) -> Self:
        """A release of this cost."""
        paid = {"epsilon": cost.epsilon, "delta": cost.delta, "rho": cost.rho, "made": cost.made}
        return cls(key=key, source=source, unit=unit, time=time, **paid)

    @property
    def cost(self) -> Cost:
        """What it costs, without what paid for it."""
        return Cost(epsilon=self.epsilon, delta=self.delta, rho=self.rho, made=self.made)


def spelt(exposed: Iterable[Exposure]) -> str:
    """What a release was made of, as a ledger keeps it.

    >>> from fractions import Fraction
    >>> from comity.model.law import Law
    >>> spelt([Exposure(Law("skellam", Fraction(36)), shift=1, cells=2)] * 2)
    'skellam 36 x 2 by 1; skellam 36 x 2 by 1'
    """
    return "; ".join(map(str, exposed))


def made(text: str) -> tuple[Exposure, ...]:
    """What `spelt` wrote; FormatError for anything else."""
    return tuple(Exposure.parse(one) for one in text.split("; ")) if text else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What charges add up to.

    epsilon, delta: of all. rho, draws: of those that have a rho. plain_epsilon, plain_delta: of those that have none.
    """

    epsilon: Decimal
    delta: Decimal
    rho: Decimal = Decimal(0)
    draws: int = 0
    plain_epsilon: Decimal = Decimal(0)
    plain_delta: Decimal = Decimal(0)

    def plus(self, more: Cost) -> "Spent":
        """With one release more; ConfigError for a cost that is none, FormatError for parts that are none."""
        return self.and_(_alone(more))

    def and_(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            epsilon=_EXACT.add(self.epsilon, other.epsilon),
            delta=_EXACT.add(self.delta, other.delta),
            rho=_EXACT.add(self.rho, other.rho),
            draws=self.draws + other.draws,
            plain_epsilon=_EXACT.add(self.plain_epsilon, other.plain_epsilon),
            plain_delta=_EXACT.add(self.plain_delta, other.plain_delta),
        )


@lru_cache(maxsize=256)
def _alone(one: Cost) -> Spent:
    epsilon, delta = cost(one.epsilon), cost(one.delta)
    if one.rho and one.made:
        drawn = sum(exposed.cells for exposed in made(one.made))
        return Spent(epsilon=epsilon, delta=delta, rho=cost(one.rho), draws=drawn)
    return Spent(epsilon=epsilon, delta=delta, plain_epsilon=epsilon, plain_delta=delta)


NOTHING: Final = Spent(epsilon=Decimal(0), delta=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """Epsilon of what was spent, at the budget's delta, by each accounting; None where that delta does not reach."""

    adding: Decimal | None
    zcdp: Decimal | None

    @property
    def least(self) -> Decimal | None:
        """The one that counts."""
        return min((one for one in (self.adding, self.zcdp) if one is not None), default=None)


class Account(NamedTuple):
    """Where a charge stands."""

    source: str
    unit: str
    year: int


Books = Mapping[Account, Spent]


def account(charge: Charged) -> Account:
    """Where a charge stands."""
    return Account(charge.source, charge.unit, year_of(charge.time))


def books(charges: Iterable[Charged]) -> dict[Account, Spent]:
    """What charges add up to, account by account; a key counts once."""
    found: dict[Account, Spent] = {}
    for charge in {one.key: one for one in charges}.values():
        where = account(charge)
        found[where] = found.get(where, NOTHING).plus(charge.cost)
    return found


def in_window(where: Account, *, source: str, unit: str, year: int, budget: Budget) -> bool:
    """Whether what stands here counts for a release of this source and unit in this year.

    Later years count as well: a clock that is set back renews nothing.
    """
    paid = where.source in (source, ANY)
    apart = where.unit != unit and where.unit in budget.units and unit in budget.units
    return paid and not apart and (budget.years == 0 or where.year > year - budget.years)


def spent(found: Books, *, source: str, unit: str, now: int, budget: Budget) -> Spent:
    """What counts for a release at this time (POSIX seconds)."""
    total, year = NOTHING, year_of(now)
    for where, sums in found.items():
        if in_window(where, source=source, unit=unit, year=year, budget=budget):
            total = total.and_(sums)
    return total


def reckoned(total: Spent, budget: Budget) -> Reckoned:
    """Both accountings of what was spent.

    >>> many = Spent(epsilon=Decimal(50), delta=Decimal("0.0001"), rho=Decimal("0.5"), draws=100)
    >>> found = reckoned(many, Budget(epsilon="6", delta="0.000001"))
    >>> found.adding is None, found.zcdp < Decimal("5.76")  # rho + 2 sqrt(rho ln(1/delta)), Bun and Steinke's
    (True, True)
    """
    delta = cost(budget.delta)
    return Reckoned(adding=total.epsilon if total.delta <= delta else None, zcdp=_zcdp(total, delta))


def _zcdp(total: Spent, delta: Decimal) -> Decimal | None:
    left = _EXACT.subtract(delta, total.plain_delta)
    if total.rho == 0:
        return total.plain_epsilon if left >= 0 else None
    # Arrays take a moment to load; only who has spent much already pays for it.
    from comity.stages.protect import noise

    try:
        found = noise.from_rho(total.rho, f"{left:f}", total.draws)
    except FormatError:  # nothing of delta is left
        return None
    return None if found is None else _EXACT.add(total.plain_epsilon, found)


def fits(before: Spent, more: Cost, budget: Budget) -> bool:
    """Whether a release may follow what was spent; a cost that is none, as a study may say, never does.

    >>> before = Spent(epsilon=Decimal("0.9"), delta=Decimal(0))
    >>> fits(before, Cost(epsilon="0.1", delta="0"), Budget(epsilon="1", delta="0.000001"))
    True
    """
    try:
        after = before.plus(more)
    except (ConfigError, FormatError):
        return False
    most = cost(budget.epsilon)
    if after.epsilon <= most and after.delta <= cost(budget.delta):
        return True
    least = reckoned(after, budget).least
    return least is not None and least <= most


def refused(before: Spent, new: Charged, budget: Budget) -> BudgetSpent:
    """Why a charge does not fit, in one line."""
    least = reckoned(before, budget).least
    return BudgetSpent(
        "the privacy budget does not allow this release",
        where=new.source,
        found=f"epsilon {new.epsilon} and delta {new.delta}, after epsilon "
        + ("beyond all bounds" if least is None else f"{least:f}"),
        wanted=f"at most epsilon {budget.epsilon} and delta {budget.delta} {window(budget)}",
        way_out="ask for less, or wait" + (" for the next year" if budget.years == 1 else ""),
    )


def window(budget: Budget) -> str:
    """How long a budget has to last, in words."""
    return {0: "for good", 1: "a year"}.get(budget.years, f"in {budget.years} years")


def same(known: Charged, new: Charged) -> bool:
    """Whether two charges of one key are one; BudgetSpent if another stands under it."""
    if (known.source, known.epsilon, known.delta) != (new.source, new.epsilon, new.delta):
        raise BudgetSpent("another charge stands under this key", where="ledger", found=new.key)
    return True


def charge(charges: tuple[Charged, ...], new: Charged, budget: Budget) -> tuple[Charged, ...]:
    """The charges with one more; the same as before if it is among them.

    Raises:
        BudgetSpent: its source's budget cannot bear it, or another charge stands under its key.
        ConfigError: what it costs is no cost. FormatError: nor what it was made of.
    """
    _ = NOTHING.plus(new.cost)
    if any(known.key == new.key and same(known, new) for known in charges):
        return charges
    before = spent(books(charges), source=new.source, unit=new.unit, now=new.time, budget=budget)
    if not fits(before, new.cost, budget):
        raise refused(before, new, budget)
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
