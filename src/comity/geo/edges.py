"""Edges: polygons as signed edges in fixed point, so that a border seen from both sides cancels bit for bit.

Every vertex is rounded once, to 2^-VERTEX_BITS of a cell. An edge is kept from north to south whoever owns it; its
sign says on which side its zone lies: +1 if the zone is east of it. Horizontal edges bound nothing along a row and are
left out. Edges are straight in the grid's CRS. Decides nothing about cells: see `geo.kernels`.

A geographic grid turns: a zone at 181 degrees lies at -179, and one that crosses the grid's seam lies on both ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from comity.errors import SourceError
from comity.geo.grid import Grid, turn
from comity.geo.kernels import VERTEX_BITS
from comity.model.blocks import Block

UNIT: Final = 1 << VERTEX_BITS
BAND: Final = 256  # rows that share one list of edges

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Zones:
    """Zones on a grid. Coordinates in cells from the grid's north-west corner, in units of 2^-VERTEX_BITS.

    edges: x0, y0, x1, y1, sign, zone; shape (edges, 6), y0 < y1; by band, in each band that they touch.
    starts: edges that touch rows BAND * i to BAND * (i + 1) are edges[starts[i] : starts[i + 1]].
    present, firsts: zones that have edges there are present[firsts[i] : firsts[i + 1]].
    west, east: columns that a zone's edges reach, shape (count,); no edge: east < west.
    beyond: zones that reach out of the grid; only what lies inside counts.
    """

    grid: Grid
    count: int
    edges: Whole
    starts: Whole
    present: Whole
    firsts: Whole
    west: Whole
    east: Whole
    beyond: tuple[int, ...]

    def near(self, block: Block) -> Whole:
        """Zones with edges in the block's bands of rows, unless all their edges lie west or all lie east of it."""
        first, last = block.row // BAND, (block.row + block.rows - 1) // BAND
        found = np.unique(self.present[self.firsts[first] : self.firsts[last + 1]])
        near: Whole = found[(self.west[found] < block.column + block.columns) & (self.east[found] >= block.column)]
        return near


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rings:
    """Vertices of all rings: ring of each, and for rings: the polygon, its zone, and +1 if its inside lies left."""

    points: Floats
    ring: Whole
    polygon: Whole
    zone: Whole
    sign: Whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Edges:
    """Edges as drawn: x0, y0, x1, y1 in fixed point, shape (4, edges), and whose they are."""

    at: Whole
    sign: Whole
    zone: Whole
    polygon: Whole

    def some(self, chosen: NDArray[Any], east: int = 0) -> "_Edges":
        """Some of the edges, moved to the east."""
        at = self.at[:, chosen]
        at[[0, 2]] += east
        return _Edges(at=at, sign=self.sign[chosen], zone=self.zone[chosen], polygon=self.polygon[chosen])


def prepare(polygons: Sequence[Any], grid: Grid) -> Zones:
    """Zones of shapely polygons or multipolygons in the grid's CRS, in their order; an empty one has no cells.

    Cost: once for a grid, in proportion to the vertices. SourceError for a geometry that is no polygon, crosses
    itself, or jumps over the antimeridian.
    """
    rings = _rings(polygons)
    x, y = _fixed(rings, grid)
    head, tail = _ends(rings.ring)
    ring = rings.ring[head]
    sign, polygon, zone = rings.sign[ring], rings.polygon[ring], rings.zone[ring]
    every = _Edges(at=np.stack([x[head], y[head], x[tail], y[tail]]), sign=sign, zone=zone, polygon=polygon)
    placed = _placed(every, grid)
    return _banded(_southward(placed, grid), len(polygons), grid, _beyond(every, grid))


def _rings(polygons: Sequence[Any]) -> _Rings:
    geometries = np.empty(len(polygons), dtype=object)
    geometries[:] = list(polygons)
    _check(geometries)
    parts, zone = shapely.get_parts(geometries, return_index=True)
    rings, polygon = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = polygon[1:] == polygon[:-1]  # the first ring of a polygon is its shell
    sign = np.where(shapely.is_ccw(rings) == hole, -1, 1)
    return _Rings(points=points, ring=ring, polygon=polygon, zone=zone[polygon], sign=sign)


