"""Tables that count nearly the same people: what a reader learns by taking one from the other.

Two tables of one source and period need not agree where they have a cell in common: whoever gave no answer to one
question is missing in the table that asks it, and data are corrected. Then the cells are two, and their difference is
a cell of its own: of few contributors it is as sensitive as any other (differencing).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_diag, csr_array, vstack

from comity.model.protection import Rules
from comity.stages.protect.problem import UNBOUNDED, Problem
from comity.stages.protect.tables import Table

Places = tuple[NDArray[np.int64], NDArray[np.int64]]


def meeting(one: Table, other: Table) -> Places:
    """Cells that two tables have in common, by their places in each: equal codes, what one lacks at the top."""
    lacking = {variable.id: variable for variable in other.variables}
    steps, beyond = _steps(one), _steps(other)
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for variable in one.variables:
        same = lacking.get(variable.id)
        if same is not None:
            place = {code: at for at, code in enumerate(same.codes)}
            both = [(at, place[code]) for at, code in enumerate(variable.codes) if code in place]
            found = np.array(both, np.int64).reshape(-1, 2)
            pairs.append((found[:, 0] * steps[variable.id], found[:, 1] * beyond[variable.id]))
    ours, theirs = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for own, its in pairs:
        ours, theirs = (ours[:, None] + own).ravel(), (theirs[:, None] + its).ravel()
    return ours, theirs


def agree(one: Table, other: Table) -> bool:
    """Whether two tables say the same of every cell that they have in common."""
    ours, theirs = meeting(one, other)
    return bool((one.values[ours] == other.values[theirs]).all())


def apart(
    problem: Problem,
    of: Table,
    at: NDArray[np.int64],
    others: Sequence[tuple[Problem, Table, NDArray[np.int64]]],
    rules: Rules,
) -> Problem:
    """One problem of tables that do not agree: those of `problem` first, then each of the others, then differences.

    A difference is never shown and is 0 or more. That readers know which of two tables says more, and where both say
    the same, is taken for granted: codes that one table leaves out change no others. A difference is sensitive if it is
    of fewer contributors than the threshold, or of none, a correction.

    Args:
        of, at: the new table, and the cells of `problem` that its cells are.
        others: each with its own problem, and the cells of that one that its cells are.
    """
    blocks, starts = [problem, *(one for one, _, _ in others)], [0]
    for block in blocks:
        starts.append(starts[-1] + block.cells)
    less, more, sizes, few = [], [], [], []
    for (_, table, places), start in zip(others, starts[1:], strict=False):
        ours, theirs = meeting(of, table)
        told = (of.values[ours] != 0) | (table.values[theirs] != 0)
        ours, theirs = ours[told], theirs[told]
        rise = table.values[theirs] - of.values[ours]
        here, there = at[ours], start + places[theirs]
        less.append(np.where(rise >= 0, here, there))
        more.append(np.where(rise >= 0, there, here))
        sizes.append(np.abs(rise))
        persons = np.abs(table.number[theirs] - of.number[ours])
        few.append((rise != 0) & (persons < rules.threshold))
    size, sensitive = np.concatenate(sizes), np.concatenate(few)
    cells, rows = starts[-1], np.arange(len(size))
    signs = np.repeat([1, -1, 1], len(size))  # less + difference - more
    columns = np.concatenate([np.concatenate(less), np.concatenate(more), cells + rows])
    new = csr_array((signs, (np.tile(rows, 3), columns)), shape=(len(size), cells + len(size)))
    old = csr_array(block_diag([block.relations for block in blocks]))
    old.resize((old.shape[0], cells + len(size)))
    width = np.maximum(-(-rules.width * size // 100), 1)
    upper = np.where(sensitive, np.maximum(rules.threshold - size, 1) if of.counts else width, 0)
    nothing, no = np.zeros(len(size), np.int64), np.zeros(len(size), np.bool_)

    def whole(name: str, last: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.concatenate([*(getattr(block, name) for block in blocks), last])

    return replace(
        problem,
        values=whole("values", size),
        relations=csr_array(vstack([old, new]), dtype=np.int64),
        primary=whole("primary", sensitive).astype(np.bool_),
        upper=whole("upper", upper),
        lower=whole("lower", np.minimum(upper, size)),
        open=whole("open", no).astype(np.bool_),
        hidden=whole("hidden", ~sensitive).astype(np.bool_),
        cost=whole("cost", nothing + 1),
        floor=whole("floor", nothing),
        ceiling=whole("ceiling", np.where(size == 0, 0, UNBOUNDED)),
        alone=whole("alone", no).astype(np.bool_),
    )


def _steps(table: Table) -> dict[str, int]:
    """How far apart two neighbours along each variable lie in the table's cells."""
    found, step = {}, 1
    for variable in reversed(table.variables):
        found[variable.id] = step
        step *= len(variable.codes)
    return found
