"""What a pattern must show of each primary, and the vectors that show it.

A demand is a primary, a direction, and what a coalition knows: the cell must be able to move so far while shown cells,
and the cells the coalition knows, stand still. A witness is a vector that does: added to the true table it gives
another one that an attacker cannot tell from it. Floats here; the audit of the finished pattern, which is the
judgement, is `attacker`.

A primary holds against every coalition of c lone respondents if each set of c of their cells is stood clear of by some
witness. Only sets that meet every witness at hand leave a gap, so few need to be looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.stages.protect.problem import UNBOUNDED, Problem

Known = frozenset[int]  # cells that somebody knows beside what is shown
ENOUGH: Final = 1 - 1e-6  # of a protection level; what floats lose. The audit has the last word, in whole numbers
FAR: Final = 1e9  # times; a vector that no bound stops is stretched no further


@dataclass(frozen=True, slots=True)
class Root:
    """A primary and where it must move: 1 up, -1 down."""

    cell: int
    way: int


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Cells that move, ascending, and how far; `alone`: those among them whose value a lone respondent knows."""

    cells: NDArray[np.int64]
    moves: NDArray[np.float64]
    alone: frozenset[int]

    def reversed(self, problem: Problem) -> "Witness":
        """The same vector the other way."""
        return stretched(problem, self.cells, -self.moves)


def level(problem: Problem, root: Root) -> int:
    """How far a primary must move, in units of the measure."""
    return int(problem.upper[root.cell] if root.way > 0 else problem.lower[root.cell])


def needed(problem: Problem) -> list[Root]:
    """Roots that ask for a move at all, by cell."""
    roots = [Root(int(cell), way) for cell in np.flatnonzero(problem.primary) for way in (1, -1)]
    return [root for root in roots if level(problem, root) > 0]


def room(problem: Problem, cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far cells may move down and up before they leave what everybody knows of them; infinite without an end."""
    value, ceiling = problem.values[cells], problem.ceiling[cells]
    endless = ceiling == UNBOUNDED
    up = np.where(endless, np.inf, (np.where(endless, value, ceiling) - value).astype(np.float64))
    return (value - problem.floor[cells]).astype(np.float64), up


def stretched(problem: Problem, cells: NDArray[np.int64], moves: NDArray[np.float64]) -> Witness:
    """A witness as long as the bounds of its cells let it be."""
    down, up = room(problem, cells)
    limit = float(np.min(np.where(moves > 0, up, down) / np.abs(moves), initial=FAR))
    return Witness(cells, moves * limit, frozenset(cells[problem.alone[cells]].tolist()))


def gaps(root: Root, witnesses: Iterable[Witness], coalition: int) -> tuple[list[Known], list[Witness]]:
    """What coalitions could know against a root that no witness stands clear of; and the witnesses that count."""
    at_hand, open_, used = list(witnesses), [], []
    sets: list[Known] = [frozenset()]
    for known in sets:  # grows while it is walked
        clear = next((w for w in at_hand if not known & w.alone), None)
        if clear is None:
            open_.append(known)
            continue
        used.append(clear)
        if len(known) < coalition:
            sets += [new for cell in sorted(clear.alone - {root.cell}) if (new := known | {cell}) not in sets]
    return open_, list(dict.fromkeys(used))
