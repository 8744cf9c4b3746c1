"""What a method is: a card that says what it needs and promises, a half at home, and a half that runs on sums.

Types alone. A card is data that members read before they adopt a method, and is part of the method's digest. The half
at home (`contribute`) of a method on persons builds an expression over a bound table and runs nothing; that of a method
on rasters says to which cell of a table each grid cell of a block belongs. The half on sums (`finish`) is plain
integers in `decimal` arithmetic, so that whoever recomputes a figure gets the same bytes everywhere.

Of a raster study's layout the first dimension is the zone, by convention; all others are classes of its rasters. Its
first measure is an area, summed from blocks; the others come from a reference sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast

from comity.errors import Refused
from comity.model.release import Figure
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis
    import numpy as np
    from numpy.typing import NDArray

PERSONS: Final = "comity:persons"  # no SDMX id holds a colon, so no dimension is called like this
WEIGHT: Final = "comity:weight"
NUMBER: Final = "comity:number:"  # and the parameter that names the number's variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A measure that is a sum over rows: of 1, or of a product.

    factors: WEIGHT, or parameters that name a number's variable; the same one may stand twice. Its decimals are
        those of its factors together.
    """

    id: str
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A measure that is the sampling covariance of two terms' totals under the design; of one, its variance.

    Reckoned from strata, stages or replicate weights at home (`stages.variance`); adds up over members, as they are
    independent samples. It is no sum over persons: cut to 0..bound (-bound..bound for a covariance), one person can
    move it by that much at most.
    """

    id: str
    of: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a study must bring.

    measures: of the layout, in order; each of one person's part in a cell at most `part`.
    moments: may follow the measures in the layout, all of them in this order, or none.
    numbers: parameters that each name a variable of the norm that is a number between bounds; their decimals are
        the parameter "<name>_decimals" ("0" if left out), and the weight's are "weight_decimals".
    optional: those of the numbers that a study may leave out.
    parameters: further names that the study's parameters may have.
    noise: whether the joint sum needs noise.
    data: what it counts: persons in tables, or areas of classes in rasters (no persons, no noise; `part` bounds a
        cell).
    """

    terms: tuple[Term, ...] = ()
    measures: tuple[str, ...]
    part: int
    parameters: tuple[str, ...]
    noise: bool
    data: Literal["persons", "rasters"] = "persons"
    moments: tuple[Moment, ...] = ()
    numbers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a method holds to: cells of a layout at most, and cells that one person touches at least (the norm may
    allow more); 0: all of the layout's.
    """

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
    """What members read before they adopt a method.

    rests: modules outside the method's package that its figures rest on, by dotted name, sorted. Their text belongs to
        the method's digest as the package's own does.
    """

    name: str
    version: str
    title: str
    needs: Needs
    promises: tuple[str, ...]
    bounds: Bounds
    decimals: tuple[Rounding, ...]  # in the order that figures are published
    citations: tuple[str, ...]
    assumptions: tuple[str, ...]
    rests: tuple[str, ...] = ()

    def rounding(self, measure: str) -> Rounding:
        """Decimals of a published measure; KeyError if the card has none."""
        return {entry.measure: entry for entry in self.decimals}[measure]


class Contribute(Protocol):
    """The half at home: what each row adds to each measure that is a sum, as an expression that nobody has run yet.

    bound: rows of the period, or patterns of them. A column for each dimension, named by its id and holding codes of
        its list (or a mark that is none); for each of the card's numbers NUMBER + its name, an int64 within the norm's
        bounds; WEIGHT, an int64; and others, which are the caller's.
    Returns the same rows, or several for each, with an int64 column for each term of the layout beside them, whatever
    else they had; what one person adds is cut and summed by the caller (`adapters.tables`).
    """

    def __call__(self, bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table": ...


def products(bound: "ibis.Table", terms: Sequence[Term]) -> "ibis.Table":
    """Each term as the product of its factors, beside what the rows had: the whole of `contribute` for most methods."""
    factors = {term.id: [bound[one if one == WEIGHT else NUMBER + one] for one in term.factors] for term in terms}
    return bound.mutate(**{id: reduce(mul, found) if found else 1 for id, found in factors.items()})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RasterBlock:
    """The classes of one rectangle of the grid: for each class dimension's id, an array of (rows, columns).

    A value is an index into the codes of that dimension's axis, -1 where the source has none (no data, a missing
    code). All arrays have one shape.
    """

    codes: Mapping[str, "NDArray[np.int16]"]


class Tiles(Protocol):
    """The half at home of a method on rasters: the class cell of each grid cell of a block.

    Returns (rows, columns) of indices into the layout's cells without its zone dimension, C order, last dimension
    fastest; -1 for a grid cell that belongs to none. Whole and exact: areas are summed by the caller (`geo.zonal`).
    """

    def __call__(self, block: RasterBlock, layout: Layout) -> "NDArray[np.int32]": ...


class Sampled(Protocol):
    """All measures but the first from a reference sample; exact fractions, rounded once to whole units.

    areas: mapped area of each cell of the layout (`layout.cells` values of the first measure).
    pairs: for each reference point the cell that the map says and the cell that the reference says; both in one zone.
    Returns `(len(layout.measures) - 1) * layout.cells` values, measure-major; 0 wherever nothing is estimated.
    """

    def __call__(self, layout: Layout, areas: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Sequence[int]: ...


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
    """One method on the shelf. What its card says it needs (`needs.data`) tells which half at home it has."""

    card: Card
    contribute: Contribute | Tiles
    finish: Finish
    sampled: Sampled | None = None  # of a method on rasters that makes use of a reference sample

    @property
    def tables(self) -> Contribute:
        """The half at home of a method on persons; Refused for any other."""
        self._counts("persons")
        return cast(Contribute, self.contribute)

    @property
    def tiles(self) -> Tiles:
        """The half at home of a method on rasters; Refused for any other."""
        self._counts("rasters")
        return cast(Tiles, self.contribute)

    def _counts(self, data: str) -> None:
        if self.card.needs.data != data:
            raise Refused(
                "the method counts other data than this source has",
                where=f"{self.card.name}/{self.card.version}",
                found=data,
                wanted=self.card.needs.data,
                way_out="bind a source of the kind that the method's card names",
            )
