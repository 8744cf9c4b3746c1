"""The privacy ledger, `ledger.db`: what every release of this office's data has cost, charged before noise is drawn.

Decides that a charge is durable, that the same charge twice is one, and that what does not fit is refused
(BudgetSpent); what a release costs is the arithmetic of `stages.protect`. The budget is per calendar year (UTC),
epsilons and deltas added up (basic composition, Dwork and Roth 2014, theorem 3.16): true whatever the releases are.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from pathlib import Path
from typing import Final

from comity.adapters.database import Database
from comity.canon import Digest
from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget

MIGRATIONS: Final = (
    """
    CREATE TABLE charge (
        key TEXT PRIMARY KEY,
        study TEXT NOT NULL,
        period TEXT NOT NULL,
        epsilon TEXT NOT NULL,
        delta TEXT NOT NULL,
        time INTEGER NOT NULL,
        year INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])  # sums of budgets are never rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One release paid for. `key` names it: a second charge under the same key is the same charge."""

    key: str
    study: Digest
    period: str
    epsilon: str  # decimal
    delta: str  # decimal
    time: int  # POSIX seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a year's charges add up to, as decimals in plain spelling."""

    epsilon: str
    delta: str


class Ledger:
    """Charges, in the order they were made."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)

    def charge(self, charge: Charge, budget: Budget) -> bool:
        """Write a charge durably; True if it is new, BudgetSpent (and nothing written) if the year cannot bear it."""
        where, year = "ledger.db", _year(charge.time)
        with self._database.write() as transaction:
            known = transaction.execute(
                "SELECT study, period, epsilon, delta FROM charge WHERE key = ?", (charge.key,)
            ).fetchone()
            if known is not None:
                if known != (charge.study, charge.period, charge.epsilon, charge.delta):
                    raise BudgetSpent("another charge stands under this key", where=where, found=charge.key)
                return False
            before = transaction.execute("SELECT epsilon, delta FROM charge WHERE year = ?", (year,)).fetchall()
            after = _sum([*before, (charge.epsilon, charge.delta)])
            if not _fits(after, budget):
                left = _sum(before)
                raise BudgetSpent(
                    "the privacy budget of this year does not allow this release",
                    where=where,
                    found=f"epsilon {charge.epsilon} and delta {charge.delta}, after {left.epsilon} and {left.delta}",
                    wanted=f"at most {budget.epsilon} and {budget.delta}",
                    way_out="ask for less, or wait for the next year",
                )
            transaction.execute(
                "INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?)",
                (charge.key, charge.study, charge.period, charge.epsilon, charge.delta, charge.time, year),
            )
        return True

    def charges(self) -> tuple[Charge, ...]:
        """Every charge, oldest first."""
        rows = self._database.read("SELECT key, study, period, epsilon, delta, time FROM charge ORDER BY time, key")
        return tuple(
            Charge(key=key, study=Digest(study), period=period, epsilon=epsilon, delta=delta, time=time)
            for key, study, period, epsilon, delta, time in rows
        )

    def spent(self, now: int) -> Spent:
        """What this year's charges add up to."""
        return _sum(self._database.read("SELECT epsilon, delta FROM charge WHERE year = ?", (_year(now),)))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def fits(spent: Spent, epsilon: str, delta: str, budget: Budget) -> bool:
    """Whether a release of this cost may follow what was spent."""
    return _fits(_sum([(spent.epsilon, spent.delta), (epsilon, delta)]), budget)


def _fits(total: Spent, budget: Budget) -> bool:
    return _decimal(total.epsilon) <= _decimal(budget.epsilon) and _decimal(total.delta) <= _decimal(budget.delta)


def _sum(rows: Sequence[tuple[str, ...]]) -> Spent:
    epsilon = delta = Decimal(0)
    for one, other in rows:
        epsilon, delta = _EXACT.add(epsilon, _decimal(one)), _EXACT.add(delta, _decimal(other))
    return Spent(epsilon=f"{epsilon:f}", delta=f"{delta:f}")


def _decimal(text: str) -> Decimal:
    """A cost or budget; never negative, never infinite, so that nothing pays budget back."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value.is_signed():
        raise ConfigError("not a privacy cost", where="budget", found=text, wanted="a decimal of 0 or more")
    return value


def _year(time: int) -> int:
    return datetime.datetime.fromtimestamp(time, datetime.UTC).year
