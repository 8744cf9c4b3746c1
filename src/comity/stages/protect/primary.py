"""Which cells of a table are sensitive, by which rule, and how wide an attacker's interval of each must be.

Decides nothing about what else must be hidden: see `suppression`. Reckons in whole numbers, so that two machines never
differ over a cell at the edge of a rule.

Source: Hundepool et al. (2012), Statistical Disclosure Control, chapter 4: the rules and their protection levels in
4.2, where x1 >= x2 >= ... are the parts of a cell of value X. The threshold of a count: an attacker must hold that the
cell may be as large as one that the rule shows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError, FormatError
from comity.model.protection import ANY, Rules
from comity.model.structure import TOTAL
from comity.stages.protect import margins

if TYPE_CHECKING:
    from comity.stages.protect.tables import Table

LARGEST: Final = 2**53
"""Largest value of a cell: what is whole and below it is exact in a solver's numbers, and 100 times it in ours."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Needs:
    """What the rules ask of one table; arrays of its cells.

    primary: sensitive by a rule.
    upper, lower: protection levels of the primaries, in units of the measure; 0 elsewhere.
    alone: cells of one contributor, who knows the value.
    rules: for each rule that found a cell, by its field of `Rules`, the cells that it found.
    """

    primary: NDArray[np.bool_]
    upper: NDArray[np.int64]
    lower: NDArray[np.int64]
    alone: NDArray[np.bool_]
    rules: Mapping[str, NDArray[np.bool_]]


def needs(table: "Table", rules: Rules) -> Needs:
    """The primaries of a table with their protection levels; a cell that several rules find needs the widest of them.

    An empty cell (no contributor, value 0) is sensitive only if `rules.zeros`, or if the office's own list names it.
    Dominance and p are rules of magnitudes and ask nothing of a count.

    Raises:
        ConfigError: a rule looks at largest parts that nobody knows.
        FormatError: a value below 0, or too large to be reckoned with exactly.
    """
    refuse_values(table)
    upper = np.zeros(table.cells, np.int64)
    found: dict[str, NDArray[np.bool_]] = {}
    for name, cells, level in _judged(table, rules):
        hit = cells & (level > 0)
        if hit.any():
            found[name] = found.get(name, np.zeros(table.cells, np.bool_)) | hit
            upper = np.maximum(upper, np.where(hit, level, 0))
    return Needs(
        primary=upper > 0,
        upper=upper,
        lower=np.minimum(upper, table.values - least(table, rules)),
        alone=table.alone,
        rules=found,
    )


def least(table: "Table", rules: Rules) -> NDArray[np.int64]:
    """What everybody knows each cell to be at least.

    Where empty cells are shown as zeros, a blank count is none of them: a cell is as many as it has finest cells that
    are not empty, or more. A sum may be 0 of somebody.
    """
    if not table.counts or rules.zeros:
        return np.zeros(table.cells, np.int64)
    hierarchies = [one.parents for one in table.variables]
    inner = np.ix_(*(margins.leaves(one) for one in hierarchies))
    peopled = (table.values.reshape(table.shape)[inner] > 0).astype(np.int64)
    return margins.totals(peopled, hierarchies).ravel()


def unmatched(tables: "tuple[Table, ...]", rules: Rules) -> tuple[dict[str, str], ...]:
    """Entries of the office's own list that name no cell of any table: misspelt, or of another table."""
    return tuple(entry for entry in rules.sensitive if not any(_named(table, entry).any() for table in tables))


def _judged(table: "Table", rules: Rules) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.int64]]]:
    """Each rule by its field: the cells that it looks at, and the upper protection level that it gives, 0 for none."""
    empty = (table.number == 0) & (table.values == 0)
    wide = np.maximum(_ceiling(rules.width * table.values, 100), 1)
    shown = np.maximum(rules.threshold - table.values, 1) if table.counts else wide
    yield "threshold", ~empty & (table.number < rules.threshold), shown
    if rules.zeros:
        yield "zeros", empty, shown
    for entry in rules.sensitive:
        yield "sensitive", _named(table, entry), wide
    if table.counts:
        return
    if rules.p:
        yield "p", ~empty, _p(table.values, _parts(table, 2, "p"), rules.p)
    for rule in rules.dominance:
        yield "dominance", ~empty, _dominance(table.values, _parts(table, rule.n, "dominance"), rule.k)


def _p(values: NDArray[np.int64], parts: NDArray[np.int64], p: int) -> NDArray[np.int64]:
    """p/100 x1 - (X - x1 - x2), rounded up, where that is above 0: so much closer could the second reckon the first."""
    rest = values - parts[0] - parts[1]
    return np.maximum(_ceiling(p * parts[0] - 100 * rest, 100), 0)


def _dominance(values: NDArray[np.int64], parts: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """100/k (x1 + ... + xn) - X, rounded up, where that is above 0: at so large a cell the n would not dominate."""
    return np.maximum(_ceiling(100 * parts.sum(axis=0) - k * values, k), 0)


def _ceiling(above: NDArray[np.int64], below: int) -> NDArray[np.int64]:
    return -(-above // below)


def _parts(table: "Table", n: int, rule: str) -> NDArray[np.int64]:
    """The n largest parts of each cell; ConfigError if they are not known."""
    if len(table.largest) < n:
        raise ConfigError(
            "the rule looks at the largest contributors of a cell, and nobody knows them",
            where=rule,
            found=f"{len(table.largest)} largest parts",
            wanted=f"{n}",
            way_out="give the largest parts with the table, or ask a threshold alone",
        )
    return table.largest[:n]


def _named(table: "Table", entry: Mapping[str, str]) -> NDArray[np.bool_]:
    """The cells that an entry of the office's own list names; a variable that the table lacks stands at its top."""
    known = {variable.id for variable in table.variables}
    if any(code not in (ANY, TOTAL) for id, code in entry.items() if id not in known):
        return np.zeros(table.cells, np.bool_)
    cells = np.ones(table.shape, np.bool_)
    for axis, variable in enumerate(table.variables):
        code = entry.get(variable.id, ANY)
        if code != ANY:
            hit = np.array([code == one for one in variable.codes])
            cells &= hit.reshape([-1 if at == axis else 1 for at in range(cells.ndim)])
    return cells.ravel()


def refuse_values(table: "Table", measure: str = "") -> None:
    """FormatError for values that no rule of this room can judge. `measure`: whose they are, for whoever is told."""
    bad = np.flatnonzero((table.values < 0) | (table.values > LARGEST))
    if bad.size:
        negative = table.values[bad[0]] < 0
        raise FormatError(
            "a value that cannot be protected",
            where=": ".join(filter(None, (measure, table.name(int(bad[0]))))),
            found="below 0" if negative else "above 2^53",
            wanted="whole numbers of 0 to 2^53 in units of the measure",
            way_out="protect what is below 0 apart"
            if negative
            else "give the values in a larger unit or fewer decimals",
        )
