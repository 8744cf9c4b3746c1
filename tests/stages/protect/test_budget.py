"""What charges add up to, and when one more does not fit."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import BudgetSpent, ConfigError
from comity.model.policy import Budget
from comity.stages.protect.budget import (
    NOTHING,
    Charged,
    Cost,
    Reckoned,
    Spent,
    books,
    charge,
    fits,
    reckoned,
    spent,
    year_of,
)

BUDGET, THREE = Budget(epsilon="2", delta="0.000001"), Budget(epsilon="3", delta="0.000001")
GAUSSIAN = "discrete-gaussian 500 x 1 by 1"  # rho 0.001
IN_2025, IN_2026 = 1_750_000_000, 1_780_000_000


def charged(
    key: str,
    *,
    source: str = "survey",
    time: int = IN_2026,
    epsilon: str = "1",
    delta: str = "0",
    unit: str = "person",
    rho: str = "",
    made: str = "",
) -> Charged:
    return Charged(key=key, source=source, time=time, epsilon=epsilon, delta=delta, unit=unit, rho=rho, made=made)


def of(
    charges: tuple[Charged, ...],
    budget: Budget = BUDGET,
    *,
    source: str = "survey",
    unit: str = "person",
    now: int = IN_2026,
) -> Spent:
    return spent(books(charges), source=source, unit=unit, now=now, budget=budget)


def test_charges_of_a_source_and_year_add_up() -> None:
    charges = (
        charged("a", epsilon="0.1"),
        charged("b", epsilon="0.2", delta="0.0000001"),
        charged("b", epsilon="0.2", delta="0.0000001"),
        charged("c", source="census"),
        charged("d", time=IN_2025),
    )
    assert (Decimal("0.3"), Decimal("0.0000001")) == (of(charges).epsilon, of(charges).delta)


def test_what_nobody_knows_the_source_of_counts_for_each() -> None:
    assert (
        Decimal(1)
        == of((charged("a", source="*"),)).epsilon
        == of((charged("a", source="*"),), source="census").epsilon
    )


@pytest.mark.parametrize(("years", "epsilon"), [(1, 4), (2, 6), (3, 7), (0, 8)])
def test_a_window_is_so_many_calendar_years_up_to_now(years: int, epsilon: int) -> None:
    """1, 1, 2 and 4 were spent in 2023, 2024, 2025 and 2026."""
    times = {1_690_000_000: "1", 1_720_000_000: "1", IN_2025: "2", IN_2026: "4"}
    charges = tuple(charged(str(time), time=time, epsilon=cost) for time, cost in times.items())
    assert Decimal(epsilon) == of(charges, replace(BUDGET, years=years)).epsilon


def test_a_clock_that_is_set_back_renews_nothing() -> None:
    assert Decimal(1) == of((charged("a"),), now=IN_2025).epsilon


@pytest.mark.parametrize(
    ("units", "unit", "epsilon"),
    [
        ((), "person", 111),  # one account for all
        (("person", "household"), "person", 101),  # what the policy does not name counts for each
        (("person", "household"), "household", 110),
        (("person", "household"), "Person", 111),  # no other spelling gets a budget of its own
        (("person",), "person", 111),
    ],
)
def test_a_privacy_unit_that_the_policy_names_has_an_account_of_its_own(
    units: tuple[str, ...], unit: str, epsilon: int
) -> None:
    charges = (
        charged("a", unit="person"),
        charged("b", unit="household", epsilon="10"),
        charged("c", unit="firm", epsilon="100"),
    )
    assert Decimal(epsilon) == of(charges, replace(BUDGET, units=units), unit=unit).epsilon


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
            assert of(charges).epsilon + cost > 2
    assert fits(of(charges), Cost(epsilon="0", delta="0"), BUDGET)


@pytest.mark.parametrize("cost", ["abc", "-1", "NaN", "Infinity", "1e999999999", "1e-999999999", "0." + "1" * 300])
def test_a_cost_that_is_none_fits_nowhere(cost: str) -> None:
    """A study's text is whatever its mover wrote; it ends no node, and buys nothing."""
    assert not fits(NOTHING, Cost(epsilon=cost, delta="0"), BUDGET)
    assert not fits(NOTHING, Cost(epsilon="0", delta=cost), BUDGET)
    assert not fits(NOTHING, Cost(epsilon="0", delta="0", rho=cost, made=GAUSSIAN), BUDGET)


@pytest.mark.parametrize("made", ["gaussian", "skellam 36 x 0 by 1", "skellam 36 x 1 by 1;skellam 36 x 1 by 1", " "])
def test_what_was_made_of_nothing_known_fits_nowhere(made: str) -> None:
    assert not fits(NOTHING, Cost(epsilon="0", delta="0", rho="0", made=made), BUDGET)


def test_a_rho_that_nobody_can_check_is_not_believed() -> None:
    """Without what it was made of it adds up like any other."""
    told = NOTHING.plus(Cost(epsilon="3", delta="0", rho="0.0001"))
    assert Reckoned(adding=Decimal(3), zcdp=Decimal(3)) == reckoned(told, BUDGET)


@given(
    rho=st.decimals(min_value="0.000001", max_value=2, places=6),
    delta=st.sampled_from(["0.001", "0.000001", "0.0000000001"]),
)
def test_epsilon_of_a_rho_is_what_opendp_says(rho: Decimal, delta: str) -> None:
    """By its profile of a zCDP measurement: never less, and at most a hundredth above it."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    of_floats = dp.atom_domain(T=float, nan=False), dp.absolute_distance(T=float)
    profile = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*of_floats, scale=1.0)).map(float(2 * rho) ** 0.5)
    theirs = profile.epsilon(float(delta))
    spent_by_rho = NOTHING.plus(Cost(epsilon="9", delta="1", rho=f"{rho:f}", made=GAUSSIAN))
    found = reckoned(spent_by_rho, replace(BUDGET, delta=delta)).zcdp
    assert found is not None
    assert theirs * 0.999999 <= float(found) <= theirs * 1.01 + 0.0002


def test_by_rho_many_releases_fit_that_do_not_add_up() -> None:
    """A hundred releases of rho 0.001: epsilon 0.1 each adds up to 10, and by zCDP is less than 2.5 at delta 1e-6."""
    one = Cost(epsilon="0.1", delta="0.0000001", rho="0.001", made=GAUSSIAN)
    charges: tuple[Charged, ...] = ()
    for i in range(100):
        charges = charge(charges, Charged.of(one, key=str(i), source="survey", unit="person", time=IN_2026), THREE)
    assert Decimal(10) == of(charges).epsilon
    with pytest.raises(BudgetSpent, match="at most epsilon 2 "):
        charge(charges, Charged.of(one, key="over", source="survey", unit="person", time=IN_2026), BUDGET)


def test_what_has_no_rho_adds_up_beside_it() -> None:
    rho = Cost(epsilon="0.1", delta="0", rho="0.001", made=GAUSSIAN)
    alone, both = NOTHING.plus(rho), NOTHING.plus(rho).plus(Cost(epsilon="0.5", delta="0"))
    first, second = reckoned(alone, BUDGET).zcdp, reckoned(both, BUDGET).zcdp
    assert first is not None
    assert second == first + Decimal("0.5")
    beyond = both.plus(Cost(epsilon="0", delta=BUDGET.delta))
    assert None is reckoned(beyond, BUDGET).zcdp
