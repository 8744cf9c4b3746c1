"""Tables that an office protected with its own tools, the true ones beside them: what an attacker finds out of them.

Every sensitive cell is judged by the office's rules; nothing is changed. The attacker knows all that is published, that
no figure is below 0, and every margin that the files do not show as a blank, published or not: whoever keeps a margin
back gives it as a blank. Other cells that the files lack are kept back. Without the true tables see `recovering`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ComityError
from comity.model.cell_file import CellFile
from comity.model.job import Silent, Tell
from comity.model.protection import Rules
from comity.stages.protect import attacker, placing, tables
from comity.stages.protect import cells as texts
from comity.stages.protect.cells import Cells
from comity.stages.protect.placing import Placed
from comity.stages.protect.problem import UNBOUNDED, Problem
from comity.stages.protect.tables import OPEN, Table

SILENT: Final = Silent()

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cell that is reckoned too closely: between low and high, by who knows the cells `known` beside what is shown.

    low, high: as texts in the unit of the measure; high "" without an end. needs: the interval that the rules ask, None
    where no rule was asked.
    """

    cell: str
    low: str
    high: str
    known: tuple[str, ...] = ()
    needs: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at, and what was found.

    sensitive: cells that the rules find; None where no rule was asked. blanks: cells that are not shown. margins: not
    in any file, and taken as known.
    """

    cells: int
    sensitive: int | None
    blanks: int
    margins: int
    findings: tuple[Finding, ...]


def checked(
    true: Sequence[Placed], published: Sequence[Cells], form: CellFile, rules: Rules, tell: Tell = SILENT
) -> Checked:
    """Every sensitive cell of the true tables, as the published ones leave it.

    Raises:
        FormatError: a published figure is not the true one, or is of no cell; see `placing.published`.
        ConfigError: rules that do not fit the tables.
    """
    for file in published:
        true = placing.published(true, file, form)
    linked = tables.link([one.table for one in true], rules)
    problem = linked.problem
    blank = problem.hidden | (problem.primary & (problem.floor < problem.ceiling))
    left = np.zeros(problem.cells, bool)
    for one, place in zip(true, linked.places, strict=True):
        left[place[one.table.status == OPEN]] = True
    finest = np.zeros(problem.cells, bool)
    for one, place in zip(true, linked.places, strict=True):
        finest[place[tables.finest(one.table)]] = True
    blank |= left & finest & problem.open
    named = [(one.cells.name, one.table) for one in true]
    found = tuple(
        Finding(
            cell=name(named, linked.places, breach.cell),
            low=texts.spelt(breach.low, true[0].decimals),
            high=spelt_end(breach.high, true[0].decimals),
            known=tuple(name(named, linked.places, cell) for cell in breach.known),
            needs=_needs(problem, breach.cell, true[0].decimals),
        )
        for breach in attacker.breaches(problem, blank, tell=tell)
    )
    return Checked(
        cells=problem.cells,
        sensitive=int(problem.primary.sum()),
        blanks=int(blank.sum()),
        margins=int((left & ~finest & ~blank & problem.open).sum()),
        findings=found,
    )


def _needs(problem: Problem, cell: int, decimals: int) -> tuple[str, str]:
    value = int(problem.values[cell])
    ends = value - int(problem.lower[cell]), value + int(problem.upper[cell])
    return texts.spelt(ends[0], decimals), texts.spelt(ends[1], decimals)


def spelt_end(high: int, decimals: int) -> str:
    """The upper end of an interval; "" for none."""
    return "" if high == UNBOUNDED else texts.spelt(high, decimals)


def name(named: Sequence[tuple[str, Table]], places: Sequence[Whole], whole: int) -> str:
    """A cell of the problem by the codes of the first table that has it, and that table's file."""
    for (file, table), place in zip(named, places, strict=True):
        if (at := np.flatnonzero(place == whole)).size:
            return f"{file}: {table.name(int(at[0]))}"
    raise ComityError("a cell of no table", where="protect check")
