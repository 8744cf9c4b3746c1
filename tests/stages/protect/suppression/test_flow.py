"""What a programme finds, beside SciPy on the whole table."""

from math import inf

import numpy as np
from hypothesis import given, settings

from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.demand import Demands, needed
from comity.stages.protect.suppression.flow import Flow
from comity.stages.protect.suppression.graph import Graph
from tests.builders.problems import problems, reach

NOBODY: frozenset[int] = frozenset()


def whole(problem: Problem) -> Flow:
    """All cells that may move, each unit charged by the cell's cost."""
    cells = np.flatnonzero((problem.open | problem.shut) & (problem.floor < problem.ceiling))
    return Flow(Demands(problem), Graph(problem.relations), cells, problem.cost[cells].astype(float))


@given(problem=problems(most=0))
@settings(max_examples=25, deadline=None)
def test_a_move_is_found_exactly_where_there_is_one(problem: Problem) -> None:
    """One programme for all demands; what it finds keeps relations and bounds, and reaches its level."""
    flow, demands = whole(problem), Demands(problem)
    for root in needed(problem):
        level = demands.level(root, NOBODY)
        able = reach(problem, problem.open | problem.shut, [], root.cell, root.way) >= level - 1e-6
        placed = root.cell in flow.cells
        witness = flow.move(root, NOBODY) if placed else None
        assert able == (witness is not None)
        if witness is not None:
            moves = np.zeros(problem.cells)
            moves[witness.cells] = witness.moves
            table = problem.values + moves
            ceiling = np.where(problem.ceiling == np.iinfo(np.int64).max, inf, problem.ceiling)
            assert np.abs(problem.relations @ moves).max(initial=0) < 1e-5 * np.abs(moves).max()
            assert ((table >= problem.floor - 1e-6) & (table <= ceiling + 1e-6)).all()
            assert root.way * moves[root.cell] >= level * (1 - 1e-6)


@given(problem=problems(most=0))
@settings(max_examples=25, deadline=None)
def test_a_locked_cell_stands_still_and_moves_again_when_it_is_unlocked(problem: Problem) -> None:
    flow = whole(problem)
    for root in [root for root in needed(problem) if root.cell in flow.cells][:2]:
        before = flow.move(root, NOBODY)
        for cell in [] if before is None else before.cells.tolist():
            flow.lock(cell)
            without = flow.move(root, NOBODY)
            flow.unlock(cell)
            assert without is None or cell not in without.cells
        after = flow.move(root, NOBODY)
        assert (before is None) == (after is None)
