"""Patterns that `choose` returns, judged by programmes of SciPy over the whole table."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import ConfigError
from comity.stages.protect import attacker
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression import construct
from comity.stages.protect.suppression.choose import choose
from tests.builders.hierarchies import named
from tests.builders.problems import counted, problems, reckoned

FEW = settings(max_examples=12, deadline=None)
MANY = settings(max_examples=400, deadline=None)


@given(problem=problems())
@FEW
def test_every_pattern_is_safe_and_what_is_not_is_said(problem: Problem) -> None:
    """SciPy reckons no primary too closely, but those that it reckons with everything suppressed as well."""
    everything = problem.open | problem.shut
    pattern = choose(problem)
    hopeless = reckoned(problem, everything)
    assert hopeless == set(pattern.unprotectable.tolist())
    assert hopeless == reckoned(problem, pattern.suppressed)


@pytest.mark.long
@pytest.mark.timeout(1200)
@given(problem=problems())
@MANY
def test_every_pattern_of_many_is_safe(problem: Problem) -> None:
    """The same law, at length."""
    pattern = choose(problem)
    assert reckoned(problem, problem.open | problem.shut) == set(pattern.unprotectable.tolist())
    assert set(pattern.unprotectable.tolist()) == reckoned(problem, pattern.suppressed)


@given(problem=problems())
@FEW
def test_what_must_be_hidden_is_and_what_must_be_shown_is_not(problem: Problem) -> None:
    pattern = choose(problem)
    assert problem.shut.tolist() == (pattern.suppressed & problem.shut).tolist()
    assert [] == np.flatnonzero(pattern.suppressed & ~problem.shut & ~problem.open).tolist()


@given(problem=problems(), effort=st.integers(0, 40))
@FEW
def test_equal_problem_and_effort_give_the_equal_pattern(problem: Problem, effort: int) -> None:
    first, second = choose(problem, effort=effort), choose(problem, effort=effort)
    assert first.suppressed.tolist() == second.suppressed.tolist()
    assert first.counts == second.counts


@given(problem=problems())
@FEW
def test_more_effort_makes_no_pattern_dearer(problem: Problem) -> None:
    """Each audited pattern on the way is safe already, and costs no less than the last."""
    seen: list[int] = []

    def found(safe: np.ndarray) -> None:
        seen.append(int(problem.cost[safe & ~problem.shut].sum()))

    pattern = choose(problem, found=found)
    assert sorted(seen, reverse=True) == seen
    assert seen[-1] == pattern.cost
    assert pattern.bound <= pattern.cost


@given(inner=st.lists(st.sampled_from([0, 1, 2, 5, 9]), min_size=4, max_size=4))
@settings(max_examples=8, deadline=None)
def test_no_pattern_that_is_safe_costs_less_than_the_bound(inner: list[int]) -> None:
    """Every pattern of a table of nine cells, one by one."""
    problem = counted(((2,), (2,)), inner, coalition=0)
    pattern = choose(problem)
    if pattern.unprotectable.size:
        return
    free = np.flatnonzero(problem.open).tolist()
    costs = []
    for size in range(len(free) + 1):
        for cells in combinations(free, size):
            suppressed = problem.shut.copy()
            suppressed[list(cells)] = True
            cost = int(problem.cost[list(cells)].sum())
            if cost < pattern.cost and not reckoned(problem, suppressed):
                costs.append(cost)
    assert pattern.bound <= min([pattern.cost, *costs])
    assert not pattern.optimal or not costs


def test_nothing_sensitive_asks_for_nothing() -> None:
    problem = counted(((2,), (2,)), [5, 6, 7, 8], coalition=2)
    pattern = choose(problem)
    assert ([], 0, True) == (np.flatnonzero(pattern.suppressed).tolist(), pattern.cost, pattern.optimal)


def test_a_time_limit_ends_improvement_and_not_safety() -> None:
    """Who has enough from the start gets the first safe pattern; it is audited like any other."""
    problem = named("1e3", seed=3)
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return True

    hasty, patient = choose(problem, enough=enough), choose(problem)
    assert () == attacker.breaches(problem, hasty.suppressed)
    assert hasty.cost >= patient.cost
    assert asked


def test_a_first_pattern_is_handed_over_before_it_is_improved() -> None:
    """Who breaks off keeps the last of them."""
    problem, safe = named("1e3", seed=4), list[np.ndarray]()
    pattern = choose(problem, found=safe.append)
    assert [() for _ in safe] == [attacker.breaches(problem, one) for one in safe]
    assert len(safe) > 1
    assert safe[-1].tolist() == pattern.suppressed.tolist()


@pytest.mark.parametrize("name", ["values", "cost", "upper"])
def test_a_number_that_floats_cannot_tell_from_the_next_is_refused(name: str) -> None:
    problem = counted(((2,), (2,)), [1, 5, 7, 8], coalition=0)
    if name == "values":
        large = counted(((2,), (2,)), [1, 5, 7, 2**53], coalition=0)
    else:
        large = replace(problem, **{name: np.where(problem.primary, 2**53 + 1, getattr(problem, name))})
    with pytest.raises(ConfigError, match=name):
        choose(large)


def test_values_of_trillions_are_protected_like_small_ones() -> None:
    """The pattern of a table in a smaller unit is the same, and as safe."""
    small = counted(((3,), (3,)), [2, 5, 7, 6, 9, 5, 30, 8, 12], coalition=0)
    unit = 10**12
    large = replace(
        small,
        **{name: getattr(small, name) * unit for name in ("values", "upper", "lower", "cost")},
    )
    assert choose(small).suppressed.tolist() == choose(large).suppressed.tolist()
    assert () == attacker.breaches(large, choose(large).suppressed)


@pytest.mark.parametrize("coalition", [0, 1])
def test_a_table_of_a_thousand_cells_is_safe_before_it_leaves(coalition: int) -> None:
    """By the attacker; its cost is stated with a bound."""
    problem = named("1e3", seed=3, coalition=coalition)
    pattern = choose(problem)
    assert ((), 0) == (attacker.breaches(problem, pattern.suppressed), pattern.unprotectable.size)
    assert 0 < pattern.bound <= pattern.cost


def test_the_optimum_is_found_where_it_is_asked_for() -> None:
    """Never dearer than the pattern in hand, and as safe."""
    problem = counted(((3,), (3,)), [2, 5, 7, 6, 9, 5, 30, 3, 12], coalition=0)
    quick, best = choose(problem), choose(problem, exact=True)
    assert (True, ()) == (best.optimal, attacker.breaches(problem, best.suppressed))
    assert quick.bound <= best.cost <= quick.cost


def test_one_witness_against_many_is_less_work_and_as_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty-five lone respondents: asked against each, against pairs of them and more, no one reckons a cell."""
    inner = [1 + at * 7 % 5 * (at % 3 > 0) for at in range(96)]
    problem = counted(((24,), (4,)), inner, coalition=1)
    work = []
    for crowd in (problem.cells, 2):
        monkeypatch.setattr(construct, "CROWD", crowd)
        pattern = choose(problem, effort=0)
        assert () == attacker.breaches(problem, pattern.suppressed)
        work.append(pattern.counts["programmes"])
    assert work[1] < work[0]
