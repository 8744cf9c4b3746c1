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
from comity.stages.protect.respondents import Respondents

SILENT: Tell = Silent()


def seen(problem: Problem, low: NDArray[np.int64], high: NDArray[np.int64]) -> Problem:
    """The problem with what a perturbed table tells: each cell lies between low and high; exact where it was before.

    A cell that was shown before, or that is empty, is known as it is. Elsewhere nothing says that a cell is not empty,
    as a blank does where zeros are shown. What a primary needs is left as it was.
    """
    known = ~(problem.open | problem.shut) | (problem.floor == problem.ceiling)
    return replace(
        problem,
        floor=np.where(known, problem.values, np.maximum(np.minimum(problem.floor, 0), low)),
        ceiling=np.where(known, problem.values, np.minimum(problem.ceiling, high)),
    )


def given_away(seen: Problem, *, tell: Tell = SILENT) -> tuple[Breach, ...]:
    """Every way in which a primary is reckoned too closely, by anybody or by lone respondents. Empty: none."""
    if not seen.primary.any():
        return ()
    return attacker.breaches(seen, np.ones(seen.cells, bool), tell=tell)


def narrow(seen: Problem, width: int, *, tell: Tell = SILENT) -> tuple[Breach, ...]:
    """Primaries whose interval is narrower than `width`, for anybody; if none is, those exact for a lone respondent."""
    if not seen.primary.any():
        return ()
    by_anybody = _narrower(seen, width, (), tell)
    if by_anybody or not seen.coalition:
        return by_anybody
    persons = Respondents(seen)
    each = np.unique(persons.of[persons.of >= 0]).tolist()
    return tuple(breach for one in each for breach in _narrower(seen, 1, tuple(persons.cells([one])), tell))


def _narrower(seen: Problem, width: int, known: tuple[int, ...], tell: Tell) -> tuple[Breach, ...]:
    others = seen.primary.copy()
    others[list(known)] = False
    if not others.any():
        return ()
    found = attacker.audit(replace(seen, primary=others), np.ones(seen.cells, bool), known=known, tell=tell)
    cells = np.flatnonzero(others & (found.high - found.low < width)).tolist()
    return tuple(Breach(cell=cell, known=known, low=int(found.low[cell]), high=int(found.high[cell])) for cell in cells)


def free(seen: Problem, table: NDArray[np.int64], step: int) -> NDArray[np.bool_]:
    """Cells that nobody can tell from `table` to `table` + step, both included: shown by two whole tables of counts.

    Where lone respondents are looked at, also those of which none of them can tell between two values at least: he sets
    his own cell and its totals right, and there is room for one more in another line. Exact, and nothing is claimed of
    a cell that is left out.

    Args:
        seen: of counts, as `seen` makes it.
        table: additive, within floor and ceiling, such as the rounded one.
        step: what is added to a finest cell and all its totals, a line.
    """
    none = np.zeros(seen.cells, bool)
    if (seen.relations @ table).any() or ((table < seen.floor) | (table > seen.ceiling)).any():
        return none
    totals = _Totals(seen)
    alone = seen.alone if seen.coalition else none
    right = seen.values - table  # what sets a cell right
    room = table + step <= seen.ceiling
    lines, through = np.zeros(seen.cells, np.int64), none.copy()
    for cell in np.flatnonzero(room & ~totals.parts).tolist():
        line = totals.above(cell)
        if line is not None and room[line].all():
            lines[line] += 1
            through[line] |= alone[line].any()
    for cell in np.flatnonzero(alone & ~totals.parts).tolist():
        line = totals.above(cell)
        moved = None if line is None else table[line] + right[cell]
        if moved is None or (moved < seen.floor[line]).any() or (moved + 1 > seen.ceiling[line]).any():
            return none
    # A line through the respondent's own cell is no help against him, unless the cell is nobody but himself.
    return np.asarray((lines > 1) | ((lines == 1) & (~through | (seen.values == 1))))


class _Totals:
    """Which cells a cell is part of, by the relations: each has its parts at +1 and their total at -1."""

    def __init__(self, problem: Problem) -> None:
        relations = csr_array(problem.relations)
        entries = relations.tocoo()
        of_row = np.full(relations.shape[0], -1)
        of_row[entries.row[entries.data < 0]] = entries.col[entries.data < 0]
        columns = csc_array(relations)
        self._start, self._rows, self._signs = columns.indptr.tolist(), columns.indices.tolist(), columns.data.tolist()
        self._total = of_row.tolist()
        self.parts = np.zeros(problem.cells, bool)  # cells that have parts
        self.parts[of_row[of_row >= 0]] = True

    def above(self, cell: int) -> NDArray[np.int64] | None:
        """The cell and every total above it; None where adding to them all does not keep the table additive."""
        line, left = {cell}, [cell]
        sums: dict[int, int] = {}
        while left:
            at = left.pop()
            for place in range(self._start[at], self._start[at + 1]):
                row, sign = self._rows[place], self._signs[place]
                sums[row] = sums.get(row, 0) + sign
                total = self._total[row]
                if sign > 0 and total not in line:
                    line.add(total)
                    left.append(total)
        return None if any(sums.values()) else np.array(sorted(line))
