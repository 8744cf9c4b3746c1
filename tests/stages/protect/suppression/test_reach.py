"""How far cells can move by their relations one at a time, beside SciPy on the whole table."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.stages.protect import tables
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.demand import Demands, needed
from comity.stages.protect.suppression.graph import Graph
from comity.stages.protect.suppression.reach import Reach
from tests.builders.problems import problems, reach

NOBODY: frozenset[int] = frozenset()


def short(problem: Problem, cells: np.ndarray, still: list[int]) -> bool:
    places = np.searchsorted(cells, still)
    return Reach(problem, Graph(problem.relations), cells, problem.primary).short(places)


@given(problem=problems(most=0), data=st.data())
@settings(max_examples=40, deadline=None)
def test_no_cell_is_called_short_of_room_that_has_it(problem: Problem, data: st.DataObject) -> None:
    """Whenever relations one at a time show a primary that cannot move as far as it must, SciPy finds one as well."""
    cells = np.flatnonzero((problem.open | problem.shut) & (problem.floor < problem.ceiling))
    free = [cell for cell in cells.tolist() if not problem.primary[cell]]
    still = data.draw(st.lists(st.sampled_from(free), unique=True, max_size=4)) if free else []
    movable = np.isin(np.arange(problem.cells), np.setdiff1d(cells, still))
    demands = Demands(problem)
    stuck = any(
        reach(problem, movable, [], root.cell, root.way) < demands.level(root, NOBODY) * (1 - 1e-9)
        for root in needed(problem)
    )
    assert stuck or not short(problem, cells, still)


def test_of_four_blanks_in_a_square_one_that_is_shown_gives_away_the_others() -> None:
    """Each of them moves with the other one of its row, and with the other one of its column."""
    figures = np.array([5, 5, 9, 5, 5, 9, 9, 9, 9])
    table = tables.extended([("ROW", "abc"), ("COL", "xyz")], figures, figures, counts=True)
    whole = tables.link([table], tables.Rules(threshold=6, coalition=0))
    places = dict(zip(map(table.name, range(table.cells)), whole.places[0].tolist(), strict=True))
    cells = np.flatnonzero(whole.problem.primary)
    assert not short(whole.problem, cells, [])
    assert short(whole.problem, cells, [places["ROW=a COL=x"]])
