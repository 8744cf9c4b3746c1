"""A plan over two small rasters and three zones, and its parts reckoned by numpy on whole and half cells."""

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from comity import canon
from comity.adapters.rasters import GeoTiffs
from comity.methods import registry
from comity.model.blocks import SQUARE_METRE, Block, Input, Part
from comity.model.structure import Axis, Layout, Measure
from comity.stages.tiles import Legend, TileLayer, TilePlan
from tests.adapters.tiffs import NORTH_UP, classes, tiff

ZONES = {  # west, south, east, north in cells; the shared edge halves a column of cells
    "A": (3.0, 5.0, 40.5, 60.0),
    "B": (40.5, 5.0, 110.0, 60.0),
    "C": (0.0, 60.0, 128.0, 70.0),
}
CODES = ("A", "B", "C", "D")  # D has no polygon
CLASSES = ("TREE", "CROP", "BARE")  # values 1, 2, 4; others are no class
LEGEND = {1: 0, 2: 1, 4: 2}
CELL = 100 * 100 * SQUARE_METRE


def layout() -> Layout:
    measures = ("area", "adjusted", "variance", "points")
    return Layout(
        dimensions=(
            Axis(id="ZONE", codes=CODES),
            Axis(id="LC_FROM", codes=CLASSES),
            Axis(id="LC_TO", codes=CLASSES),
        ),
        measures=tuple(Measure(id=id, name=id, decimals=6 * (id != "points"), bound=2**53 - 1) for id in measures),
    )


def plan(folder: Path, *, size: int = 32, rows: int = 96, columns: int = 128) -> TilePlan:
    """Both rasters are written into the folder, unless they are there."""
    layers = []
    with GeoTiffs() as files:
        for seed, year in enumerate(("2020", "2021")):
            path = folder / f"lc{year}.tif"
            if not path.exists():
                tiff(path, classes(rows, columns, seed=seed))
            facts = files.inspect(str(path))
            entry = Input(layer=year, name=path.name, product=f"LC v{seed}", digest=facts.digest, size=facts.size)
            layers.append(TileLayer(path=str(path), input=entry))
    return TilePlan(
        study=canon.digest(b"study"),
        period="2020-2021",
        method=registry.reference("land_cover_area", "1"),
        layout=layout(),
        grid=facts.grid.text,
        size=size,
        layers=tuple(layers),
        legends=tuple(
            Legend(dimension=dimension, layer=layer, low=1, codes=(0, 1, -1, 2))
            for layer, dimension in enumerate(("LC_FROM", "LC_TO"))
        ),
        zones=tuple(shapely.to_wkb(polygon(ZONES[code])) if code in ZONES else b"" for code in CODES),
        others=(),
    )


def polygon(edges: tuple[float, float, float, float]) -> shapely.Polygon:
    """A rectangle in the grid's CRS; `edges` in cells from the north-west."""
    west, north, east, south = edges
    a, _, c, _, e, f = NORTH_UP[:6]
    return shapely.box(c + a * west, f + e * south, c + a * east, f + e * north)


def truth(block: Block, rows: int = 96, columns: int = 128) -> Part:
    """The block's part by counting cells."""
    one, two = (_read(classes(rows, columns, seed=seed)) for seed in (0, 1))
    values = {}
    for zone, code in enumerate(CODES):
        share = _share(code, rows, columns)
        for index in range(len(CLASSES) ** 2):
            mask = (one * len(CLASSES) + two == index) & (one >= 0) & (two >= 0)
            inside = np.zeros_like(mask)
            inside[block.row : block.row + block.rows, block.column : block.column + block.columns] = True
            halves = int((share * (mask & inside)).sum())
            if halves:
                values[str(zone * len(CLASSES) ** 2 + index)] = str(halves * CELL // 2)
    return Part(block=block, values=values)


def _read(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    table = np.full(256, -1)
    table[list(LEGEND)] = list(LEGEND.values())
    return table[values]


def _share(code: str, rows: int, columns: int) -> NDArray[np.int64]:
    """Of each cell in the zone, in halves."""
    west, north, east, south = ZONES.get(code, (0.0, 0.0, 0.0, 0.0))
    at = np.arange(columns)
    across = np.clip(np.minimum(at + 1, east) - np.maximum(at, west), 0, 1) * 2
    down = (np.arange(rows) >= north) & (np.arange(rows) < south)
    return np.outer(down, across).astype(np.int64)
