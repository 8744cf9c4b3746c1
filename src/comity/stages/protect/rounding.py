"""Controlled rounding: every cell to a multiple of the base beside it, so that the rounded table still adds up.

A true value is at most base - 1 away from its rounded one, in either direction; zeros and multiples stay as they are.
Such a table exists for every table of two dimensions, and for nearly all of more; where none does, as few cells as can
be go one multiple further, and which is told (Causey, Cox and Ernst 1985; Salazar 2006).

Which of the many is a matter of dice. A table of values v is written as a sum of `base` tables, each of which is a
rounding of v / base; one of them, drawn fairly and multiplied by base, is published. So the mean of what might have
been published is v, in every cell and exactly (Baum and Trotter 1978: in two dimensions this is always possible). Where
no such sum is found, as in sparse tables of three dimensions, a rounding is published that was looked for from a fair
draw of each cell on; `unbiased` says then that the mean of single cells may be off, by less than the base.

Decides nothing of what is sensitive. Not a protection of magnitudes: see `refused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, hstack

from comity.errors import ComityError, ConfigError, FormatError, PolicyRefuses
from comity.model.job import Silent, Tell
from comity.stages.dice import Dice
from comity.stages.protect import ranges, sticky
from comity.stages.protect.attacker import Breach
from comity.stages.protect.problem import Problem
from comity.stages.protect.programme import Programme, Unfinished

SILENT: Tell = Silent()
NODES: Final = 1000  # of a search for whole numbers, before it is given up; the same on every machine
LARGEST: Final = 2**45  # of a value: beyond it a solver of floating point cannot be asked
WIDEST: Final = 25_000  # cells to round of a table that is not flat: beyond it whole numbers may take hours
SUMMED: Final = 4_000  # of them, for which more than one table is looked for
_ANY: Final = 1e9  # gap at which a search ends with the first table that it finds

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rounded:
    """A rounded table. values: multiples of the base, additive over all relations of the problem.

    beyond: (cells,) how many multiples further than the nearest two a cell went; 0 everywhere for nearly all tables.
    unbiased: the mean over all dice is the true table, exactly.
    """

    values: Whole
    base: int
    beyond: Whole
    unbiased: bool

    def ends(self) -> tuple[Whole, Whole]:
        """The least and largest true value that each cell may have, for somebody who knows how it was made."""
        reach = (self.beyond + 1) * self.base - 1
        return self.values - reach, self.values + reach


def controlled(
    problem: Problem,
    base: int,
    dice: Dice,
    *,
    counts: bool = True,
    fixed: Mapping[int, int] | None = None,
    nodes: int = NODES,
    tell: Tell = SILENT,
) -> Rounded:
    """The table rounded, additive, and judged by the attacker before it is handed back.

    Args:
        dice: `sticky.keyed` with the office's secret and the table's name: the same table, the same rounding.
        counts: the values count persons; see `refused`.
        fixed: cells that were published rounded before, with what was published.

    Raises:
        FormatError: no base, or values that cannot be rounded. ConfigError: see `refused`.
        PolicyRefuses: sensitive cells can be reckoned all the same; cells of before cannot be kept; too large.
    """
    made = rounded(problem, base, dice, fixed=fixed, nodes=nodes)
    breaches = refused(problem, made, counts=counts, tell=tell)
    if breaches:
        raise PolicyRefuses(
            "the rounded table gives sensitive cells away",
            where="rounding",
            found=f"{len({breach.cell for breach in breaches})} cells",
            way_out="a larger base, fewer codes, or suppression",
        )
    return made


def refused(problem: Problem, made: Rounded, *, counts: bool, tell: Tell = SILENT) -> tuple[Breach, ...]:
    """The sensitive cells that can be reckoned too closely from the rounded table.

    A count must keep `base` values, as its own figure leaves it, and for a lone respondent, who knows his own cell, 2.
    Both hold wherever nothing else is known; exact figures published before can break them. The needs of a magnitude
    are those of the problem: a base below them protects none.

    Raises:
        ConfigError: a table of counts should withstand two lone respondents together, which nothing here shows.
    """
    low, high = made.ends()
    known = ranges.seen(problem, low, high)
    if not counts:
        return ranges.given_away(known, tell=tell)
    if known.coalition > 1 and known.alone.any():
        raise ConfigError(
            "rounding is not shown to withstand two respondents who pool what they know",
            where="coalition",
            found="2",
            wanted="1 or 0",
            way_out="suppression, where two are looked at",
        )
    left = known.primary & ~ranges.free(known, made.values, made.base - 1)
    return ranges.narrow(replace(known, primary=left), made.base - 1, tell=tell)


def rounded(
    problem: Problem, base: int, dice: Dice, *, fixed: Mapping[int, int] | None = None, nodes: int = NODES
) -> Rounded:
    """The table rounded, not judged yet: whoever publishes it asks `refused`."""
    if base not in (3, 5):
        raise FormatError("not a base of rounding", where="base", found=str(base), wanted="3 or 5")
    if (np.abs(problem.values) > LARGEST).any():
        raise FormatError("a value too large to be rounded", where="rounding", wanted=f"at most {LARGEST}")
    if (loose := _loose(problem, base)) > WIDEST:
        raise PolicyRefuses(
            "a table too large to be rounded in three dimensions",
            where="rounding",
            found=f"{loose:,} cells",
            wanted=f"at most {WIDEST:,}, or two dimensions",
            way_out="publish it in parts, or by suppression",
        )
    if fixed:
        return _beside(problem, base, dice, dict(fixed), nodes)
    found = parts(problem, base, dice, nodes)
    drawn = int(sticky.sides(dice, 1, base)[0])
    if len(found) == base:
        return _made(problem.values, base, found[drawn], unbiased=True)
    if found:
        return _made(problem.values, base, found[0], unbiased=False)
    return _beside(problem, base, dice, {}, nodes)


def parts(problem: Problem, base: int, dice: Dice, nodes: int = NODES) -> tuple[Whole, ...]:
    """Roundings of values / base: `base` of them, which add up to the values, or as many as were found.

    Each is additive and near to draws of its own; none is better than another.
    """
    relations = csr_array(problem.relations.astype(np.int64))
    found: list[Whole] = []
    rest = problem.values
    loose = _loose(problem, base)
    for left in range(base, 0, -1 if loose <= SUMMED else -base):
        part = _part(relations, rest // left, -(-rest // left), _draw(rest, left, dice), nodes)
        if part is None:
            break
        found.append(part)
        rest = rest - part
    return tuple(found)


def _draw(rest: Whole, parts: int, dice: Dice) -> NDArray[np.bool_]:
    """For each cell whether it goes up, by a fair draw of its own: as often as its rest asks."""
    return sticky.sides(dice, len(rest), parts) < rest % parts


def _part(relations: csr_array, low: Whole, high: Whole, up: NDArray[np.bool_], nodes: int) -> Whole | None:
    """An additive table between low and high, one apart at most, near to the draw; None if none is found.

    Columns say which cells leave their draw, so that a solver, which begins with none that does, likes neither up nor
    down. A linear programme finds the nearest table where its optimum is whole, as in two dimensions always; where a
    cell is part of three totals or more, the first table of whole numbers is taken: the nearest one would take hours.
    """
    free = np.flatnonzero(low < high)
    start = np.where(up, high, low)
    if not len(free):
        return None if (relations @ low).any() else low
    away = np.where(up[free], -1, 1)
    matrix = csc_array(relations[:, free].multiply(away[None, :]))
    wanted = -(relations @ start).astype(np.float64)
    for integer in (None, np.ones(len(free), bool)) if _flat(relations) else (np.ones(len(free), bool),):
        programme = Programme(
            matrix,
            row_lower=wanted,
            row_upper=wanted,
            lower=np.zeros(len(free)),
            upper=np.ones(len(free)),
            cost=np.full(len(free), 1.0 if integer is None else 0.0),
            integer=integer,
        )
        found = _solved(programme, nodes, gap=_ANY)
        if found is None:
            return None
        moved = np.rint(found).astype(np.int64)
        table = start.copy()
        table[free] += away * moved
        if np.abs(found - moved).max() < 1e-6 and not (relations @ table).any():
            return table
    return None


def _loose(problem: Problem, base: int) -> int:
    """Cells for which whole numbers have to be looked for; none in a flat table."""
    return 0 if _flat(csr_array(problem.relations)) else int((problem.values % base != 0).sum())


def _flat(relations: csr_array) -> bool:
    """Whether each cell is part of two totals at most, as in two dimensions."""
    return int(np.asarray((relations > 0).sum(axis=0)).max(initial=0)) <= 2


def _beside(problem: Problem, base: int, dice: Dice, fixed: dict[int, int], nodes: int) -> Rounded:
    """As few steps beyond the two nearest multiples as can be, where no table does without or some cells are given."""
    relations, values = csr_array(problem.relations.astype(np.int64)), problem.values
    low, high = values // base, -(-values // base)
    for cell, value in fixed.items():
        if value % base or abs(value - values[cell]) >= base:
            raise PolicyRefuses(
                "what was published before is no rounding of what is counted now", where="rounding", found=str(value)
            )
        low[cell] = high[cell] = value // base
    up = _draw(values, base, dice)
    part = _part(relations, low, high, up, nodes)
    if part is None:
        loose = np.flatnonzero(values != 0)
        loose = loose[~np.isin(loose, list(fixed))]
        part = _loosened(relations, low, high, up, loose, nodes)
    if part is None:
        raise PolicyRefuses(
            "no rounding adds up",
            where="rounding",
            found=f"{len(fixed)} cells rounded before" if fixed else "",
            way_out="suppression, or a table without totals of what was published",
        )
    return _made(values, base, part, unbiased=False)


def _loosened(
    relations: csr_array, low: Whole, high: Whole, up: NDArray[np.bool_], loose: Whole, nodes: int
) -> Whole | None:
    """Steps up or down, each beyond the range, for the cells that may take one; their number is the least there is."""
    free = np.flatnonzero(low < high)
    near, wanted = _left(relations, low, free)
    far, _ = _left(relations, low, loose)
    matrix = csc_array(hstack([near, far, -far]))
    columns = matrix.shape[1]
    if not columns:
        return None
    steps = columns - len(free)
    cost = np.concatenate([np.where(up[free], -1.0, 1.0) / (4 * columns), np.ones(steps)])
    programme = Programme(
        matrix,
        row_lower=wanted,
        row_upper=wanted,
        lower=np.zeros(columns),
        upper=np.concatenate([np.ones(len(free)), np.full(steps, float(LARGEST))]),
        cost=cost,
        integer=np.ones(columns, bool),
    )
    found = _solved(programme, nodes, gap=0.4)  # the draws add up to a quarter at most, so the number of steps is least
    if found is None:
        return None
    moved = np.rint(found).astype(np.int64)
    table = low.copy()
    table[free] += moved[: len(free)]
    table[loose] += moved[len(free) : len(free) + len(loose)] - moved[len(free) + len(loose) :]
    return None if (relations @ table).any() else table


def _left(relations: csr_array, low: Whole, free: Whole) -> tuple[csc_array, NDArray[np.float64]]:
    """Rows of the free columns, and what they must add up to. All rows: one without columns must be kept as well."""
    return csc_array(relations[:, free]), -(relations @ low).astype(np.float64)


def _solved(programme: Programme, nodes: int, *, gap: float) -> NDArray[np.float64] | None:
    programme.option("mip_rel_gap", gap if gap == _ANY else 0.0)
    programme.option("mip_abs_gap", gap)
    programme.option("mip_max_nodes", nodes)
    try:
        found = programme.solve()
    except Unfinished as limit:
        found = limit.best
    return None if found is None else found.columns


def _made(values: Whole, base: int, part: Whole, *, unbiased: bool) -> Rounded:
    """The table of a part, each cell checked again in whole numbers."""
    made = part * base
    beyond = np.maximum(np.abs(made - values) - (base - 1), 0)
    if (made[values == 0] != 0).any():
        raise ComityError("a zero was rounded away", where="rounding")
    return Rounded(values=made, base=base, beyond=-(-beyond // base), unbiased=unbiased)
