"""Inequalities that every safe pattern keeps: what they say of cells is true whatever the table is protected by.

Two families (Fischetti and Salazar 2001). Rows: a cell that is the only one unknown in a relation is given away, so a
primary has company in each of its relations, and a secondary too, or it is of no use. Capacities: from the dual of the
attacker's programme; where a primary cannot move as far as it must, some of the cells that could carry more are to be
suppressed. A capacity holds for any multipliers of the relations, so these are rounded to fractions over one
denominator, and what follows is true of exact numbers.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from comity.errors import ComityError
from comity.stages.protect.problem import UNBOUNDED, Problem
from comity.stages.protect.programme import Programme

SHARE: Final = 27_720  # divisible by every number up to 12
SLIGHT: Final = 1e-3  # of the protection level: room of cells that are shown, so that multipliers prefer to spare them
ROUNDING: Final = 1 + 1e-12  # floats lose less; coefficients may be too large, never too small


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inequality:
    """Suppressed cells, each weighted, make up `least` at least; a cell shown counts nothing.

    cells: ascending; weights may be below 0.
    """

    cells: NDArray[np.int64]
    weights: NDArray[np.float64]
    least: float


def company(problem: Problem, asking: NDArray[np.bool_]) -> Iterator[Inequality]:
    """Rows. asking: the primaries that can be protected; a cell everybody knows is company to nobody."""
    unknown = problem.floor < problem.ceiling
    able, shut = problem.open & ~problem.shut & unknown, problem.shut & unknown
    relations = problem.relations.tocsr()
    for row in range(relations.shape[0]):
        cells = relations.indices[relations.indptr[row] : relations.indptr[row + 1]]
        fixed, free = cells[shut[cells]], np.sort(cells[able[cells]]).astype(np.int64)
        if len(fixed) > 1:
            continue
        if len(fixed) == 1:
            if asking[fixed[0]]:
                yield Inequality(cells=free, weights=np.ones(len(free)), least=1.0)
            continue
        for at in range(len(free)):
            weights = np.ones(len(free))
            weights[at] = -1.0
            yield Inequality(cells=free, weights=weights, least=0.0)


class Capacities:
    """The attacker's programme over all cells that may be suppressed, of which a pattern lets some move."""

    def __init__(self, problem: Problem) -> None:
        unknown = problem.floor < problem.ceiling
        self._cells = np.flatnonzero((problem.open | problem.shut) & unknown)
        self._relations = csc_array(problem.relations.tocsc()[:, self._cells])
        self._shut = problem.shut[self._cells]
        values, ceiling = problem.values[self._cells], problem.ceiling[self._cells]
        self._below = (values - problem.floor[self._cells]).astype(np.float64)
        self._above = np.where(ceiling == UNBOUNDED, np.inf, ceiling.astype(np.float64) - values)
        rows, cells = self._relations.shape
        nothing = np.zeros(cells)
        self._programme = Programme(
            self._relations,
            row_lower=np.zeros(rows),
            row_upper=np.zeros(rows),
            lower=nothing,
            upper=nothing,
            cost=nothing,
        )

    def violated(
        self, share: NDArray[np.float64], cell: int, moved: int, known: Collection[int] = ()
    ) -> Inequality | None:
        """What a pattern breaks in which a primary moves less than so far (up or, below 0, down) for who knows others.

        share: (cells of the problem,) how much of each cell is suppressed, 0 to 1. None if it breaks nothing.
        """
        least = float(abs(moved))
        held = np.isin(self._cells, list(known))
        at = int(np.searchsorted(self._cells, cell))
        part = np.where(held, 0.0, np.maximum(np.where(self._shut, 1.0, share[self._cells]), 0.0))
        for slight in (SLIGHT, 0.0):
            room = np.where(held, 0.0, np.maximum(part, slight)) * least
            duals = self._duals(at, moved, part, room, least)
            found = self._inequality(duals, at, moved, least, held)
            if found is not None and found.least - found.weights @ share[found.cells] > 1e-6 * found.least:
                return found
        return None

    def _duals(
        self, at: int, moved: int, part: NDArray[np.float64], room: NDArray[np.float64], least: float
    ) -> NDArray[np.float64]:
        whole = part >= 1.0
        lower = -np.where(whole, self._below, np.minimum(self._below * np.maximum(part, SLIGHT), room)) / least
        upper = np.where(whole, self._above, np.minimum(self._above, room)) / least
        if moved > 0:
            upper[at] = 1.0
        else:
            lower[at] = -1.0
        every = np.arange(len(self._cells), dtype=np.int32)
        self._programme.bounds(every, lower, upper)
        cost = np.zeros(len(self._cells))
        cost[at] = -1.0 if moved > 0 else 1.0
        self._programme.charge(every, cost)
        solution = self._programme.solve()
        if solution is None:
            raise ComityError("a linear programme that holds the truth has no solution", where="HiGHS")
        return solution.duals

    def _inequality(
        self, duals: NDArray[np.float64], at: int, moved: int, least: float, held: NDArray[np.bool_]
    ) -> Inequality | None:
        """Of any multipliers of the relations; None if it says nothing."""
        reduced = -(self._relations.T.astype(np.int64) @ np.rint(duals * SHARE).astype(np.int64))
        reduced[at] += -SHARE if moved > 0 else SHARE
        share = reduced.astype(np.float64) / SHARE
        with np.errstate(invalid="ignore"):
            fall, rise = np.where(share > 0, share * self._below, 0.0), np.where(share < 0, -share * self._above, 0.0)
        weights = np.where(held, 0.0, np.minimum((fall + rise) * ROUNDING, least))
        left = least - float(weights[self._shut].sum())
        if left <= 1e-9 * least:
            return None
        weights = np.minimum(np.where(self._shut, 0.0, weights), left) / left
        used = np.flatnonzero(weights)
        return Inequality(cells=self._cells[used], weights=weights[used], least=1.0)
