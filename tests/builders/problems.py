"""Small problems of disclosure control for laws, by Hypothesis, and a judge that shares no code with any room.

Counts in trees or in tables linked by a margin; a count below 4 is primary; some cells frozen, hidden or with a known
ceiling. The judge asks SciPy about the whole table, one programme for each end of each interval.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from math import prod

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from comity.stages.protect.problem import UNBOUNDED, Problem
from tests.builders.hierarchies import Branches, Filled, leaves, relations, spread, tree

SHOWN_FROM = 4
SHAPES: tuple[Branches, ...] = (((3,), (3,)), ((2, 2), (2,)), ((2,), (2,), (2,)), ((2, 2), (3,)))
LINKED: tuple[Branches, ...] = (((2,), (2,), (2,)), ((2,), (3,), (2,)))


def counted(branches: Branches, inner: list[int], *, coalition: int) -> Problem:
    """A table of counts, margins too, of its leaves' counts."""
    trees = [tree(b) for b in branches]
    shape = tuple(len(leaves(t)) for t in trees)
    array = np.array(inner, np.int64)
    values = spread(trees, Filled(array, array, array, array), shape).value
    primary = (values > 0) & (values < SHOWN_FROM)
    upper = np.where(primary, SHOWN_FROM - values, 0)
    none = np.zeros(len(values), bool)
    return Problem(
        values=values,
        relations=relations(trees),
        primary=primary,
        upper=upper,
        lower=np.minimum(upper, values),
        open=(values > 0) & ~primary,
        hidden=none,
        cost=np.maximum(values, 1),
        floor=np.zeros(len(values), np.int64),
        ceiling=np.full(len(values), UNBOUNDED),
        alone=values == 1,
        coalition=coalition,
    )


def only(problem: Problem, cells: NDArray[np.int64]) -> Problem:
    """Some cells (ascending), and the relations that stay within them: such as tables linked by a margin."""
    kept = np.zeros(problem.cells, bool)
    kept[cells] = True
    rows = abs(problem.relations)
    inside = np.flatnonzero((rows @ (~kept).astype(np.int64) == 0) & (rows @ kept.astype(np.int64) > 0))
    names = ("values", "primary", "upper", "lower", "open", "hidden", "cost", "floor", "ceiling", "alone")
    arrays = {name: getattr(problem, name)[cells] for name in names}
    return replace(problem, relations=csr_array(problem.relations[inside][:, cells]), **arrays)


@st.composite
def problems(draw: st.DrawFn, *, most: int = 2) -> Problem:
    """Any of the kinds above; lone respondents put together what they know of up to `most` cells."""
    linked = draw(st.booleans())
    branches = draw(st.sampled_from(LINKED if linked else SHAPES))
    size = prod(prod(b) for b in branches)
    inner = draw(st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 20]), min_size=size, max_size=size))
    problem = counted(branches, inner, coalition=draw(st.integers(0, most)))
    if linked:
        shape = tuple(1 + sum(prod(b[: at + 1]) for at in range(len(b))) for b in branches)
        places = np.array(list(np.ndindex(shape)))
        problem = only(problem, np.flatnonzero((places[:, 1] == 0) | (places[:, 2] == 0)))
    some = st.sets(st.integers(0, problem.cells - 1), max_size=3)
    frozen, hidden, capped = (sorted(draw(some)) for _ in range(3))
    shown, before, ceiling = problem.open.copy(), problem.hidden.copy(), problem.ceiling.copy()
    shown[frozen] = False
    before[hidden] = ~problem.primary[hidden]
    shown[hidden] = False
    ceiling[capped] = problem.values[capped] + draw(st.integers(0, 6))
    return replace(problem, open=shown, hidden=before, ceiling=ceiling)


def respondents(problem: Problem) -> list[set[int]]:
    """Cells of each lone respondent: lone cells that are parts of one another are one person's."""
    groups = [{int(cell)} for cell in np.flatnonzero(problem.alone)]
    for row in problem.relations.toarray():
        totals = {int(cell) for cell in np.flatnonzero(row < 0) if problem.alone[cell]}
        members = {int(cell) for cell in np.flatnonzero(row) if problem.alone[cell]}
        if totals:
            joined = set.union(*(group for group in groups if group & members))
            groups = [group for group in groups if not group & joined] + [joined]
    return groups


def within(problem: Problem, cell: int) -> set[int]:
    """Cells that are parts of a cell, and parts of parts."""
    dense, found, todo = problem.relations.toarray(), set[int](), [cell]
    while todo:
        at = todo.pop()
        for row in dense[dense[:, at] < 0]:
            new = set(np.flatnonzero(row > 0).tolist()) - found
            found |= new
            todo += new
    return found


def reach(problem: Problem, suppressed: NDArray[np.bool_], known: Iterable[int], cell: int, way: int) -> float:
    """How far a cell may lie above (1) or below (-1) its value, for who knows what is shown and the cells `known`."""
    fixed = ~suppressed
    fixed[list(known)] = True
    values = problem.values.astype(float)
    low = np.where(fixed, values, problem.floor)
    high = np.where(fixed, values, np.where(problem.ceiling == UNBOUNDED, np.inf, problem.ceiling))
    cost = np.zeros(problem.cells)
    cost[cell] = -way
    found = linprog(
        cost, A_eq=problem.relations, b_eq=np.zeros(problem.relations.shape[0]), bounds=np.stack([low, high], axis=1)
    )
    return float("inf") if found.status == 3 else float(-found.fun - way * values[cell])


def reckoned(problem: Problem, suppressed: NDArray[np.bool_]) -> set[int]:
    """Primaries that somebody finds more closely than they need: anybody, or as many respondents as may join."""
    people = respondents(problem)
    return {
        int(cell)
        for cell in np.flatnonzero(problem.primary)
        for size in range(problem.coalition + 1)
        for joined in combinations([group for group in people if cell not in group], size)
        if not _holds(problem, suppressed, int(cell), joined)
    }


def _holds(problem: Problem, suppressed: NDArray[np.bool_], cell: int, joined: tuple[set[int], ...]) -> bool:
    known, inside = set().union(*joined), within(problem, cell)
    own = sum(max((int(problem.values[at]) for at in group & inside), default=0) for group in joined)
    lower = min(int(problem.lower[cell]), int(problem.values[cell]) - own)
    return all(
        level <= 0 or reach(problem, suppressed, known, cell, way) >= level - 1e-6
        for way, level in ((1, int(problem.upper[cell])), (-1, lower))
    )
