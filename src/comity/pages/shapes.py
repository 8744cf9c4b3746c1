"""Boundaries on paper: from GeoJSON to outlines in tenths of a pixel.

Decides the projection, the cut at the antimeridian, the rounding, where a hatch lies and where a mark fits; colours
are `maps`'. Whether a boundary set is sound is decided by `geo.boundaries`: here shapes are only drawn.

Projection: equirectangular, longitudes shortened by the cosine of the map's middle latitude (its standard parallel),
so that shapes hold there; coordinates that are no degrees are drawn as they are, in the file's own projection. Nothing
is measured on the drawing. Vertices are rounded to a tenth of a pixel (coarser where a map would have too many), each
by itself, so that two neighbours keep one common border; a vertex on the straight line between its neighbours, or on
the one before, is left out.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import cos, radians
from typing import Any, Final

from comity.errors import FormatError

Ring = tuple[tuple[float, float], ...]  # x, y (or longitude, latitude); the first vertex is not repeated
Points = tuple[tuple[int, int], ...]  # x, y in tenths of a pixel, y down

PAD: Final = 40
MANY: Final = 12_000  # vertices that a page bears; beyond, the rounding gets coarser
STEPS: Final = (1, 2, 5, 10)
SMALL: Final = 700  # square tenths: an area below it is drawn as a disc
WIDEST: Final = 16  # stretches of a line that are looked at: a fringed border has thousands
LINES: Final = 17  # that look for the widest place inside an area
DEGREES: Final = ("", "CRS84", "4326")  # last part of the name of a reference system in degrees; none: RFC 7946, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One area of a boundary set. Disputed: an area of its own, that `claimed` lay claim to."""

    code: str
    name: str
    disputed: bool
    claimed: tuple[str, ...]
    rings: tuple[Ring, ...]  # shells and holes alike: what lies inside an odd number of rings is inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a GeoJSON file draws, and whose it says it is. `crs`: as it names it, '' for longitude and latitude."""

    crs: str
    source: str
    version: str
    degrees: bool
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """An area as drawn; `border` leaves out where only the map's edge cuts it. `spot`: the middle of a roomy place."""

    shape: Shape
    rings: tuple[Points, ...]
    border: str
    spot: tuple[int, int]
    room: int  # width of the place around `spot`
    small: bool

    @property
    def fill(self) -> str:
        """Path of all its rings."""
        return "".join(_closed(ring) for ring in self.rings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All outlines, in tenths of a pixel. `parallel`: degrees of latitude where shapes hold; None: not degrees."""

    width: int
    height: int
    parallel: float | None
    crs: str
    outlines: tuple[Outline, ...]


def read(text: str | bytes, *, field: str = "code", where: str = "zones.geojson") -> Sheet:
    """The areas of a GeoJSON FeatureCollection (RFC 7946) of polygons.

    Args:
        field: property that holds an area's code. `name`, `status` ("disputed") and `claimed_by` are read if there.

    Raises:
        FormatError: not such a collection.
    """
    try:
        table = json.loads(text)
        crs, (source, version) = _crs(table), _source(table)
        shapes = tuple(_shape(feature, field) for feature in table["features"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as e:
        raise FormatError(
            "not a boundary set that can be drawn",
            where=where,
            found=f"{type(e).__name__}: {e}",
            wanted=f"a GeoJSON FeatureCollection of polygons, each with the property {field!r}",
        ) from None
    degrees = crs.rsplit(":", 1)[-1] in DEGREES
    points = tuple(chain.from_iterable(ring for shape in shapes for ring in shape.rings))
    if not points:
        raise FormatError("a boundary set without any area", where=where)
    if degrees and not all(-360 <= x <= 360 and -90 <= y <= 90 for x, y in points):
        raise FormatError(
            "coordinates are no longitudes and latitudes",
            where=where,
            wanted="degrees (RFC 7946), or the member `crs`",
            way_out="reproject the file to EPSG:4326, or name its reference system",
        )
    return Sheet(crs="" if degrees else crs, source=source, version=version, degrees=degrees, shapes=shapes)


def fit(sheet: Sheet, *, width: int, height: int) -> Drawing:
    """The drawing of a sheet in a frame of that width and at most that height, in tenths of a pixel."""
    placed = _unbroken(sheet) if sheet.degrees else [shape.rings for shape in sheet.shapes]
    flat = [point for rings in placed for ring in rings for point in ring]
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*flat, strict=True))
    parallel = (south + north) / 2
    squeeze = round(max(0.01, cos(radians(parallel))), 6) if sheet.degrees else 1.0
    broad, tall = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((width - 2 * PAD) / broad, (height - 2 * PAD) / tall)
    left = (width - broad * scale) / 2

    def place(x: float, y: float, step: int) -> tuple[int, int]:
        return (
            round((left + (x - west) * squeeze * scale) / step) * step,
            round((PAD + (north - y) * scale) / step) * step,
        )

    for step in STEPS:
        drawn = [tuple(_plain([place(x, y, step) for x, y in ring]) for ring in rings) for rings in placed]
        if sum(len(ring) for rings in drawn for ring in rings) <= MANY:
            break
    seams = {place(x, 0, step)[0] for x in (-540, -180, 180, 540)} if sheet.degrees else set()
    poles = {place(0, y, step)[1] for y in (-90, 90)} if sheet.degrees else set()
    middles = [place((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, 1) for xs, ys in map(_largest, placed)]
    return Drawing(
        width=width,
        height=round(tall * scale) + 2 * PAD,
        parallel=round(parallel, 1) if sheet.degrees else None,
        crs=sheet.crs,
        outlines=tuple(
            _outline(shape, tuple(ring for ring in rings if len(ring) > 2), middle, seams, poles)
            for shape, rings, middle in zip(sheet.shapes, drawn, middles, strict=True)
        ),
    )


def hatch(rings: Sequence[Points], *, step: int, falling: bool = False) -> str:
    """Path of parallel lines inside rings, at 45 degrees, `step` apart along x."""
    sign = 1 if falling else -1  # lines of equal x + y rise on paper, where y grows down
    pieces = []
    keyed = [[(x - sign * y, x) for x, y in ring] for ring in rings]
    keys = [key for ring in keyed for key, _ in ring]
    for line in range(min(keys, default=0) // step * step, max(keys, default=0) + 1, step):
        for start, end in _inside(keyed, line):
            if end > start:
                pieces.append(f"M{start},{(start - line) * sign}L{end},{(end - line) * sign}")
    return "".join(pieces)


def _crs(table: dict[str, Any]) -> str:
    """The older member `crs` (GeoJSON 2008), which files in national projections still carry."""
    named = table.get("crs")
    return str(named["properties"]["name"]) if named else ""


def _source(table: dict[str, Any]) -> tuple[str, str]:
    """Whose boundaries these are, and in which version, as a boundary set says (`geo.boundaries`)."""
    return str(table.get("source") or ""), str(table.get("version") or "")


def _shape(feature: dict[str, Any], field: str) -> Shape:
    properties, geometry = feature["properties"], feature["geometry"]
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
    rings = tuple(_ring(ring) for polygon in polygons for ring in polygon)
    if not rings or not all(rings):
        raise ValueError(f"no coordinates of {properties[field]}")
    return Shape(
        code=str(properties[field]),
        name=str(properties.get("name") or ""),
        disputed=properties.get("status") == "disputed",
        claimed=tuple(str(who) for who in properties.get("claimed_by") or ()),
        rings=rings,
    )


def _ring(ring: Sequence[Sequence[float]]) -> Ring:
    points = [(float(point[0]), float(point[1])) for point in ring]
    return tuple(points[:-1] if len(points) > 1 and points[0] == points[-1] else points)


def _unbroken(sheet: Sheet) -> list[tuple[Ring, ...]]:
    """All rings on one side of the widest empty strip of longitudes, so that no area is torn at the antimeridian."""
    whole = [[_unwrapped(ring) for ring in shape.rings] for shape in sheet.shapes]
    spans = sorted(_span(ring) for rings in whole for ring in rings)
    cut, reach, widest = spans[0][0], spans[0][1], 0.0
    for start, end in spans[1:]:
        if start - reach > widest:
            cut, widest = start, start - reach
        reach = max(reach, end)
    if spans[0][0] + 360 - reach >= widest:  # the strip that the map's edge is in already
        cut = spans[0][0]
    return [tuple(_moved(ring, cut) for ring in rings) for rings in whole]


def _unwrapped(ring: Ring) -> Ring:
    """A ring whose neighbours are neighbours: a step of more than half the globe goes the other way round.

    A step of 360 degrees is the edge of a map that someone drew, and stays. A ring round a pole is closed over it.
    """
    turns, points = 0, [ring[0]]
    for (before, _), (after, y) in pairwise([*ring, ring[0]]):
        if 180 < abs(after - before) < 360:
            turns += 1 if after < before else -1
        points.append((after + 360 * turns, y))
    if turns == 0:
        return tuple(points[:-1])
    pole = 90.0 if sum(y for _, y in ring) > 0 else -90.0
    return (*points, (points[-1][0], pole), (points[0][0], pole))


def _span(ring: Ring) -> tuple[float, float]:
    """Western and eastern end, the first within -180 and 180."""
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    start = (west + 180) % 360 - 180
    return start, start + east - west


def _moved(ring: Ring, cut: float) -> Ring:
    west = min(x for x, _ in ring)
    by = cut + (west - cut) % 360 - west
    return tuple((x + by, y) for x, y in ring) if by else ring


def _largest(rings: Sequence[Ring]) -> tuple[Sequence[float], Sequence[float]]:
    """Longitudes and latitudes of the ring with the largest box."""
    columns = [tuple(zip(*ring, strict=True)) for ring in rings]
    xs, ys = max(columns, key=lambda c: (max(c[0]) - min(c[0])) * (max(c[1]) - min(c[1])))
    return xs, ys


def _plain(points: list[tuple[int, int]]) -> Points:
    """Without repeated vertices, and without those on the straight way between their neighbours."""
    kept: list[tuple[int, int]] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        while len(kept) > 1 and _between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    while len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return tuple(kept)


def _between(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    (x, y), (u, v) = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    return x * v == y * u and x * u + y * v > 0


def _outline(
    shape: Shape, rings: tuple[Points, ...], middle: tuple[int, int], seams: set[int], poles: set[int]
) -> Outline:
    spot, room = _place(rings) if rings else (middle, 0)
    return Outline(
        shape=shape,
        rings=rings,
        border="".join(_border(ring, seams, poles) for ring in rings),
        spot=spot,
        room=room,
        small=abs(sum(map(_twice_area, rings))) < 2 * SMALL,
    )


def _place(rings: tuple[Points, ...]) -> tuple[tuple[int, int], int]:
    """Middle and room of the roomiest place inside, of stretches of lines across the largest ring.

    Room is the width there or the height through its middle, whichever is less.
    """
    largest = max(rings, key=lambda ring: abs(_twice_area(ring)))
    ys = [y for _, y in largest]
    top, tall = min(ys), max(ys) - min(ys)
    turned = [[(y, x) for x, y in ring] for ring in rings]
    best = (-1, largest[0])
    for i in range(1, LINES):
        line = top + tall * i // LINES
        for start, end in sorted(_inside(turned, line), key=lambda cut: cut[0] - cut[1])[:WIDEST]:
            if end - start <= best[0]:
                break  # no wider one is left
            middle = (start + end) // 2
            above = max((min(line - a, b - line) for a, b in _inside(rings, middle) if a <= line <= b), default=0)
            best = max(best, (min(end - start, 2 * above), (middle, line)), key=lambda found: found[0])
    return best[1], best[0]


def _inside(rings: Sequence[Sequence[tuple[int, int]]], line: int) -> list[tuple[int, int]]:
    """Stretches of the line `first coordinate = line` inside the rings."""
    cuts = sorted(_crossings(rings, line))
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def _crossings(rings: Sequence[Sequence[tuple[int, int]]], line: int) -> Iterator[int]:
    """Where the line `first coordinate = line` meets the rings: second coordinates, rounded; an even number of them."""
    for ring in rings:
        for (a, p), (b, q) in pairwise([*ring, ring[0]]):
            if (a < line) != (b < line):
                yield p + ((q - p) * (line - a) * 2 + (b - a)) // (2 * (b - a))


def _twice_area(ring: Points) -> int:
    return sum(x * v - u * y for (x, y), (u, v) in pairwise([*ring, ring[0]]))


def _closed(ring: Points) -> str:
    return f"M{ring[0][0]},{ring[0][1]}{_steps(ring)}z"


def _steps(points: Sequence[tuple[int, int]]) -> str:
    steps = [f"{u - x},{v - y}" for (x, y), (u, v) in pairwise(points)]
    return "l" + " ".join(steps) if steps else ""


def _border(ring: Points, seams: set[int], poles: set[int]) -> str:
    """The ring as a line, without the stretches where the antimeridian or a pole cuts it."""
    edges = list(pairwise([*ring, ring[0]]))
    torn = [(a[0] == b[0] and a[0] in seams) or (a[1] == b[1] and a[1] in poles) for a, b in edges]
    if not any(torn):
        return _closed(ring)
    first = torn.index(True) + 1
    lines: list[list[tuple[int, int]]] = [[]]
    for i in range(first, first + len(edges)):
        a, b = edges[i % len(edges)]
        if torn[i % len(edges)]:
            lines.append([])
        else:
            lines[-1] += [b] if lines[-1] else [a, b]
    return "".join(f"M{line[0][0]},{line[0][1]}{_steps(line)}" for line in lines if line)
