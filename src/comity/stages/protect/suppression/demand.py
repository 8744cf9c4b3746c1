"""What a pattern must show of each primary, and the vectors that show it.

A demand is a primary, a direction, and what a coalition knows: the cell must be able to move so far while shown cells,
and the cells the coalition knows, stand still. A witness is a vector that does: added to the true table it gives
another one that an attacker cannot tell from it. Floats here; the audit of the finished pattern, which is the
judgement, is `attacker`.

A primary holds against every coalition of c lone respondents if for each c of them some witness moves no cell of
theirs. Only sets that meet every witness at hand leave a gap, so few need to be looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from comity.stages.protect.problem import UNBOUNDED, Problem
from comity.stages.protect.respondents import Respondents

Known = frozenset[int]  # lone respondents who put together what they know; see `Respondents`
NOBODY: Final[Known] = frozenset()
ENOUGH: Final = 1 - 1e-6  # of a protection level; what floats lose. The audit has the last word, in whole numbers
FAR: Final = 1e9  # times; a vector that no bound stops is stretched no further


class Root(NamedTuple):
    """A primary and where it must move: 1 up, -1 down. A tuple, for it is looked up more often than anything else."""

    cell: int
    way: int


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Cells that move, ascending, and how far; `met`: lone respondents who know one of them.

    by_cell: the moves again, to be looked up.
    """

    cells: NDArray[np.int64]
    moves: NDArray[np.float64]
    met: frozenset[int]
    by_cell: dict[int, float]

    def reach(self, root: Root) -> float:
        """How far it moves a root's cell the way that is asked."""
        return root.way * self.by_cell.get(root.cell, 0.0)


def needed(problem: Problem) -> list[Root]:
    """Roots that ask for a move at all, by cell."""
    up, down = problem.upper > 0, problem.lower > 0
    cells = np.flatnonzero(problem.primary).tolist()
    return [Root(cell, way) for cell in cells for way, asked in ((1, up), (-1, down)) if asked[cell]]


def room(problem: Problem, cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far cells may move down and up before they leave what everybody knows of them; infinite without an end."""
    value, ceiling = problem.values[cells], problem.ceiling[cells]
    endless = ceiling == UNBOUNDED
    up = np.where(endless, np.inf, (np.where(endless, value, ceiling) - value).astype(np.float64))
    return (value - problem.floor[cells]).astype(np.float64), up


class Demands:
    """What a problem asks, and of what its witnesses are made."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.respondents = Respondents(problem)
        self.level = cache(self._level)

    def _level(self, root: Root, known: Known) -> int:
        """How far a root must move against some respondents, in units of the measure."""
        if root.way > 0:
            return int(self.problem.upper[root.cell])
        return self.respondents.lower(root.cell, known)

    def witness(self, cells: NDArray[np.int64], moves: NDArray[np.float64]) -> Witness:
        """A vector made as long as the bounds of its cells let it be."""
        down, up = room(self.problem, cells)
        far = moves * float(np.min(np.where(moves > 0, up, down) / np.abs(moves), initial=FAR))
        met = self.respondents.of[cells]
        by_cell = dict(zip(cells.tolist(), far.tolist(), strict=True))
        return Witness(cells, far, frozenset(met[met >= 0].tolist()), by_cell)

    def meets(self, witness: Witness, root: Root, known: Known) -> bool:
        """Whether a vector is a witness of a demand."""
        return known.isdisjoint(witness.met) and witness.reach(root) >= self.level(root, known) * ENOUGH

    def gaps(self, root: Root, witnesses: Iterable[Witness]) -> tuple[list[Known], list[Witness]]:
        """Who could reckon a root because none of these witnesses serves against them; and the witnesses that serve."""
        at_hand, open_, used = list(witnesses), [], []
        himself = int(self.respondents.of[root.cell])
        sets: list[Known] = [frozenset()]
        seen = set(sets)
        for known in sets:  # grows while it is walked
            if self.level(root, known) <= 0:
                continue
            clear = next((witness for witness in at_hand if self.meets(witness, root, known)), None)
            if clear is None:
                open_.append(known)
                continue
            used.append(clear)
            if len(known) < self.problem.coalition:
                new = [known | {who} for who in sorted(clear.met - {himself})]
                sets += [one for one in new if one not in seen]
                seen.update(new)
        return open_, list(dict.fromkeys(used))
