"""Which cells hang together: the graph of cells and relations, its surroundings of a cell, and its parts.

Decides nothing of protection. Any relations do: hierarchies, linked tables, earlier releases are all the same here.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components

Cells = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Graph:
    """Relations by row and by column."""

    def __init__(self, relations: csr_array) -> None:
        self.rows = csr_array(relations)
        self.rows.eliminate_zeros()
        self.columns = csc_array(self.rows)

    def around(self, cell: int, allowed: Mask, likely: Mask, near: int, far: int) -> tuple[Cells, Cells]:
        """Allowed cells around a cell, and those next to it: all until there are `near`, then likely ones up to `far`.

        A step goes from a cell to all cells that share a relation with it, and is taken whole. Fewer come back only
        where no more are connected.
        """
        seen = np.zeros(len(allowed), bool)
        seen[cell] = True
        front = np.array([cell])
        beside, count = front, 1
        while front.size and count < far:
            reached = np.unique(_entries(self.rows, np.unique(_entries(self.columns, front))))
            wanted = allowed if count < near else allowed & likely
            front = reached[wanted[reached] & ~seen[reached]]
            seen[front] = True
            beside = np.concatenate([beside, front]) if count == 1 else beside
            count += len(front)
        return np.flatnonzero(seen), np.sort(beside)

    def part(self, cells: Cells) -> csc_array:
        """The relations of some cells (ascending), columns in their order, without the rows that touch none."""
        matrix = csr_array(self.columns[:, cells])
        return csc_array(matrix[np.flatnonzero(np.diff(matrix.indptr))])

    def loose(self, cells: Mask) -> Mask:
        """Which of these cells can move at all while the others stand still: no relation leaves one of them alone."""
        free = cells.copy()
        count = np.asarray(abs(self.rows) @ free.astype(np.int64))
        alone = list(np.flatnonzero(count == 1))
        while alone:
            own = _entries(self.rows, np.array([alone.pop()]))
            for cell in own[free[own]]:
                free[cell] = False
                through = _entries(self.columns, np.array([cell]))
                count[through] -= 1
                alone += list(through[count[through] == 1])
        return free

    def components(self, cells: Mask) -> list[Cells]:
        """Cells that can move, by the parts in which they move independently; each ascending, and so are the parts."""
        free = np.flatnonzero(self.loose(cells))
        if not free.size:
            return []
        part = coo_array(self.part(free))
        rows, count = part.shape
        nodes = rows + count
        edges = csr_array((np.ones(part.nnz, np.int8), (part.row, rows + part.col)), shape=(nodes, nodes))
        _, label = connected_components(edges, directed=False)
        label = label[rows:]
        order = np.argsort(label, kind="stable")
        parts = np.split(free[order], np.flatnonzero(np.diff(label[order])) + 1)
        return sorted(parts, key=lambda p: int(p[0]))


def _entries(matrix: csr_array | csc_array, lines: Cells) -> Cells:
    """Indices that stand in some rows (or columns) of a matrix, one after the other."""
    start, end = matrix.indptr[lines], matrix.indptr[lines + 1]
    length = end - start
    at = np.repeat(start - (np.cumsum(length) - length), length) + np.arange(length.sum())
    return np.asarray(matrix.indices[at], np.int64)
