"""Areas of cells: the globe, closed forms, PROJ's equal-area projections, and grids whose cells have no known area."""

from dataclasses import replace
from math import atanh, radians, sin, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from comity.errors import SourceError
from comity.geo.grid import Grid, cell_areas
from comity.model.blocks import AREA_UNITS, Block, GridText

KM2 = AREA_UNITS * 10**6
GLOBE = 510_065_621.724  # km2, WGS 84: surface of the ellipsoid (NGA.STND.0036, 2014, from its a and f)


def degrees(cell: float, *, north: float = 90.0, west: float = -180.0, width: int = 360, height: int = 180) -> Grid:
    """A geographic grid on WGS 84."""
    return Grid(crs="EPSG:4326", transform=(cell, 0, west, 0, -cell, north), width=width, height=height)


def whole(grid: Grid) -> int:
    """Area of all cells."""
    areas: list[int] = cell_areas(grid).tolist()
    return sum(areas) * grid.width


def strip(latitude: float) -> float:
    """Area from the equator to a parallel, km2 a radian, in floats: Snyder 1987, equation 3-12."""
    a, f = 6378.137, 1 / 298.257223563
    e, s = sqrt(f * (2 - f)), sin(radians(latitude))
    return a**2 * (1 - e**2) / 2 * (s / (1 - (e * s) ** 2) + atanh(e * s) / e)


@pytest.mark.parametrize("size", [1.0, 0.25, 10.0, 7.5])
def test_the_cells_of_a_globe_add_up_to_the_globe(size: float) -> None:
    """Whatever the size of a cell."""
    found = whole(degrees(size, width=round(360 / size), height=round(180 / size)))
    assert GLOBE == pytest.approx(found / KM2, rel=1e-11)


def test_one_degree_north_of_60_has_its_published_area() -> None:
    """On a flat map it would have twice as much."""
    assert 6123.14 == pytest.approx(int(cell_areas(degrees(1.0))[29]) / KM2, abs=0.005)


@given(st.floats(-90, 89.99), st.floats(0.0001, 3), st.integers(1, 40))
def test_a_row_has_the_area_between_its_parallels(north: float, size: float, height: int) -> None:
    """As the closed form in floats says, as far as these go."""
    grid = degrees(size, north=max(north, size * height - 90), west=0, width=1, height=height)
    if grid.bounds[3] > 90:
        return
    south, top = max(grid.bounds[1], -90.0), grid.bounds[3]
    wanted = radians(size) * (strip(top) - strip(south))
    assert wanted == pytest.approx(whole(grid) / KM2, rel=1e-9, abs=1e-9)


def test_the_closed_form_is_that_of_an_independent_projection() -> None:
    """EPSG:6933 maps parallels to lines whose distances are the areas between them; PROJ reckons it, not we."""
    to = Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)
    x, y = to.transform(np.array([0.0] * 180 + [1.0]), np.array([*np.arange(90.0, -90, -1), -90.0]))
    wanted = (x[-1] - x[0]) * (y[:-1] - y[1:]) / 1e6
    assert wanted == pytest.approx(cell_areas(degrees(1.0)) / KM2, rel=1e-10)


def test_north_and_south_mirror_each_other() -> None:
    """To the square millimetre, up to the rounding of one."""
    areas = cell_areas(degrees(0.5, width=720, height=360))
    assert np.abs(areas - areas[::-1]).max() <= 1


def test_a_row_beyond_the_pole_has_no_area_there() -> None:
    """Grids of points put the first row's centre on the pole: half of it is no place."""
    grid = degrees(1.0, north=90.5, height=181)
    assert GLOBE == pytest.approx(whole(grid) / KM2, rel=1e-11)
    with pytest.raises(SourceError, match="beyond a pole"):
        cell_areas(degrees(1.0, north=91.5, height=181))


def test_rows_of_a_window_lie_where_those_of_the_grid_do() -> None:
    """A block of a grid, cut at its south-east corner."""
    part = degrees(0.5, width=720, height=360).window(Block(row=200, column=700, rows=160, columns=20))
    assert (170.0, -90.0, 180.0, -10.0) == part.bounds
    assert (20, 160) == (part.width, part.height)
    with pytest.raises(SourceError, match="not a block"):
        part.window(Block(row=0, column=0, rows=161, columns=1))


@pytest.mark.parametrize("crs", ["EPSG:6933", "EPSG:3035", "EPSG:5070", "EPSG:8857", "ESRI:54008", "ESRI:102022"])
def test_an_equal_area_projection_is_taken_at_its_word(crs: str) -> None:
    """Ten metres by ten are a hundred square metres."""
    grid = Grid(crs=crs, transform=(10, 0, 5e5, 0, -10, 5e5), width=2, height=2)
    assert [100 * AREA_UNITS] * 2 == cell_areas(grid).tolist()


