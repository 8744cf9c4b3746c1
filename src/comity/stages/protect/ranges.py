"""A table that was rounded or perturbed, as an attacker sees it: each cell lies between two numbers that he can reckon.

He knows the method, its parameters, every relation of the table and what was published before; he does not know the
secret key. Whether he reckons a sensitive cell too closely is asked of the same attacker that audits patterns
(`attacker`), with nothing shown and every cell bounded.

Of a rounded table of counts there is a shorter way to the answer: two tables that everything published allows, the
rounded one itself, and the one with base - 1 more in one finest cell and in every total above it. Where both stand, no
programme need be solved.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from comity.model.job import Silent, Tell
from comity.stages.protect import attacker
from comity.stages.protect.attacker import Breach
from comity.stages.protect.problem import Problem

SILENT: Tell = Silent()


def seen(problem: Problem, low: NDArray[np.int64], high: NDArray[np.int64]) -> Problem:
    """The problem with what a perturbed table tells: each cell lies between low and high; exact where it was before.

    A cell that was shown before, or that is empty, is known as it is. What a primary needs is left as it was.
    """
    known = ~(problem.open | problem.shut)
    return replace(
        problem,
        floor=np.where(known, problem.values, np.maximum(problem.floor, low)),
        ceiling=np.where(known, problem.values, np.minimum(problem.ceiling, high)),
    )


def given_away(seen: Problem, *, tell: Tell = SILENT) -> tuple[Breach, ...]:
    """Every way in which a primary is reckoned too closely, by anybody or by lone respondents. Empty: none."""
    if not seen.primary.any():
        return ()
    return attacker.breaches(seen, np.ones(seen.cells, bool), tell=tell)


def narrow(seen: Problem, width: int, *, tell: Tell = SILENT) -> tuple[Breach, ...]:
    """Primaries whose interval is narrower than `width`, for anybody; or without width, for a lone respondent."""
    if not seen.primary.any():
        return ()
    found = []
    everything = np.ones(seen.cells, bool)
    for known in ((), *((int(cell),) for cell in np.flatnonzero(seen.alone & (seen.coalition > 0)))):
        others = seen.primary.copy()
        others[list(known)] = False
        intervals = attacker.audit(replace(seen, primary=others), everything, known=known, tell=tell)
        for cell in np.flatnonzero(others & (intervals.high - intervals.low < (1 if known else width))).tolist():
            low, high = int(intervals.low[cell]), int(intervals.high[cell])
            found.append(Breach(cell=cell, known=known, low=low, high=high))
    return tuple(found)


def free(seen: Problem, table: NDArray[np.int64], step: int) -> NDArray[np.bool_]:
    """Cells that nobody outside can tell from `table` to `table` + step, both included: shown by two whole tables.

    Exact, and nothing is claimed of a cell that is left out.

    Args:
        seen: as `seen` makes it.
        table: additive, within floor and ceiling, such as the rounded one.
        step: what is added to a finest cell and all its totals.
    """
    found = np.zeros(seen.cells, bool)
    if (seen.relations @ table).any() or ((table < seen.floor) | (table > seen.ceiling)).any():
        return found
    totals = _Totals(seen)
    room = table + step <= seen.ceiling
    for cell in range(seen.cells):
        if not found[cell] and room[cell] and not totals.parts[cell]:
            line = totals.above(cell)
            if line is not None and room[line].all():
                found[line] = True
    return found


class _Totals:
    """Which cells a cell is part of, by the relations: each has its parts at +1 and their total at -1."""

    def __init__(self, problem: Problem) -> None:
        self.relations = csr_array(problem.relations)
        self._columns = csc_array(self.relations)
        self._cells = problem.cells
        total_of = np.full(self.relations.shape[0], -1)
        entries = self.relations.tocoo()
        total_of[entries.row[entries.data < 0]] = entries.col[entries.data < 0]
        self._total = total_of
        self.parts = np.zeros(problem.cells, bool)  # cells that have parts
        self.parts[total_of[total_of >= 0]] = True

    def above(self, cell: int) -> NDArray[np.int64] | None:
        """The cell and every total above it; None where adding to them all does not keep the table additive."""
        line, left = {cell}, [cell]
        while left:
            at = left.pop()
            columns = self._columns
            here = slice(columns.indptr[at], columns.indptr[at + 1])
            for row, sign in zip(columns.indices[here], columns.data[here], strict=True):
                total = int(self._total[row])
                if sign > 0 and total not in line:
                    line.add(total)
                    left.append(total)
        cells = np.array(sorted(line))
        moved = np.zeros(self._cells, np.int64)
        moved[cells] = 1
        return None if (self.relations @ moved).any() else cells
