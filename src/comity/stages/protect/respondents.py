"""Lone respondents: which cells are of one and the same, and what he knows of a cell that he stands in with others.

Where a cell of one respondent is part of another of one respondent, both are the same person's: he is no attacker of
his own cell, and knows both. Of a cell that holds his own and others' a respondent knows that it is not below what he
gave, so nobody can hide that from him: less than the lower protection level is asked against him there. Two
respondents of cells that are not parts of each other are two persons.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from comity.stages.protect.problem import Problem


class Respondents:
    """Of one problem. A respondent is named by the first of his cells.

    of: (cells,) who stands alone in a cell; -1 where nobody does.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        rows = csr_array(problem.relations)
        columns = csc_array(rows)
        self._rows, self._columns = rows, columns
        self.of = _names(problem, rows)
        self.own = cache(self._own)

    def cells(self, known: Iterable[int]) -> list[int]:
        """What some respondents know, ascending."""
        return [int(cell) for cell in np.flatnonzero(np.isin(self.of, list(known)))] if known else []

    def lower(self, cell: int, known: Iterable[int]) -> int:
        """How far below its value a primary must be able to lie for respondents who put together what they know."""
        problem = self._problem
        least = int(problem.values[cell]) - sum(self.own(cell).get(who, 0) for who in known)
        return max(0, min(int(problem.lower[cell]), least))

    def _own(self, cell: int) -> dict[int, int]:
        """The part of each lone respondent in a cell: the largest of his cells within it."""
        parts: dict[int, int] = {}
        below, seen = [cell], {cell}
        while below:
            at = below.pop()
            who = int(self.of[at])
            if who >= 0 and at != cell:
                parts[who] = max(parts.get(who, 0), int(self._problem.values[at]))
            new = [part for part in self._parts(at) if part not in seen and self._problem.values[part] != 0]
            seen.update(new)
            below += new
        return parts

    def _parts(self, cell: int) -> list[int]:
        start, end = self._columns.indptr[cell], self._columns.indptr[cell + 1]
        totals = self._columns.indices[start:end][self._columns.data[start:end] < 0]
        found: list[int] = []
        for row in totals:
            here = slice(self._rows.indptr[row], self._rows.indptr[row + 1])
            found += self._rows.indices[here][self._rows.data[here] > 0].tolist()
        return found


def _names(problem: Problem, rows: csr_array) -> NDArray[np.int64]:
    """Lone cells that are parts of lone cells have one name."""
    count = problem.cells
    entries = rows.tocoo()
    lone = problem.alone[entries.col]
    part, total = lone & (entries.data > 0), lone & (entries.data < 0)
    of_row = np.full(rows.shape[0], -1)
    of_row[entries.row[total]] = entries.col[total]
    parts, above = entries.col[part], of_row[entries.row[part]]
    kept = above >= 0
    pairs = (np.ones(int(kept.sum()), np.int8), (parts[kept], above[kept]))
    _, label = connected_components(csr_array(pairs, shape=(count, count)), directed=False)
    first = np.full(count, count)
    np.minimum.at(first, label[problem.alone], np.flatnonzero(problem.alone))
    return np.where(problem.alone, first[label], -1)
