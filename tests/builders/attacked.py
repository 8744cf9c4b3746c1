"""Small problems of disclosure control written out by hand: relations as lists of cells, needs by cell."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from comity.stages.protect.problem import UNBOUNDED, Problem

Relation = tuple[int, Sequence[int]]
"""A total, and its parts."""


def problem(
    values: Sequence[int],
    relations: Sequence[Relation],
    needs: Mapping[int, int],
    *,
    closed: Collection[int] = (),
    alone: Collection[int] = (),
    coalition: int = 0,
    ceiling: int = UNBOUNDED,
) -> Problem:
    """needs: by primary, how far its interval must reach above and, where the value is as large, below it.

    closed: cells that cannot be suppressed, besides those of value 0. Cost: the value.
    """
    cells = len(values)
    amount = np.array(values, np.int64)
    matrix = np.zeros((len(relations), cells), np.int64)
    for row, (total, parts) in enumerate(relations):
        matrix[row, total] = -1
        matrix[row, list(parts)] = 1
    upper = np.zeros(cells, np.int64)
    upper[list(needs)] = list(needs.values())
    primary = upper > 0
    return Problem(
        values=amount,
        relations=csr_array(matrix),
        primary=primary,
        upper=upper,
        lower=np.minimum(upper, amount),
        open=~primary & (amount > 0) & ~marked(cells, closed),
        hidden=np.zeros(cells, bool),
        cost=np.maximum(amount, 1),
        floor=np.zeros(cells, np.int64),
        ceiling=np.full(cells, ceiling),
        alone=marked(cells, alone),
        coalition=coalition,
    )


def square(body: Sequence[Sequence[int]]) -> tuple[list[int], list[Relation]]:
    """A table of two dimensions with its margins, row by row: inner cells, then the row's total; last the totals."""
    inner = np.array(body)
    full = np.vstack([inner, inner.sum(axis=0)])
    full = np.hstack([full, full.sum(axis=1)[:, None]])
    height, width = full.shape
    at = np.arange(full.size).reshape(full.shape)
    rows = [(int(at[row, -1]), at[row, :-1].tolist()) for row in range(height)]
    columns = [(int(at[-1, column]), at[:-1, column].tolist()) for column in range(width)]
    return full.ravel().tolist(), rows + columns


def marked(cells: int, places: Collection[int]) -> NDArray[np.bool_]:
    flags = np.zeros(cells, bool)
    flags[list(places)] = True
    return flags
