"""From the finest cells to every margin of a table: sums, and what is known of contributors. Arrays alone.

A hierarchy is given as in `tables.Variable`: each code's parent by its place, -1 at the top. The finest cells are those
of codes without children, in their order. Where a person may stand in several cells, what a margin says of its
contributors cannot be known from its cells: then it errs to the side that hides more, unless the margins were counted
themselves (`Margins`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Hierarchy = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margins:
    """What was counted of the contributors of every cell of a table, each margin by itself; arrays over all codes.

    For disclosure control alone: no part of a cube, of a record or of a message.

    number: (cells,): distinct contributors.
    largest: (n, terms, cells), or (n, cells) of one term: sizes of what the n largest contributors add, 0 beyond them.
    """

    number: Whole = field(repr=False)
    largest: Whole = field(repr=False)

    def of(self, term: int | None) -> "Margins":
        """Of one term; None: of none, whose largest parts nobody asks for."""
        return replace(self, largest=self.largest[:0, 0] if term is None else self.largest[:, term])


def leaves(parents: Hierarchy) -> Whole:
    """Places of the codes without children, in order."""
    return np.setdiff1d(np.arange(len(parents)), np.asarray(parents))


def finest(hierarchies: Sequence[Hierarchy]) -> Whole:
    """Places of the finest cells among all cells, in their order."""
    shape = [len(parents) for parents in hierarchies]
    return np.arange(prod(shape)).reshape(shape)[np.ix_(*(leaves(parents) for parents in hierarchies))].ravel()


def levels(parents: Hierarchy) -> list[Whole]:
    """Of each code without children its own place, then its groups' places, level by level, then the top's.

    Levels are counted from the top, and -1 where a code has no group on one: so a group stands on one level alone,
    with all codes below it.
    """
    lines = []
    for leaf in leaves(parents).tolist():
        line = [leaf]
        while line[-1] > 0:
            line.append(parents[line[-1]])
        lines.append(line)
    most = max(len(line) for line in lines)
    whole = [[*line[:1], *[-1] * (most - len(line)), *line[1:]] for line in lines]
    return [np.array(level, np.int64) for level in zip(*whole, strict=True)]


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
