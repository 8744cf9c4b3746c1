"""From files of cells to tables: which codes add up to which, what each line's cell is, and what was published before.

A file holds a table with margins, or the finest cells alone; margins that it lacks are made. Where a dimension can be
grouped in two ways, a file becomes two tables over the same finest cells, which are then linked like any others. Codes
that neither the file nor a group of its codes has are not in its table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError, FormatError
from comity.model.cell_file import CellDimension, CellFile
from comity.model.structure import TOTAL
from comity.stages.protect import cells as texts
from comity.stages.protect import tables
from comity.stages.protect.cells import Cells, Columns
from comity.stages.protect.tables import HIDDEN, SHOWN, Table, Variable
from comity.stages.protect.unsaid import refuse_unsaid

MOST: Final = 2_000_000  # cells of one table, margins included
TIME: Final = "TIME_PERIOD"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A file and one table of it.

    cell: for each line of the file its cell of the table, -1 where it has none.
    decimals: digits behind the point of the measure; the table's values are whole numbers of 10^-decimals.
    """

    cells: Cells
    columns: Columns
    table: Table
    cell: NDArray[np.int64]
    decimals: int


def placed(files: Sequence[Cells], form: CellFile) -> tuple[Placed, ...]:
    """Every table of some files, all in one unit: the finest that any of them needs.

    Raises:
        ConfigError: columns that are not there; nothing says how many stand in a cell.
        FormatError: a figure that is none, a cell twice, a margin that is not the sum of its cells, a total that
            nobody says is one.
    """
    roles = [texts.columns(file, form) for file in files]
    for id in (one.id for one in form.dimension):
        if not any(id in one.dimensions for one in roles):
            raise ConfigError("no file has such a dimension", where="dimension", found=id)
    decimals = max(texts.decimals(file, role.value) for file, role in zip(files, roles, strict=True))
    every = tuple(
        _placed(file, role, form, ways, decimals)
        for file, role in zip(files, roles, strict=True)
        for ways in product(*(ways_of(file, form, id) for id in role.dimensions))
    )
    for file, role in zip(files, roles, strict=True):
        refuse_unsaid(file, form, role.dimensions, texts.whole(file, role.value, decimals=decimals))
    for file in files:
        lost = np.all([one.cell < 0 for one in every if one.cells is file], axis=0)
        if lost.any():
            raise FormatError(
                "a line that is in no table",
                where=f"{file.name}, line {int(np.argmax(lost)) + 2}",
                way_out="give the groups of one dimension that are grouped in different ways as files of their own",
            )
    return every


def published(every: Sequence[Placed], file: Cells, form: CellFile) -> tuple[Placed, ...]:
    """The tables, with what a file that was published before shows of them, and hides.

    Raises:
        FormatError: a line of the file is no cell of any table, or shows another figure.
    """
    role = texts.columns(file, form)
    blank = texts.hidden(file, role)
    unknown = np.ones(file.lines, np.bool_)
    marked = []
    for one in every:
        cell = cells_of(file, role.dimensions, one.table.variables)
        known = cell >= 0
        unknown &= ~known
        value = texts.whole(file, role.value, decimals=one.decimals, blank=True)
        if (other := np.flatnonzero(known & ~blank & (value != one.table.values[cell]))).size:
            raise FormatError(
                "was published with another figure",
                where=f"{file.name}: {one.table.name(int(cell[other[0]]))}",
                way_out="give the figures as they were when the table was published",
            )
        status = one.table.status.copy()
        status[cell[known & blank]] = HIDDEN
        status[cell[known & ~blank]] = SHOWN
        marked.append(replace(one, table=replace(one.table, status=status)))
    if (lost := np.flatnonzero(unknown)).size:
        raise FormatError(
            "was published, and is a cell of none of the tables given",
            where=f"{file.name}, line {lost[0] + 2}",
            way_out="give the true table of what was published as well",
        )
    return tuple(marked)


