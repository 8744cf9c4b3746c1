"""The half of `mountain_green/1` that runs on sums: the Mountain Green Cover Index by zone and belt, and in total.

Sub-indicator 15.4.2 a: MGCI = 100 x green mountain area / mountain area. Of each zone and all zones (`_T`), each belt
and all belts (`_T`):

    area    mountain area on the map, by class too (`_T`: all classes)
    mgci    the index: estimated with the reference sample where one covers this zone and belt, as mapped elsewhere
    mapped  the index of the map alone, whatever a sample says: the figure that other countries' can be held against
    green   green mountain area as the sample has it; where there is a sample
    points  reference points in each class of the map

Status: E for what a sample estimates, standard error beside it; of what is mapped A where a sample covers it and V
(unvalidated) where none does; L where a sample did not come; M where there is no mountain, so that no share exists. A
belt without green has index 0, not a blank. Sources and assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from comity.errors import FormatError
from comity.methods.card import Rounding
from comity.methods.mountain_green.measures import AREA, ESTIMATE, GIVEN, MAPPED, MGCI, POINTS, greens
from comity.model.decimals import root, spell
from comity.model.regions import BOUNDARIES, SQUARE_METRES, VARIANCES, Region, insist, margins, total, whole, zones
from comity.model.release import Figure
from comity.model.structure import TOTAL, Layout

DIMENSIONS: Final = 3  # zone, belt, class
PRODUCT: Final = "product"

Rows = tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]  # key of belt and class, and the cells that it sums
Statuses = Mapping[tuple[str, str], str]  # of region and belt: A where a reference sample covers it, V elsewhere


def finish(
    layout: Layout,
    sums: Sequence[int],
    noise_variance: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None = None,
) -> tuple[Figure, ...]:
    """All figures, measure by measure, the zones in the order of the layout and `_T` last.

    Raises:
        FormatError: sums, statuses or the parameter do not fit; classes are not those of 15.4.2; there is noise.
    """
    _check(layout, sums, noise_variance, parameters, statuses)
    green = greens(layout.dimensions[-1].codes) * len(layout.dimensions[1].codes)  # of each cell of a zone
    parts = tuple(_filled(zone, green) for zone in zones(layout, sums))
    regions = (*parts, whole(parts))
    rows = tuple(margins(layout.dimensions[1:]))
    belts = tuple(row for row in rows if row[0][-1] == TOTAL)
    status = {
        (region.code, belt): "A" if region.covered(cells) else "V" for region in regions for (belt, _), cells in belts
    }
    found = [
        *_areas(regions, rows, status),
        *_index(regions, belts, green, status),
        *_mapped(regions, belts, green, status),
    ]
    if any(any(part.points) for part in parts):
        found += [*_green(regions, belts, status), *_points(regions, rows)]
    return tuple(found)


def _check(
    layout: Layout,
    sums: Sequence[int],
    noise: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None,
) -> None:
    measures = tuple(measure.id for measure in layout.measures)
    if measures != GIVEN or len(layout.dimensions) != DIMENSIONS:
        raise FormatError(
            "not a table that mountain_green/1 finishes",
            where="finish",
            found=f"{', '.join(measures)}; {len(layout.dimensions)} dimensions",
            wanted=f"{', '.join(GIVEN)}; zone, belt, class of land cover",
        )
    insist("mountain_green/1", layout, sums, noise, statuses)
    if set(parameters) - {BOUNDARIES} != {PRODUCT}:
        raise FormatError(
            "a study of mountains names the product of its map of land cover",
            where="parameters",
            found=", ".join(sorted(parameters)),
            wanted=PRODUCT,
        )


def _filled(zone: Region, green: Sequence[bool]) -> Region:
    """A zone whose cells without reference points are as green as the map says; `Region.covered` bounds them."""
    cells = zip(zone.points, zone.estimate, zone.area, green, strict=True)
    return replace(
        zone, estimate=tuple(known if points else area * is_green for points, known, area, is_green in cells)
    )


def _areas(regions: Sequence[Region], rows: Rows, status: Statuses) -> Iterator[Figure]:
    for region in regions:
        for key, cells in rows:
            value = Fraction(total(region.area, cells), SQUARE_METRES)
            yield _figure(region, key, AREA, value, status[region.code, key[0]])


def _index(regions: Sequence[Region], belts: Rows, green: Sequence[bool], status: Statuses) -> Iterator[Figure]:
    for region in regions:
        for key, cells in belts:
            area = total(region.area, cells)
            if status[region.code, key[0]] == "V" or not area:
                yield _as_mapped(region, key, cells, green, MGCI, "V")
                continue
            variance = Fraction(total(region.variance, cells), VARIANCES)
            error = root(variance * _per_cent(SQUARE_METRES, area) ** 2)
            yield _figure(region, key, MGCI, _per_cent(total(region.estimate, cells), area), "E", error)


def _mapped(regions: Sequence[Region], belts: Rows, green: Sequence[bool], status: Statuses) -> Iterator[Figure]:
    for region in regions:
        for key, cells in belts:
            yield _as_mapped(region, key, cells, green, MAPPED, status[region.code, key[0]])


def _green(regions: Sequence[Region], belts: Rows, status: Statuses) -> Iterator[Figure]:
    for region in regions:
        for key, cells in belts:
            if status[region.code, key[0]] == "V":
                yield _figure(region, key, ESTIMATE, None, "L")
                continue
            value = Fraction(total(region.estimate, cells), SQUARE_METRES)
            error = root(Fraction(total(region.variance, cells), VARIANCES))
            yield _figure(region, key, ESTIMATE, value, "E", error)


def _points(regions: Sequence[Region], rows: Rows) -> Iterator[Figure]:
    for region in regions:
        for key, cells in rows:
            yield _figure(region, key, POINTS, Fraction(total(region.points, cells)), "A")


def _as_mapped(
    region: Region, key: tuple[str, ...], cells: Sequence[int], green: Sequence[bool], rounding: Rounding, status: str
) -> Figure:
    """The index of the map alone; M where there is no mountain."""
    area = total(region.area, cells)
    if not area:
        return _figure(region, key, rounding, None, "M")
    return _figure(
        region, key, rounding, _per_cent(total(region.area, [cell for cell in cells if green[cell]]), area), status
    )


def _figure(
    region: Region,
    key: tuple[str, ...],
    rounding: Rounding,
    value: Fraction | None,
    status: str,
    error: Decimal | None = None,
) -> Figure:
    """A figure of a map has no standard error: a map has none."""
    return Figure(
        key=(region.code, *key),
        measure=rounding.measure,
        value=None if value is None else spell(value, rounding.value),
        sampling="" if error is None else spell(error, rounding.error),
        noise="",
        status=status,
    )


def _per_cent(part: int, whole: int) -> Fraction:
    return Fraction(100 * part, whole)