def _check(geometries: NDArray[Any]) -> None:
    kinds = shapely.get_type_id(geometries)
    for index in np.flatnonzero((kinds != 3) & (kinds != 6)):
        found = getattr(geometries[index], "geom_type", type(geometries[index]).__name__)
        raise SourceError("not a polygon", where=f"zone {index}", found=found, wanted="Polygon or MultiPolygon")
    for index in np.flatnonzero(~shapely.is_valid(geometries)):
        geometry, reason = geometries[index], shapely.is_valid_reason(geometries[index])
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            raise SourceError("a vertex at no place", where=f"zone {index}", found=reason)
        # Rings that touch, or run back on themselves, bound what they seem to; those that cross or cover do not.
        parts = shapely.get_parts(geometry)
        area = shapely.area(parts).sum()
        if abs(shapely.area(shapely.union_all(shapely.make_valid(parts))) - area) > 1e-9 * area:
            raise SourceError(
                "a polygon that crosses or covers itself",
                where=f"zone {index}",
                found=reason,
                way_out="shapely.make_valid, and have its owner look at it",
            )


def _ends(ring: Whole) -> tuple[Whole, Whole]:
    """First and last vertex of each edge."""
    head = np.flatnonzero(ring[1:] == ring[:-1])
    return head, head + 1


def _fixed(rings: _Rings, grid: Grid) -> tuple[Whole, Whole]:
    """Every vertex, rounded once. Longitudes are brought to the grid's own turn first: 181 and -179 are one place."""
    a, _, c, _, e, f = grid.transform
    x, y = rings.points[:, 0], rings.points[:, 1]
    turns = np.zeros(len(x))
    trip = _trip(grid)
    if trip:
        _refuse_jumps(rings)
        turns = np.floor((x - c) / 360)
        x = x - 360 * turns
    columns, rows = (x - c) / a, (y - f) / e
    if max(np.abs(columns).max(initial=0), np.abs(rows).max(initial=0)) >= 2**30 or np.abs(turns).max(initial=0) > 4:
        raise SourceError(
            "a vertex very far from the grid",
            where="zones",
            wanted=f"coordinates in the grid's CRS, which lies at {grid.bounds}",
            way_out="transform the zones to the CRS of the raster",
        )
    fixed_x = np.rint(columns * UNIT).astype(np.int64) + turns.astype(np.int64) * trip
    return fixed_x, np.rint(rows * UNIT).astype(np.int64)


def _trip(grid: Grid) -> int:
    """360 degrees of longitude in fixed point; 0 if the grid is not geographic."""
    columns = turn(grid)
    if columns is None:
        return 0
    return round(columns) * UNIT if abs(columns - round(columns)) < 1e-6 else round(columns * UNIT)


def _refuse_jumps(rings: _Rings) -> None:
    """An edge of more than half the globe is meant to go the other way round, unless it is a pole or a full turn."""
    head, tail = _ends(rings.ring)
    width = np.abs(rings.points[head, 0] - rings.points[tail, 0])
    pole = np.minimum(np.abs(rings.points[head, 1]), np.abs(rings.points[tail, 1])) >= 90
    for edge in np.flatnonzero((width > 180) & (width != 360) & ~pole):
        raise SourceError(
            "an edge that jumps over the antimeridian, or goes around half the globe",
            where=f"zone {rings.zone[rings.ring[head[edge]]]}",
            found=f"from {tuple(rings.points[head[edge]].tolist())} to {tuple(rings.points[tail[edge]].tolist())}",
            wanted="at most 180 degrees",
            way_out="cut it at 180 degrees (RFC 7946, 3.1.9), or count on: 181 for -179",
        )


