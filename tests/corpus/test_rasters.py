"""Published rasters through reader, grid and zonal sums: São Miguel beside exactextract and the values its authors
published, São Tomé's land cover in two versions of one product."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from numpy.typing import NDArray

from comity import canon
from comity.adapters import runs
from comity.adapters.rasters import GeoTiffs
from comity.errors import SourceError
from comity.geo import zonal
from comity.geo.grid import Grid
from comity.methods import registry
from comity.model import blocks as exact
from comity.model.blocks import SQUARE_METRE, Input
from comity.model.structure import Axis, Layout, Measure
from comity.stages.tiles import Legend, RasterFacts, TileLayer, TilePlan

CONCELHOS = ("Lagoa", "Nordeste", "Ponta Delgada", "Povoação", "Ribeira Grande", "Vila Franca do Campo")
# exactextractr, vignette 1: sums of counts; and of density x covered area, in whole persons
POPULATION = (14539.875, 4149.851, 66866.711, 5293.968, 31920.496, 9093.449)
BY_DENSITY = (15702, 4513, 70982, 5965, 35935, 11704)
# vignette 2: the three CORINE classes that cover most of each, in percent
CORINE = (
    {21: 26.8, 12: 17.0, 20: 15.6},
    {24: 24.3, 18: 22.5, 21: 14.2},
    {18: 29.9, 21: 26.5, 12: 11.3},
    {23: 24.2, 18: 20.1, 21: 16.7},
    {21: 25.1, 18: 22.7, 12: 16.4},
    {21: 36.0, 18: 15.5, 27: 15.0},
)


@pytest.fixture(scope="module")
def island(corpus: Path) -> Path:
    return corpus / "geo" / "sao-miguel"


@pytest.fixture(scope="module")
def concelhos(island: Path) -> list[Any]:
    """The six municipalities in the file's order."""
    import pyogrio

    meta, _, geometries, (names,) = pyogrio.raw.read(island / "concelhos.gpkg")
    assert ("EPSG:4326", CONCELHOS) == (meta["crs"], tuple(names))
    return list(shapely.from_wkb(geometries))


