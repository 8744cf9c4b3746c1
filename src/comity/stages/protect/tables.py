"""Tables with their margins and hierarchies, as the office publishes them: the nouns of disclosure control at home.

A table of this room holds every code of its variables, totals too, so that a margin is a cell like any other. Tables
are linked where a cell of one is a cell of another: it has the same codes, a variable that one of them lacks standing
at its top. That tables count the same units in the same period is the caller's word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from comity.errors import FormatError
from comity.model.protection import Rules
from comity.model.structure import TOTAL
from comity.stages.protect import identity, margins, primary
from comity.stages.protect.margins import Margins
from comity.stages.protect.primary import Needs
from comity.stages.protect.problem import UNBOUNDED, Problem

OPEN: Final = 0  # not published yet
SHOWN: Final = 1  # published already, by whomever, and never to be hidden again
HIDDEN: Final = 2  # published already as a blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A dimension with its hierarchy: each code's parent by its place in `codes`, -1 for the one code at the top.

    Parents stand before their children. A code's children add up to it.
    """

    id: str
    codes: tuple[str, ...]
    parents: tuple[int, ...]

    def __post_init__(self) -> None:
        sound = len(self.parents) == len(self.codes) == len(set(self.codes)) > 0 and self.parents[0] == -1
        if not sound or not all(-1 < parent < at for at, parent in enumerate(self.parents) if at):
            raise FormatError(
                "not a hierarchy", where=self.id, wanted="one code at the top, first; each code after its parent"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One measure over the product of its variables' codes, C order, last variable fastest; arrays of `cells` entries.

    values: whole numbers in units of the measure, unprotected.
    number: distinct contributors; where one may stand in several cells and the margins were not counted, a margin has
        as few as there may be.
    largest: (n, cells) parts of the n largest contributors, descending, 0 beyond them; n = 0 where nobody knows them.
        Never below the truth: of such a margin they are upper bounds.
    status: OPEN, SHOWN or HIDDEN.
    counts: the measure counts contributors, so that value and number are one thing.
    several: cells whose one contributor may be several people; None: no cell is.
    """

    variables: tuple[Variable, ...]
    values: NDArray[np.int64]
    number: NDArray[np.int64]
    largest: NDArray[np.int64]
    status: NDArray[np.uint8]
    counts: bool
    several: NDArray[np.bool_] | None = None

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Cells that are surely one contributor's, who knows the value."""
        one = self.number == 1
        return np.asarray(one if self.several is None else one & ~self.several)

    @property
    def shape(self) -> tuple[int, ...]:
        """Codes per variable."""
        return tuple(len(variable.codes) for variable in self.variables)

    @property
    def cells(self) -> int:
        """How many cells there are, margins included."""
        return prod(self.shape)

    def key(self, cell: int) -> tuple[str, ...]:
        """The codes of a cell."""
        at = np.unravel_index(cell, self.shape)
        return tuple(variable.codes[int(i)] for variable, i in zip(self.variables, at, strict=True))

    def name(self, cell: int) -> str:
        """How a reader is told of a cell: its codes, and never what it holds."""
        codes = zip(self.variables, self.key(cell), strict=True)
        return " ".join(f"{variable.id}={code}" for variable, code in codes) or "the one cell"

    def __post_init__(self) -> None:
        for name in ("values", "number", "status"):
            if getattr(self, name).shape != (self.cells,):
                raise FormatError("not one entry for each cell", where=name, wanted=f"({self.cells},)")
        if self.largest.shape[1:] != (self.cells,):
            raise FormatError("not one entry for each cell", where="largest", wanted=f"(n, {self.cells})")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linked:
    """Tables as one problem.

    places: for each table, the problem's cell of each of its cells; cells of several tables may be one.
    needs: for each table, what the rules ask of it.
    """

    problem: Problem
    places: tuple[NDArray[np.int64], ...]
    needs: tuple[Needs, ...]


def variable(id: str, codes: Sequence[str], parents: Mapping[str, str] | None = None, *, top: str = TOTAL) -> Variable:
    """A variable of its finest codes, in their order behind all groups; codes without a parent add up to the top.

    A code that is itself the parent of others is a part of its own group, `CODE:_T`: who is only known to be in the
    whole country stands in none of its regions.

    Raises:
        FormatError: no code, a code twice, the top among them, or a parent within itself.
    """
    parents, finest = dict(parents or {}), set(codes)
    if len(finest) != len(codes) or not finest or top in finest:
        raise FormatError("not the finest codes of a table", where=id, wanted=f"each once, and {top} not among them")
    lines = [_line(id, code, parents, top) for code in codes]
    groups = dict.fromkeys(group for line in lines for group in line)
    names = {group: f"{group}:{TOTAL}" if group in finest else group for group in groups}
    every = (top, *names.values(), *codes)
    place = {code: at for at, code in enumerate(every)}
    above = [-1, *(place[names[parents[group]]] if parents.get(group, top) != top else 0 for group in groups)]
    for code, line in zip(codes, lines, strict=True):
        own = names.get(code) if code in groups else None
        above.append(place[own] if own else place[names[line[-1]]] if line else 0)
    return Variable(id=id, codes=every, parents=tuple(above))


def _line(id: str, code: str, parents: Mapping[str, str], top: str) -> list[str]:
    """Groups that a code is in, the widest first, the top left out."""
    line: list[str] = []
    while (above := parents.get(code, top)) != top:
        if above in line or above == code:
            raise FormatError("a group within itself", where=id, found=above)
        line.insert(0, above)
        code = above
    return line


def extended(
    axes: Sequence[tuple[str, Sequence[str]]],
    values: NDArray[np.int64],
    number: NDArray[np.int64],
    largest: NDArray[np.int64] | None = None,
    *,
    counts: bool,
    parents: Mapping[str, Mapping[str, str]] | None = None,
    touched: int = 1,
    counted: Margins | None = None,
) -> Table:
    """A table with all its margins, from the finest cells of a layout.

    Args:
        axes: each dimension with its codes, no totals.
        values, number: one entry for each cell of the axes, C order.
        largest: (n, cells); None: nobody knows.
        parents: by dimension, the group that a code or group is part of.
        touched: in how many of the finest cells one person may stand. Above 1 the contributors of a margin are as few,
            and the largest parts as large, as they may be, unless they are counted.
        counted: of every cell of the table, as it was counted.

    Raises:
        FormatError: an array is not of these cells; or what was counted is another table's.
    """
    variables = tuple(variable(id, codes, (parents or {}).get(id)) for id, codes in axes)
    return of_cells(variables, values, number, largest, counts=counts, touched=touched, counted=counted)


def hierarchies(
    axes: Sequence[tuple[str, Sequence[str]]], parents: Mapping[str, Mapping[str, str]]
) -> tuple[tuple[int, ...], ...]:
    """Of each dimension the hierarchy that `extended` gives it: over which cells its margins are counted."""
    return tuple(variable(id, codes, parents.get(id)).parents for id, codes in axes)


def of_cells(
    variables: Sequence[Variable],
    values: NDArray[np.int64],
    number: NDArray[np.int64],
    largest: NDArray[np.int64] | None = None,
    *,
    counts: bool,
    touched: int = 1,
    counted: Margins | None = None,
) -> Table:
    """As `extended`, the variables with their groups given; cells in the order of codes without children."""
    hierarchies = [one.parents for one in variables]
    shape = tuple(len(margins.leaves(one)) for one in hierarchies)
    parts = np.zeros((0, prod(shape)), np.int64) if largest is None else largest
    for name, array in (("values", values), ("number", number), ("largest", parts[0] if len(parts) else values)):
        if array.shape != (prod(shape),):
            raise FormatError("not one entry for each of the finest cells", where=name, wanted=f"{prod(shape)}")
    every = margins.totals(values.astype(np.int64).reshape(shape), hierarchies).ravel()
    most = margins.totals(number.astype(np.int64).reshape(shape), hierarchies).ravel()
    several = None if touched == 1 or counted is not None else most > 1
    if counted is None:
        whole = margins.largest(parts.astype(np.int64).reshape(len(parts), *shape), hierarchies, touched)
        counted = Margins(
            number=margins.contributors(number.astype(np.int64).reshape(shape), hierarchies, touched).ravel(),
            largest=whole.reshape(len(parts), len(every)),
        )
    elif counted.number.shape != every.shape or (counted.number[margins.finest(hierarchies)] != number).any():
        raise FormatError("margins of another table", where="number", wanted="contributors as the cells have them")
    return Table(
        variables=tuple(variables),
        values=every,
        number=counted.number,
        largest=counted.largest,
        status=np.full(len(every), OPEN, np.uint8),
        counts=counts,
        several=several,
    )


def finest(table: Table) -> NDArray[np.int64]:
    """Places of the finest cells, in the order in which `extended` took them."""
    return places(table.variables)


def places(variables: Sequence[Variable]) -> NDArray[np.int64]:
    """Places of the finest cells in a table of these variables."""
    return margins.finest([one.parents for one in variables])


def link(tables: Sequence[Table], rules: Rules) -> Linked:
    """One problem of all tables: cells that are one of them another are one, and every parent is its children's sum.

    A cell that one table shows is known, whatever another does. It can be hidden no more, and a sensitive one among
    them is known to everybody: no pattern protects it, which whoever chooses one will say.

    Raises:
        ConfigError, FormatError: as `primary.needs`; two tables contradict each other, or one does not add up.
    """
    needs = tuple(primary.needs(table, rules) for table in tables)
    places, relations = identity.of(tables)
    cells = int(max(place.max() for place in places)) + 1

    def joined(arrays: Sequence[NDArray[np.int64] | NDArray[np.bool_]]) -> NDArray[np.int64]:
        """The largest that any table says of a cell."""
        most = np.zeros(cells, np.int64)
        for place, array in zip(places, arrays, strict=True):
            np.maximum.at(most, place, array.astype(np.int64))
        return most

    values = joined([table.values for table in tables])
    shown = joined([table.status == SHOWN for table in tables]) > 0
    hidden = (joined([table.status == HIDDEN for table in tables]) > 0) & ~shown
    sensitive = joined([one.primary for one in needs]) > 0
    empty = (values == 0) & (joined([table.number for table in tables]) == 0)
    known = shown & sensitive
    least = _summed(relations, joined([primary.least(table, rules) for table in tables]))
    problem = Problem(
        values=values,
        relations=_telling(relations, ~empty | sensitive | hidden),
        primary=sensitive,
        upper=joined([one.upper for one in needs]),
        lower=np.minimum(joined([one.lower for one in needs]), values - np.where(known, values, least)),
        open=~(shown | hidden | empty | sensitive),
        hidden=hidden & ~sensitive,
        cost=np.maximum(values, 1),
        floor=np.where(known, values, least),
        ceiling=np.where(known, values, UNBOUNDED),
        alone=joined([one.alone for one in needs]) > 0,
        coalition=rules.coalition,
    )
    return Linked(problem=problem, places=places, needs=needs)


def _summed(relations: csr_array, least: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each cell is at least, as its parts are at least so much by whichever table."""
    entries = relations.tocoo()
    total = entries.data < 0
    parts = csr_array(relations.maximum(0))
    while True:
        more = least.copy()
        np.maximum.at(more, entries.col[total], (parts @ least)[entries.row[total]])
        if (more == least).all():
            return least
        least = more


def _telling(relations: csr_array, unknown: NDArray[np.bool_]) -> csr_array:
    """Without the relations of zeros that everybody knows."""
    return csr_array(relations[np.flatnonzero(abs(relations) @ unknown.astype(np.int64))])
