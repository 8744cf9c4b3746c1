"""Spend before release: a charge is durable, counts once, and never takes what is not there."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.adapters.ledger import Charge, Ledger, Spent, fits
from comity.canon import digest
from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget

BUDGET = Budget(epsilon="1", delta="0.000001")
STUDY = digest(b"study")
IN_2025, IN_2026 = 1_750_000_000, 1_790_000_000


def charge(key: str, epsilon: str, *, delta: str = "0", time: int = IN_2025) -> Charge:
    return Charge(key=key, study=STUDY, period="w6", epsilon=epsilon, delta=delta, time=time)


def test_a_charge_is_there_after_a_restart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert ledger.charge(charge("a", "0.3"), BUDGET)
    ledger.close()
    assert (charge("a", "0.3"),) == Ledger(tmp_path / "ledger.db").charges()


def test_the_same_charge_twice_is_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    assert [True, False] == [ledger.charge(charge("a", "0.6"), BUDGET) for _ in range(2)]
    assert Spent(epsilon="0.6", delta="0") == ledger.spent(IN_2025)


def test_another_cost_under_the_same_key_is_refused(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "0.6"), BUDGET)
    with pytest.raises(BudgetSpent, match="another charge"):
        ledger.charge(charge("a", "0.1"), BUDGET)


def test_what_does_not_fit_is_refused_and_not_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "0.7"), BUDGET)
    with pytest.raises(BudgetSpent, match="budget of this year"):
        ledger.charge(charge("b", "0.30000001"), BUDGET)
    assert ledger.charge(charge("c", "0.3"), BUDGET)
    with pytest.raises(BudgetSpent):
        ledger.charge(charge("d", "0", delta="0.0000011"), BUDGET)


def test_a_new_year_has_its_own_budget(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.charge(charge("a", "1"), BUDGET)
    assert ledger.charge(charge("b", "1", time=IN_2026), BUDGET)
    assert fits(ledger.spent(IN_2026), "0", "0", BUDGET)
    assert not fits(ledger.spent(IN_2026), "0.1", "0", BUDGET)


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "", "-0", "one"])
def test_nothing_pays_budget_back(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        Ledger(tmp_path / "ledger.db").charge(charge("a", text), BUDGET)


@given(st.lists(st.decimals(0, 1, places=4), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_the_year_never_exceeds_its_budget(tmp_path_factory: pytest.TempPathFactory, costs: list[Decimal]) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
    for number, cost in enumerate(costs):
        try:
            ledger.charge(charge(str(number), str(cost)), BUDGET)
        except BudgetSpent:
            continue
    assert Decimal(ledger.spent(IN_2025).epsilon) <= 1
