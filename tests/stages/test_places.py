"""Zones on the grid of the maps: none without a polygon, and none of which the maps show a part alone."""

import json

import pytest
import shapely

from comity.errors import SourceError
from comity.geo.grid import Grid
from comity.stages import places

GRID = Grid(crs="EPSG:4326", transform=(0.5, 0.0, 10.0, 0.0, -0.5, 52.0), width=4, height=4)  # 10..12 E, 50..52 N


def box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def boundaries(**zones: list[list[list[float]]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": code},
            "geometry": {"type": "Polygon", "coordinates": ring},
        }
        for code, ring in zones.items()
    ]
    said = {"id": "set", "version": "1", "source": "made up", "license": "none"}
    return json.dumps({"type": "FeatureCollection", **said, "features": features}).encode()


def test_each_code_has_its_polygon() -> None:
    given = boundaries(A=box(10, 50, 11, 52), B=box(11, 50, 12, 52), C=box(0, 0, 1, 1))
    made = places.polygons(given, ("A", "B"), GRID)
    assert ["A", "B"] == list(made)
    assert shapely.from_wkb(made["B"]).equals(shapely.box(11, 50, 12, 52))


def test_a_zone_without_a_polygon_is_refused_and_has_no_area_of_zero() -> None:
    with pytest.raises(SourceError, match="no polygon") as refused:
        places.polygons(boundaries(A=box(10, 50, 11, 52)), ("A", "B", "C"), GRID, where="zones.geojson")
    assert ("zones.geojson", "none for B, C") == (refused.value.where, refused.value.found)


@pytest.mark.parametrize(
    "ring", [box(9, 51, 10, 52), box(11, 49.5, 12, 51), box(11, 50, 12.5, 51), box(10, 51, 11, 53)]
)
def test_a_zone_that_the_maps_show_in_part_is_refused(ring: list[list[list[float]]]) -> None:
    with pytest.raises(SourceError, match="reach beyond the maps") as refused:
        places.polygons(boundaries(A=box(10, 50, 11, 51), B=ring), ("A", "B"), GRID)
    assert "B" == refused.value.found


def test_a_border_along_the_edge_of_the_maps_is_no_part_beyond_them() -> None:
    """Less than a cell: coordinates in files are rounded, and so are the corners of grids."""
    assert ["A"] == list(places.polygons(boundaries(A=box(9.9, 50, 11, 52.1)), ("A",), GRID))


def test_cells_of_the_graticule_are_held_to_the_same() -> None:
    assert ["N50E010"] == list(places.polygons(None, ("N50E010",), GRID))
    with pytest.raises(SourceError, match="reach beyond the maps"):
        places.polygons(None, ("N50E010", "N52E010"), GRID)
