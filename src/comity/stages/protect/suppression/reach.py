"""How far cells can move at most, by their relations one at a time: a judgement without a programme.

A cell of a relation moves no further than the others of it can make up for. Taken in turns, that often shows at once
that a primary could not move as far as it must. What it does not show, a programme has to say (`flow`): the ends found
here are never too near, but for what floats lose, and may be too far.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.demand import ENOUGH, room
from comity.stages.protect.suppression.graph import Cells, Graph, Mask

TURNS: Final = 8


class Reach:
    """Of some cells (ascending) while all others stand still. asked: the primaries that are to be judged."""

    def __init__(self, problem: Problem, graph: Graph, cells: Cells, asked: Mask) -> None:
        part = csr_array(graph.part(cells))
        self._rows, self._column = part.shape[0], part.indices
        self._row = np.repeat(np.arange(self._rows), np.diff(part.indptr))
        self._plus = part.data > 0
        self._down, self._up = room(problem, cells)
        self._lower, self._upper = problem.lower[cells] * ENOUGH, problem.upper[cells] * ENOUGH
        self._asked: Mask = asked[cells]

    def short(self, locked: Cells) -> bool:
        """Whether one of them surely cannot move as far as it must while these too (by place) stand still."""
        down, up = self._down.copy(), self._up.copy()
        down[locked] = up[locked] = 0.0
        for _ in range(TURNS):
            nearer = self._turn(down, up)
            if (self._asked & ((up < self._upper) | (down < self._lower))).any():
                return True
            if not nearer:
                break
        return False

    def _turn(self, down: NDArray[np.float64], up: NDArray[np.float64]) -> bool:
        """Bring the ends nearer by each relation once; whether any came nearer.

        A relation adds up to 0: what raises it is made up for by what the others lower, and the other way round.
        """
        before = _size(down, up)
        for rising in (self._plus, ~self._plus):
            others = self._others(np.where(rising, down[self._column], up[self._column]))
            np.minimum.at(up, self._column[rising], others[rising])
            np.minimum.at(down, self._column[~rising], others[~rising])
        return before != _size(down, up)

    def _others(self, far: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each entry what the others of its relation come to."""
        endless = np.isinf(far)
        ends = np.where(endless, 0.0, far)
        others: NDArray[np.float64] = np.bincount(self._row, ends, self._rows)[self._row] - ends
        others[np.bincount(self._row, endless, self._rows)[self._row] > endless] = np.inf
        return others


def _size(down: NDArray[np.float64], up: NDArray[np.float64]) -> tuple[float, int]:
    known = np.isfinite(up)
    return float(down.sum() + up[known].sum()), int(known.sum())
