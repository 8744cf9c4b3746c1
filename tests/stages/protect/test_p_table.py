"""Tables of probabilities for cell keys: the constraints exactly, and as uncertain as they allow."""

from decimal import Decimal
from fractions import Fraction
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from comity.errors import ConfigError
from comity.model import protection
from comity.model.protection import Rules
from comity.stages.protect.p_table import WHOLE, PTable, p_table

TABLES = [(1, "0.5", 0), (2, "1", 0), (2, "1.08", 1), (3, "1.5", 1), (5, "2", 0), (5, "3", 2)]
"""Bound, variance and blocked as in the examples of R's package ptable: D, V and js."""


def rows(table: PTable) -> list[tuple[int, dict[int, int]]]:
    """Count, and the weight of each change."""
    return [
        (count, dict(zip(changes.tolist(), weights, strict=True)))
        for count, (changes, weights) in enumerate(zip(table.changes, table.weights, strict=True))
    ]


ANY = st.builds(
    lambda bound, share: (bound, f"{float(share * bound):.3f}", 0),
    st.integers(1, 9),
    st.fractions(Fraction(1, 10), Fraction(9, 10)),
)


@given(st.one_of(ANY, st.sampled_from(TABLES)))
@settings(max_examples=25)
def test_every_row_keeps_what_was_asked(asked: tuple[int, str, int]) -> None:
    """Sum and mean exactly, the variance nearly; nothing beyond the bound, below zero, or among what is blocked."""
    bound, variance, blocked = asked
    table = p_table(bound, variance, blocked)
    for count, weights in rows(table)[1:]:
        assert WHOLE == sum(weights.values())
        assert 0 == sum(change * weight for change, weight in weights.items())
        spread = Fraction(sum(change**2 * weight for change, weight in weights.items()), WHOLE)
        assert abs(spread - Fraction(variance)) <= Fraction(bound**3, WHOLE)
        assert all(abs(change) <= bound and count + change >= 0 for change in weights)
        assert not any(1 <= count + change <= blocked for change in weights)
        assert min(weights.values()) >= 0


def test_nobody_is_never_changed() -> None:
    assert [{0: WHOLE}] * len(TABLES) == [rows(p_table(*asked))[0][1] for asked in TABLES]


def test_a_row_without_choice_is_the_one_by_hand() -> None:
    """A count of 1, 0 and 2 or 3 allowed, variance 1.08: three equations give p = 77/150, 69/150 and 4/150."""
    weights = rows(p_table(2, "1.08", 1))[1][1]
    wanted = {-1: Fraction(77, 150), 1: Fraction(69, 150), 2: Fraction(4, 150)}
    assert wanted.keys() == weights.keys()
    assert all(abs(Fraction(weights[change], WHOLE) - p) < Fraction(4, WHOLE) for change, p in wanted.items())


def test_large_counts_go_up_as_often_as_down() -> None:
    for asked in TABLES:
        weights = rows(p_table(*asked))[-1][1]
        if not asked[2]:
            assert all(abs(weights[change] - weights[-change]) <= 8 for change in weights)


@pytest.mark.parametrize("asked", TABLES)
def test_no_other_table_is_more_uncertain(asked: tuple[int, str, int]) -> None:
    """By a solver that is not ours, of the entropy itself, as R's ptable asks it of one (nloptr)."""
    for _, weights in rows(p_table(*asked))[1:4]:
        changes = np.array(list(weights))
        ours = np.array([weight / WHOLE for weight in weights.values()])
        fixed = np.vstack([np.ones(len(changes)), changes, changes**2])
        wanted = np.array([1, 0, float(Decimal(asked[1]))])
        found = minimize(
            lambda p: float(np.sum(p * np.log(np.maximum(p, 1e-300)))),
            np.full(len(changes), 1 / len(changes)),
            jac=lambda p: np.log(np.maximum(p, 1e-300)) + 1,
            bounds=[(1e-12, 1)] * len(changes),
            constraints={"type": "eq", "fun": lambda p, a=fixed, b=wanted: a @ p - b, "jac": lambda p, a=fixed: a},
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-14},
        )
        entropy = -sum(p * log(p) for p in ours if p)
        assert entropy >= -found.fun - 1e-7
        assert np.abs(found.x - ours).max() < 2e-4


def test_weights_are_the_same_on_every_machine() -> None:
    """By their sum over a table that decimals reckon: any other number is another table."""
    table = p_table(2, "1")
    half = [Fraction(weight, WHOLE) for weight in table.weights[2]]
    assert [half[0], half[1]] == [half[4], half[3]]
    # p(2) = x^4/s, p(1) = x/s, p(0) = 1/s with 8 x^4 + 2 x = 1 + 2 x + 2 x^4, so 6 x^4 = 1.
    x = (1 / 6) ** 0.25
    assert abs(float(half[1] / half[2]) - x) < 1e-8


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ((0, "1"), "a bound of 1 to 50"),
        ((51, "1"), "a bound of 1 to 50"),
        ((2, "0"), "a variance above 0"),
        ((2, "x"), "a variance above 0"),
        ((2, "2"), "between 0 and 2"),
        ((2, "1", 2), "a count of 1 .* between 2 and 2"),
        ((5, "0.5", 1), "between 1 and 5"),
    ],
)
def test_what_no_distribution_can_be_is_refused(asked: tuple[int, str], wanted: str) -> None:
    with pytest.raises(ConfigError, match=wanted):
        p_table(*asked)


@given(st.integers(1, 50), st.integers(1, 40))
@settings(max_examples=30)
def test_whatever_the_rules_allow_has_a_table(bound: int, tenths: int) -> None:
    variance = str(Decimal(tenths) / 10)
    asked = {name: holds for name, holds, _ in protection.ranges(Rules(bound=bound, variance=variance))}
    if asked["bound"] and asked["variance"] and bound <= 12:
        assert bound + 1 == len(p_table(bound, variance).weights)
