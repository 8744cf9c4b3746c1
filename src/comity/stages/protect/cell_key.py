"""Cell keys: a small change of each count, which is the same wherever the same persons are counted.

Each person has a record key, and a cell's key is the sum of its persons' keys modulo 2^32 (Fraser and Wooton 2005;
Thompson, Broadfoot and Elazar 2013). The key and the count choose the change in a table of probabilities (`p_table`).
The same persons in another table make the same key, so the same count is changed alike everywhere, and asking again
averages nothing; one person more or less makes another key, so the difference of two cells tells nothing of her.

Record keys are of persons, and no engine of ours sums them yet. Keys of cells are made of what the cell is and of its
count instead (`named`). That is safe for one table and its linked ones, where the same cell has the same name; it is
weaker where two names mean the same persons and no table says so (all of a region, and all of a trade that is found in
that region alone), which get two changes that average. Where one table says so (a region without men), its women have
the region's name.

A perturbed table does not add up. Unlike noise that is paid for, it makes no promise in numbers: it withstands
averaging and differencing, not somebody who knows the record keys. That margins narrow a cell is asked by `given_away`.
"""

from collections.abc import Sequence
from itertools import chain, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import FormatError
from comity.model.job import Silent, Tell
from comity.stages.protect import attacker, ranges, sticky
from comity.stages.protect.p_table import BITS, PTable
from comity.stages.protect.problem import Problem
from comity.stages.protect.tables import Table

Whole = NDArray[np.int64]

KEYS: Final = 1 << BITS
SILENT: Tell = Silent()


def names(table: Table, *about: tuple[str, str]) -> list[list[tuple[str, str]]]:
    """What each cell of a table is: its codes, dimensions at their total left out, after what the table is about.

    A cell that counts as many as a wider one around it is of the same persons, and has its name: who adds dimensions in
    which they do not differ gets no further change of the same count.

    Args:
        about: norm, period and measure, as pairs of a word and its value.
    """
    codes = ([[], *([(one.id, code)] for code in one.codes[1:])] for one in table.variables)
    every = [[*about, *chain.from_iterable(cell)] for cell in product(*codes)]
    return [every[at] for at in _widest(table).tolist()]


def _widest(table: Table) -> Whole:
    """For each cell, the widest one around it that counts as many, the first variable widened first."""
    at = list(np.unravel_index(np.arange(table.cells), table.shape))
    place = np.arange(table.cells)
    for axis, variable in enumerate(table.variables):
        parents = np.array(variable.parents)
        while True:
            wider = [*at[:axis], np.maximum(parents[at[axis]], 0), *at[axis + 1 :]]
            there = np.ravel_multi_index(wider, table.shape)
            moves = (table.values[there] == table.values) & (there != place)
            if not moves.any():
                break
            at[axis], place = np.where(moves, wider[axis], at[axis]), np.where(moves, there, place)
    return place


def named(secret: bytes, names: Sequence[Sequence[tuple[str, str]]], values: Whole) -> Whole:
    """Keys of cells that come without sums of record keys: HMAC of what each cell is and what it counts.

    Args:
        secret: the office's own; whoever has it can take every change back.
        names: of each cell the dimensions and codes that make it, in any order; dimensions at their total left out, so
            that a cell has the same name in every table of which it is a margin. Norm and period belong in it.
        values: the counts.
    """
    if len(names) != len(values):
        raise FormatError("not one name for each cell", where="names", wanted=f"{len(values)}")
    keys = np.empty(len(values), np.int64)
    for at, (name, value) in enumerate(zip(names, values.tolist(), strict=True)):
        words = [word for pair in sorted(name) for word in pair]
        keys[at] = int.from_bytes(sticky.mac(secret, "cell-key", str(value), *words)[: BITS // 8], "big")
    return keys


def perturbed(values: Whole, keys: Whole, table: PTable) -> Whole:
    """Counts as they are published. Zeros stay zeros; none falls below zero or moves by more than the table's bound.

    Args:
        values: persons, none negative.
        keys: of the same cells, 0 to 2^32 - 1, such as `named` makes.
    """
    if values.shape != keys.shape:
        raise FormatError("not one key for each cell", where="keys", wanted=f"{values.shape}")
    if (values < 0).any() or (keys < 0).any() or (keys >= KEYS).any():
        raise FormatError("a count below 0, or a key that is none", where="cell-key")
    rows = np.minimum(values, len(table.steps) - 1)
    changes = np.zeros(len(values), np.int64)
    for row in np.unique(rows).tolist():
        here = rows == row
        changes[here] = table.changes[row][np.searchsorted(table.steps[row], keys[here], side="right")]
    return np.asarray(values + changes)


def seen(problem: Problem, published: Whole, table: PTable) -> Problem:
    """What an attacker knows of each cell of a perturbed table: within the bound of it, and of somebody if above 0."""
    low = np.maximum(published - table.bound, np.where(published > 0, 1, 0))
    return ranges.seen(problem, low, published + table.bound)


def given_away(problem: Problem, published: Whole, table: PTable, *, tell: Tell = SILENT) -> Whole:
    """Sensitive cells whose very count follows from what is published, margins taken together.

    The bound is the protection, and the margins, each changed by a key of its own, must not undo it. Asked for somebody
    who knows no count of the table beforehand.
    """
    known = seen(problem, published, table)
    found = attacker.audit(known, np.ones(problem.cells, bool), tell=tell)
    return np.flatnonzero(problem.primary & (found.low == found.high))
