"""Published tables alone: which of their blanks follow exactly from what is shown, whatever the truth is.

Says nothing of a blank that can be reckoned nearly, for that needs the truth and a rule (`checking`). A line for each
cell that is kept back, its figure blank; in a cell without a line nobody stands, and a margin without a line is not
published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from comity.errors import FormatError
from comity.model.cell_file import CellFile
from comity.model.job import Silent, Tell
from comity.stages.protect import attacker, identity, placing, tables
from comity.stages.protect import cells as texts
from comity.stages.protect.cells import Cells
from comity.stages.protect.checking import Checked, Finding, name, spelt_end
from comity.stages.protect.problem import UNBOUNDED, Problem
from comity.stages.protect.programme import INFINITE, Programme
from comity.stages.protect.tables import OPEN, Table

SILENT: Final = Silent()

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shown:
    """A published file as a table: what it shows, and which cells it shows or blanks. values: 0 where it does not."""

    file: Cells
    table: Table
    values: Whole
    shown: NDArray[np.bool_]
    blank: NDArray[np.bool_]


def recoverable(published: Sequence[Cells], form: CellFile, tell: Tell = SILENT) -> Checked:
    """Blanks of published tables that follow exactly from what is shown.

    Raises:
        FormatError: figures that no true table can have: they do not add up, or two files contradict each other.
    """
    roles = [texts.columns(file, form) for file in published]
    decimals = max(texts.decimals(file, role.value) for file, role in zip(published, roles, strict=True))
    laid = [one for file in published for one in _laid(file, form, decimals)]
    places, relations = identity.of([one.table for one in laid])
    cells = relations.shape[1]
    values, shown, blank = np.zeros(cells, np.int64), np.zeros(cells, bool), np.zeros(cells, bool)
    for one, place in zip(laid, places, strict=True):
        mine = place[one.shown]
        if (other := np.flatnonzero(shown[mine] & (values[mine] != one.values[one.shown]))).size:
            cell = int(np.flatnonzero(one.shown)[other[0]])
            raise FormatError(
                "two files contradict each other", where=f"{one.file.name}: {one.table.name(cell)}", wanted="one figure"
            )
        values[mine], shown[mine] = one.values[one.shown], True
        blank[place[one.blank]] = True
    margins = ~shown & ~blank
    for one, place in zip(laid, places, strict=True):
        nobody = place[tables.finest(one.table)]
        nobody = nobody[margins[nobody]]
        shown[nobody], margins[nobody] = True, False
    blank &= ~shown
    problem = _completed(relations, values, shown, blank)
    found = attacker.audit(problem, ~shown, tell=tell)
    named = [(one.file.name, one.table) for one in laid]
    return Checked(
        cells=cells,
        sensitive=None,
        blanks=int(blank.sum()),
        margins=int(margins.sum()),
        findings=tuple(
            Finding(
                cell=name(named, places, cell),
                low=texts.spelt(int(found.low[cell]), decimals),
                high=spelt_end(int(found.high[cell]), decimals),
            )
            for cell in np.flatnonzero(blank & (found.low == found.high)).tolist()
        ),
    )


def _laid(file: Cells, form: CellFile, decimals: int) -> Iterator[_Shown]:
    """A file as one table for each way in which its codes add up."""
    role = texts.columns(file, form)
    figures = texts.whole(file, role.value, decimals=decimals, blank=True)
    hidden = texts.hidden(file, role)
    for ways in product(*(placing.ways_of(file, form, id) for id in role.dimensions)):
        variables = tuple(placing.variable_of(file, way, form.ways(way.id)) for way in ways)
        cell = placing.cells_of(file, role.dimensions, variables)
        placing.refuse_twice(file, cell, role.dimensions)
        size = prod(len(one.codes) for one in variables)
        zero = np.zeros(size, np.int64)
        table = Table(
            variables=variables, values=zero, number=zero, largest=np.zeros((0, size), np.int64),
            status=np.full(size, OPEN, np.uint8), counts=False,
        )  # fmt: skip
        values, shown, blank = zero.copy(), np.zeros(size, bool), np.zeros(size, bool)
        seen, gone = (cell >= 0) & ~hidden, (cell >= 0) & hidden
        values[cell[seen]], shown[cell[seen]], blank[cell[gone]] = figures[seen], True, True
        yield _Shown(file=file, table=table, values=values, shown=shown, blank=blank)


def _completed(relations: csr_array, values: Whole, shown: NDArray[np.bool_], blank: NDArray[np.bool_]) -> Problem:
    """The problem with figures in its blanks that could be the true ones; which ones matters to no interval."""
    unknown = np.flatnonzero(~shown)
    known = np.where(shown, values, 0)
    wanted = -(relations @ known).astype(np.float64)
    matrix = csc_array(relations[:, unknown])
    none = np.zeros(len(known), np.int64)
    complete = known.copy()
    for integer in (None, np.ones(len(unknown), bool)):
        if not len(unknown):
            break
        programme = Programme(
            matrix, row_lower=wanted, row_upper=wanted, lower=np.zeros(len(unknown)),
            upper=np.full(len(unknown), INFINITE), cost=np.zeros(len(unknown)), integer=integer,
        )  # fmt: skip
        found = programme.solve()
        if found is None:
            break
        complete[unknown] = np.rint(found.columns).astype(np.int64)
        if not (relations @ complete).any() and (complete >= 0).all():
            break
    if (relations @ complete).any():
        raise FormatError(
            "figures that no table can have",
            where="what is published",
            wanted="parts that sum to their total, none below 0",
            way_out="give each cell that is kept back as a line with a blank; say which codes add up: --structure",
        )
    return Problem(
        values=complete,
        relations=relations,
        primary=blank,
        upper=none,
        lower=none,
        open=none > 0,
        hidden=~shown & ~blank,
        cost=none + 1,
        floor=none,
        ceiling=none + UNBOUNDED,
        alone=none > 0,
    )
