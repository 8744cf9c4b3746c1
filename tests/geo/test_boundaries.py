"""Boundary sets: what is read, what is refused and why, and that neighbours stay neighbours in every projection."""

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from comity import canon
from comity.errors import FormatError, SourceError
from comity.geo.boundaries import graticule, project, read


def feature(code: str, shape: Any, **properties: Any) -> dict[str, Any]:
    given = {"code": code, "name": f"Area {code}", "status": "area"} | properties
    return {"type": "Feature", "properties": given, "geometry": shapely.geometry.mapping(shape)}


def file(*features: dict[str, Any], **members: Any) -> bytes:
    said = {"id": "vesland", "version": "2024", "source": "Survey of Vesland", "license": "CC0-1.0"}
    return json.dumps({"type": "FeatureCollection"} | said | members | {"features": features}).encode()


WEST, EAST = shapely.box(-2, 40, -1, 41), shapely.box(0, 40, 1, 41)
MARCH = shapely.box(-1, 40, 0, 41)
BOTH = ["VL", "NX"]


def test_a_set_says_which_version_of_which_boundaries_it_is() -> None:
    data = file(feature("VL-W", WEST), feature("VL-E", EAST))
    found = read(data)
    assert ("vesland", "2024", "Survey of Vesland", "CC0-1.0") == (
        found.id,
        found.version,
        found.source,
        found.license,
    )
    assert canon.digest(data) == found.digest
    assert ["VL-W", "VL-E"] == [area.code for area in found.areas]
    assert () == found.slivers


def test_a_disputed_area_is_a_unit_of_its_own() -> None:
    """It touches its neighbours and is part of none."""
    march = feature("XA01", MARCH, status="disputed", claimed_by=BOTH)
    found = read(file(feature("VL-W", WEST), march, feature("NX-E", EAST)))
    (disputed,) = [area for area in found.areas if area.disputed]
    assert ("XA01", ("VL", "NX")) == (disputed.code, disputed.claimed_by)
    assert all(0 == a.geometry.intersection(b.geometry).area for a, b in combinations(found.areas, 2))


def test_an_area_that_two_sides_draw_as_their_own_is_refused_with_the_way_out() -> None:
    """Each country as it sees itself: the common part becomes a disputed area, or there is no set."""
    one, other = shapely.union(WEST, MARCH), shapely.union(EAST, MARCH)
    with pytest.raises(FormatError, match=r"VL and NX: two areas overlap.*way out.*disputed") as refused:
        read(file(feature("VL", one), feature("NX", other)))
    common = abs(Geod(ellps="WGS84").geometry_area_perimeter(MARCH)[0]) / 1e6
    assert f"{common:.6f} km2" in refused.value.found


def test_borders_that_were_drawn_twice_are_told_and_not_refused() -> None:
    """A billionth of a degree is a tenth of a millimetre."""
    found = read(file(feature("VL-W", shapely.box(-2, 40, -1 + 1e-9, 41)), feature("XA01", MARCH)))
    (sliver,) = found.slivers
    assert ("VL-W", "XA01") == sliver.codes
    assert 9 == sliver.square_metres  # 111 km long


BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x00", "not JSON"),
        (b'{"type": "Feature"}', "not a boundary set"),
        (file(), "not a boundary set"),
        (file({"type": "Feature", "properties": {}, "geometry": None}), "without a code"),
        (file(feature("A", WEST), feature("A", EAST)), "a code stands twice.*found A"),
        (file(feature("A", shapely.Point(1, 1))), r"feature 1 \(A\): not an area; found Point"),
        (file(feature("A", shapely.Polygon())), "without any extent"),
        (file(feature("A", BOWTIE)), r"\(A\): a polygon that is not valid; found Self-intersection.*makevalid"),
        (file(feature("A", shapely.box(179, 0, 181, 1))), "no longitudes and latitudes.*antimeridian"),
        (file(feature("A", shapely.box(5e6, 3e6, 6e6, 4e6))), "no longitudes and latitudes"),
        (file(feature("A", WEST, status="mine")), "neither an area nor a disputed one"),
        (file(feature("A", WEST, claimed_by=BOTH)), "neither an area nor a disputed one"),
        (file(feature("A", WEST, name=7)), "name: not a text"),
        (file(feature("A", WEST), version=7), "version: not a text"),
        (file(feature("A", WEST), crs={"type": "name", "properties": {"name": "EPSG:3035"}}), "t_srs EPSG:4326"),
    ],
)
def test_what_is_no_boundary_set_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        read(data)


def test_coordinates_that_are_none_are_refused() -> None:
    broken = feature("A", WEST)
    broken["geometry"]["coordinates"] = [[["west", 1], [2, 3], [4, 5], ["west", 1]]]
    with pytest.raises(FormatError, match="not the coordinates of polygons"):
        read(file(broken))


