"""What charges add up to, and when one more does not fit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget
from comity.stages.protect.budget import Charged, Spent, charge, fits, spent, year_of

BUDGET = Budget(epsilon="2", delta="0.000001")
IN_2025, IN_2026 = 1_750_000_000, 1_780_000_000


def charged(key: str, *, source: str = "survey", time: int = IN_2026, epsilon: str = "1", delta: str = "0") -> Charged:
    return Charged(key=key, source=source, time=time, epsilon=epsilon, delta=delta)


def test_charges_of_a_source_and_year_add_up() -> None:
    charges = (
        charged("a", epsilon="0.1"),
        charged("b", epsilon="0.2", delta="0.0000001"),
        charged("c", source="census"),
        charged("d", time=IN_2025),
    )
    assert Spent(epsilon=Decimal("0.3"), delta=Decimal("0.0000001")) == spent(charges, source="survey", year=2026)


def test_the_year_is_utc() -> None:
    assert (2025, 2026) == (year_of(1_767_225_599), year_of(1_767_225_600))


def test_a_charge_that_fits_exactly_fits_and_no_more() -> None:
    charges = charge((), charged("a"), BUDGET)
    charges = charge(charges, charged("b"), BUDGET)
    with pytest.raises(BudgetSpent):
        charge(charges, charged("c", epsilon="0.0000000001"), BUDGET)


def test_deltas_are_spent_too() -> None:
    charges = charge((), charged("a", delta="0.000001"), BUDGET)
    with pytest.raises(BudgetSpent):
        charge(charges, charged("b", epsilon="0.1", delta="0.000000001"), BUDGET)


def test_the_same_charge_twice_is_one() -> None:
    charges = charge((), charged("a"), BUDGET)
    assert charges == charge(charges, charged("a"), BUDGET)


def test_another_charge_under_the_same_key_is_refused() -> None:
    charges = charge((), charged("a"), BUDGET)
    with pytest.raises(BudgetSpent):
        charge(charges, charged("a", epsilon="0.5"), BUDGET)


@pytest.mark.parametrize("cost", ["-1", "NaN", "Infinity", "one", "-0"])
def test_nothing_pays_budget_back(cost: str) -> None:
    with pytest.raises(ConfigError):
        charge((), charged("a", epsilon=cost), BUDGET)


@given(st.lists(st.decimals(min_value=0, max_value=3, places=6), max_size=12))
def test_no_order_of_charges_exceeds_the_budget(costs: list[Decimal]) -> None:
    charges: tuple[Charged, ...] = ()
    for i, cost in enumerate(costs):
        try:
            charges = charge(charges, charged(str(i), epsilon=f"{cost:f}"), BUDGET)
        except BudgetSpent:
            before = spent(charges, source="survey", year=2026)
            assert before.epsilon + cost > 2
    assert fits(spent(charges, source="survey", year=2026), "0", "0", BUDGET)


@pytest.mark.parametrize("cost", ["abc", "-1", "NaN", "Infinity", "1e999999999", "1e-999999999", "0." + "1" * 300])
def test_a_cost_that_is_none_fits_nowhere(cost: str) -> None:
    """A study's text is whatever its mover wrote; it ends no node, and buys nothing."""
    assert not fits(Spent(epsilon=Decimal(0), delta=Decimal(0)), cost, "0", BUDGET)
    assert not fits(Spent(epsilon=Decimal(0), delta=Decimal(0)), "0", cost, BUDGET)
