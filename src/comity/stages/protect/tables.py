"""Tables with their margins and hierarchies, as the office publishes them: the nouns of disclosure control at home.

A table of this room holds every code of its variables, totals too, so that a margin is a cell like any other. Tables
are linked where a cell of one is a cell of another: it has the same codes, a variable that one of them lacks standing
at its top. That tables count the same units in the same period is the caller's word.
"""

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import FormatError

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
    number: distinct contributors.
    largest: (n, cells) parts of the n largest contributors, descending, 0 beyond them; n = 0 where nobody knows them.
        Never below the truth: where a contributor stands in several cells, a margin's are upper bounds.
    status: OPEN, SHOWN or HIDDEN.
    counts: the measure counts contributors, so that value and number are one thing.
    """

    variables: tuple[Variable, ...]
    values: NDArray[np.int64]
    number: NDArray[np.int64]
    largest: NDArray[np.int64]
    status: NDArray[np.uint8]
    counts: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Codes per variable."""
        return tuple(len(variable.codes) for variable in self.variables)

    @property
    def cells(self) -> int:
        """How many cells there are, margins included."""
        return prod(self.shape)

    def __post_init__(self) -> None:
        for name in ("values", "number", "status"):
            if getattr(self, name).shape != (self.cells,):
                raise FormatError("not one entry for each cell", where=name, wanted=f"({self.cells},)")
        if self.largest.shape[1:] != (self.cells,):
            raise FormatError("not one entry for each cell", where="largest", wanted=f"(n, {self.cells})")
