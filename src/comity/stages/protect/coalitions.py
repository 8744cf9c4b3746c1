"""Lone respondents as attackers: each knows his own cell, and two may put together what they know of theirs.

Tables found before show most of it: tables that all move a cell far enough, and another cell up and down, have a mean
that moves the one and leaves the other where it is. Only what they do not show is asked of a linear programme.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from comity.stages.protect.problem import Problem
from comity.stages.protect.search import Search
from comity.stages.protect.unknown import Component


def undone(problem: Problem, component: Component, search: Search) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each primary that lone respondents reckon too closely, with the cells that they know. None knows his own only.

    A pair is named only where neither of the two is enough.
    """
    alone = np.flatnonzero(problem.alone[component.cells])
    if not problem.coalition or not len(alone):
        return
    for cell in np.flatnonzero(problem.primary[component.cells]).tolist():
        place = int(component.cells[cell])
        others = alone[alone != cell]
        found: set[tuple[int, ...]] = set()
        for moved in (int(problem.upper[place]), -int(problem.lower[place])):
            if moved and search.points.reaching(cell, moved).any():
                found |= set(_undone(search, cell, moved, others, problem.coalition))
        for known in sorted(found):
            if len(known) == 1 or not any((one,) in found for one in known):
                yield place, tuple(component.cells[list(known)].tolist())


def _undone(
    search: Search, cell: int, moved: int, others: NDArray[np.int64], coalition: int
) -> Iterator[tuple[int, ...]]:
    """Coalitions, by places in the component, against which a cell cannot move so far."""
    if not len(others) or _still(search, cell, moved, others):
        return
    if search.reach(cell, moved, others.tolist()):
        return
    single = set[int]()
    for one in others.tolist():
        signs = _signs(search, cell, moved, others=np.array([one]))
        if not ((signs <= 0).any() and (signs >= 0).any()) and not search.reach(cell, moved, [one]):
            single.add(one)
            yield (one,)
    if coalition < 2:
        return
    for one, two in combinations([other for other in others.tolist() if other not in single], 2):
        signs = _signs(search, cell, moved, others=np.array([one, two]))
        if not _around(signs) and not search.reach(cell, moved, [one, two]):
            yield (one, two)


def _still(search: Search, cell: int, moved: int, others: NDArray[np.int64]) -> bool:
    """Whether some table found moves the cell so far and none of the others."""
    return bool((_signs(search, cell, moved, others) == 0).all(axis=1).any())


def _signs(search: Search, cell: int, moved: int, others: NDArray[np.int64]) -> NDArray[np.int64]:
    """(points, others) Of the tables that move a cell so far: whether they move each of the others up or down."""
    points = search.points
    return np.sign(points.moves[points.reaching(cell, moved)][:, others])


def _around(signs: NDArray[np.int64]) -> bool:
    """Whether tables of these signs, of two cells, surely have a mean that moves neither of the two.

    They have if one moves neither, or if there are two in opposite directions along an axis, or one in each quarter.
    """
    kinds = {(int(one), int(two)) for one, two in signs}
    opposite = ({(1, 0), (-1, 0)} <= kinds) or ({(0, 1), (0, -1)} <= kinds)
    quarters = {(1, 1), (1, -1), (-1, 1), (-1, -1)} <= kinds
    return (0, 0) in kinds or opposite or quarters
