"""Zonal sums: laws that hold bit for bit, and two independent libraries that find the same areas."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping

from comity.errors import SourceError
from comity.geo import kernels, zonal
from comity.geo.exact import gathered
from comity.geo.grid import Grid, cell_areas
from comity.model.blocks import FRACTION_BITS, SQUARE_METRE, Block, tiling

WIDTH, HEIGHT, CLASSES = 90, 70, 5
FLAT = Grid(crs="EPSG:6933", transform=(10, 0, 0, 0, -10, 0), width=WIDTH, height=HEIGHT)
GLOBE = Grid(crs="EPSG:4326", transform=(2, 0, -180, 0, -2, 90), width=180, height=90)

seeds = st.integers(0, 2**32 - 1)


def star(dice: np.random.Generator, *, corners: int = 24, reach: float = 300) -> Polygon:
    """A polygon seen whole from its middle, anywhere on FLAT or partly beyond it, with a hole in the middle."""
    x, y = dice.uniform([0, -10 * HEIGHT], [10 * WIDTH, 0])
    angles = np.sort(dice.uniform(0, 2 * np.pi, corners)) + np.arange(corners) * 1e-9
    radius = dice.uniform(reach / 3, reach, corners)
    ring = np.c_[x + radius * np.cos(angles), y + radius * np.sin(angles)]
    return Polygon(ring, [(ring - (x, y)) * 0.3 + (x, y)])


def stars(seed: int, count: int = 6) -> list[Polygon]:
    """Some that are valid: gaps between angles can put the middle outside."""
    dice = np.random.default_rng(seed)
    found = (star(dice, corners=int(dice.integers(3, 40)), reach=float(dice.uniform(1, 400))) for _ in range(99))
    return list(islice((polygon for polygon in found if polygon.is_valid), count))


def codes(grid: Grid, seed: int) -> NDArray[np.int32]:
    """A class for each cell; some have none."""
    return np.random.default_rng(seed).integers(-2, CLASSES, (grid.height, grid.width)).astype(np.int32)


def cut(cells: NDArray[Any], block: Block) -> NDArray[Any]:
    """A block's cells, as a reader gives them."""
    return cells[block.row : block.row + block.rows, block.column : block.column + block.columns]


def areas(zones: zonal.Zones, cells: NDArray[np.int32], size: int = 1000, order: int = 0) -> zonal.Exact:
    """Area by class, in blocks of a size and in an order of its own."""
    found = list(tiling(zones.grid.width, zones.grid.height, size))
    random.Random(order).shuffle(found)
    return zonal.total((zonal.by_class(zones, b, cut(cells, b), CLASSES) for b in found), (zones.count, CLASSES))


def area(polygon: Any, grid: Grid = FLAT) -> float:
    """Square metres of one zone inside the grid, whatever the class."""
    zones = zonal.prepare([polygon], grid)
    return sum(zonal.covered(zones, Block(row=0, column=0, rows=grid.height, columns=grid.width)).ints()) / SQUARE_METRE


@settings(max_examples=25)
@given(seeds, st.integers(1, 100), st.integers(0, 9))
def test_size_and_order_of_blocks_change_no_bit(seed: int, size: int, order: int) -> None:
    """The law that a proof of a national figure by its blocks stands on."""
    for grid in (FLAT, GLOBE):
        polygons = (
            stars(seed) if grid is FLAT else [shapely.affinity.scale(p, 0.2, 0.2, origin=(0, 0)) for p in stars(seed)]
        )
        zones, cells = zonal.prepare(polygons, grid), codes(grid, seed)
        assert areas(zones, cells) == areas(zones, cells, max(size, 3), order)


@settings(max_examples=20)
@given(seeds, st.integers(3, 100), st.booleans())
def test_sums_of_values_change_no_bit_either(seed: int, size: int, weighted: bool) -> None:
    """Floats are not added; their quanta are."""
    zones = zonal.prepare(stars(seed), FLAT)
    values = np.random.default_rng(seed).normal(100, 1e4, (HEIGHT, WIDTH)).astype(np.float32)
    values[values < -5000] = np.nan
    whole = zonal.sums(zones, Block(row=0, column=0, rows=HEIGHT, columns=WIDTH), values, weighted=weighted)
    first, *others = (
        zonal.sums(zones, block, cut(values, block), weighted=weighted) for block in tiling(WIDTH, HEIGHT, size)
    )
    for other in others:
        first += other
    assert whole == first


