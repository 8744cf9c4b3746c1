"""Boundaries: which version of a public boundary set an area code stands for, and which areas are disputed.

A boundary set is a GeoJSON FeatureCollection (RFC 7946: polygons in longitude and latitude) with the members `id`,
`version`, `source` and `license`; each feature has the properties `code`, `name`, `status` ("area" or "disputed") and,
if it is disputed, `claimed_by`. A disputed area is a unit of its own, with a code of its own: it belongs to no other
unit, and whoever totals takes no side. So no two areas may overlap. Says nothing about whose an area is; draws nothing:
see `pages`. Where no boundary set is adopted, zones are cells of a graticule.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, hypot, isfinite
from typing import Any, Final

import shapely
from pyproj import CRS, Geod, Transformer

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.geo.grid import crs_of

WGS84: Final = "EPSG:4326"
LONGLAT: Final = ("CRS84", "4326")  # how the older member `crs` ends, where it says what RFC 7946 says anyway
KINDS: Final = ("Polygon", "MultiPolygon")
STATUSES: Final = ("area", "disputed")
SLIVER: Final = 1e-6  # of the smaller area: borders drawn twice overlap by as much; it is told, not refused
STEP: Final = 0.05  # degrees: longer sides get vertices between, since a straight line is none in another projection

_BROKEN: Final = (  # what shapely raises at coordinates that are none
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError),
    shapely.errors.ShapelyError,
)
_CELL: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.ASCII)
_GEOD: Final = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Area:
    """One unit of a boundary set; `geometry` in longitude and latitude. claimed_by: who claims a disputed one."""

    code: str
    name: str
    disputed: bool
    claimed_by: tuple[str, ...]
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliver:
    """Two areas that overlap by next to nothing: what lies there counts in both."""

    codes: tuple[str, str]
    square_metres: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundarySet:
    """A boundary set of one version, checked. `digest` is of the file's bytes."""

    id: str
    version: str
    source: str
    license: str
    digest: Digest
    areas: tuple[Area, ...]
    slivers: tuple[Sliver, ...]

    def geometries(self, crs: str) -> Mapping[str, shapely.Geometry]:
        """Each area's polygons by code, in a CRS; SourceError for a CRS that PROJ does not know.

        Neighbours keep their common border: each side is divided and moved in the same way from either side.
        """
        return {area.code: project(area.geometry, crs) for area in self.areas}


def read(data: bytes, *, where: str = "boundary set") -> BoundarySet:
    """A boundary set out of its file.

    Raises:
        FormatError: not GeoJSON, or not in degrees; an area without a code, twice, invalid, or over another one.
    """
    table = _table(data, where)
    areas = tuple(_area(feature, f"{where}, feature {at}") for at, feature in enumerate(table["features"], 1))
    codes = [area.code for area in areas]
    if twice := sorted(code for code, times in Counter(codes).items() if times > 1):
        raise FormatError(
            "a code stands twice", where=where, found=", ".join(twice), wanted="one feature for each code"
        )
    return BoundarySet(
        **{member: _text(table.get(member, ""), f"{where}: {member}") for member in ("version", "source", "license")},
        id=_text(table.get("id", ""), f"{where}: id"),
        digest=canon.digest(data),
        areas=areas,
        slivers=tuple(_overlaps(areas, where)),
    )


def graticule(code: str) -> shapely.Geometry:
    """The cell of one degree that a code names by its south-western corner, in longitude and latitude.

    Raises:
        FormatError: no such name, or no such cell.

    >>> graticule("S01W180").bounds
    (-180.0, -1.0, -179.0, 0.0)
    """
    found = _CELL.fullmatch(code)
    south = (1 if found[1] == "N" else -1) * int(found[2]) if found else 90
    west = (1 if found[3] == "E" else -1) * int(found[4]) if found else 180
    if not found or not (-90 <= south < 90 and -180 <= west < 180) or _other(code):
        raise FormatError(
            "not the name of a cell of one degree",
            where="graticule",
            found=code,
            wanted="its south-western corner, such as N00E006; S90 to N89, W180 to E179, and N00 and E000 for zero",
        )
    return shapely.box(west, south, west + 1, south + 1)


def project(geometry: shapely.Geometry, crs: str) -> shapely.Geometry:
    """A geometry in longitude and latitude, in another CRS; the same where that is WGS 84 already."""
    if crs_of(crs).equals(CRS(WGS84), ignore_axis_order=True):
        return geometry
    moved: shapely.Geometry = shapely.transform(_dense(geometry), _turned(crs).transform, interleaved=False)
    if not shapely.is_valid(moved) or not all(map(isfinite, moved.bounds)):
        raise FormatError(
            "an area cannot be drawn in this reference system",
            where="boundaries",
            found=f"{crs}: {shapely.is_valid_reason(moved)}",
            way_out="take rasters in a reference system that is made for the whole of the area",
        )
    return moved


@lru_cache(maxsize=8)
def _turned(crs: str) -> Transformer:
    """From longitude and latitude; PROJ takes its time to look for the best way."""
    return Transformer.from_crs(WGS84, crs_of(crs), always_xy=True)


