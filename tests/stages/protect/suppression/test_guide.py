"""The bound beside SciPy's optimum of the same inequalities, written cell by cell."""

import numpy as np
from hypothesis import given, settings
from scipy.optimize import linprog
from scipy.sparse import csr_array

from comity.stages.protect.problem import UNBOUNDED, Problem
from comity.stages.protect.suppression.guide import guide
from tests.builders.problems import problems

SOLVED, INFEASIBLE = 0, 2  # scipy.optimize.linprog


def least(problem: Problem) -> float:
    """Cost of shares such that no cell is suppressed alone in a relation, by the definition; 0 if there are none.

    Then no pattern is safe, and no bound of its cost is known.
    """
    free = problem.open & ~problem.shut & (problem.floor < problem.ceiling)
    asked = problem.primary & ((problem.upper > 0) | (problem.lower > 0))
    rows, reach = [], []
    for relation in problem.relations.toarray():
        members = np.flatnonzero(relation)
        shut = members[problem.shut[members]]
        others = members[free[members]]
        if len(shut) == 1 and asked[shut[0]] and len(others):
            rows.append(np.where(np.isin(np.arange(problem.cells), others), 1.0, 0.0))
            reach.append(1.0)
        for cell in others if not len(shut) else []:
            row = np.where(np.isin(np.arange(problem.cells), others), 1.0, 0.0)
            row[cell] = -1.0
            rows.append(row)
            reach.append(0.0)
    if not rows:
        return 0.0
    cost = np.where(free, problem.cost, 0)
    found = linprog(cost, A_ub=-np.array(rows), b_ub=-np.array(reach), bounds=(0, 1))
    assert found.status in (SOLVED, INFEASIBLE)
    return float(found.fun) if found.status == SOLVED else 0.0


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_the_bound_is_the_least_cost_of_shares(problem: Problem) -> None:
    """Rounded up to a whole cost, since every pattern's is one."""
    assert int(np.ceil(least(problem) - 1e-5)) == guide(problem).bound


def test_no_bound_is_known_where_no_pattern_is_safe() -> None:
    """A lone primary whose one open neighbour would stand alone in another relation: every pattern leaves one alone."""
    problem = Problem(
        values=np.array([3, 1, 2, 2, 2]),
        relations=csr_array(np.array([[-1, 1, 1, 0, 0], [0, 0, 1, -1, 0], [0, 0, 0, 1, -1]])),
        primary=np.array([False, True, False, False, False]),
        upper=np.array([0, 1, 0, 0, 0]),
        lower=np.array([0, 1, 0, 0, 0]),
        open=np.array([False, False, True, False, False]),
        hidden=np.zeros(5, bool),
        cost=np.ones(5, np.int64),
        floor=np.zeros(5, np.int64),
        ceiling=np.full(5, UNBOUNDED),
        alone=np.zeros(5, bool),
    )
    assert 0.0 == least(problem)
    assert 0 == guide(problem).bound


@given(problem=problems())
@settings(max_examples=30, deadline=None)
def test_no_charge_is_above_the_cost_of_a_cell_by_much_nor_nothing(problem: Problem) -> None:
    """The guide bends charges; a cell that may be suppressed is never free of charge."""
    free = problem.open & ~problem.shut & (problem.floor < problem.ceiling)
    cost = problem.cost[free] / np.median(problem.cost[free]) if free.any() else np.zeros(0)
    charges = guide(problem).charges[free]
    assert ((charges > 0) & (charges <= 1.021 * cost)).all()