@pytest.mark.corpus
def test_the_disputed_areas_of_natural_earth_are_a_set(corpus: Path) -> None:
    """80 polygons of 1.16 million km2; none overlaps another."""
    table = json.loads((corpus / "geo/natural-earth/10m/cultural/ne_10m_admin_0_disputed_areas.json").read_text())
    for at, one in enumerate(table["features"]):
        one["properties"] = {"code": f"{one['properties']['BRK_A3']}-{at}", "status": "disputed"}
    found = read(json.dumps(table | {"id": "natural-earth"}).encode())
    geod = Geod(ellps="WGS84")
    areas = [abs(geod.geometry_area_perimeter(part)[0]) for a in found.areas for part in shapely.get_parts(a.geometry)]
    assert 80 == len(found.areas)
    assert "1.16" == f"{sum(areas) / 1e12:.2f}"


@pytest.mark.corpus
def test_a_ring_of_natural_earth_that_crosses_itself_is_named(corpus: Path) -> None:
    table = json.loads((corpus / "geo/natural-earth/110m/cultural/ne_110m_admin_0_countries.json").read_text())
    for one in table["features"]:
        one["properties"] = {"code": one["properties"]["ADM0_A3"]}
    with pytest.raises(FormatError, match=r"\(SDN\): a polygon that is not valid; found Self-intersection\[33.9"):
        read(json.dumps(table).encode())


PROJECTIONS = ("EPSG:6933", "EPSG:3035", "EPSG:8857", "EPSG:32630")


@settings(max_examples=25)
@given(st.floats(-3, 1), st.floats(39.5, 41.5), st.sampled_from(PROJECTIONS))
def test_neighbours_share_their_border_in_every_projection(x: float, y: float, crs: str) -> None:
    """Four quarters around a point: moved, they still neither overlap nor leave a gap."""
    quarters = [_quarter(x, y, far, up) for far in (x - 0.3, x + 0.4) for up in (39.2, 41.8)]
    found = read(file(*(feature(str(at), quarter) for at, quarter in enumerate(quarters)))).geometries(crs)
    whole = shapely.unary_union(list(found.values()))
    assert 0 == sum(len(part.interiors) for part in shapely.get_parts(whole))
    assert sum(shape.area for shape in found.values()) == pytest.approx(whole.area, rel=1e-12)
    for one, other in combinations(found.values(), 2):
        assert set(_edges(one)).isdisjoint(_edges(other))  # a common edge is walked the other way


def _quarter(x: float, y: float, far: float, up: float) -> Any:
    (west, east), (south, north) = sorted((x, far)), sorted((y, up))
    return shapely.box(west, south, east, north)


def _edges(shape: Any) -> list[tuple[Any, Any]]:
    ring = list(shapely.geometry.polygon.orient(shape).exterior.coords)
    return list(pairwise(ring))


def test_a_straight_side_stays_on_its_parallel() -> None:
    """A long parallel is a curve in Lambert's projection; its corners alone would cut the north of a country off."""
    band = project(shapely.box(-10, 50, 30, 60), "EPSG:3035")
    exact = abs(Geod(ellps="GRS80").geometry_area_perimeter(shapely.segmentize(shapely.box(-10, 50, 30, 60), 0.01))[0])
    assert exact == pytest.approx(band.area, rel=1e-5)


def test_in_degrees_nothing_moves() -> None:
    assert WEST == project(WEST, "EPSG:4326")


def test_a_reference_system_that_is_none_is_refused() -> None:
    with pytest.raises(SourceError, match="not a CRS"):
        project(WEST, "EPSG:1")


def test_an_area_that_a_projection_has_no_place_for_is_refused() -> None:
    """A transverse Mercator's other side of the Earth."""
    with pytest.raises(FormatError, match="cannot be drawn in this reference system"):
        project(shapely.box(-180, -90, 180, 90), "EPSG:3035")


@pytest.mark.parametrize(
    ("code", "bounds"),
    [
        ("N00E006", (6, 0, 7, 1)),
        ("S01W180", (-180, -1, -179, 0)),
        ("S90E179", (179, -90, 180, -89)),
        ("N89W001", (-1, 89, 0, 90)),
        ("N00E000", (0, 0, 1, 1)),
    ],
)
def test_a_cell_is_named_by_its_south_western_corner(code: str, bounds: tuple[float, ...]) -> None:
    assert bounds == graticule(code).bounds


@pytest.mark.parametrize(
    "code", ["S00E006", "N00W000", "N90E000", "S91E000", "N00E180", "N00W181", "n00e006", "N0E6", ""]
)
def test_a_name_of_no_cell_is_refused(code: str) -> None:
    with pytest.raises(FormatError, match="not the name of a cell"):
        graticule(code)


def test_all_cells_are_the_globe() -> None:
    codes = [
        f"{'N' if y >= 0 else 'S'}{abs(y):02}{'E' if x >= 0 else 'W'}{abs(x):03}"
        for y in range(-90, 90)
        for x in range(-180, 180)
    ]
    assert 64_800 == len(set(codes))
    assert 360 * 180 == sum(graticule(code).area for code in codes)
