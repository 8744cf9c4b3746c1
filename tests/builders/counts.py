"""Small tables of counts as problems of disclosure control, and a solver that is not ours as a second attacker."""

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from comity.model.protection import Rules
from comity.stages.protect import tables
from comity.stages.protect.problem import Problem

GROUPS = {"a": "AB", "b": "AB"}
"""The first two codes of a dimension are a group of it."""


def table(shape: Sequence[int], values: Sequence[int], *, grouped: Sequence[int] = ()) -> tables.Table:
    """With all margins; dimensions are D0, D1, ..., codes a, b, ...; those in `grouped` have the group AB."""
    axes = [(f"D{at}", [chr(97 + code) for code in range(size)]) for at, size in enumerate(shape)]
    parents: Mapping[str, Mapping[str, str]] = {f"D{at}": GROUPS for at in grouped}
    counts = np.array(values, np.int64)
    return tables.extended(axes, counts, counts, counts=True, parents=parents)


def problem(shape: Sequence[int], values: Sequence[int], *, grouped: Sequence[int] = (), threshold: int = 5) -> Problem:
    """Cells of fewer than the threshold are sensitive."""
    return tables.link([table(shape, values, grouped=grouped)], Rules(threshold=threshold)).problem


@st.composite
def problems(draw: st.DrawFn, dimensions: int = 3, largest: int = 12) -> Problem:
    """Of up to three dimensions, some with a group; about as many zeros as not."""
    shape = draw(st.lists(st.integers(2, 4), min_size=1, max_size=dimensions))
    grouped = [at for at, size in enumerate(shape) if size > 2 and draw(st.booleans())]
    count = st.one_of(st.just(0), st.integers(0, largest))
    cells = int(np.prod(shape))
    return problem(shape, draw(st.lists(count, min_size=cells, max_size=cells)), grouped=grouped)


def interval(
    problem: Problem, cell: int, low: NDArray[np.int64], high: NDArray[np.int64], known: Mapping[int, int] | None = None
) -> tuple[float, float]:
    """How small and how large a cell may be, by scipy, if each cell lies between low and high and some are known."""
    bounds = [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
    for at, value in (known or {}).items():
        bounds[at] = (value, value)
    ends = []
    for sign in (1, -1):
        cost = np.zeros(problem.cells)
        cost[cell] = sign
        rows = problem.relations
        found = linprog(cost, A_eq=rows, b_eq=np.zeros(rows.shape[0]), bounds=bounds, method="highs")
        assert found.status == 0, found.message
        ends.append(sign * found.fun)
    return ends[0], ends[1]
