"""Cells, relations and needs: one problem of disclosure control, whatever tables it came from. Arrays alone.

Decides nothing: `tables` makes a problem of tables (hierarchical, linked, released before), `primary` says which cells
are sensitive and how wide their interval must be, `suppression` chooses a pattern, `attacker` audits it.

Words (Hundepool et al. 2012, Statistical Disclosure Control, chapter 4; Fischetti and Salazar 2001): a pattern is
the set of cells that are not shown; primary are the cells a rule hides, secondary those that go with them; the upper
and lower protection level of a primary say how far above and below its value an attacker's interval must reach.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from comity.errors import FormatError

UNBOUNDED: Final = np.iinfo(np.int64).max
"""Ceiling of a cell of which an attacker knows no largest value, and end of an interval that has none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """All cells that an attacker may combine, and what each primary needs. Arrays of `cells` entries, but `relations`.

    values: true values, whole numbers in units of the measure.
    relations: (relations, cells), entries +1, -1 and 0; each row times values is 0: parts minus their total.
    primary: sensitive by a rule; never shown.
    upper, lower: protection levels, in units of the measure, 0 where none is asked: an attacker's interval of a primary
        must reach value + upper and value - lower.
    open: may be suppressed as secondary. False for what is published already, and for what everybody knows.
    hidden: not shown already, by an earlier release, and no primary of this one; it costs nothing.
    cost: of suppressing a secondary, above 0.
    floor, ceiling: what everybody knows of each cell beforehand; floor <= values <= ceiling, UNBOUNDED for no ceiling.
    alone: cells of one respondent, who knows the value.
    coalition: how many such respondents may put together what they know: 0, 1 or 2.
    """

    values: NDArray[np.int64]
    relations: csr_array
    primary: NDArray[np.bool_]
    upper: NDArray[np.int64]
    lower: NDArray[np.int64]
    open: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    cost: NDArray[np.int64]
    floor: NDArray[np.int64]
    ceiling: NDArray[np.int64]
    alone: NDArray[np.bool_]
    coalition: int = 0

    def __post_init__(self) -> None:
        cells = len(self.values)
        for name in ("primary", "upper", "lower", "open", "hidden", "cost", "floor", "ceiling", "alone"):
            if getattr(self, name).shape != (cells,):
                raise FormatError("not one entry for each cell", where=name, wanted=f"({cells},)")
        if self.relations.shape[1] != cells or (self.relations @ self.values).any():
            raise FormatError("the table does not add up", where="relations", wanted="parts that sum to their total")
        if ((self.floor > self.values) | (self.values > self.ceiling)).any():
            raise FormatError("a value outside of what everybody knows", where="floor, ceiling")

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.values)

    @property
    def shut(self) -> NDArray[np.bool_]:
        """Cells that are not shown whatever is decided: primary, or hidden before."""
        return self.primary | self.hidden


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """What an attacker finds out of each cell: `low` to `high`, inclusive; the value itself where it is shown.

    Whole numbers: rounded inwards, so that no interval is said to be wider than it is; `high` UNBOUNDED without an end.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """A safe pattern, and what is known of how good it is.

    suppressed: (cells,) primary, hidden before, and secondary.
    intervals: of the attacker, by a separate audit of this very pattern.
    cost: of the secondaries. bound: no safe pattern costs less (0 if nothing is known). optimal: `cost` is the least.
    unprotectable: primaries that no pattern gives the interval they need (frozen neighbours, zeros, known bounds); they
        are suppressed all the same, and whoever publishes decides what else goes.
    counts: how it came about, such as programmes solved and secondaries dropped.
    """

    suppressed: NDArray[np.bool_]
    intervals: Intervals
    cost: int
    bound: int
    optimal: bool
    unprotectable: NDArray[np.int64]
    counts: dict[str, int]
