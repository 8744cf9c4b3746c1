"""Make a whole country: rasters, zones, reference samples, and the truth that nobody else can know.

    .venv/bin/python -m examples.geo_country.make --out build/geo

Everything is synthetic and seeded. Areas in truth.json have a closed form (`truth.py`), made without Comity, which
never reads that file. Everything is written at once or not at all.
"""

import argparse
import csv
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import rasterio
import shapely
from rasterio.transform import Affine
from shapely.geometry import mapping

from comity.errors import ComityError, UsageError
from examples.geo_country import country, sample, truth
from examples.geo_country.scene import Arrangement
from examples.geo_country.truth import Raster

RASTERS: Final = (*country.V1, *country.V2, "belts")
SAMPLED: Final = {
    "sample-2020-2024": ("change", ("COVER_FROM", "COVER_TO")),
    "sample-2024": ("green", ("BELT", "COVER")),
}
SYNTHETIC: Final = "SYNTHETIC: an invented country; nothing was observed"
SMALLEST, LARGEST = 200, 20_000  # cells along an edge


def rasters(scene: Arrangement, raster: Raster, out: Path) -> None:
    """GeoTIFFs as a cloud reads them: tiles of 512, DEFLATE, nodata."""
    profile: dict[str, Any] = {
        "driver": "GTiff", "dtype": "uint8", "count": 1, "width": raster.size, "height": raster.size,
        "crs": "EPSG:4326", "transform": Affine(raster.cell, 0, country.WEST, 0, -raster.cell, country.NORTH),
        "nodata": country.NODATA, "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate",
    }  # fmt: skip
    for name in RASTERS:
        with rasterio.open(out / f"{name}.tif", "w", **profile) as file:
            file.update_tags(TIFFTAG_IMAGEDESCRIPTION=SYNTHETIC)
            file.write(scene.drawn(name, raster.x, raster.y), 1)


def zones() -> dict[str, Any]:
    """The partition of the country as a boundary set: the disputed area is a unit of its own."""
    painted: dict[int, Any] = {}
    for shape in country.PROVINCES:
        at, zone = shapely.box(shape.at.west, shape.at.south, shape.at.east, shape.at.north), shape.says["zone"]
        painted = {other: land.difference(at) for other, land in painted.items()}
        painted[zone] = painted[zone].union(at) if zone in painted else at
    return {
        "type": "FeatureCollection",
        "id": "vesland-provinces",
        "version": "1.0.0",
        "source": SYNTHETIC,
        "license": "CC0-1.0",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "code": code,
                    "name": name,
                    "status": "disputed" if code in country.DISPUTED else "area",
                    "claimed_by": list(country.DISPUTED.get(code, ())),
                },
                "geometry": mapping(shapely.orient_polygons(shapely.normalize(painted[zone]))),
            }
            for zone, (code, name) in country.ZONES.items()
        ],
    }


def samples(scene: Arrangement, raster: Raster, *, number: int, seed: int) -> dict[str, tuple[str, int]]:
    """CSV texts by name, and how many points each has."""
    texts: dict[str, tuple[str, int]] = {}
    for name, (table, columns) in SAMPLED.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("x", "y", *columns))
        count = 0
        for x, y, reference in sample.points(scene, raster, truth.TABLES[table], number=number, seed=seed):
            writer.writerow((repr(x), repr(y), *reference))
            count += 1
        texts[name] = (text.getvalue(), count)
    return texts


def write(out: Path, *, size: int, seed: int, points: int) -> dict[str, Any]:
    """Make everything in a folder beside `out`, which takes its place when all is there. Returns what there is."""
    scene, raster = country.arrangement(seed), Raster(size=size)
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        rasters(scene, raster, beside)
        _write(beside / "zones.geojson", zones())
        drawn = samples(scene, raster, number=points, seed=seed)
        for name, (text, _) in drawn.items():
            (beside / f"{name}.csv").write_text(text, "utf-8")
        about = {
            "synthetic": SYNTHETIC, "seed": seed, "size": size, "cell": raster.cell, "mapped_cells": size * size,
            "zones": dict(country.ZONES.values()),
            "points": {name: count for name, (_, count) in drawn.items()},
        }  # fmt: skip
        _write(beside / "truth.json", about | {"tables": truth.tables(scene, raster)})
        os.chmod(beside, 0o755)
        os.rename(beside, out)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return about


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m examples.geo_country.make", description="Make a whole country.")
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--size", type=int, default=8000, help="cells along an edge of each raster")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", type=int, default=4000, help="of a reference sample, about")
    given = parser.parse_args(argv)
    try:
        if given.out.exists():
            raise UsageError("is there already", where="--out", found=str(given.out), wanted="a new folder")
        if not SMALLEST <= given.size <= LARGEST:
            raise UsageError(
                "not a size", where="--size", found=str(given.size), wanted=f"{SMALLEST} to {LARGEST} cells"
            )
        about = write(given.out, size=given.size, seed=given.seed, points=given.points)
    except ComityError as error:
        print(f"make: {error}", file=sys.stderr)
        return error.exit
    print(f"{SYNTHETIC} (seed {about['seed']})")
    print(
        f"{len(RASTERS)} rasters of {about['size']:,} x {about['size']:,} cells of {about['cell']:g} degrees, "
        f"{len(about['zones'])} zones"
    )
    for name, count in about["points"].items():
        print(f"{name}: {count:,} reference points")
    return 0


if __name__ == "__main__":
    sys.exit(main())
