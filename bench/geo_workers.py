"""geo.workers: a whole run over rasters by two worker processes, beside the same run by one process.

Both sides are `adapters.runs.run`: digests of the files, blocks, a durable journal, the start of the workers. Ratio is
two against one: 0.5 would be the machine's two cores for nothing else.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window

from bench.row import Row
from comity import canon
from comity.adapters import runs
from comity.adapters.rasters import GeoTiffs
from comity.methods import registry
from comity.model.blocks import Input, Part
from comity.model.structure import Axis, Layout, Measure
from comity.stages.tiles import EDGE, Legend, TileLayer, TilePlan

EDGE_CELLS = 30_000  # rows and columns of the raster
ZONES = 16  # along each side: islands, 256 in all
VERTICES = 400  # of an island
CLASSES = 11
CELL = 100.0  # metres, EPSG:6933
ROUNDS = 2
PATCH, STRIP = 50, 3_000


def write(path: Path, seed: int) -> str:
    """Patches of classes, as maps have them, and in one cell of ten another class; seeded, strip by strip."""
    dice = np.random.Generator(np.random.PCG64(seed))
    profile = {
        "driver": "GTiff", "width": EDGE_CELLS, "height": EDGE_CELLS, "count": 1, "dtype": "uint8", "nodata": 255,
        "crs": "EPSG:6933", "transform": Affine(CELL, 0, 0, 0, -CELL, 0),
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 1, "num_threads": 2,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for row in range(0, EDGE_CELLS, STRIP):
            fields = dice.integers(0, CLASSES, (STRIP // PATCH, EDGE_CELLS // PATCH), dtype="u1")
            patches = np.kron(fields, np.ones((PATCH, PATCH), "u1"))
            strewn = dice.integers(0, 10 * CLASSES, patches.shape, dtype="u1")
            file.write(np.where(strewn < CLASSES, strewn, patches), 1, window=Window(0, row, EDGE_CELLS, STRIP))
    return str(path)


def islands() -> list[bytes]:
    """Rough outlines, one in each square of a chessboard's net."""
    dice = np.random.Generator(np.random.PCG64(3))
    step = EDGE_CELLS * CELL / ZONES
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    found = []
    for place in range(ZONES**2):
        radius = step * (0.35 + 0.1 * np.sin(5 * turn) + 0.04 * dice.random(VERTICES))
        x, y = (place % ZONES + 0.5) * step, -(place // ZONES + 0.5) * step
        ring = np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])
        found.append(shapely.to_wkb(shapely.Polygon(ring)))
    return found


def plan(folder: Path) -> TilePlan:
    """What became what between two maps, by island."""
    codes = tuple(f"C{code}" for code in range(CLASSES))
    zones = islands()
    layers = []
    with GeoTiffs() as files:
        for seed in (1, 2):
            facts = files.inspect(write(folder / f"{seed}.tif", seed))
            entry = Input(layer=f"{seed}", name=f"{seed}.tif", product="", digest=facts.digest, size=facts.size)
            layers.append(TileLayer(path=str(folder / f"{seed}.tif"), input=entry))
    measures = ("area", "adjusted", "variance", "points")
    dimensions = ("FROM", "TO")
    return TilePlan(
        study=canon.digest(b"bench"),
        period="1-2",
        method=registry.reference("land_cover_area", "1"),
        layout=Layout(
            dimensions=(
                Axis(id="ZONE", codes=tuple(f"Z{zone}" for zone in range(len(zones)))),
                *(Axis(id=id, codes=codes) for id in dimensions),
            ),
            measures=tuple(Measure(id=id, name=id, decimals=0, bound=1) for id in measures),
        ),
        grid=facts.grid.text,
        size=EDGE,
        layers=tuple(layers),
        legends=tuple(
            Legend(dimension=id, layer=layer, low=0, codes=tuple(range(CLASSES))) for layer, id in enumerate(dimensions)
        ),
        zones=tuple(zones),
        others=(),
    )


def timed(asked: TilePlan, workers: int) -> tuple[float, tuple[Part, ...]]:
    """Seconds of one run from nothing, and its parts."""
    with tempfile.TemporaryDirectory() as journal:
        started = time.perf_counter()
        made = runs.run(asked, journal=Path(journal), workers=workers)
        return time.perf_counter() - started, made


def run() -> list[Row]:
    """The best of interleaved rounds, so that a slow moment hits neither; the first may compile."""
    with tempfile.TemporaryDirectory() as folder:
        asked = plan(Path(folder))
        rounds = [(timed(asked, 1), timed(asked, 2)) for _ in range(ROUNDS)]
        if any(one[1] != two[1] for one, two in rounds):
            raise SystemExit("bench geo.workers: two workers give other parts than one")
        one = min(seconds for (seconds, _), _ in rounds)
        two = min(seconds for _, (seconds, _) in rounds)
        size = sum(Path(layer.path).stat().st_size for layer in asked.layers) // 1_000_000
    return [
        Row(
            bench="geo.workers",
            n=EDGE_CELLS**2,
            ours_s=two,
            bound_s=None,
            ratio=two / one,
            per_s=EDGE_CELLS**2 / two,
            peer="one process",
            peer_s=one,
            note=f"cells of two maps ({size} MB), {CLASSES} x {CLASSES} classes, {ZONES**2} zones; two workers "
            "started anew, with digests and journal; ratio: to one process; 0.5 is two cores for nothing else",
        )
    ]