@pytest.mark.parametrize("crs", ["EPSG:3035+5730", "+proj=laea +lat_0=52 +lon_0=10 +ellps=GRS80 +towgs84=0,0,0"])
def test_heights_and_a_shift_of_datum_change_no_area(crs: str) -> None:
    """A CRS that a file brought with more than its projection, which is what areas follow from."""
    grid = Grid(crs=crs, transform=(10, 0, 5e5, 0, -10, 5e5), width=2, height=2)
    assert [100 * AREA_UNITS] * 2 == cell_areas(grid).tolist()
    with pytest.raises(SourceError, match="does not keep areas"):
        cell_areas(replace(grid, crs=crs.replace("laea", "tmerc").replace("3035", "3857")))


@pytest.mark.parametrize("crs", ["EPSG:4326+5773", "+proj=longlat +ellps=WGS84 +towgs84=0,0,0"])
def test_heights_and_a_shift_of_datum_change_no_area_of_degrees(crs: str) -> None:
    """The same cells as without."""
    assert cell_areas(degrees(1.0)).tolist() == cell_areas(replace(degrees(1.0), crs=crs)).tolist()


def test_feet_are_no_metres() -> None:
    """Alaska Albers of 1927 is in feet of the US survey: 1200 / 3937 m."""
    grid = Grid(crs="EPSG:2964", transform=(3937, 0, 0, 0, -3937, 0), width=1, height=1)
    assert 1200**2 * AREA_UNITS == pytest.approx(int(cell_areas(grid)[0]), rel=1e-12)


@pytest.mark.parametrize(
    ("crs", "what"),
    [
        ("EPSG:3857", "does not keep areas"),
        ("EPSG:32632", "does not keep areas"),
        ("ESRI:54009", "on a sphere only"),  # measured with geodesics: from -0.67 % at the equator to +0.58 % at 75 N
        ("EPSG:3410", "on a sphere"),
        ("+proj=sinu +R=6371007.181", "on a sphere"),  # MODIS
        ("EPSG:4978", "neither"),
        ("EPSG:999999", "not a CRS"),
    ],
)
def test_a_grid_whose_cells_have_no_known_area_is_refused(crs: str, what: str) -> None:
    """With the way out where there is one."""
    with pytest.raises(SourceError, match=what):
        cell_areas(Grid(crs=crs, transform=(10, 0, 0, 0, -10, 0), width=2, height=2))


def test_cells_of_more_than_a_continent_are_refused() -> None:
    """Their square millimetres do not fit a machine's word."""
    with pytest.raises(SourceError, match="too large"):
        cell_areas(degrees(45.0, width=8, height=4))


def test_a_grid_of_more_than_the_globe_holds_places_twice() -> None:
    """And would count them twice."""
    with pytest.raises(SourceError, match="twice"):
        cell_areas(degrees(1.0, width=361))


@pytest.mark.parametrize(
    "transform",
    [
        (1, 0.1, 0, 0, -1, 0),
        (1, 0, 0, 0, 1, 0),
        (-1, 0, 0, 0, -1, 0),
        (0, 0, 0, 0, -1, 0),
        (1, 0, float("nan"), 0, -1, 0),
    ],
)
def test_a_grid_that_is_turned_or_upside_down_is_refused(transform: tuple[float, ...]) -> None:
    """Rows must run from north to south, columns from west to east."""
    with pytest.raises(SourceError, match="north up"):
        Grid(crs="EPSG:4326", transform=transform, width=1, height=1)  # type: ignore[arg-type]


@given(st.floats(1e-6, 1), st.floats(-180, 180), st.floats(-90, 90))
def test_a_grid_is_read_back_from_its_text(size: float, west: float, north: float) -> None:
    """Bit for bit, without a float in the record."""
    grid = degrees(size, west=west, north=north, width=3, height=2)
    assert grid == Grid.of(grid.text)


def test_a_number_of_a_grid_has_one_spelling() -> None:
    """Else two records of one grid would have two digests."""
    a, *others = degrees(1.0).text.transform
    for spelling in ("1.00", "1", "one", "nan"):
        text = GridText(crs="EPSG:4326", transform=(spelling, *others), width=1, height=1)  # type: ignore[arg-type]
        with pytest.raises(SourceError):
            Grid.of(text)
    assert "1.0" == a
