"""The half of `land_cover_area/1` that runs on sums: areas by class and zone, changes, and what a sample makes of them.

Of each zone and of all zones (`_T`), with A the mapped areas of its cells (one class, or a pair of classes: from, to):

    area      A, and every total of it (`_T`); two dates: the transition matrix, its margins are the two maps
    share     100 A_c / A_T, of each class; two dates: of each class at either date
    change    two dates: A_c at the second date less A_c at the first, under the key (_T, c)
    rate      100 change / A_c at the first date; M where the class was not there
    adjusted  what the reference sample makes of the area, standard error beside it; where there is a sample
    adjusted_change  the same of a change
    points    reference points in each class of the map

Status: A where a reference sample covers the zone, V (unvalidated) where none does; E for what a sample estimates, L
where it did not come to the zone or to the class, whose error nobody knows; B for a change between two products, or two
versions of one: it is no change on the ground. An error of a sum of classes is the root of their variances: shares of
one stratum are negatively correlated, so it is never too small; of a difference it is the sum of both sides' errors,
the largest it can be. Sources and assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from comity.errors import FormatError
from comity.methods.card import Rounding
from comity.methods.land_cover_area.measures import (
    ADJUSTED,
    ADJUSTED_CHANGE,
    AREA,
    CHANGE,
    GIVEN,
    POINTS,
    RATE,
    SHARE,
)
from comity.model.decimals import CONTEXT, root, spell
from comity.model.regions import BOUNDARIES, SQUARE_METRES, VARIANCES, Region, insist, margins, total, whole, zones
from comity.model.release import Figure
from comity.model.structure import TOTAL, Layout

Rows = tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]  # key of the classes, and the cells that it sums

ONE_DATE: Final = ("from",)
TWO_DATES: Final = ("from", "to")


def finish(
    layout: Layout,
    sums: Sequence[int],
    noise_variance: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None = None,
) -> tuple[Figure, ...]:
    """All figures, measure by measure, the zones in the order of the layout and `_T` last.

    Raises:
        FormatError: sums, statuses or parameters do not fit; two dates have two lists of classes; there is noise.
    """
    two = len(layout.dimensions) == len(TWO_DATES) + 1
    _check(layout, sums, noise_variance, parameters, statuses, TWO_DATES if two else ONE_DATE)
    parts = zones(layout, sums)
    rows = tuple(margins(layout.dimensions[1:]))
    every = rows[-1][1]
    covered = {part.code: part.covered(every) for part in parts}
    # A zone that no sample covers is in the total as the map says; more than a hundredth of it is not (`covered`).
    filled = tuple(part if covered[part.code] else replace(part, estimate=part.area) for part in parts)
    regions = (*filled, whole(filled))
    covered[TOTAL] = regions[-1].covered(every)
    single = tuple(row for row in rows if row[0].count(TOTAL) == len(row[0]) - 1)
    found = [*_areas(regions, rows, covered), *_shares(regions, single, every, covered)]
    if two:
        found += _changes(regions, rows, covered, parameters)
    if any(any(part.points) for part in parts):
        found += _adjusted(regions, rows, covered)
        found += _adjusted_changes(regions, rows, covered) if two else ()
        found += _points(regions, rows)
    return tuple(found)


def _check(
    layout: Layout,
    sums: Sequence[int],
    noise: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None,
    wanted: tuple[str, ...],
) -> None:
    measures = tuple(measure.id for measure in layout.measures)
    classes = {axis.codes for axis in layout.dimensions[1:]}
    if measures != GIVEN or len(layout.dimensions) != len(wanted) + 1 or len(classes) != 1:
        raise FormatError(
            "not a table that land_cover_area/1 finishes",
            where="finish",
            found=f"{', '.join(measures)}; {len(layout.dimensions)} dimensions, {len(classes)} lists of classes",
            wanted=f"{', '.join(GIVEN)}; a zone, then one class, or two with the same codes",
        )
    insist("land_cover_area/1", layout, sums, noise, statuses)
    if tuple(sorted(set(parameters) - {BOUNDARIES})) != wanted:
        raise FormatError(
            "a study of areas names the product of each of its maps",
            where="parameters",
            found=", ".join(sorted(parameters)),
            wanted=", ".join(wanted),
            way_out="name each product with its version, also where both dates have the same",
        )


def _areas(regions: Sequence[Region], rows: Rows, covered: Mapping[str, bool]) -> Iterator[Figure]:
    for region in regions:
        for key, cells in rows:
            yield _mapped(region, key, _km2(total(region.area, cells)), AREA, covered)


def _shares(
    regions: Sequence[Region], rows: Rows, every: Sequence[int], covered: Mapping[str, bool]
) -> Iterator[Figure]:
    for region in regions:
        known = total(region.area, every)
        for key, cells in rows:
            share = Fraction(100 * total(region.area, cells), known) if known else None
            yield _mapped(region, key, share, SHARE, covered)


def _changes(
    regions: Sequence[Region], rows: Rows, covered: Mapping[str, bool], products: Mapping[str, str]
) -> Iterator[Figure]:
    status = "" if products["from"] == products["to"] else "B"
    for rounding in (CHANGE, RATE):
        for region in regions:
            for key, before, after in _pairs(rows):
                was = total(region.area, before)
                change = Fraction(total(region.area, after) - was)
                value = _km2(change) if rounding is CHANGE else 100 * change / was if was else None
                yield _mapped(region, key, value, rounding, covered, status)


def _adjusted(regions: Sequence[Region], rows: Rows, covered: Mapping[str, bool]) -> Iterator[Figure]:
    for region in regions:
        for key, cells in rows:
            if set(key) != {TOTAL}:  # the whole is known, and not estimated
                error = root(Fraction(total(region.variance, cells), VARIANCES))
                known = covered[region.code] and region.reached(cells)
                yield _estimated(region, key, total(region.estimate, cells), error, ADJUSTED, known)


def _adjusted_changes(regions: Sequence[Region], rows: Rows, covered: Mapping[str, bool]) -> Iterator[Figure]:
    for region in regions:
        for key, before, after in _pairs(rows):
            lost, gained = tuple(set(before) - set(after)), tuple(set(after) - set(before))
            value = total(region.estimate, gained) - total(region.estimate, lost)
            errors = [root(Fraction(total(region.variance, side), VARIANCES)) for side in (gained, lost)]
            known = covered[region.code] and region.reached((*gained, *lost))
            yield _estimated(region, key, value, CONTEXT.add(*errors), ADJUSTED_CHANGE, known)


def _points(regions: Sequence[Region], rows: Rows) -> Iterator[Figure]:
    for region in regions:
        for key, cells in rows:
            value = spell(Fraction(total(region.points, cells)), POINTS.value)
            yield Figure(
                key=(region.code, *key), measure=POINTS.measure, value=value, sampling="", noise="", status="A"
            )


def _pairs(rows: Rows) -> Iterator[tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]]:
    """Of each class the key of its change, its cells at the first date and those at the second."""
    cells = dict(rows)
    for key, after in rows:
        if key[0] == TOTAL and key[1] != TOTAL:
            yield key, cells[key[1], TOTAL], after


def _mapped(
    region: Region,
    key: tuple[str, ...],
    value: Fraction | None,
    rounding: Rounding,
    covered: Mapping[str, bool],
    status: str = "",
) -> Figure:
    """What the map alone says; without a standard error, because a map has none."""
    return Figure(
        key=(region.code, *key),
        measure=rounding.measure,
        value=None if value is None else spell(value, rounding.value),
        sampling="",
        noise="",
        status="M" if value is None else status or ("A" if covered[region.code] else "V"),
    )


def _estimated(
    region: Region, key: tuple[str, ...], value: int, error: Decimal, rounding: Rounding, known: bool
) -> Figure:
    return Figure(
        key=(region.code, *key),
        measure=rounding.measure,
        value=spell(_km2(value), rounding.value) if known else None,
        sampling=spell(error, rounding.error) if known else "",
        noise="",
        status="E" if known else "L",
    )


def _km2(square_metres: int | Fraction) -> Fraction:
    return Fraction(square_metres) / SQUARE_METRES
