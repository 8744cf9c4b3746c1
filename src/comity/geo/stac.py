"""STAC: how a raster release says where and when it is, what its files are and what they were made from.

One Item of STAC 1.1 as JSON values: plain GeoJSON that catalogues of earth observation read. Extensions: `file`
(checksums as multihash), `projection` (the grid) and `processing` (lineage, software). Longitudes and latitudes are
rounded to 1e-7 degrees, a centimetre: PROJ's last digits differ between its versions, and a release is made again byte
for byte. Pure; who publishes writes the file. Sources: stacspec.org 1.1.0, item-spec; github.com/stac-extensions.
"""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from pyproj import Transformer

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError, SourceError
from comity.geo.grid import Grid, crs_of
from comity.model import moment
from comity.model.blocks import Input

VERSION: Final = "1.1.0"
EXTENSIONS: Final = (
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
)
SHA256: Final = "1220"  # multihash: sha2-256, 32 bytes follow
DIGITS: Final = 7
EDGE: Final = 32  # pieces of each side of a footprint, since it is a curve in longitude and latitude

Point = tuple[float, float]  # longitude, latitude

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_YEARS: Final = re.compile(r"(\d{4})[-/](\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of the release. href: relative to the item (./figures.csv); roles as in the STAC best practices."""

    href: str
    title: str
    media_type: str
    roles: tuple[str, ...]
    digest: Digest
    size: int


def item(
    *,
    id: str,
    title: str,
    description: str,
    grid: Grid,
    period: str,
    created: int,
    assets: Sequence[Asset],
    inputs: Sequence[Input],
    method: str,
    software: Mapping[str, str],
    license: str = "other",
) -> dict[str, Any]:
    """The Item of a release.

    Args:
        id: unique among the publisher's items.
        period: a year, a month or a day, or two years ("2020-2024", "2020/2024").
        created: POSIX seconds when the release was said.
        inputs: the files that the figures follow from.
        method: name/version.
        software: name -> version.
        license: an SPDX expression, or "other".

    Raises:
        FormatError: a period that says no time, or two assets of one name.
        SourceError: a grid that lies nowhere on the Earth.
    """
    bbox, geometry = footprint(grid)
    start, end = interval(period)
    if len({asset.href for asset in assets}) != len(assets):
        raise FormatError("two assets of one name", where="stac", found=", ".join(asset.href for asset in assets))
    return {
        "type": "Feature",
        "stac_version": VERSION,
        "stac_extensions": list(EXTENSIONS),
        "id": id,
        "geometry": geometry,
        "bbox": bbox,
        "properties": {
            "title": title,
            "description": description,
            "datetime": None,
            "start_datetime": start,
            "end_datetime": end,
            "created": moment.nearest(created),
            "license": license,
            **_projection(grid),
            "processing:lineage": _lineage(method, inputs),
            "processing:software": dict(software),
        },
        "links": [],
        "assets": {asset.href.removeprefix("./"): _asset(asset) for asset in assets},
    }


def interval(period: str) -> tuple[str, str]:
    """First and last second of a period, in UTC (RFC 3339).

    >>> interval("2020-2024")
    ('2020-01-01T00:00:00Z', '2024-12-31T23:59:59Z')
    """
    years, single = _YEARS.fullmatch(period), _PERIOD.fullmatch(period)
    try:
        if years:
            first, last = datetime(int(years[1]), 1, 1, tzinfo=UTC), datetime(int(years[2]), 12, 31, tzinfo=UTC)
        elif single:
            year, months, days = int(single[1]), single[2], single[3]
            first = datetime(year, int(months or 1), int(days or 1), tzinfo=UTC)
            month = int(months or 12)
            last = datetime(year, month, int(days or monthrange(year, month)[1]), tzinfo=UTC)
        else:
            raise ValueError
        if last < first:
            raise ValueError
    except ValueError:
        raise FormatError(
            "a period that says no time", where="stac", found=period, wanted="2020, 2020-06, 2020-06-30 or 2020-2024"
        ) from None
    return _moment(first), _moment(last.replace(hour=23, minute=59, second=59))


def footprint(grid: Grid) -> tuple[list[float], dict[str, Any]]:
    """Bounding box (west, south, east, north) and geometry of a grid, in longitude and latitude on WGS 84.

    Across the antimeridian the box has its west above its east and the geometry is two polygons (RFC 7946, 3.1.9, 5.2).
    """
    west, south, east, north = _bounds(grid)
    bbox = [_degrees(number) for number in (west, south, east, north)]
    if west > east:
        halves = [_ring(_box(west, south, 180.0, north)), _ring(_box(-180.0, south, east, north))]
        return bbox, {"type": "MultiPolygon", "coordinates": [[half] for half in halves]}
    outline = _box(west, south, east, north) if crs_of(grid.crs).is_geographic else _outline(grid)
    if any(abs(after - before) > 180 for (before, _), (after, _) in pairwise(outline)):
        outline = _box(west, south, east, north)  # round a pole
    return bbox, {"type": "Polygon", "coordinates": [_ring(outline)]}


def _bounds(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees; west above east across the antimeridian."""
    if crs_of(grid.crs).is_geographic:
        west, south, east, north = grid.bounds
        start = (west + 180) % 360 - 180
        end = start + east - west
        box = (-180.0, south, 180.0, north) if east - west >= 360 else (start, south, end - 360 * (end > 180), north)
    else:
        box = _to_degrees(grid).transform_bounds(*grid.bounds, densify_pts=EDGE)
    if not all(map(isfinite, box)):
        raise SourceError("the grid lies nowhere on the Earth", where="grid", found=str(grid.bounds), wanted=grid.crs)
    west, south, east, north = box
    return west, max(south, -90.0), east, min(north, 90.0)


def _to_degrees(grid: Grid) -> Transformer:
    return Transformer.from_crs(crs_of(grid.crs), "EPSG:4326", always_xy=True)


def _box(west: float, south: float, east: float, north: float) -> list[Point]:
    return [(west, south), (east, south), (east, north), (west, north)]


def _outline(grid: Grid) -> list[Point]:
    """The grid's four sides, counter-clockwise, in degrees."""
    corners = _box(*grid.bounds)
    points = [
        (x + (u - x) * step / EDGE, y + (v - y) * step / EDGE)
        for (x, y), (u, v) in pairwise([*corners, corners[0]])
        for step in range(EDGE)
    ]
    xs, ys = zip(*points, strict=True)
    longitudes, latitudes = _to_degrees(grid).transform(xs, ys)
    return list(zip(longitudes, latitudes, strict=True))


def _ring(points: Sequence[Point]) -> list[list[float]]:
    return [[_degrees(x), _degrees(y)] for x, y in (*points, points[0])]


def _degrees(number: float) -> float:
    return round(float(number), DIGITS) + 0.0  # no minus zero


def _projection(grid: Grid) -> dict[str, Any]:
    """The grid as the extension `projection` writes it; a CRS without an authority's code as WKT."""
    crs = crs_of(grid.crs)
    authority = crs.to_authority(min_confidence=100)
    named = {"proj:code": ":".join(authority)} if authority else {"proj:code": None, "proj:wkt2": crs.to_wkt()}
    return {
        **named,
        "proj:bbox": list(grid.bounds),
        "proj:shape": [grid.height, grid.width],
        "proj:transform": list(grid.transform),
    }


def _lineage(method: str, inputs: Sequence[Input]) -> str:
    """What the figures follow from, in a sentence."""
    told = [f"{one.name} ({one.product or one.layer}, {one.digest})" for one in inputs]
    return f"Areas by {method} from {'; '.join(told)}." if told else f"Areas by {method}."


def _asset(asset: Asset) -> dict[str, Any]:
    return {
        "href": asset.href,
        "title": asset.title,
        "type": asset.media_type,
        "roles": list(asset.roles),
        "file:checksum": SHA256 + canon.hex_of(asset.digest),
        "file:size": asset.size,
    }


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
