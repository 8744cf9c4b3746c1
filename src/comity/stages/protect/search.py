"""How far the cells of one component can move from the truth: the linear programmes of the attacker, kept warm.

Finds tables and keeps those that stand in exact arithmetic; how wide an interval must be is judged elsewhere.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, hstack

from comity.errors import ComityError
from comity.stages.protect.certificate import NEAR, Points, written
from comity.stages.protect.problem import UNBOUNDED
from comity.stages.protect.programme import INFINITE, Programme
from comity.stages.protect.unknown import Component

AT_ONCE: Final = 256  # tables kept as found before they are checked
RANGE: Final = 2.0**27  # bounds of a programme are scaled to this at most: a solver's tolerances are absolute
PRIMAL, DUAL = 4, 1  # strategies of HiGHS: where only the objective changed, and where bounds did
FAR: Final = 2**50  # of a move that has no end


class Search:
    """One component, the tables found so far, and one programme that goes from objective to objective.

    points: all tables found. endless: (cells,) which may lie above the truth without an end.
    """

    def __init__(self, component: Component) -> None:
        self.component = component
        self.endless, rays = _endless(component)
        self._points, self._found = [rays], list[NDArray[np.float64]]()
        self._scale = _scale(component)
        self._programme = _programme(component, self._scale)
        self._held = frozenset[int]()

    @property
    def points(self) -> Points:
        """Every table found so far that was shown to be one."""
        if self._found:
            self._points.append(written(self.component, self._found))
            self._found = []
        if len(self._points) > 1:
            self._points = [_joined(self._points)]
        return self._points[0]

    def ends(self, cells: Iterable[int]) -> None:
        """Find both ends of the intervals of cells, by their places in the component."""
        self._hold(())
        self._programme.option("simplex_strategy", PRIMAL)
        for cell in cells:
            for direction in (1, -1):
                if direction < 0 or not self.endless[cell]:
                    self._keep(self._furthest(cell, direction))

    def reach(self, cell: int, moved: int, held: Collection[int]) -> Points | None:
        """A table that moves a cell so far (up or, below 0, down) while the cells `held` stand, or None."""
        self._hold(held)
        self._programme.option("simplex_strategy", DUAL)
        low, high = self._bounds(cell)
        wanted = moved / self._scale
        self._programme.bound(cell, max(low, min(wanted, 0.0)), min(high, max(wanted, 0.0)))
        found = self._furthest(cell, 1 if moved > 0 else -1)
        self._programme.bound(cell, low, high)
        if abs(found[cell] - moved) > NEAR * (1 + abs(moved)):
            return None
        shown = written(self.component, [found], {cell: moved, **dict.fromkeys(held, 0)})
        return shown if shown.reaching(cell, moved).any() else None

    def _hold(self, held: Collection[int]) -> None:
        """Cells that stand at the truth from now on, and no others."""
        wanted = frozenset(held)
        for cell in wanted - self._held:
            self._programme.bound(cell, 0.0, 0.0)
        for cell in self._held - wanted:
            self._programme.bound(cell, *self._bounds(cell))
        self._held = wanted

    def _furthest(self, cell: int, direction: int) -> NDArray[np.float64]:
        column = np.array([cell], np.int32)
        self._programme.charge(column, np.array([-float(direction)]))
        solution = self._programme.solve()
        self._programme.charge(column, np.zeros(1))
        if solution is None:
            raise ComityError("a linear programme that holds the truth has no solution", where="HiGHS")
        return solution.columns * self._scale

    def _keep(self, found: NDArray[np.float64]) -> None:
        self._found.append(found)
        if len(self._found) == AT_ONCE:
            self._points.append(written(self.component, self._found))
            self._found = []

    def _bounds(self, cell: int) -> tuple[float, float]:
        above = self.component.above[cell]
        high = INFINITE if above == UNBOUNDED else float(above) / self._scale
        return -float(self.component.below[cell]) / self._scale, high


def _programme(component: Component, scale: float) -> Programme:
    rows, cells = component.relations.shape
    programme = Programme(
        component.relations,
        row_lower=np.zeros(rows),
        row_upper=np.zeros(rows),
        lower=-component.below.astype(np.float64) / scale,
        upper=np.where(component.above == UNBOUNDED, INFINITE, component.above.astype(np.float64) / scale),
        cost=np.zeros(cells),
    )
    programme.option("presolve", "off")
    return programme


def _scale(component: Component) -> float:
    """A power of two, so that nothing is lost by it."""
    bounds = np.concatenate([component.below, component.above[component.above != UNBOUNDED], [1]])
    return float(2.0 ** max(0, int(np.ceil(np.log2(float(bounds.max()) / RANGE)))))


def _joined(points: Sequence[Points]) -> Points:
    return Points(
        moves=np.concatenate([one.moves for one in points]),
        denominators=np.concatenate([one.denominators for one in points]),
    )


def _endless(component: Component) -> tuple[NDArray[np.bool_], Points]:
    """Cells that can rise without an end, and a table far along: all moves upwards, of cells without a ceiling.

    A relation of which all cells left have one sign holds them; where none does, one programme finds the most cells
    that rise together.
    """
    cells = len(component.cells)
    free = _unheld(component)
    endless, points = np.zeros(cells, bool), np.zeros((0, cells), np.int64)
    if free.any():
        at = np.flatnonzero(free)
        part = csc_array(component.relations[:, at])
        cone = Component(
            cells=component.cells[at],
            relations=part,
            below=np.zeros(len(at), np.int64),
            above=np.full(len(at), UNBOUNDED),
        )
        rays = written(cone, [_widest(part)])
        if len(rays.moves):
            endless[at] = rays.moves[0] > 0
            points = np.zeros((1, cells), np.int64)
            points[0, at] = rays.moves[0] * max(1, FAR // max(1, int(rays.moves.max())))
    return endless, Points(moves=points, denominators=np.ones(len(points), np.int64))


def _unheld(component: Component) -> NDArray[np.bool_]:
    free = np.asarray(component.above == UNBOUNDED)
    parts, totals = component.relations > 0, component.relations < 0
    while free.any():
        here = free.astype(np.int64)
        one_sided = (parts.astype(np.int64) @ here > 0) != (totals.astype(np.int64) @ here > 0)
        held = free & (abs(component.relations).T @ one_sided.astype(np.int64) > 0)
        if not held.any():
            break
        free &= ~held
    return free


def _widest(relations: csc_array) -> NDArray[np.float64]:
    """A move upwards of as many cells as can rise together: each the sum of a first unit, which counts, and a rest."""
    rows, cells = relations.shape
    solution = Programme(
        csc_array(hstack([relations, relations])),
        row_lower=np.zeros(rows),
        row_upper=np.zeros(rows),
        lower=np.zeros(2 * cells),
        upper=np.concatenate([np.ones(cells), np.full(cells, INFINITE)]),
        cost=np.concatenate([np.full(cells, -1.0), np.zeros(cells)]),
    ).solve()
    return np.zeros(cells) if solution is None else solution.columns[:cells] + solution.columns[cells:]
