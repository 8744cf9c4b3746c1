"""From the finest cells to every margin of a table: sums, and what is known of contributors. Arrays alone.

A hierarchy is given as in `tables.Variable`: each code's parent by its place, -1 at the top. The finest cells are those
of codes without children, in their order. Where a person may stand in several cells, what a margin says of its
contributors cannot be known from its cells: then it errs to the side that hides more.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Hierarchy = Sequence[int]


def leaves(parents: Hierarchy) -> Whole:
    """Places of the codes without children, in order."""
    return np.setdiff1d(np.arange(len(parents)), np.asarray(parents))


def totals(cells: Whole, hierarchies: Sequence[Hierarchy]) -> Whole:
    """Sums: from an array over the finest codes to one over all codes."""
    return _folded(cells, hierarchies, np.add, 0)


def contributors(number: Whole, hierarchies: Sequence[Hierarchy], touched: int) -> Whole:
    """Distinct contributors, or as few as there may be: each stands in `touched` of the finest cells at most."""
    summed = totals(number, hierarchies)
    if touched == 1:
        return summed
    return np.maximum(-(-summed // touched), _folded(number, hierarchies, np.maximum, 0))


def largest(parts: Whole, hierarchies: Sequence[Hierarchy], touched: int) -> Whole:
    """(n, codes, ...): parts of the n largest contributors of each cell, from those of the finest cells.

    With touched > 1, one person's part of a margin is a sum of parts in `touched` cells: the m largest persons together
    hold no more than the m x touched largest parts, of which each cell has m. Only the sums of the first m are bounds
    then, which is what rules look at.
    """
    if touched == 1 or not len(parts):
        return _folded(parts, hierarchies, _merged(len(parts)), 1)
    sums = [
        _folded(_padded(parts[:m], m * touched), hierarchies, _merged(m * touched), 1).sum(axis=0)
        for m in range(1, len(parts) + 1)
    ]
    return np.diff(np.stack(sums), axis=0, prepend=0)


def _merged(keep: int) -> Callable[[Whole, Whole], Whole]:
    """Of two lists of parts, along the first axis, the largest, in falling order."""
    return lambda ours, theirs: -np.sort(-np.concatenate([ours, theirs]), axis=0)[:keep]


def _padded(parts: Whole, length: int) -> Whole:
    return np.concatenate([parts, np.zeros((length - len(parts), *parts.shape[1:]), np.int64)])


def _folded(
    cells: Whole, hierarchies: Sequence[Hierarchy], join: Callable[[Whole, Whole], Whole], before: int
) -> Whole:
    """Each code's children joined into it, variable by variable; `before` axes stand before those of the variables."""
    for axis, parents in enumerate(hierarchies, before):
        finest = np.moveaxis(cells, axis, 0)
        every = np.zeros((len(parents), *finest.shape[1:]), np.int64)
        every[leaves(parents)] = finest
        for at in range(len(parents) - 1, 0, -1):
            every[parents[at]] = join(every[parents[at]], every[at])
        cells = np.moveaxis(every, 0, axis)
    return np.ascontiguousarray(cells)
