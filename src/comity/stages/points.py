"""The reference sample of a raster study: points whose class somebody looked up, held against the map.

Pure: the file's bytes and the map's values at the points come in, pairs of cells go out. What the pairs say about areas
and their errors is the method's (`sampled`).
"""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from comity.errors import SourceError
from comity.geo.grid import Grid
from comity.methods.card import RasterBlock
from comity.model.norm import Norm, Variable
from comity.model.structure import Axis
from comity.model.study import Study
from comity.stages.tiles import TilePlan, classes, method, polygon


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a reference sample, in the grid's CRS, and what was found there: a code for each dimension behind
    the zones, or None where the reference has no answer."""

    x: float
    y: float
    codes: tuple[str | None, ...]


def points(data: bytes, study: Study, norm: Norm, *, where: str) -> tuple[Point, ...]:
    """A reference sample: CSV with columns x, y, and one for the variable of each dimension behind the zones.

    Raises:
        SourceError: a column is missing, a coordinate is no number, or a code is not in the norm's list.
    """
    axes = [(axis, norm.filling(axis.id)) for axis in study.layout.dimensions[1:]]
    wanted = ["x", "y", *(variable.id for _, variable in axes)]
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if missing := [name for name in wanted if name not in (rows.fieldnames or ())]:
            raise SourceError(f"no column {', '.join(missing)}", where=where, wanted=", ".join(wanted))
        found = []
        for row in rows:
            codes = [
                _answer(row[variable.id], axis, variable, f"{where}: line {rows.line_num}") for axis, variable in axes
            ]
            found.append(Point(x=float(row["x"]), y=float(row["y"]), codes=tuple(codes)))
    except (ValueError, TypeError, csv.Error) as e:
        raise SourceError("not a reference sample", where=where, found=str(e), wanted="CSV in UTF-8") from None
    return tuple(found)


def _answer(text: str | None, axis: Axis, variable: Variable, where: str) -> str | None:
    if text in axis.codes:
        return text
    if not text or text in variable.missing:
        return None
    raise SourceError(
        "a code outside the list", where=f"{where}: {variable.id}", found=text, wanted=", ".join(axis.codes[:12])
    )


def places(grid: Grid, sample: Sequence[Point], *, where: str) -> tuple[tuple[int, int], ...]:
    """Row and column of the cell that holds each point; SourceError for one beside the grid."""
    a, _, c, _, e, f = grid.transform
    found = []
    for point in sample:
        row, column = (point.y - f) / e, (point.x - c) / a
        if not (0 <= row < grid.height and 0 <= column < grid.width):  # so of what is no number too
            raise SourceError(
                "a point of the sample is not on the grid",
                where=where,
                found=f"{point.x!r}, {point.y!r}",
                wanted=f"x and y in {grid.crs}, in {grid.bounds}",
                way_out="write the points in the rasters' own CRS",
            )
        found.append((math.floor(row), math.floor(column)))
    return tuple(found)


def pairs(plan: TilePlan, sample: Sequence[Point], values: Sequence[NDArray[np.generic]]) -> list[tuple[int, int]]:
    """For each point of the sample, the cell that the map says and the cell that the reference says.

    A point in no zone, or without a class on the map or in the reference, tells nothing of any cell and is left out.

    Args:
        values: (points,) of each layer of the plan, in its order: the map at each point.
    """
    shape, classify = (1, len(sample)), method(plan).tiles
    axes = plan.layout.dimensions[1:]
    mapped = {legend.dimension: legend.read(values[legend.layer]).reshape(shape) for legend in plan.legends}
    found = {
        axis.id: np.array([_place(axis, point.codes[i]) for point in sample], "<i2").reshape(shape)
        for i, axis in enumerate(axes)
    }
    cells = [classify(RasterBlock(codes=codes), plan.layout).ravel().tolist() for codes in (mapped, found)]
    zones, inside = _zones(plan, sample), classes(plan)
    return [
        (zone * inside + on_map, zone * inside + at_place)
        for zone, on_map, at_place in zip(zones, *cells, strict=True)
        if min(zone, on_map, at_place) >= 0
    ]


def _place(axis: Axis, code: str | None) -> int:
    return -1 if code is None else axis.codes.index(code)


def _zones(plan: TilePlan, sample: Sequence[Point]) -> list[int]:
    """The zone of each point, the first one where zones touch; -1 for none."""
    xs, ys = (np.array([getattr(point, name) for point in sample], "<f8") for name in ("x", "y"))
    found = np.full(len(sample), -1, "<i8")
    for place, data in enumerate(plan.zones):
        found[(found < 0) & shapely.intersects_xy(polygon(data), xs, ys)] = place
    return [int(place) for place in found]