def ways_of(file: Cells, form: CellFile, id: str) -> tuple[CellDimension, ...]:
    """The groupings that a file's codes of a dimension have part in; all if it has no group of any."""
    codes = set(file.columns[id])
    ways = form.ways(id)
    return tuple(way for way in ways if codes & set(way.parents.values())) or ways


def _placed(file: Cells, role: Columns, form: CellFile, ways: Sequence[CellDimension], decimals: int) -> Placed:
    variables = tuple(variable_of(file, way, form.ways(way.id)) for way in ways)
    if prod(len(one.codes) for one in variables) > MOST:
        raise FormatError(
            "too many cells",
            where=file.name,
            found=" x ".join(f"{len(one.codes)} {one.id}" for one in variables),
            wanted=f"{MOST:,} at most, margins included",
            way_out="a column that is no dimension is named in the structure file: keep = [...]",
        )
    cell = cells_of(file, role.dimensions, variables)
    refuse_twice(file, cell, role.dimensions)
    table = _filled(file, role, form, variables, cell, decimals)
    return Placed(cells=file, columns=role, table=table, cell=cell, decimals=decimals)


def variable_of(file: Cells, way: CellDimension, ways: Sequence[CellDimension]) -> Variable:
    """A dimension with the codes of a file and the groups above them; other ways' groups left out."""
    foreign = {group for other in ways for group in other.parents.values()} - set(way.parents.values())
    found = dict.fromkeys(file.columns[way.id])
    codes = [code for code in found if code not in foreign]
    if any(not code for code in codes):
        raise FormatError("a line without a code", where=f"{file.name}, {way.id}", way_out=f"the total is {way.total}")
    if len(codes) == 1 and (codes == [way.total] or codes[0] not in way.parents):
        return Variable(id=way.id, codes=(codes[0],), parents=(-1,))
    if way.id == TIME and way.total not in found:
        raise FormatError(
            "several periods", where=f"{file.name}, {TIME}", wanted="one", way_out="protect one period at a time"
        )
    above = {way.parents[code] for code in _closed(codes, way) if code in way.parents}
    leaves = [code for code in codes if code != way.total and code not in above]
    return tables.variable(way.id, leaves, way.parents, top=way.total)


def _closed(codes: Sequence[str], way: CellDimension) -> set[str]:
    """Codes and all groups above them."""
    every: set[str] = set()
    for code in codes:
        while code not in every:
            every.add(code)
            code = way.parents.get(code, way.total)
    return every


def cells_of(file: Cells, dimensions: Sequence[str], variables: Sequence[Variable]) -> NDArray[np.int64]:
    """Each line's cell, -1 where one of its codes is none of the variable's; a dimension it lacks stands at the top.

    A dimension of the file that is no variable must stand at its total there.
    """
    cell, known = np.zeros(file.lines, np.int64), np.ones(file.lines, np.bool_)
    for variable in variables:
        place = {code: at for at, code in enumerate(variable.codes)}
        given = file.columns[variable.id] if variable.id in dimensions else [variable.codes[0]] * file.lines
        own = np.array([place.get(code, -1) for code in given], np.int64)
        known &= own >= 0
        cell = cell * len(variable.codes) + own
    for id in set(dimensions) - {variable.id for variable in variables}:
        known &= np.array([code == TOTAL for code in file.columns[id]], np.bool_)
    return np.where(known, cell, -1)