def test_a_grid_as_wide_as_a_block_can_be_changes_no_bit() -> None:
    """Long flat edges cross thousands of columns in one row; where they do is the same for every block."""
    grid = Grid(crs="EPSG:6933", transform=(10, 0, 0, 0, -10, 0), width=65_536, height=40)
    dice = np.random.default_rng(2)
    polygons = [Polygon(dice.uniform([-1000, -450], [660_000, 50], (3, 2))) for _ in range(9)]
    zones, cells = zonal.prepare(polygons, grid), codes(grid, 2)
    assert areas(zones, cells, 65_536) == areas(zones, cells, 777)
    inside = shapely.area(shapely.intersection(polygons, box(0, -400, 655_360, 0)))
    found = zonal.covered(zones, Block(row=0, column=0, rows=40, columns=65_536)).ints()
    assert inside == pytest.approx([value / SQUARE_METRE for value in found], rel=1e-9)


def test_a_block_too_wide_for_exact_rows_is_refused() -> None:
    """Its sums of a row would not fit a machine's word."""
    grid = Grid(crs="EPSG:6933", transform=(10, 0, 0, 0, -10, 0), width=65_537, height=1)
    with pytest.raises(SourceError, match="65536 columns"):
        zonal.covered(zonal.prepare([box(0, -9, 9, 0)], grid), Block(row=0, column=0, rows=1, columns=65_537))


def test_compiled_code_leans_on_no_other_file() -> None:
    """Kept machine code is taken for stale when its own file changes, and no other."""
    assert [] == [
        name
        for name, value in vars(kernels).items()
        if str(getattr(value, "__module__", None) or getattr(value, "__name__", "")).startswith("comity")
        and getattr(value, "__module__", None) != kernels.__name__
    ]


def test_threads_change_no_bit() -> None:
    """Compiled code runs without the interpreter's lock: blocks share nothing."""
    zones, cells = zonal.prepare(stars(5, 20), FLAT), codes(FLAT, 5)
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda b: zonal.by_class(zones, b, cut(cells, b), CLASSES), tiling(WIDTH, HEIGHT, 16))
        assert areas(zones, cells) == zonal.total(parts, (zones.count, CLASSES))


def mesh(seed: int, columns: int, rows: int) -> tuple[list[Polygon], Polygon]:
    """A partition into crooked quadrilaterals that share their borders, and the whole with the same vertices."""
    dice = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(-30, 10 * WIDTH + 30, columns + 1), np.linspace(20, -10 * HEIGHT - 20, rows + 1))
    at = np.dstack([x, y]) + dice.uniform(-1, 1, (rows + 1, columns + 1, 2)) * (200 / columns, 150 / rows)
    quads = [
        Polygon([at[r, c], at[r, c + 1], at[r + 1, c + 1], at[r + 1, c]]) for r in range(rows) for c in range(columns)
    ]
    rim = np.concatenate([at[0, :-1], at[:-1, -1], at[-1, :0:-1], at[:0:-1, 0]])
    return quads, Polygon(rim)


@settings(max_examples=25)
@given(seeds, st.integers(1, 12), st.integers(1, 12), st.integers(5, 100))
def test_zones_that_share_borders_add_up_to_the_whole_exactly(seed: int, columns: int, rows: int, size: int) -> None:
    """A partition: not a bit is lost on the borders, or counted twice."""
    quads, whole = mesh(seed, columns, rows)
    found = areas(zonal.prepare([*quads, whole], FLAT), codes(FLAT, seed), size)
    for code in range(CLASSES):
        assert found.at(len(quads), code) == sum(found.at(zone, code) for zone in range(len(quads)))


@given(seeds)
def test_a_hole_and_what_fills_it_add_up_exactly(seed: int) -> None:
    """And parts of a multipolygon to the multipolygon."""
    holed = stars(seed, 1)[0]
    shell, inner = Polygon(holed.exterior), Polygon(holed.interiors[0])
    apart = MultiPolygon([holed, inner])  # they touch along the hole: not valid by the book
    found = areas(zonal.prepare([holed, inner, shell, apart], FLAT), codes(FLAT, seed))
    for code in range(CLASSES):
        assert found.at(2, code) == found.at(0, code) + found.at(1, code) == found.at(3, code)