def _table(data: bytes, where: str) -> dict[str, Any]:
    try:
        table: Any = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise FormatError("not JSON", where=where, found=str(e), wanted="GeoJSON") from None
    features = table.get("features") if isinstance(table, dict) else None
    if not isinstance(features, list) or not features or table.get("type") != "FeatureCollection":
        raise FormatError("not a boundary set", where=where, wanted="a GeoJSON FeatureCollection with features")
    found: dict[str, Any] = table
    named = str(found.get("crs") or LONGLAT[0])
    if not any(word in named for word in LONGLAT):
        raise FormatError(
            "not in longitude and latitude",
            where=where,
            found=named,
            wanted="WGS 84 (RFC 7946, 4)",
            way_out="ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES new.geojson old.geojson",
        )
    return found


def _area(feature: Any, where: str) -> Area:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not properties.get("code"):
        raise FormatError("an area without a code", where=where, wanted="the property `code`")
    code = _text(properties["code"], f"{where}: code")
    where = f"{where} ({code})"
    status, claims = properties.get("status", "area"), properties.get("claimed_by") or []
    if status not in STATUSES or not isinstance(claims, list) or (claims and status != "disputed"):
        raise FormatError(
            "neither an area nor a disputed one",
            where=where,
            found=f"status {status}, claimed_by {claims}",
            wanted="status area; or disputed, with a list of who claims it",
        )
    return Area(
        code=code,
        name=_text(properties.get("name") or code, f"{where}: name"),
        disputed=status == "disputed",
        claimed_by=tuple(_text(who, f"{where}: claimed_by") for who in claims),
        geometry=_geometry(feature.get("geometry"), where),
    )


def _geometry(given: Any, where: str) -> shapely.Geometry:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in KINDS:
        raise FormatError("not an area", where=where, found=str(kind), wanted=" or ".join(KINDS))
    try:
        found: shapely.Geometry = shapely.force_2d(shapely.geometry.shape(given))
    except _BROKEN as e:
        raise FormatError("not the coordinates of polygons", where=where, found=str(e)) from None
    if found.is_empty:
        raise FormatError("an area without any extent", where=where)
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise FormatError(
            "coordinates are no longitudes and latitudes",
            where=where,
            found=f"{west}, {south} to {east}, {north}",
            wanted="degrees, cut at the antimeridian (RFC 7946, 3.1.9)",
            way_out="ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES new.geojson old.geojson",
        )
    if not shapely.is_valid(found):
        raise FormatError(
            "a polygon that is not valid",
            where=where,
            found=shapely.is_valid_reason(found),
            wanted="rings that do not cross (OGC simple features)",
            way_out="ogr2ogr -makevalid new.geojson old.geojson, and look at what it made",
        )
    return found


def _overlaps(areas: Sequence[Area], where: str) -> Iterator[Sliver]:
    """Pairs that overlap by a sliver; FormatError for the first that overlap by more."""
    shapes = [area.geometry for area in areas]
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist()
    for one, other in sorted((i, j) for i, j in pairs if i < j):
        common = shapely.intersection(shapes[one], shapes[other])
        if not common.area:
            continue
        square_metres = _square_metres(common)
        codes = areas[one].code, areas[other].code
        if square_metres > SLIVER * min(_square_metres(shapes[one]), _square_metres(shapes[other])):
            raise FormatError(
                "two areas overlap",
                where=f"{where}, {' and '.join(codes)}",
                found=f"{square_metres / 1e6:.6f} km2 in both",
                wanted="each place in one area",
                way_out="cut the common part out of both; if both claim it, make it an area of its own: "
                'status "disputed", claimed_by both',
            )
        yield Sliver(codes=codes, square_metres=round(square_metres))


def _square_metres(geometry: shapely.Geometry) -> float:
    """Geodesic, for a comparison: figures take `geo.zonal`."""
    return sum(abs(_GEOD.geometry_area_perimeter(part)[0]) for part in shapely.get_parts(geometry) if part.area)


def _dense(geometry: shapely.Geometry) -> shapely.Geometry:
    """With vertices between on every side longer than STEP, the same ones whichever way a side is walked."""
    polygons = [
        shapely.Polygon(_divided(part.exterior.coords), [_divided(hole.coords) for hole in part.interiors])
        for part in shapely.get_parts(geometry)
    ]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _divided(ring: Sequence[tuple[float, ...]]) -> list[tuple[float, float]]:
    points = [(float(x), float(y)) for x, y in ring]
    found = points[:1]
    for before, after in pairwise(points):
        (x, y), (u, v) = sorted((before, after))
        number = ceil(hypot(u - x, v - y) / STEP)
        between = [(x + (u - x) * k / number, y + (v - y) * k / number) for k in range(1, number)]
        found += between if before == (x, y) else between[::-1]
        found.append(after)
    return found


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise FormatError("not a text", where=where, found=str(value), wanted="a text")
    return value


def _other(code: str) -> bool:
    """Zero has one spelling."""
    return "S00" in code or "W000" in code
