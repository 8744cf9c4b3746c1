"""Lone respondents as attackers: each knows his own cells, and two may put together what they know of theirs.

A table that moves a cell far enough and leaves all cells of lone respondents where they are answers for every
coalition at once. Where there is none, tables found before show most of what is left: if they all move the cell far
enough, and another cell up and down, they have a mean that moves the one and leaves the other. What they do not show
is asked of a programme, in groups first: a table that leaves a group alone answers for everyone in it.
"""

from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.model.job import Tell
from comity.stages.protect.problem import Problem
from comity.stages.protect.respondents import Respondents
from comity.stages.protect.search import Search

SEVERAL: Final = 2
HOLDING: Final = "holding against lone respondents"
Coalition = tuple[int, ...]  # lone respondents, named as in `Respondents`


def undone(
    problem: Problem, search: Search, respondents: Respondents, *, first: bool, tell: Tell
) -> Iterator[tuple[int, list[int]]]:
    """Each primary that lone respondents reckon too closely, with the cells they know; both by places in the component.

    A pair is named only where neither of the two is enough. Primaries that anybody reckons are left out. `search` holds
    both ends of every primary. first: one coalition for each primary and direction will do.
    """
    cells = search.component.cells
    of = respondents.of[cells]
    if not problem.coalition or (of < 0).all():
        return
    inquiry = _Inquiry(search, respondents, problem.coalition)
    primaries = np.flatnonzero(problem.primary[cells]).tolist()
    for done, cell in enumerate(primaries):
        tell(done, len(primaries), HOLDING)
        found = set[Coalition]()
        for moved in (int(problem.upper[cells[cell]]), -int(problem.lower[cells[cell]])):
            if moved:
                found.update(islice(inquiry.undone(cell, moved), 1 if first else None))
        for known in sorted(found):
            if len(known) == 1 or not any((one,) in found for one in known):
                yield cell, np.flatnonzero(np.isin(of, known)).tolist()


class _Inquiry:
    """Into one component. What its tables answered for all coalitions at once is remembered for other cells."""

    def __init__(self, search: Search, respondents: Respondents, coalition: int) -> None:
        self._search, self._respondents, self._coalition = search, respondents, coalition
        self._of = respondents.of[search.component.cells]
        self._alone = np.flatnonzero(self._of >= 0)
        self._rise, self._fall = (np.zeros(len(self._of), np.int64) for _ in range(2))
        self._people = np.unique(self._of[self._alone])
        self._points = search.points
        self._signs = self._ways(self._points.moves)

    def undone(self, cell: int, moved: int) -> Iterator[Coalition]:
        """Coalitions against which a cell cannot move so far (up or, below 0, down); none if it never can."""
        himself = self._people == self._of[cell]
        others = self._people[~himself].tolist()
        signs = self._signs[self._points.reaching(cell, moved)][:, ~himself]
        if not len(signs) or not others:
            return
        sure = crossed(signs, others)
        if (self._coalition == 1 and len(sure) == len(others)) or self._all_stand(cell, moved, signs, others):
            return

        def stands(group: list[int]) -> bool:
            return self._stand(cell, self._needed(cell, moved, group), group)

        left = others.copy()
        for one in _each(others, stands, sure):
            left.remove(one)
            yield (one,)
        if self._coalition > 1:
            yield from _pairs(left, stands, around(signs[:, np.isin(others, left)], left))

    def _all_stand(self, cell: int, moved: int, signs: NDArray[np.int8], others: list[int]) -> bool:
        if (self._rise[cell] >= moved) if moved > 0 else (self._fall[cell] >= -moved):
            return True
        return not signs.any(axis=1).all() or self._stand(cell, moved, others)

    def _needed(self, cell: int, moved: int, group: list[int]) -> int:
        """How far a cell must move for any coalition of a group: less far down where they stand in it themselves."""
        if moved > 0:
            return moved
        place = int(self._search.component.cells[cell])
        coalitions = [group] if len(group) <= self._coalition else [[one] for one in group]
        return -max(self._respondents.lower(place, known) for known in coalitions)

    def _stand(self, cell: int, moved: int, known: list[int]) -> bool:
        """Whether some table moves the cell so far while the cells of others stand."""
        if not moved:
            return True
        shown = self._search.reach(cell, moved, self._held(known))
        if shown is None:
            return False
        if not shown.moves[:, self._alone].any():
            self._rise, self._fall = np.maximum(self._rise, shown.up()), np.maximum(self._fall, shown.down())
        return True

    def _held(self, known: list[int]) -> list[int]:
        return list(self._alone[np.isin(self._of[self._alone], known)].tolist())

    def _ways(self, tables: NDArray[np.int64]) -> NDArray[np.int8]:
        """(tables, respondents) Whether a table moves the cell of a respondent up or down; SEVERAL: cells of his."""
        columns = [self._held([one]) for one in self._people.tolist()]
        signs = np.sign(tables[:, [cells[0] for cells in columns]]).astype(np.int8)
        for at, cells in enumerate(columns):
            if len(cells) > 1:
                signs[:, at] = np.where(tables[:, cells].any(axis=1), SEVERAL, 0)
        return signs


def crossed(signs: NDArray[np.int8], others: list[int]) -> set[int]:
    """Those whom the tables surely leave where they are, or have a mean that does."""
    sure = (signs == 0).any(axis=0) | ((signs == 1).any(axis=0) & (signs == -1).any(axis=0))
    return {other for other, is_sure in zip(others, sure.tolist(), strict=True) if is_sure}


def around(signs: NDArray[np.int8], others: list[int]) -> set[frozenset[int]]:
    """Pairs of which the tables surely have a mean that moves neither.

    There is one if a table moves neither, if two move one of them in opposite directions and not the other, or if there
    is a table in each quarter.
    """
    up, down, still = ((signs == sign).astype(np.float32) for sign in (1, -1, 0))  # counts that floats hold exactly

    def both(one: NDArray[np.float32], two: NDArray[np.float32]) -> NDArray[np.bool_]:
        return np.asarray((one.T @ two) > 0)

    axis = both(still, up) & both(still, down)
    quarters = both(up, up) & both(up, down) & both(down, up) & both(down, down)
    sure = both(still, still) | axis | axis.T | quarters
    return {frozenset((others[one], others[two])) for one, two in np.argwhere(np.triu(sure, 1)).tolist()}


def _each(group: list[int], stands: Callable[[list[int]], bool], sure: set[int]) -> Iterator[int]:
    """Members of a group that do not stand, by halving it."""
    left = [one for one in group if one not in sure]
    if not left or stands(left):
        return
    if len(left) == 1:
        yield left[0]
        return
    half = len(left) // 2
    yield from _each(left[:half], stands, sure)
    yield from _each(left[half:], stands, sure)


def _pairs(group: list[int], stands: Callable[[list[int]], bool], sure: set[frozenset[int]]) -> Iterator[Coalition]:
    """Pairs of a group that do not stand together, some twice: by thirds of it, two at a time, so that none is lost."""
    left = [one for one in group if any(frozenset((one, other)) not in sure for other in group if other != one)]
    if len(left) < 2 or stands(left):
        return
    if len(left) == 2:
        yield (left[0], left[1])
        return
    cuts = (0, -(-len(left) // 3), -(-2 * len(left) // 3), len(left))
    one, two, three = (left[low:high] for low, high in pairwise(cuts))
    for union in (one + two, one + three, two + three):
        yield from _pairs(union, stands, sure)
