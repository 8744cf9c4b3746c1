"""Error of mapped areas: stratified estimators from a reference sample, with their intervals (Olofsson et al. 2014).

Never counts pixels as an area estimate. The strata are the classes of the map. Equations are those of Olofsson, Foody,
Herold, Stehman, Woodcock, Wulder (2014), Good practices for estimating area and assessing accuracy of land change,
Remote Sensing of Environment 148, 42-57, doi.org/10.1016/j.rse.2014.02.015. Sums are exact fractions and roots are
taken in `decimal` with a context of our own, so that a figure is the same everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from comity.errors import FormatError
from comity.model.decimals import CONTEXT, decimal, root
from comity.model.strata import LEAST, Strata, areas_of, share

Z: Final = Decimal("1.96")  # of a 95 per cent interval, as the paper has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An estimate and its standard error, in one unit."""

    value: Decimal
    error: Decimal

    @property
    def margin(self) -> Decimal:
        """Half the width of the 95 per cent interval."""
        return CONTEXT.multiply(Z, self.error)

    @property
    def interval(self) -> tuple[Decimal, Decimal]:
        """The 95 per cent interval; of a small area or share its lower end may lie below zero."""
        return CONTEXT.subtract(self.value, self.margin), CONTEXT.add(self.value, self.margin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a reference sample says about a map; a class is an index, the same on the map and in the reference.

    areas: of each reference class, in the unit of the mapped areas.
    overall: share of the area that is mapped right.
    users: of each class on the map, the share of it that is this class; None where the map has none of it.
    producers: of each class in the reference, the share of it that the map shows; None where there is none of it.
    """

    areas: tuple[Estimate, ...]
    overall: Estimate
    users: tuple[Estimate | None, ...]
    producers: tuple[Estimate | None, ...]


def assess(matrix: Sequence[Sequence[int]], areas: Sequence[int]) -> Assessment:
    """Adjusted areas and accuracies of a map, each with its standard error.

    Args:
        matrix: points by class on the map (rows) and class in the reference (columns), square.
        areas: mapped area of each class, in any unit of whole numbers: cells, square metres.

    Raises:
        FormatError: no square matrix of counts that fits the areas, or a class on the map with fewer than two points.

    >>> hectares = [18_000, 13_500, 288_000, 580_500]
    >>> found = assess([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]], hectares)
    >>> f"{found.areas[0].value:.0f} +- {found.areas[0].margin:.0f}, {found.overall.value:.3f}"
    '21158 +- 6158, 0.947'
    """
    found = _strata(matrix, areas)
    right = {at: share(references.get(at, 0), sum(references.values())) for at, references in found.items()}
    whole = sum(areas)
    estimates = areas_of(found, areas)
    return Assessment(
        areas=tuple(_estimate(*estimate) for estimate in estimates),
        overall=_estimate(  # eq. 1 and 5
            sum((areas[at] * part for at, (part, _) in right.items()), Fraction(0)) / whole,
            sum((areas[at] ** 2 * variance for at, (_, variance) in right.items()), Fraction(0)) / whole**2,
        ),
        users=tuple(_estimate(*right[at]) if at in right else None for at in range(len(areas))),  # eq. 2 and 6
        producers=tuple(_producer(at, found, areas, estimates[at][0]) for at in range(len(areas))),
    )


def _producer(at: int, found: Strata, areas: Sequence[int], whole: Fraction) -> Estimate | None:
    """Producer's accuracy of a class (eq. 3 and 7). whole: its estimated area."""
    if not whole:
        return None
    shares = {mapped: share(refs.get(at, 0), sum(refs.values())) for mapped, refs in found.items()}
    part = areas[at] * shares[at][0] / whole if at in shares else Fraction(0)
    variance = sum(
        (areas[i] ** 2 * v * ((1 - part) ** 2 if i == at else part**2) for i, (_, v) in shares.items()), Fraction(0)
    )
    return _estimate(part, variance / whole**2)


def _strata(matrix: Sequence[Sequence[int]], areas: Sequence[int]) -> Strata:
    """The rows of a matrix that have an area, checked."""
    if not areas or len(matrix) != len(areas) or any(len(row) != len(areas) for row in matrix):
        raise FormatError(
            "the error matrix does not fit the areas",
            where="reference sample",
            found=f"{len(matrix)} rows for {len(areas)} areas",
            wanted="a row and a column for each class of the map, and its area",
        )
    if min(areas) < 0 or sum(areas) == 0 or any(count < 0 for row in matrix for count in row):
        raise FormatError("counts and areas are zero or more, and some area is", where="reference sample")
    for at, (row, area) in enumerate(zip(matrix, areas, strict=True)):
        if area and sum(row) < LEAST:
            raise FormatError(
                "too few reference points in a class of the map",
                where=f"reference sample, class {at}",
                found=str(sum(row)),
                wanted=f"{LEAST} or more",
                way_out="interpret more points there, or merge the class with another one",
            )
    return {at: dict(enumerate(row)) for at, row in enumerate(matrix) if areas[at]}


def _estimate(value: Fraction, variance: Fraction) -> Estimate:
    return Estimate(value=decimal(value), error=root(variance))
