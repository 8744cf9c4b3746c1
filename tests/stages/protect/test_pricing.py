"""What a release is charged with, and what all charges give away by every accounting."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model.law import Exposure, Law
from comity.model.policy import Budget
from comity.stages.protect import pricing
from comity.stages.protect.budget import NOTHING, Charged, Cost, made, reckoned
from tests import sample

BUDGET = Budget(epsilon="6", delta="0.000001")
GAUSSIAN = Law("discrete-gaussian", Fraction(100))


def charges(*costs: Cost) -> list[Charged]:
    return [Charged.of(one, key=str(n), source="s", unit="person", time=1) for n, one in enumerate(costs)]


def test_a_study_is_charged_at_what_it_states_and_says_what_it_is_made_of() -> None:
    study = sample.study()
    cost = pricing.of_study(study)
    assert study.noise is not None
    assert cost is not None
    assert (study.noise.epsilon, study.noise.delta, "skellam 36 x 1 by 1") == (cost.epsilon, cost.delta, cost.made)
    # Skellam noise of variance v is a little more than the discrete Gaussian's 1 / 2v
    assert Decimal(1) / 72 < Decimal(cost.rho) < Decimal(1) / 68


def test_a_study_without_noise_is_charged_with_nothing() -> None:
    assert None is pricing.of_study(replace(sample.study(), noise=None))


def test_a_table_with_laplace_noise_costs_its_pure_epsilon() -> None:
    """Scale 2, a shift of 1: epsilon 1/2 at any delta, and rho half its square."""
    cost = pricing.of_release([Exposure(Law("discrete-laplace", Fraction(2)), 1, 1)], "0.0000000001")
    assert (Decimal("0.5"), Decimal("0.125")) == (Decimal(cost.epsilon), Decimal(cost.rho))
    assert (Exposure(Law("discrete-laplace", Fraction(2)), 1, 1),) == made(cost.made)


def test_noise_that_protects_nothing_has_no_price() -> None:
    with pytest.raises(FormatError, match="protects nothing"):
        pricing.of_release([Exposure(Law("discrete-laplace", Fraction(1, 100)), 1, 1)], "0.0000000001")


def test_many_releases_are_composed_as_dp_accounting_composes_them() -> None:
    """Its own mechanism for the discrete Gaussian, ten times."""
    from dp_accounting.pld import privacy_loss_distribution as pld

    theirs = pld.from_discrete_gaussian_mechanism(10.0, sensitivity=2).self_compose(10).get_epsilon_for_delta(1e-6)
    one = pricing.of_release([Exposure(GAUSSIAN, 2, 1)], "0.0000001")
    found = pricing.accounts(charges(*[one] * 10), BUDGET)
    assert found.pld is not None
    assert found.reckoned.zcdp is not None
    assert theirs == pytest.approx(float(found.pld), abs=3e-3)
    assert found.pld < found.reckoned.zcdp


def test_a_charge_that_stands_twice_counts_once() -> None:
    one = pricing.of_release([Exposure(GAUSSIAN, 1, 1)], "0.0000001")
    (charged,) = charges(one)
    assert pricing.accounts([charged], BUDGET) == pricing.accounts([charged, charged], BUDGET)


def test_what_nobody_knows_the_making_of_adds_up_beside_it() -> None:
    """It takes its own delta, too: beyond the budget's there is no epsilon at all."""
    one = pricing.of_release([Exposure(GAUSSIAN, 1, 1)], "0.0000001")
    alone = pricing.accounts(charges(one), BUDGET).pld
    beside = pricing.accounts(charges(one, Cost(epsilon="0.7", delta="0")), BUDGET).pld
    beyond = pricing.accounts(charges(one, Cost(epsilon="0.7", delta="0.000001")), BUDGET)
    assert alone is not None
    assert alone + Decimal("0.7") == beside
    assert (None, None, None) == (beyond.pld, beyond.reckoned.zcdp, beyond.reckoned.adding)
    assert Decimal("0.7") == pricing.accounts(charges(Cost(epsilon="0.7", delta="0.000001")), BUDGET).pld


@settings(max_examples=20)
@given(st.lists(st.sampled_from([(50, 1), (100, 2), (400, 3)]), min_size=1, max_size=6), st.randoms())
def test_no_order_of_charges_changes_an_account_and_one_more_never_lowers_it(
    drawn: list[tuple[int, int]], chance: random.Random
) -> None:
    costs = [
        pricing.of_release([Exposure(Law("discrete-gaussian", Fraction(variance)), shift, 1)], "0.0000001")
        for variance, shift in drawn
    ]
    mixed = list(costs)
    chance.shuffle(mixed)
    assert pricing.accounts(charges(*costs), BUDGET) == pricing.accounts(charges(*mixed), BUDGET)
    before = total = NOTHING
    for one in mixed:
        before, total = total, total.plus(one)
        least = reckoned(before, BUDGET).zcdp
        after = reckoned(total, BUDGET).zcdp
        assert least is not None
        assert after is not None
        assert least <= after
