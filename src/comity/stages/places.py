"""Places: the polygons of a study's zones on the grid of its rasters, out of a boundary set or of the graticule.

A zone that has no polygon, or of which the maps show a part alone, has no area that could be told: it would come out as
a true zero, or as less than it is. Such a plan is refused. Pure. Whether a boundary set is sound is `geo.boundaries`;
where it came from is the producer's affair.
"""

from collections.abc import Mapping, Sequence

import shapely

from comity.errors import SourceError
from comity.geo import boundaries
from comity.geo.grid import Grid


def polygons(zones: bytes | None, codes: Sequence[str], grid: Grid, *, where: str = "zones") -> Mapping[str, bytes]:
    """Polygon (WKB, in the grid's CRS) of each code.

    Args:
        zones: a boundary set as GeoJSON; None: codes are names of cells of one degree, such as N00E006.
        codes: of the zone dimension.
        where: the boundary set came from, for errors.

    Raises:
        FormatError: no boundary set, a code that names no cell, or an area that cannot be drawn on this grid.
        SourceError: a zone has no polygon, or reaches beyond the maps.
    """
    shapes = boundaries.read(zones).geometries(grid.crs) if zones is not None else cells(codes, grid)
    insist(*misplaced(shapes, codes, grid), where=where)
    return {code: shapely.to_wkb(shapes[code]) for code in codes}


def misplaced(
    shapes: Mapping[str, shapely.Geometry], codes: Sequence[str], grid: Grid
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes that have no polygon, and those whose polygon reaches beyond the grid."""
    placed = [code for code in codes if code in shapes]
    return tuple(code for code in codes if code not in shapes), tuple(c for c in placed if beyond(shapes[c], grid))


def insist(unplaced: Sequence[str], outside: Sequence[str], *, where: str) -> None:
    """SourceError if a zone has no polygon, or reaches beyond the maps."""
    if unplaced:
        raise SourceError(
            "zones of the norm have no polygon",
            where=where,
            found=f"none for {', '.join(unplaced[:12])}",
            wanted="a polygon for each code of the zone's list",
            way_out="add them to the boundary set, or ask for a norm whose list leaves them out",
        )
    if outside:
        raise SourceError(
            "zones reach beyond the maps, so that a part of them would be counted nowhere",
            where=where,
            found=", ".join(outside[:12]),
            wanted="zones within the maps, but for less than a cell",
            way_out="take maps that cover them: gdalwarp -te WEST SOUTH EAST NORTH, or gdal_merge.py for several files",
        )


def beyond(zone: shapely.Geometry, grid: Grid) -> bool:
    """Whether a zone reaches a whole cell or more beyond the grid: a border that runs along the edge does not."""
    west, south, east, north = grid.bounds
    width, height = (east - west) / grid.width, (north - south) / grid.height
    x0, y0, x1, y1 = zone.bounds
    return bool(x0 <= west - width or y0 <= south - height or x1 >= east + width or y1 >= north + height)


def cells(codes: Sequence[str], grid: Grid) -> Mapping[str, shapely.Geometry]:
    """Polygons of cells of one degree, in the grid's CRS; FormatError for a code that names none."""
    return {code: boundaries.project(boundaries.graticule(code), grid.crs) for code in codes}