def refuse_twice(file: Cells, cell: NDArray[np.int64], dimensions: Sequence[str]) -> None:
    """FormatError if two lines of a file have one cell."""
    known = np.flatnonzero(cell >= 0)
    _, first = np.unique(cell[known], return_index=True)
    if len(first) != len(known):
        line = int(known[np.setdiff1d(np.arange(len(known)), first)[0]])
        codes = " ".join(f"{id}={file.columns[id][line]}" for id in dimensions)
        raise FormatError(
            "a cell twice",
            where=f"{file.name}, line {line + 2}",
            found=codes,
            wanted="one line for each cell",
            way_out="a column that tells them apart and is a dimension must not be in keep",
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Given:
    """What the lines of a file say of their cells: one entry for each line that has one."""

    lines: NDArray[np.int64]
    cell: NDArray[np.int64]
    values: NDArray[np.int64]
    number: NDArray[np.int64]
    parts: NDArray[np.int64]

    def spread(self, array: NDArray[np.int64], over: int) -> NDArray[np.int64]:
        """An array of the lines as one of `over` cells, 0 where no line is."""
        every = np.zeros((*array.shape[:-1], over), np.int64)
        every[..., self.cell] = array
        return every


def _filled(
    file: Cells,
    role: Columns,
    form: CellFile,
    variables: tuple[Variable, ...],
    cell: NDArray[np.int64],
    decimals: int,
) -> Table:
    """The table: its finest cells out of the file, its margins made, and those that the file has compared."""
    given = _given(file, role, form, cell, decimals)
    every, finest = prod(len(one.codes) for one in variables), tables.places(variables)
    made = tables.of_cells(
        variables,
        given.spread(given.values, every)[finest],
        given.spread(given.number, every)[finest],
        given.spread(given.parts, every)[:, finest],
        counts=not role.number,
        touched=form.touched,
    )
    off = given.cell[given.values != made.values[given.cell]]
    more = given.cell[given.number > made.number[given.cell]] if form.touched == 1 else off[:0]
    if off.size or more.size:
        raise FormatError(
            "a margin that is not the sum of its cells" if off.size else "more contributors than in its cells",
            where=f"{file.name}: {made.name(int(min(off) if off.size else min(more)))}",
            wanted="every code's children in the file, and totals by adding up",
            way_out="say in a structure file which codes add up to which; give a level of its own as a file of its own",
        )
    number, largest, status = made.number.copy(), made.largest.copy(), made.status.copy()
    number[given.cell], largest[:, given.cell] = given.number, given.parts
    status[given.cell[texts.hidden(file, role)[given.lines]]] = HIDDEN
    several = made.several
    if several is not None and role.number:  # what a file says of a margin is no bound
        several = several.copy()
        several[given.cell] = False
    return replace(made, number=number, largest=largest, status=status, several=several)


def _given(file: Cells, role: Columns, form: CellFile, cell: NDArray[np.int64], decimals: int) -> _Given:
    """What a file says of the cells of one table."""
    if not (role.number or form.counts):
        raise ConfigError(
            "nothing says how many contributors a cell has",
            where=file.name,
            found=", ".join(file.columns),
            wanted="a column CONTRIBUTORS, or values that count contributors",
            way_out="--counts, or number = ... in a structure file",
        )
    if not role.number and decimals:
        raise FormatError(
            "a count of contributors that is not whole",
            where=f"{file.name}, {role.value}",
            way_out="name the column of contributors in the structure file: number = ...",
        )
    lines = np.flatnonzero(cell >= 0)
    values = texts.whole(file, role.value, decimals=decimals)[lines]
    number = texts.whole(file, role.number)[lines] if role.number else values
    parts = [texts.whole(file, name, decimals=decimals)[lines] for name in role.largest]
    given = _Given(
        lines=lines,
        cell=cell[lines],
        values=values,
        number=number,
        parts=np.array(parts, np.int64).reshape(len(parts), len(lines)),
    )
    wrong = (values < 0) | (number < 0) | (given.parts < 0).any(axis=0) | (given.parts.sum(axis=0) > values)
    wrong |= (np.diff(given.parts, axis=0) > 0).any(axis=0)
    if wrong.any():
        raise FormatError(
            "a cell that cannot be",
            where=f"{file.name}, line {int(lines[np.argmax(wrong)]) + 2}",
            wanted="figures of 0 or more, and largest parts in falling order that sum to the value at most",
        )
    return given
