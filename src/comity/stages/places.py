"""Places: the polygons of a study's zones on the grid of its rasters, out of a boundary set or of the graticule.

Pure. Whether a boundary set is sound is `geo.boundaries`; where it came from is the producer's affair.
"""

from collections.abc import Mapping, Sequence

import shapely

from comity.geo import boundaries
from comity.geo.grid import Grid


def polygons(zones: bytes | None, codes: Sequence[str], grid: Grid) -> Mapping[str, bytes]:
    """Polygon (WKB, in the grid's CRS) of each code that has one.

    Args:
        zones: a boundary set as GeoJSON; None: codes are names of cells of one degree, such as N00E006.
        codes: of the zone dimension.

    Raises:
        FormatError: no boundary set, a code that names no cell, or an area that cannot be drawn on this grid.
    """
    if zones is None:
        cells = [boundaries.project(boundaries.graticule(code), grid.crs) for code in codes]
        return dict(zip(codes, map(shapely.to_wkb, cells), strict=True))
    shapes = boundaries.read(zones).geometries(grid.crs)
    return {code: shapely.to_wkb(shapes[code]) for code in codes if code in shapes}
