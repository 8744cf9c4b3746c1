"""Margins of kept parts in this process's memory: `margins.lot` of an Arrow table, for an engine inside this process.

One choice of levels after the other: a person and a margin make one word, words are sorted, and what stands together is
one contributor. What a margin is, is `stages.protect.margins`'s.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from comity.adapters.tables.order import LARGEST
from comity.adapters.tables.sorting import Persons, Whole, Words, changes

if TYPE_CHECKING:
    import pyarrow as pa

_WORD: Final = 64


def gathered(
    parts: "pa.Table",
    *,
    of: str,
    cell: str,
    sums: Sequence[tuple[str, int]],
    above: Sequence[Whole],
    most: int,
    all_: int,
) -> tuple[Whole, Whole]:
    """Of each margin (terms, margins): persons who add something to a term; (most, terms, margins): largest sizes.

    Args:
        parts: one row for a person (`of`) and a cell, with an int64 for each term.
        sums: terms, each with the largest size that its sum over a person's parts may have.
        above: for each choice of levels the margin of each cell, -1 for none.
        all_: margins.
    """
    number, sizes = np.zeros((len(sums), all_), "<i8"), np.zeros((most, len(sums), all_), "<i8")
    _, persons = Persons.of(parts[of])
    cells = parts[cell].to_numpy()
    for i, (term, size) in enumerate(sums):
        values = parts[term].to_numpy()
        adds = np.flatnonzero(values)
        for margin in above:
            at = margin[cells[adds]]
            some = np.flatnonzero(at >= 0)
            at, rows = at[some], adds[some]
            found = _persons(persons[rows], at, values[rows] if most else None, size)
            number[i] += np.bincount(found[0], minlength=all_)
            _top(sizes[:, i], *found)
    return number, sizes


def _persons(persons: Words, margins: Whole, values: Whole | None, size: int) -> tuple[Whole, Whole]:
    """Of each person in each margin: the margin, and the size of the sum of the values (nothing without them)."""
    bits = np.uint64(int(margins.max(initial=0)).bit_length())
    words = (persons << bits) | margins.astype(np.uint64)
    if values is None:
        words.sort()
        words = words[changes(words)]
        return _low(words, bits), np.zeros(0, np.int64)
    order = np.argsort(words)
    words, values = words[order], values[order]
    starts = np.flatnonzero(changes(words))
    if not len(starts):
        return _low(words, bits), values
    wide = values if size <= LARGEST else values.astype(object)  # whole numbers of any size, slow and rare
    sums = np.minimum(np.abs(np.add.reduceat(wide, starts)), LARGEST)
    return _low(words[starts], bits), sums.astype(np.int64)


def _top(largest: Whole, margins: Whole, sizes: Whole) -> None:
    """Note the largest sizes of each margin, in (most, margins) where these have none yet."""
    if not len(largest) or not len(margins):
        return
    margins, sizes = _by_size(margins, sizes)
    starts = np.flatnonzero(changes(margins))
    last = np.append(starts[1:], len(margins)) - 1
    for place, row in enumerate(largest):
        there = last - place >= starts
        row[margins[starts[there]]] = sizes[last[there] - place]


def _by_size(margins: Whole, sizes: Whole) -> tuple[Whole, Whole]:
    bits = int(sizes.max()).bit_length()
    if bits + int(margins.max()).bit_length() >= _WORD:
        order = np.lexsort((sizes, margins))
        return margins[order], sizes[order]
    words = (margins << bits) | sizes
    words.sort()
    return words >> bits, words & (2**bits - 1)


def _low(words: Words, bits: np.uint64) -> Whole:
    return (words & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
