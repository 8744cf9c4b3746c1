"""The cheapest pattern: held against all patterns there are, each judged by the attacker, where there are few."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.stages.protect import attacker, exact
from comity.stages.protect.problem import Pattern, Problem
from comity.stages.protect.suppression.choose import choose
from tests.builders.attacked import marked, problem, square
from tests.builders.hierarchies import named

VALUES, RELATIONS = square([[20, 50, 10], [8, 19, 22], [17, 32, 12]])


def beyond(asked: Problem) -> set[tuple[int, tuple[int, ...]]]:
    """What nothing heals."""
    return {(one.cell, one.known) for one in attacker.breaches(asked, asked.open | asked.shut)}


def cheapest(asked: Problem) -> int:
    """Every subset of what may be suppressed, by rising cost, until one is safe but for what nothing heals."""
    places = np.flatnonzero(asked.open & ~asked.shut).tolist()
    lost = beyond(asked)
    every = [group for size in range(len(places) + 1) for group in combinations(places, size)]
    for group in sorted(every, key=lambda group: int(asked.cost[list(group)].sum())):
        found = attacker.breaches(asked, asked.shut | marked(asked.cells, group))
        if all(any(one.cell == cell and set(less) <= set(one.known) for cell, less in lost) for one in found):
            return int(asked.cost[list(group)].sum())
    raise AssertionError("everything suppressed is safe")


def safe(asked: Problem, pattern: Pattern) -> bool:
    return {(one.cell, one.known) for one in attacker.breaches(asked, pattern.suppressed)} <= beyond(asked)


def test_a_square_has_the_optimum_that_trying_all_patterns_finds() -> None:
    """Nine cells, their margins free to be suppressed as well: 32,768 patterns."""
    asked = problem(VALUES, RELATIONS, {6: 5})
    found = exact.optimum(asked)
    assert (True, cheapest(asked)) == (found.optimal, found.cost)
    assert found.cost == found.bound
    assert safe(asked, found)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(0, 15), min_size=6, max_size=6),
    st.sets(st.sampled_from([0, 1, 2, 4, 5, 6]), min_size=1, max_size=3),
    st.integers(1, 6),
    st.integers(0, 2),
    st.sampled_from([2, 5, None]),
)
def test_no_pattern_is_cheaper(
    body: list[int], sensitive: set[int], level: int, coalition: int, width: int | None
) -> None:
    """Of a table of two rows and three columns with its margins: every subset is tried.

    width: how far above its value everybody knows each cell not to lie.
    """
    values, relations = square([body[:3], body[3:]])
    asked = problem(values, relations, {at: level for at in sensitive if values[at]}, closed=[11])
    asked = replace(asked, coalition=coalition, alone=(asked.values > 0) & (asked.values < 3))
    if width is not None:
        asked = replace(asked, ceiling=asked.values + width)
    found = exact.optimum(asked)
    assert (True, cheapest(asked)) == (found.optimal, found.cost)
    assert safe(asked, found)


@pytest.mark.parametrize("coalition", [0, 1, 2])
def test_what_is_chosen_fast_costs_no_less(coalition: int) -> None:
    asked = named("tiny", coalition=coalition)
    chosen, found = choose(asked), exact.optimum(asked)
    assert found.optimal
    assert chosen.bound <= found.cost <= chosen.cost
    assert safe(asked, found)


def test_a_start_is_kept_where_nothing_is_cheaper() -> None:
    asked = named("tiny")
    first = exact.optimum(asked)
    again = exact.optimum(asked, first)
    assert first.suppressed.tolist() == again.suppressed.tolist()
    assert again.optimal


def test_a_start_that_is_not_safe_is_not_used() -> None:
    asked = named("tiny")
    good = exact.optimum(asked)
    bad = replace(good, suppressed=asked.primary, cost=0, bound=0, optimal=True)
    assert good.cost == exact.optimum(asked, bad).cost


@pytest.mark.parametrize("asked_before", [0, 1, 3])
def test_who_has_enough_has_a_safe_pattern_and_a_bound(asked_before: int) -> None:
    """At whatever moment, and never a bound above the optimum."""
    asked, times = named("tiny"), iter(range(1_000_000))
    found = exact.optimum(asked, enough=lambda: next(times) >= asked_before)
    best = exact.optimum(asked)
    assert safe(asked, found)
    assert found.bound <= best.cost <= found.cost
    assert found.optimal == (found.bound == found.cost)


def test_what_nothing_protects_is_said_and_the_others_are_protected() -> None:
    asked = problem([30, 10, 20, 9, 4, 5], [(0, [1, 2]), (3, [4, 5])], {1: 2, 4: 2}, closed=[0, 3, 2])
    found = exact.optimum(asked)
    assert ([1], [False, True, False, False, True, True]) == (
        found.unprotectable.tolist(),
        found.suppressed.tolist(),
    )


@pytest.mark.long
def test_six_hundred_cells_have_an_optimum() -> None:
    """676 cells, 118 of them sensitive: a minute."""
    asked = named("676")
    chosen = choose(asked)
    found = exact.optimum(asked, chosen)
    assert found.optimal
    assert safe(asked, found)
    assert found.cost <= chosen.cost <= 1.05 * found.cost
