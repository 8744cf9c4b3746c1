"""Which cells of linked tables are one cell, and the relations between them: the structure of a problem, no rule.

Two cells are one if they have the same codes, a variable that one table lacks standing at its top; and if one is the
only part of the other. A relation says that a code's children add up to it. Two relations over the same cells are one.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from comity.errors import FormatError

if TYPE_CHECKING:
    from comity.stages.protect.tables import Table

Whole = NDArray[np.int64]

WIDEST: Final = 2**62  # of a cell's number, before numbers are given anew


def of(tables: "Sequence[Table]") -> tuple[tuple[Whole, ...], csr_array]:
    """For each table the problem's cell of each of its cells, numbered as they come; and (relations, cells).

    Raises:
        FormatError: totals of one variable by two names, two tables that contradict each other, or one that does not
            add up.
    """
    if not tables:
        raise FormatError("no table", where="tables", wanted="one or more")
    starts = np.cumsum([0, *(table.cells for table in tables)])
    values = np.concatenate([table.values for table in tables])
    same = _numbered(_keys(tables))
    if (bad := np.flatnonzero(values != values[_first(same)][same])).size:
        raise _refused("two tables contradict each other", tables, starts, int(bad[0]))
    same = _merged(tables, starts, same)
    if (bad := np.flatnonzero(values != values[_first(same)][same])).size:
        raise _refused("a table that does not add up", tables, starts, int(bad[0]))
    relations = _relations(tables, starts, same)
    if (off := np.flatnonzero(relations @ values[_first(same)])).size:
        row = relations[[off[0]]].tocoo()
        total = row.col[np.argmin(row.data)]
        raise _refused("a table that does not add up", tables, starts, int(_first(same)[total]))
    return tuple(same[start:end] for start, end in pairwise(starts)), relations


def _refused(what: str, tables: "Sequence[Table]", starts: Whole, at: int) -> FormatError:
    """An error about one cell: by its codes, never by what it holds."""
    table = int(np.searchsorted(starts, at, side="right")) - 1
    number = f", table {table + 1}" if len(tables) > 1 else ""
    return FormatError(
        what,
        where=tables[table].name(at - int(starts[table])) + number,
        wanted="parts that sum to their total, and one value for one cell",
        way_out="make all tables from the same records, and totals by adding up",
    )


def _keys(tables: "Sequence[Table]") -> Whole:
    """One number for each cell of each table: equal exactly where the codes are."""
    ids = sorted({variable.id for table in tables for variable in table.variables})
    total = sum(table.cells for table in tables)
    keys, bound = np.zeros(total, np.int64), 1
    for id in ids:
        numbers = _codes(tables, id)
        if bound * len(numbers) > WIDEST:
            keys = np.unique(keys, return_inverse=True)[1]
            bound = total
        own = np.concatenate([_along(table, id, numbers) for table in tables])
        keys, bound = keys * len(numbers) + own, bound * len(numbers)
    return keys


def _codes(tables: "Sequence[Table]", id: str) -> dict[str, int]:
    """A number for each code of a variable in any table, 0 for the top; FormatError for two tops."""
    found = [variable for table in tables for variable in table.variables if variable.id == id]
    below = {code for variable in found for code in variable.codes[1:]}
    tops = dict.fromkeys(variable.codes[0] for variable in found if variable.codes[0] not in below)
    if len(tops) != 1:
        raise FormatError(
            "one variable with several totals" if tops else "groups that are within each other",
            where=id,
            found=", ".join(tops),
            wanted="one hierarchy above all others, its total by one name in all tables",
        )
    return {code: number for number, code in enumerate([*tops, *sorted(below)])}


def _along(table: "Table", id: str, numbers: dict[str, int]) -> Whole:
    """For each cell of a table, the number of its code of one variable; 0 for all where the table lacks it."""
    for axis, variable in enumerate(table.variables):
        if variable.id == id:
            own = np.array([numbers[code] for code in variable.codes], np.int64)
            shape = [-1 if at == axis else 1 for at in range(len(table.shape))]
            return np.broadcast_to(own.reshape(shape), table.shape).ravel()
    return np.zeros(table.cells, np.int64)


def _numbered(labels: NDArray[np.integer]) -> Whole:
    """Labels given anew: 0, 1, ... in the order in which they first appear."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse])


def _first(same: Whole) -> Whole:
    """Where each label first appears."""
    return np.unique(same, return_index=True)[1]


def _merged(tables: "Sequence[Table]", starts: Whole, same: Whole) -> Whole:
    """Labels in which a cell and its only part are one, too."""
    pairs = [(parent, parts[0]) for parent, parts in _sums(tables, starts) if len(parts) == 1]
    if not pairs:
        return same
    ours = np.concatenate([same[parent] for parent, _ in pairs])
    theirs = np.concatenate([same[part] for _, part in pairs])
    cells = int(same.max()) + 1
    graph = csr_array((np.ones(len(ours), np.int8), (ours, theirs)), shape=(cells, cells))
    return _numbered(connected_components(graph, directed=False)[1][same])


def _sums(tables: "Sequence[Table]", starts: Whole) -> Iterator[tuple[Whole, list[Whole]]]:
    """Each code that has children: the cells of it, and those of each child, by their places in all tables' cells."""
    for table, start in zip(tables, starts, strict=False):
        places = np.arange(start, start + table.cells).reshape(table.shape)
        for axis, variable in enumerate(table.variables):
            children: dict[int, list[int]] = {}
            for at, parent in enumerate(variable.parents[1:], 1):
                children.setdefault(parent, []).append(at)
            for parent, parts in sorted(children.items()):
                yield places.take(parent, axis).ravel(), [places.take(part, axis).ravel() for part in parts]


def _relations(tables: "Sequence[Table]", starts: Whole, same: Whole) -> csr_array:
    """Each sum of two parts or more as a row, +1 for a part and -1 for the total; no row twice."""
    rows, columns, signs, count = [], [], [], 0
    for parent, parts in _sums(tables, starts):
        if len(parts) == 1:
            continue
        for cells, sign in ((parent, -1), *((part, 1) for part in parts)):
            rows.append(np.arange(count, count + len(cells)))
            columns.append(same[cells])
            signs.append(np.full(len(cells), sign, np.int64))
        count += len(parent)
    shape = (count, int(same.max()) + 1)
    if not rows:
        return csr_array(shape, dtype=np.int64)
    every = csr_array((np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    every.sum_duplicates()
    every.eliminate_zeros()
    if (abs(every.data) > 1).any():
        raise FormatError(
            "a code that is twice in one sum",
            where="tables",
            wanted="groups that mean the same in all tables",
            way_out="one name for one group: a group that has another part elsewhere is another group",
        )
    return _once(every)


def _once(relations: csr_array) -> csr_array:
    """No relation twice."""
    seen: dict[tuple[bytes, bytes], int] = {}
    for row, (start, end) in enumerate(pairwise(relations.indptr.tolist())):
        seen.setdefault((relations.indices[start:end].tobytes(), relations.data[start:end].tobytes()), row)
    return csr_array(relations[list(seen.values())])
