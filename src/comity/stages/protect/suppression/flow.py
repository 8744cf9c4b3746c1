"""The cheapest way to move a primary: a linear programme over some cells, which stays warm from demand to demand.

Cells of the programme move up or down against a charge for each unit; all other cells stand still. Whatever cells move
must be suppressed, so the charge says which of them one would rather not. Source: Kelly, Golden and Assad (1992), Cell
suppression: disclosure protection for sensitive tabular data.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from comity.stages.protect.programme import INFINITE, Programme
from comity.stages.protect.suppression.demand import ENOUGH, NOBODY, Demands, Known, Root, Witness, room
from comity.stages.protect.suppression.graph import Cells, Graph

STILL: Final = 1e-7  # of the protection level: less is no move
LIMIT: Final = 2.0**40  # units: a bound this far away is none
STEP: Final = 2.0**20  # protection levels within one step are reckoned in one unit, so that programmes stay warm
ANYWAY: Final = 1e-5  # charge for a unit of a cell that is suppressed already


class Flow:
    """One programme over some cells (ascending). `charges` are for each unit a cell moves."""

    def __init__(self, demands: Demands, graph: Graph, cells: Cells, charges: NDArray[np.float64]) -> None:
        part = graph.part(cells)
        count = len(cells)
        self.cells, self.solved = cells, 0
        self._demands, self._count, self._unit = demands, count, 1.0
        self._down, self._up = room(demands.problem, cells)
        self._charges = charges.copy()
        self._locked: set[int] = set()
        matrix = csc_array(
            (
                np.concatenate([part.data, -part.data]).astype(np.float64),
                np.concatenate([part.indices, part.indices]),
                np.concatenate([part.indptr, part.indptr[1:] + part.nnz]),
            ),
            shape=(part.shape[0], 2 * count),
        )
        still = np.zeros(part.shape[0])
        self._programme = Programme(
            matrix,
            row_lower=still,
            row_upper=still,
            lower=np.zeros(2 * count),
            upper=self._bounds(),
            cost=np.tile(charges, 2) + ANYWAY,
        )
        self._programme.option("presolve", "off")  # programmes are small, and most solves go on from the one before

    def charge(self, charges: NDArray[np.float64]) -> None:
        """What a unit of each cell costs from now on."""
        changed = np.flatnonzero(charges != self._charges).astype(np.int32)
        if changed.size:
            both = np.concatenate([changed, changed + np.int32(self._count)])
            self._programme.charge(both, np.tile(charges[changed], 2) + ANYWAY)
            self._charges = charges.copy()

    def lock(self, cell: int) -> None:
        """A cell stands still from now on."""
        self._locked.add(self._place(cell))
        self._close(self._place(cell))

    def unlock(self, cell: int) -> None:
        """A cell may move again."""
        self._locked.discard(self._place(cell))
        self._restore(self._place(cell))

    def move(self, root: Root, known: Known, *, rounds: int = 0, spared: Known = NOBODY) -> Witness | None:
        """The cheapest witness of a demand, None if these cells have none.

        spared: others whose cells stand still as well.
        rounds: how often to charge a cell by what it moved instead, so that fewer cells move; the first answer that is
            no better ends it.
        """
        amount = self._demands.level(root, known)
        place = self._place(root.cell)
        if place in self._locked:
            return None
        self._measure(amount)
        cells = self._demands.respondents.cells(known | spared)
        held = [at for at in (self._place(cell) for cell in cells) if at >= 0 and at not in self._locked]
        for at in held:
            self._close(at)
        up, down = (place, place + self._count) if root.way > 0 else (place + self._count, place)
        self._programme.bound(up, amount / self._unit, amount / self._unit)
        self._programme.bound(down, 0.0, 0.0)
        moves = self._solve()
        if moves is not None:
            for _ in range(rounds):
                fewer = self._fewer(moves, amount)
                if fewer is None:
                    break
                moves = fewer
        for at in [place, *held]:
            self._restore(at)
        return None if moves is None else self._witness(moves, root, known, amount)

    def _solve(self) -> NDArray[np.float64] | None:
        self.solved += 1
        solution = self._programme.solve()
        if solution is None:
            return None
        return np.asarray((solution.columns[: self._count] - solution.columns[self._count :]) * self._unit)

    def _fewer(self, moves: NDArray[np.float64], amount: int) -> NDArray[np.float64] | None:
        """The answer if cells were charged for moving at all, as these moves have it; None if it is no better."""
        size = np.abs(moves)
        paid = (size > STILL * amount) & (self._charges > 0)
        if paid.sum() < 2:
            return None
        every = np.arange(2 * self._count, dtype=np.int32)
        self._programme.charge(every, np.tile(self._charges * amount / (size + 0.05 * amount), 2) + ANYWAY)
        found = self._solve()
        self._programme.charge(every, np.tile(self._charges, 2) + ANYWAY)
        if found is None:
            return None
        after = self._charges[(np.abs(found) > STILL * amount) & (self._charges > 0)].sum()
        return found if after < self._charges[paid].sum() * ENOUGH else None

    def _witness(self, moves: NDArray[np.float64], root: Root, known: Known, amount: int) -> Witness | None:
        moved = np.flatnonzero(np.abs(moves) > STILL * amount)
        found = self._demands.witness(self.cells[moved], moves[moved])
        return found if self._demands.meets(found, root, known) else None

    def _place(self, cell: int) -> int:
        """Where a cell stands in the programme; -1 if it does not."""
        at = int(np.searchsorted(self.cells, cell))
        return at if at < self._count and self.cells[at] == cell else -1

    def _measure(self, amount: int) -> None:
        """Reckon in a unit in which the amount is no large number."""
        unit = STEP ** int(np.log2(amount) // np.log2(STEP))
        if unit != self._unit:
            self._unit = unit
            bounds = self._bounds()
            for at in self._locked:
                bounds[[at, at + self._count]] = 0.0
            self._programme.bounds(np.arange(2 * self._count, dtype=np.int32), np.zeros(2 * self._count), bounds)

    def _bounds(self) -> NDArray[np.float64]:
        bounds = np.concatenate([self._up, self._down]) / self._unit
        return np.where(bounds > LIMIT, INFINITE, bounds)

    def _close(self, at: int) -> None:
        self._programme.bound(at, 0.0, 0.0)
        self._programme.bound(at + self._count, 0.0, 0.0)

    def _restore(self, at: int) -> None:
        for column, far in ((at, self._up[at]), (at + self._count, self._down[at])):
            bound = far / self._unit
            self._programme.bound(column, 0.0, bound if bound <= LIMIT else INFINITE)
