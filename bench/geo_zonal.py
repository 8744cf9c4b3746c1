"""Zonal sums of 300 fractal polygons over 10,000 x 10,000 cells, beside reading the file, and beside exactextract.

One process and one thread each. `geo.zonal-float`: sums of a float32 raster; `geo.zonal-class`: area of 11 classes of a
byte raster. Bound: GDAL reads every block of the file once and nobody looks at it.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import exactextract
import numpy as np
import rasterio
import shapely
from exactextract.raster import RasterioRasterSource
from numpy.typing import NDArray
from rasterio.windows import Window

from bench.row import Row
from comity.geo import zonal
from comity.geo.grid import Grid
from comity.model.blocks import Block, tiling

EDGE, SIZE, CLASSES, ZONES = 10_000, 512, 11, 300
TRANSFORM = (10.0, 0.0, 0.0, 0.0, -10.0, 0.0)
GRID = Grid(crs="EPSG:6933", transform=TRANSFORM, width=EDGE, height=EDGE)


def run() -> list[Row]:
    """Two rows; the best of five runs of ours and of the bound, in turns; one of the peer, which takes long."""
    dice = np.random.default_rng(20)
    polygons = [fractal(dice, column, row) for row in range(15) for column in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        floats = written(Path(folder) / "float.tif", surface(dice).astype(np.float32), predictor=3)
        bytes_ = written(Path(folder) / "class.tif", classed(surface(dice)), predictor=1)
        return [
            measured("geo.zonal-float", floats, polygons, sums, ["sum"], "float32 sums"),
            measured("geo.zonal-class", bytes_, polygons, areas, ["frac", "unique"], f"area of {CLASSES} classes"),
        ]


def fractal(dice: np.random.Generator, column: int, row: int) -> shapely.Polygon:
    """A star around the middle of its rectangle, with noise on every scale; 360 vertices, never crossing itself."""
    angles = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    rough = sum(np.cos(angles * n + dice.uniform(0, 7)) * dice.normal(0, 1) / n for n in range(2, 60))
    radius = 0.85 + 0.15 * rough / np.abs(rough).max()
    x, y = (
        5000 * column + 2500 + 2500 * radius * np.cos(angles),
        20000 / 3 * (row + 0.5 + 0.5 * radius * np.sin(angles)),
    )
    return shapely.Polygon(np.c_[x, -y])


def surface(dice: np.random.Generator) -> NDArray[np.float64]:
    """Smooth ground with rough skin, as heights and land cover have it."""
    axis = np.arange(EDGE)
    ground = np.zeros((EDGE, EDGE))
    for n in (3, 11, 47, 200):
        wave = np.sin(axis / EDGE * n * 6 + dice.uniform(0, 7))
        ground += np.outer(wave, np.roll(wave, EDGE // 3)) * 100 / n
    return ground + dice.normal(0, 1, (EDGE, EDGE))


def classed(ground: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Eleven classes by height."""
    low, high = np.percentile(ground[::50, ::50], [1, 99])
    classes: NDArray[np.uint8] = np.clip((ground - low) / (high - low) * CLASSES, 0, CLASSES - 1).astype(np.uint8)
    return classes


def written(path: Path, cells: NDArray[Any], *, predictor: int) -> Path:
    """A tiled GeoTIFF, DEFLATE."""
    profile = {"driver": "GTiff", "width": EDGE, "height": EDGE, "count": 1, "dtype": cells.dtype, "crs": GRID.crs}
    tiles = {"tiled": True, "blockxsize": SIZE, "blockysize": SIZE, "compress": "deflate", "predictor": predictor}
    with rasterio.open(path, "w", transform=rasterio.Affine(*TRANSFORM), **profile, **tiles) as file:
        file.write(cells, 1)
    return path


def blocks(path: Path) -> Iterator[tuple[Block, NDArray[Any]]]:
    """Every block of a file, read."""
    with rasterio.open(path) as file:
        for block in tiling(EDGE, EDGE, SIZE):
            yield block, file.read(1, window=Window(block.column, block.row, block.columns, block.rows))


def read(path: Path, _: list[shapely.Polygon]) -> None:
    """The bound."""
    for _block in blocks(path):
        pass


def sums(path: Path, polygons: list[shapely.Polygon]) -> float:
    """Sum of each zone; returns that of all."""
    zones = zonal.prepare(polygons, GRID)
    parts = (zonal.sums(zones, block, cells).total for block, cells in blocks(path))
    return float(sum(zonal.total(parts, (len(polygons),)).ints()))


def areas(path: Path, polygons: list[shapely.Polygon]) -> float:
    """Area of each class in each zone; returns that of all."""
    zones = zonal.prepare(polygons, GRID)
    parts = (zonal.by_class(zones, block, cells.astype(np.int32), CLASSES) for block, cells in blocks(path))
    return float(sum(zonal.total(parts, (len(polygons), CLASSES)).ints()))


def measured(
    bench: str, path: Path, polygons: list[shapely.Polygon], work: Callable[..., object], asked: list[str], what: str
) -> Row:
    """Ours, the bound and the peer on one file."""
    work(path, polygons[:3])  # machine code is made once, and kept
    pairs = [(seconds(work, path, polygons), seconds(read, path, polygons)) for _ in range(5)]
    ours, bound = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    peer = seconds(extracted, path, polygons, asked)
    vertices = sum(shapely.get_num_coordinates(polygon) for polygon in polygons)
    return {
        "bench": bench,
        "n": EDGE * EDGE,
        "ours_s": ours,
        "bound_s": bound,
        "ratio": ours / bound,
        "per_s": EDGE * EDGE / ours,
        "peer": f"exactextract {exactextract.__version__}",
        "peer_s": peer,
        "note": f"cells; {what}, {ZONES} zones of {vertices} vertices, blocks of {SIZE} read, DEFLATE "
        f"({path.stat().st_size / 1e6:.0f} MB); bound: the bare read by rasterio {rasterio.__version__}",
    }


def seconds(work: Callable[..., object], *arguments: object) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def extracted(path: Path, polygons: list[shapely.Polygon], asked: list[str]) -> None:
    """The peer, by its faster strategy."""
    features = [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(p)} for p in polygons]
    with rasterio.open(path) as file:
        exactextract.exact_extract(RasterioRasterSource(file), features, asked, strategy="feature-sequential")
