"""What an attacker does not know of a table: the cells a pattern leaves him to reckon, apart by what hangs together.

A suppressed cell that some relation gives away, because all else in it is known, is known; and so on until no relation
has one unknown cell alone. What remains falls into components, none of which says anything about another. All of this
is exact. How far the cells of a component can be reckoned is `attacker`. Code of the audit alone: whoever chooses
patterns has no part in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from comity.stages.protect.problem import UNBOUNDED, Problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Component:
    """Unknown cells that hang together. Every tuple of moves away from the truth that all relations allow is possible.

    cells: (n,) their places in the problem, ascending.
    relations: (relations, n), entries +1, -1 and 0; each row times the moves is 0.
    below, above: (n,) how far below and above its true value each may lie for all that everybody knows; UNBOUNDED.
    """

    cells: NDArray[np.int64]
    relations: csc_array
    below: NDArray[np.int64]
    above: NDArray[np.int64]

    @property
    def longest(self) -> int:
        """Cells of the longest relation."""
        return int(np.bincount(self.relations.indices).max(initial=1))


def components(problem: Problem, suppressed: NDArray[np.bool_], known: Sequence[int] = ()) -> Iterator[Component]:
    """The components of what is suppressed, for an attacker who knows the cells `known` besides what is shown."""
    cells = unknown(problem, suppressed, known)
    part = _rows_used(csr_array(problem.relations.astype(np.int64)[:, cells]))
    above = np.where(problem.ceiling[cells] == UNBOUNDED, UNBOUNDED, np.minimum(problem.ceiling[cells], UNBOUNDED - 1))
    above = np.where(above == UNBOUNDED, UNBOUNDED, above - problem.values[cells])
    below = problem.values[cells] - problem.floor[cells]
    count, of_row, of_cell = _labels(part)
    rows, columns = np.argsort(of_row, kind="stable"), np.argsort(of_cell, kind="stable")
    ends_of_rows = np.searchsorted(of_row[rows], np.arange(count + 1))
    ends_of_cells = np.searchsorted(of_cell[columns], np.arange(count + 1))
    sorted_part = csc_array(csr_array(part[rows])[:, columns])
    for at in range(count):
        here = slice(ends_of_cells[at], ends_of_cells[at + 1])
        mine = columns[here]
        yield Component(
            cells=cells[mine],
            relations=csc_array(sorted_part[ends_of_rows[at] : ends_of_rows[at + 1], here]),
            below=below[mine],
            above=above[mine],
        )


def without(component: Component, known: Sequence[int]) -> Component:
    """What of a component is left, in one piece, to somebody who knows cells of it, by their places in it."""
    left = np.ones(len(component.cells), bool)
    left[list(known)] = False
    return Component(
        cells=component.cells[left],
        relations=csc_array(component.relations[:, left]),
        below=component.below[left],
        above=component.above[left],
    )


def unknown(problem: Problem, suppressed: NDArray[np.bool_], known: Sequence[int] = ()) -> NDArray[np.int64]:
    """Cells that no chain of relations with one unknown cell gives away, ascending."""
    left = suppressed & (problem.floor < problem.ceiling)
    left[list(known)] = False
    cells = np.flatnonzero(left)
    part = csr_array(abs(problem.relations.astype(np.int64))[:, cells])
    here = np.ones(len(cells), bool)
    while True:
        lone = (part @ here.astype(np.int64)) == 1
        given = here & (part.T @ lone.astype(np.int64) > 0)
        if not given.any():
            return cells[here]
        here &= ~given


def _rows_used(part: csr_array) -> csr_array:
    return csr_array(part[np.diff(part.indptr) > 0])


def _labels(part: csr_array) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """How many components, and the one of each row and of each column; the first cell's is the first."""
    rows, columns = part.shape
    pairs = part.tocoo()
    size = rows + columns
    graph = csr_array((np.ones(pairs.nnz, np.int8), (pairs.row, rows + pairs.col)), shape=(size, size))
    count, labels = connected_components(graph, directed=False)
    first = np.full(count, size)
    np.minimum.at(first, labels[rows:], np.arange(columns))
    order = np.empty(count, np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(count)
    return count, order[labels[:rows]], order[labels[rows:]]
