"""Spend before release: a charge is durable, counts once, and never takes what is not there."""

from decimal import Decimal
from pathlib import Path

import pytest

from comity.adapters.ledger import Ledger, Line
from comity.canon import digest
from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget
from comity.stages.protect.budget import Charged, Spent

BUDGET = Budget(epsilon="1", delta="0.000001")
STUDY = digest(b"study")
IN_2025, IN_2026 = 1_750_000_000, 1_790_000_000


def charge(key: str, epsilon: str, *, delta: str = "0", time: int = IN_2025, source: str = "survey") -> Line:
    charged = Charged(key=key, source=source, time=time, epsilon=epsilon, delta=delta)
    return Line(charged=charged, study=STUDY, period="w6")


def test_a_charge_is_there_after_a_restart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.charge(charge("a", "0.3"), BUDGET)
    ledger.close()
    assert (charge("a", "0.3"),) == Ledger(tmp_path / "ledger.db").lines()


def test_the_same_charge_twice_is_one(tmp_path: Path) -> None:
    """Also at a later time: a node that was killed asks again."""
    ledger = Ledger(tmp_path / "ledger.db")
    assert [True, False] == [ledger.charge(charge("a", "0.6", time=IN_2025 + i), BUDGET) for i in range(2)]
    assert Spent(epsilon=Decimal("0.6"), delta=Decimal(0)) == ledger.spent("survey", IN_2025)


@pytest.mark.parametrize(
    "other",
    [charge("a", "0.1"), Line(charged=charge("a", "0.6").charged, study=STUDY, period="w5")],
    ids=["cost", "period"],
)
def test_another_charge_under_the_same_key_is_refused(tmp_path: Path, other: Line) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "0.6"), BUDGET)
    with pytest.raises(BudgetSpent, match="another charge"):
        ledger.charge(other, BUDGET)


def test_what_does_not_fit_is_refused_and_not_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "0.7"), BUDGET)
    with pytest.raises(BudgetSpent, match="budget of this year"):
        ledger.charge(charge("b", "0.30000001"), BUDGET)
    assert ledger.charge(charge("c", "0.3"), BUDGET)
    with pytest.raises(BudgetSpent):
        ledger.charge(charge("d", "0", delta="0.0000011"), BUDGET)
    assert ["a", "c"] == [line.charged.key for line in ledger.lines()]


def test_a_year_and_a_source_have_their_own_budget(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.charge(charge("a", "1"), BUDGET)
    assert ledger.charge(charge("b", "1", time=IN_2026), BUDGET)
    assert ledger.charge(charge("c", "1", source="register"), BUDGET)


def test_a_cost_below_zero_is_not_charged(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Ledger(tmp_path / "ledger.db").charge(charge("a", "-1"), BUDGET)


def test_two_processes_cannot_both_take_the_rest(tmp_path: Path) -> None:
    """Two handles on one file stand for them: each reads inside its own transaction."""
    one, other = Ledger(tmp_path / "ledger.db"), Ledger(tmp_path / "ledger.db")
    assert one.charge(charge("a", "0.6"), BUDGET)
    with pytest.raises(BudgetSpent):
        other.charge(charge("b", "0.6"), BUDGET)