def extracted(path: str, concelhos: list[Any], operations: list[str]) -> list[dict[str, Any]]:
    """What exactextract makes of the same file and polygons."""
    features = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(polygon), "properties": {}} for polygon in concelhos
    ]
    with rasterio.open(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [feature["properties"] for feature in exact_extract(file, features, operations)]


def each(files: GeoTiffs, path: str, grid: Grid, size: int) -> Iterator[tuple[exact.Block, NDArray[Any]]]:
    """All blocks of a file."""
    for block in exact.tiling(grid.width, grid.height, size):
        yield block, files.read(path, block)


def summed(island: Path, name: str, polygons: list[Any], size: int, *, weighted: bool) -> zonal.Sums:
    """A floating raster over the municipalities."""
    path = str(island / name)
    with GeoTiffs() as files:
        facts = files.inspect(path)
        zones = zonal.prepare(polygons, facts.grid)
        total: zonal.Sums | None = None
        for block, values in each(files, path, facts.grid, size):
            found = np.where(values == np.float32(float(facts.nodata or "nan")), np.float32("nan"), values)
            here = zonal.sums(zones, block, found.astype(np.float32), bits=32, weighted=weighted)
            total = here if total is None else total + here
    assert total is not None
    return total


def test_population_by_municipality_is_as_published_and_as_exactextract_has_it(
    island: Path, concelhos: list[Any]
) -> None:
    name = "gpw_v411_2020_count_2020.tif"
    found = summed(island, name, concelhos, 1024, weighted=False)
    ours = [found.sum(zone) for zone in range(6)]
    theirs = [entry["sum"] for entry in extracted(str(island / name), concelhos, ["sum"])]
    assert ours == pytest.approx(theirs, rel=1e-8)  # it keeps a cell's coverage in single precision
    assert ours == pytest.approx(POPULATION, rel=2e-7)
    assert ours == pytest.approx([clipped(str(island / name), polygon) for polygon in concelhos], rel=1e-10)


def clipped(path: str, polygon: Any) -> float:
    """The sum of a raster's cells, each times the share that GEOS clips out of it."""
    with rasterio.open(path) as file:
        values, (a, _, c, _, e, f) = file.read(1, masked=True), file.transform[:6]
    rows, columns = np.nonzero(~values.mask)
    cells = shapely.box(c + a * columns, f + e * (rows + 1), c + a * (columns + 1), f + e * rows)
    shares = shapely.area(shapely.intersection(cells, polygon)) / shapely.area(cells)
    return float(values[rows, columns].astype("f8") @ shares)


@pytest.mark.parametrize("size", [7, 32])
def test_blocks_of_any_size_give_the_same_bits(island: Path, concelhos: list[Any], size: int) -> None:
    name = "gpw_v411_2020_count_2020.tif"
    one, other = (summed(island, name, concelhos, edge, weighted=False) for edge in (1024, size))
    assert one == other


def test_population_by_density_and_area_is_as_published(island: Path, concelhos: list[Any]) -> None:
    """Published with areas on a sphere, so within half a percent."""
    found = summed(island, "gpw_v411_2020_density_2020.tif", concelhos, 32, weighted=True)
    assert [found.sum(zone) / 1e6 for zone in range(6)] == pytest.approx(BY_DENSITY, rel=5e-3)


def test_a_published_map_without_nodata_is_refused(island: Path) -> None:
    with GeoTiffs() as files, pytest.raises(SourceError, match=r"clc2018.*no nodata value.*gdal_translate -a_nodata"):
        files.inspect(str(island / "clc2018_v2020_20u1.tif"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nontiff.jpg", "not a TIFF"),
        ("image_external.tif", "several bands"),
        ("image_sorted.tif", "several bands"),
        ("image_COG_gdal3.1.tif", "several bands"),
        ("cog_no_offest.tif", "no nodata value"),
        ("image_known_incompatible_ghost_headers.tif", "no nodata value"),
    ],
)
def test_files_that_break_other_readers_are_refused_for_what_they_are(corpus: Path, name: str, words: str) -> None:
    """rio-cogeo's own fixtures."""
    path = corpus / "geo" / "rio-cogeo-validate" / "tests" / "fixtures" / "validate" / name
    with GeoTiffs() as files, pytest.raises(SourceError, match=words):
        files.inspect(str(path))


def test_land_cover_by_municipality_is_as_published_and_as_exactextract_has_it(
    island: Path, concelhos: list[Any], tmp_path: Path
) -> None:
    """exactextract's coverage of each cell, by class, times Snyder's area of its row."""
    path = str(tmp_path / "clc.tif")
    with (
        rasterio.open(island / "clc2018_v2020_20u1.tif") as source,
        rasterio.open(path, "w", **(source.profile | {"nodata": 255})) as copy,
    ):
        copy.write(source.read())
    with GeoTiffs() as files:
        grid = files.inspect(path).grid
        zones = zonal.prepare(concelhos, grid)
        parts = [
            zonal.by_class(zones, block, values.astype(np.int32), 45) for block, values in each(files, path, grid, 512)
        ]
        total = zonal.total(parts, (6, 45))
    rows = snyder(grid)
    for zone, entry in enumerate(extracted(path, concelhos, ["values", "coverage", "cell_id"])):
        areas = np.asarray(entry["coverage"]) * rows[np.asarray(entry["cell_id"]) // grid.width]
        theirs = np.bincount(np.asarray(entry["values"]).astype(int), areas, minlength=45)
        ours = np.array([total.at(zone, code) / SQUARE_METRE for code in range(45)])
        assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-9 * theirs.sum())
        assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-9)
        assert CORINE[zone] == pytest.approx({code: 100 * ours[code] / ours.sum() for code in CORINE[zone]}, abs=0.06)