@given(seeds, seeds)
def test_a_zone_does_not_depend_on_the_others(seed: int, other: int) -> None:
    """Alone, among others, or turned round: the same bits."""
    one, cells = stars(seed, 1)[0], codes(FLAT, seed)
    alone = areas(zonal.prepare([one], FLAT), cells).ints()
    among = areas(zonal.prepare([*stars(other, 3), one.reverse(), Polygon()], FLAT), cells).ints()
    assert alone == among[-2 * CLASSES : -CLASSES]
    assert [0] * CLASSES == among[-CLASSES:]


@settings(max_examples=30)
@given(seeds)
def test_an_area_is_that_of_the_intersection_with_each_cell(seed: int) -> None:
    """GEOS cuts the polygon with the cells of each class, in floats; ours is within 10^-9 of a cell's area."""
    polygons, cells = stars(seed, 2), codes(FLAT, seed)
    found = areas(zonal.prepare(polygons, FLAT), cells)
    row, column = np.indices(cells.shape)
    squares = shapely.box(10 * column, -10 * row - 10, 10 * column + 10, -10 * row)
    for zone, polygon in enumerate(polygons):
        inside = shapely.area(shapely.intersection(squares, polygon))
        for code in range(CLASSES):
            wanted = inside[cells == code].sum()
            assert wanted == pytest.approx(found.at(zone, code) / SQUARE_METRE, rel=1e-9, abs=1e-7)


def extracted(polygons: list[Any], operations: list[str], grid: Grid, values: NDArray[Any], weights: Any = None) -> Any:
    """The peer: one table of properties a zone."""
    features = [{"type": "Feature", "properties": {}, "geometry": mapping(polygon)} for polygon in polygons]
    west, south, east, north = grid.bounds
    raster = NumPyRasterSource(values, west, south, east, north)
    factor = None if weights is None else NumPyRasterSource(weights, west, south, east, north)
    return [found["properties"] for found in exact_extract(raster, features, operations, weights=factor)]


def test_sums_and_means_are_those_of_exactextract() -> None:
    """It keeps coverage in 32 bits: over thousands of cells that is below 10^-9."""
    grid = Grid(crs="EPSG:6933", transform=(10, 0, 0, 0, -10, 0), width=700, height=600)
    dice = np.random.default_rng(3)
    polygons = [shapely.affinity.scale(p, 8, 8, origin=(0, 0)) for p in stars(3, 40) if p.area > 40_000]
    values = dice.normal(200, 60, (600, 700))
    values[100:140, 50:300] = np.nan
    zones = zonal.prepare(polygons, grid)
    found = zonal.sums(zones, Block(row=0, column=0, rows=600, columns=700), values, bits=30)
    wanted = extracted(polygons, ["sum", "mean"], grid, values)
    assert len(wanted) > 5
    assert [zone["sum"] for zone in wanted] == pytest.approx([found.sum(i) for i in range(len(wanted))], rel=1e-9)
    assert [zone["mean"] for zone in wanted] == pytest.approx([found.mean(i) for i in range(len(wanted))], rel=1e-9)


def test_means_by_area_are_those_of_exactextract() -> None:
    """On a geographic grid, with the areas of our cells as weights."""
    grid = Grid(crs="EPSG:4326", transform=(0.1, 0, 0, 0, -0.1, 80), width=700, height=600)
    polygons = [
        shapely.affinity.translate(shapely.affinity.scale(p, 0.08, 0.08, origin=(0, 0)), 0, 75) for p in stars(8, 9)
    ]
    values = np.random.default_rng(4).normal(200, 60, (600, 700))
    weights = np.repeat(cell_areas(grid)[:, None] / 1e12, 700, axis=1)
    zones = zonal.prepare(polygons, grid)
    found = zonal.sums(zones, Block(row=0, column=0, rows=600, columns=700), values, bits=30, weighted=True)
    wanted = extracted(polygons, ["weighted_mean", "weighted_sum"], grid, values, weights)
    for zone, theirs in enumerate(wanted):
        assert theirs["weighted_mean"] == pytest.approx(found.mean(zone), rel=2e-9)
        assert theirs["weighted_sum"] * 1e6 == pytest.approx(found.sum(zone), rel=1e-7)


