"""What a method is: a card that says what it needs and promises, a half at home, and a half that runs on sums.

Types alone. A card is data that members read before they adopt a method, and is part of the method's digest. The half
at home (`contribute`) builds an expression over a bound table and runs nothing; the half on sums (`finish`) is plain
integers in `decimal` arithmetic, so that whoever recomputes a figure gets the same bytes everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol

from comity.model.release import Figure
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis

PERSONS: Final = "comity:persons"  # no SDMX id holds a colon, so no dimension is called like this


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a study must bring.

    measures: ids of the layout's measures, in order; each of one person's part at most `part`.
    parameters: names that the study's parameters may have.
    noise: whether the joint sum needs noise.
    """

    measures: tuple[str, ...]
    part: int
    parameters: tuple[str, ...]
    noise: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a method holds to: cells of a layout at most, and cells that one person can touch."""

    cells: int
    touched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """Decimals of one published measure, and of its standard errors."""

    measure: str
    value: int
    error: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What members read before they adopt a method."""

    name: str
    version: str
    title: str
    needs: Needs
    promises: tuple[str, ...]
    bounds: Bounds
    decimals: tuple[Rounding, ...]  # in the order that figures are published
    citations: tuple[str, ...]
    assumptions: tuple[str, ...]

    def rounding(self, measure: str) -> Rounding:
        """Decimals of a published measure; KeyError if the card has none."""
        return {entry.measure: entry for entry in self.decimals}[measure]


class Contribute(Protocol):
    """The half at home: cells of a layout from a bound table, as an expression that nobody has run yet.

    bound: a column for each dimension, named by its id and holding codes of its list (or a mark that is none), and
    PERSONS, how many persons gave this combination; combinations may repeat.
    Returns a column for each dimension and each measure of the layout, a row for each combination.
    """

    def __call__(self, bound: "ibis.Table", layout: Layout) -> "ibis.Table": ...


class Finish(Protocol):
    """The half on sums: published figures, from integers alone.

    sums: `layout.length` entries, measure-major, in units of each measure's scaled integer, as opened.
    noise_variance: of each entry, from the plan; 0 where there is none.
    statuses: SDMX observation status of each entry, or None where all are normal ("A").
    """

    def __call__(
        self,
        layout: Layout,
        sums: Sequence[int],
        noise_variance: Decimal,
        parameters: Mapping[str, str],
        statuses: Sequence[str] | None = None,
    ) -> tuple[Figure, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method on the shelf."""

    card: Card
    contribute: Contribute
    finish: Finish