def snyder(grid: Grid) -> NDArray[np.float64]:
    """Area of a cell of each row in square metres, WGS 84 (Snyder 1987, Map Projections, eq. 3-12)."""
    a, e2 = np.longdouble("6378137"), np.longdouble(1) - (1 - 1 / np.longdouble("298.257223563")) ** 2
    e = np.sqrt(e2)
    sine = np.sin(np.deg2rad(grid.transform[5] + grid.transform[4] * np.arange(grid.height + 1, dtype=np.longdouble)))
    q = (1 - e2) * (sine / (1 - e2 * sine**2) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
    areas: NDArray[np.float64] = (a**2 * np.deg2rad(np.longdouble(grid.transform[0])) * (q[:-1] - q[1:]) / 2).astype(
        "f8"
    )
    return areas


WORLDCOVER = (10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100)
BUILT = WORLDCOVER.index(50)
VERSIONS = ("2020_v100", "2021_v200")


@pytest.fixture(scope="module")
def covers(corpus: Path) -> list[tuple[str, RasterFacts]]:
    """São Tomé and Príncipe in ESA's WorldCover 2020 v100 and 2021 v200: a tile of 36,000 x 36,000 cells each."""
    root = corpus / "geo" / "worldcover-saotome" / "tests" / "data-files"
    names = [f"ESA_WorldCover_10m_{version}_N00E006" for version in VERSIONS]
    with GeoTiffs() as files:
        paths = [str(root / name / f"{name}_Map.tif") for name in names]
        return [(path, files.inspect(path)) for path in paths]


def counted(covers: list[tuple[str, RasterFacts]]) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """Cells by both values, (from, to); and of each row: classified in both, built-up in both, before, after."""
    (one, facts), (two, _) = covers
    cross = np.zeros(256 * 256, np.int64)
    rows = {name: np.zeros(facts.grid.height, np.int64) for name in ("all", "both", "before", "after")}
    with GeoTiffs() as files:
        for block in exact.tiling(facts.grid.width, facts.grid.height, 2048):
            before, after = files.read(one, block), files.read(two, block)
            if before.any() or after.any():
                cross += np.bincount(
                    before.ravel().astype(np.int64) * 256 + after.ravel().astype(np.int64), minlength=256 * 256
                )
                masks = {
                    "all": (before != 0) & (after != 0),
                    "both": (before == 50) & (after == 50),
                    "before": (before == 50) & (after != 0),
                    "after": (after == 50) & (before != 0),
                }
                for name, mask in masks.items():
                    rows[name][block.row : block.row + block.rows] += np.count_nonzero(mask, axis=1)
    return cross.reshape(256, 256), rows


def change(covers: list[tuple[str, RasterFacts]]) -> TilePlan:
    """What became what, in the one cell of one degree by three that the tile is."""
    codes = tuple(f"C{value}" for value in WORLDCOVER)
    measures = ("area", "adjusted", "variance", "points")
    grid = covers[0][1].grid
    return TilePlan(
        study=canon.digest(b"study"),
        period="2020-2021",
        method=registry.reference("land_cover_area", "1"),
        layout=Layout(
            dimensions=(Axis(id="ZONE", codes=("TILE",)), Axis(id="FROM", codes=codes), Axis(id="TO", codes=codes)),
            measures=tuple(Measure(id=id, name=id, decimals=6, bound=2**53 - 1) for id in measures),
        ),
        grid=grid.text,
        size=2048,
        layers=tuple(
            TileLayer(
                path=path,
                input=Input(layer=version, name=Path(path).name, product=version, digest=facts.digest, size=facts.size),
            )
            for version, (path, facts) in zip(VERSIONS, covers, strict=True)
        ),
        legends=tuple(
            Legend(
                dimension=id,
                layer=layer,
                low=10,
                codes=tuple(WORLDCOVER.index(value) if value in WORLDCOVER else -1 for value in range(10, 101)),
            )
            for layer, id in enumerate(("FROM", "TO"))
        ),
        zones=(shapely.to_wkb(shapely.box(6, 0, 9, 3)),),
        others=(),
    )


@pytest.fixture(scope="module")
def table(covers: list[tuple[str, RasterFacts]]) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    return counted(covers)


def test_two_versions_of_land_cover_of_sao_tome_agree_on_few_cells_of_built_up_land(
    covers: list[tuple[str, RasterFacts]], table: tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]
) -> None:
    """131,868 cells in 2020 v100, 181,604 in 2021 v200: more than a third more in a year, by another algorithm."""
    cross, _ = table
    with GeoTiffs() as files:
        assert covers[0][1].grid == files.aligned(dict(covers))
    assert (131_868, 181_604, 126_421) == (cross[50].sum(), cross[:, 50].sum(), cross[50, 50])


@pytest.mark.long
def test_areas_of_transitions_are_the_areas_of_their_cells(
    covers: list[tuple[str, RasterFacts]],
    table: tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]],
    tmp_path: Path,
) -> None:
    """Two workers over 1.3 billion cells, twice; beside the cells of each row times Snyder's area."""
    _, rows = table
    areas = np.zeros((len(WORLDCOVER),) * 2)
    for part in runs.run(change(covers), journal=tmp_path, workers=2):
        for place, value in part.values.items():
            areas.flat[int(place)] += int(value) / SQUARE_METRE
    ours = {
        "all": areas.sum(),
        "both": areas[BUILT, BUILT],
        "before": areas[BUILT].sum(),
        "after": areas[:, BUILT].sum(),
    }
    row = snyder(covers[0][1].grid)
    assert ours == pytest.approx({name: float(row @ count) for name, count in rows.items()}, rel=1e-9)