def _extent(edges: _Edges, axis: int) -> tuple[Whole, Whole]:
    """Least and greatest x (axis 0) or y (axis 1) of each polygon; least > greatest for one without edges."""
    count = int(edges.polygon.max(initial=-1)) + 1
    least, most = np.full(count, np.int64(2**62)), np.full(count, np.int64(-(2**62)))
    for ends in (edges.at[axis], edges.at[axis + 2]):
        np.minimum.at(least, edges.polygon, ends)
        np.maximum.at(most, edges.polygon, ends)
    return least, most


def _placed(edges: _Edges, grid: Grid) -> list[_Edges]:
    """The edges at every turn of the globe at which their polygon reaches into the grid."""
    trip, width = _trip(grid), grid.width * UNIT
    if not trip:
        return [edges]
    west, east = _extent(edges, 0)
    drawn = west <= east
    for polygon in np.flatnonzero(drawn & (east - west > trip)):
        zone = edges.zone[edges.polygon == polygon][0]
        raise SourceError("a polygon that goes around the globe more than once", where=f"zone {zone}")
    first = np.where(drawn, -east // trip + 1, 0)
    last = np.where(drawn, -((west - width) // trip) - 1, -1)
    turns = range(int(first.min(initial=0)), int(last.max(initial=-1)) + 1)
    return [edges.some(((first <= n) & (n <= last))[edges.polygon], n * trip) for n in turns]


def _beyond(edges: _Edges, grid: Grid) -> tuple[int, ...]:
    """Zones with a polygon that reaches out of the grid."""
    trip, width, height = _trip(grid), grid.width * UNIT, grid.height * UNIT
    (west, east), (north, south) = _extent(edges, 0), _extent(edges, 1)
    out = (north < 0) | (south > height)
    if trip:
        home = -(west // trip) * trip  # the first turn at which the polygon begins in the grid
        out |= (width < trip) & (east + home > width)
    else:
        out |= (west < 0) | (east > width)
    return tuple(np.unique(edges.zone[out[edges.polygon]]).tolist())


def _southward(placed: list[_Edges], grid: Grid) -> Whole:
    """x0, y0, x1, y1, sign, zone from north to south, of the edges that can bear on a cell of the grid."""
    rows = [np.concatenate([*edges.at, edges.sign, edges.zone]).reshape(6, -1) for edges in placed]
    found = np.concatenate(rows, axis=1) if rows else np.empty((6, 0), dtype=np.int64)
    turned = found[1] > found[3]
    found[:4, turned] = found[:4, turned][[2, 3, 0, 1]]
    found[4, turned] *= -1
    # Edges beyond the east end stay: they say how far a zone reaches (`Zones.east`).
    kept = (found[1] < found[3]) & (found[3] > 0) & (found[1] < grid.height * UNIT)
    return np.ascontiguousarray(found[:, kept])


def _banded(edges: Whole, count: int, grid: Grid, beyond: tuple[int, ...]) -> Zones:
    """The edges of each band of rows."""
    first = np.maximum(edges[1], 0) >> VERTEX_BITS
    last = np.minimum((edges[3] - 1) >> VERTEX_BITS, grid.height - 1)
    first, last = first // BAND, last // BAND
    touched = last - first + 1
    order = np.repeat(np.arange(len(touched)), touched)
    band = np.arange(len(order)) - np.repeat(np.cumsum(touched) - touched, touched) + np.repeat(first, touched)
    sorting = np.argsort(band, kind="stable")
    band, order = band[sorting], order[sorting]
    pairs = np.unique(band * count + edges[5, order])  # a band and a zone in it
    west, east = np.full(count, np.int64(2**40)), np.full(count, np.int64(-(2**40)))
    for ends in (edges[0], edges[2]):
        np.minimum.at(west, edges[5], ends >> VERTEX_BITS)
        np.maximum.at(east, edges[5], ends >> VERTEX_BITS)
    bands = np.arange(-(-grid.height // BAND) + 1)
    return Zones(
        grid=grid,
        count=count,
        edges=np.ascontiguousarray(edges.T[order]),
        starts=np.searchsorted(band, bands),
        present=pairs % max(count, 1),
        firsts=np.searchsorted(pairs, bands * count),
        west=west,
        east=east,
        beyond=beyond,
    )