def test_the_globe_as_one_zone_has_the_area_of_the_globe() -> None:
    """And so have its hemispheres together, to the bit."""
    globe = [box(-180, -90, 180, 90), box(-180, 0, 180, 90), box(-180, -90, 180, 0)]
    found = zonal.covered(zonal.prepare(globe, GLOBE), Block(row=0, column=0, rows=90, columns=180)).ints()
    assert 510_065_621.724 == pytest.approx(found[0] / SQUARE_METRE / 1e6, rel=1e-11)
    assert found[0] == found[1] + found[2] == sum(cell_areas(GLOBE).tolist()) * 180 << FRACTION_BITS


def test_a_zone_that_crosses_the_antimeridian_lies_on_both_ends_of_the_grid() -> None:
    """Counted on to 190, back to -190, or cut at 180 as RFC 7946 asks: one zone, the same bits."""
    cells = codes(GLOBE, 1)
    drawn = [
        Polygon([(171, 11), (193, 7.5), (187.25, 22), (175, 30)]),
        Polygon([(-189, 11), (-167, 7.5), (-172.75, 22), (-185, 30)]),
        box(170, -10, 190, 10),
        MultiPolygon([box(170, -10, 180, 10), box(-180, -10, -170, 10)]),
    ]
    found = areas(zonal.prepare(drawn, GLOBE), cells).ints()
    one, two, three, four = (found[i : i + CLASSES] for i in range(0, 4 * CLASSES, CLASSES))
    assert one == two
    assert three == four
    assert min(one) > 0


def test_a_grid_over_the_antimeridian_holds_zones_from_both_sides() -> None:
    """A raster of Fiji from 176 to 184 degrees; a zone drawn at -179 lies in it."""
    grid = Grid(crs="EPSG:4326", transform=(0.25, 0, 176, 0, -0.25, -15), width=32, height=20)
    zones = zonal.prepare([box(-179, -18, -178, -17), box(181, -18, 182, -17), box(-179, -18, -175, -17)], grid)
    east, same, beyond = zonal.covered(zones, Block(row=0, column=0, rows=20, columns=32)).ints()
    assert 0 < east == same
    assert beyond == 3 * east
    assert (2,) == zones.beyond


def test_an_edge_that_jumps_over_the_antimeridian_is_refused() -> None:
    """From 179 to -179 is two degrees for a reader, and 358 in a file."""
    with pytest.raises(SourceError, match="RFC 7946"):
        zonal.prepare([Polygon([(179, 0), (-179, 0), (-179, 5), (179, 5)])], GLOBE)


def test_only_what_lies_inside_the_grid_counts_and_the_rest_is_told() -> None:
    """Covered area, and the zones that reach out."""
    polygons = [box(-50, -100, 50, -50), box(100, -200, 200, -100), box(850, -800, 1000, -650), box(2000, 0, 2100, 10)]
    zones = zonal.prepare(polygons, FLAT)
    found = zonal.covered(zones, Block(row=0, column=0, rows=HEIGHT, columns=WIDTH)).ints()
    assert [50 * 50, 100 * 100, 50 * 50, 0] == [value / SQUARE_METRE for value in found]
    assert (0, 2, 3) == zones.beyond


@pytest.mark.parametrize(
    ("polygon", "square_metres"),
    [
        (box(101, -109, 103, -105), 8),  # in one cell
        (box(100, -110, 110, -100), 100),  # on the borders of one
        (box(100, -120, 130, -100), 600),  # on borders of six
        (box(105, -115, 115, -105), 100),  # a quarter of each of four
        (Polygon([(100, -100), (110, -100), (110, -110)]), 50),
        (Polygon([(0, 0), (900, 0), (0, -700)]), 315_000),
        (Polygon([(10, -10), (20, -10), (30, -10)]), 0),  # no area
        (Polygon([(10, -10), (20, -20), (30, -30)]), 0),
        (Polygon([(10, -10), (20, -20), (10, -30), (20, -20)]), 0),  # there and back
        (Polygon([(0, 0), (40, 0), (40, -40), (20, -40), (30, -20), (10, -20), (20, -40), (0, -40)]), 1400),
        (MultiPolygon([box(0, -10, 10, 0), box(10, -20, 20, -10)]), 200),  # touch in a corner
        (MultiPolygon([box(0, -10, 10, 0), box(10, -10, 20, 0)]), 200),  # touch along an edge
        (box(0, -700, 900, 0), 630_000),
    ],
)
def test_areas_of_plain_figures_are_exact(polygon: Any, square_metres: int) -> None:
    """Vertices on tenths of a cell are rounded to 10^-9 of one, those on its borders not at all."""
    assert square_metres == pytest.approx(area(polygon), rel=1e-9, abs=1e-7)


def test_cells_that_lie_whole_in_a_zone_count_whole() -> None:
    """To the bit, although the zone's border is anywhere."""
    disc, grid = Point(450, -350).buffer(200), FLAT
    part = Block(row=30, column=40, rows=10, columns=10)
    assert [100 * 100 * SQUARE_METRE] == zonal.covered(zonal.prepare([disc], grid), part).ints()


@pytest.mark.parametrize(
    "polygon",
    [
        Polygon([(0, 0), (40, -40), (40, 0), (0, -40)]),  # crosses itself; its halves would cancel
        Polygon([(0, 0), (20, -20), (40, -60), (60, 0), (20, -20), (0, -40)]),  # crosses itself in a vertex
        MultiPolygon([box(0, -20, 20, 0), box(10, -30, 30, -10)]),  # covers itself
        Polygon(
            [(0, 0), (40, 0), (40, -40), (20, -40), (10, -20), (30, -20), (20, -40), (0, -40)]
        ),  # covers a part twice
        "POLYGON ((0 0, nan 1, 1 1, 0 0))",
        "POLYGON ((0 0, inf 1, 1 1, 0 0))",
        box(0, 0, 1e300, 1e300),
        Point(0, 0),
        shapely.LineString([(0, 0), (1, 1)]),
        None,
    ],
)
def test_what_bounds_no_area_is_refused(polygon: Any) -> None:
    """By its place in the list, before anything is added up."""
    with np.errstate(invalid="ignore"):
        geometry = shapely.from_wkt(polygon) if isinstance(polygon, str) else polygon
    with pytest.raises(SourceError):
        zonal.prepare([geometry], FLAT)


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (np.zeros((3, 3), np.int32), 1),
        (np.zeros((2, 2), np.int64), 1),
        (np.full((2, 2), 4, np.int32), 4),
        (np.zeros((2, 2), np.int32), 0),
    ],
)
def test_cells_that_are_not_the_blocks_are_refused(cells: NDArray[Any], classes: int) -> None:
    """Compiled code would read beside the array."""
    with pytest.raises(SourceError):
        zonal.by_class(
            zonal.prepare([box(0, -9, 9, 0)], FLAT), Block(row=0, column=0, rows=2, columns=2), cells, classes
        )


@pytest.mark.parametrize("value", [np.inf, -np.inf, 2.0**40])
def test_a_value_too_large_for_its_quantum_is_refused(value: float) -> None:
    """Never wrapped, never cut."""
    zones = zonal.prepare([box(0, -20, 20, 0)], FLAT)
    with pytest.raises(SourceError, match="quantum"):
        zonal.sums(zones, Block(row=0, column=0, rows=2, columns=2), np.array([[1, 2], [3, value]]))


def test_a_zone_without_values_has_no_mean() -> None:
    """Nothing is not zero."""
    found = zonal.sums(
        zonal.prepare([box(0, -20, 20, 0)], FLAT), Block(row=0, column=0, rows=1, columns=1), np.array([[np.nan]])
    )
    assert (0.0, None) == (found.sum(0), found.mean(0))


@given(
    st.lists(
        st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**63 - 1)),
        max_size=9,
    )
)
def test_wide_sums_are_those_of_whole_numbers(terms: list[tuple[int, int, int]]) -> None:
    """Python's integers know no width."""
    words = np.zeros((1, kernels.WORDS), dtype=np.uint64)
    for a, b, weight in terms:
        high, low = kernels.signed_product(a, b)
        kernels.add(words, 0, np.uint64(high), np.uint64(low), weight)
    wanted = sum(a * b * weight for a, b, weight in terms)
    if abs(wanted) < 2**191:
        assert [wanted] == gathered(words, np.array([0]), (1,)).ints()
