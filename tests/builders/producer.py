"""A producer's open data, small: two maps of one strip of land, zones that cut cells, a sample; and its true areas.

The strip lies north of the equator, from 6.0 to 7.1 degrees east. The zones meet in the middle of a column. In 2020 its
northern half is trees, in 2021 a quarter of it; all else is built up. The last column has no data.
"""

import csv
import json
import math
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from rasterio.transform import from_origin

from comity.methods import registry
from comity.model import norm as norms
from comity.model.norm import Norm
from comity.model.study import Period, Study, Timing

WEST, NORTH, CELL = 6.0, 1.0, 0.001
WIDTH, HEIGHT = 1100, 40  # two blocks
BORDER: Final = 6.5005  # between the zones
EAST: Final = WEST + (WIDTH - 1) * CELL  # of what has data
PRODUCTS: Final = ("Strip Cover v100", "Strip Cover v200")
POLICY = """\
version = "1"
valid_from = 0
valid_until = 4102444800
officer = false
# Open maps: nothing in them is a person, so nothing is asked of noise or thresholds.
allow = [{ method = "land_cover_area", goals = ["15"], movers = ["*"] }]
national = { publish = true, threshold = 1 }
sealed = { noise_floor = 0, rate = 100, colluding = 1, survivors = 0, witnesses = 0 }

[budget]
epsilon = "1"
delta = "0.001"
"""
BINDING = """\
id = "strip"
version = "1"
norm = "STRIP/1.0.0"

[[maps]]
variable = "CELL"
column = ""

[[maps]]
variable = "YEARS"
column = ""

[[maps]]
variable = "ZONE"
column = "zones"

[[maps]]
variable = "COVER_FROM"
column = "lc-{from}"
codes = { 10 = "TREE", 50 = "BUILT" }
missing = ["0"]

[[maps]]
variable = "COVER_TO"
column = "lc-{to}"
codes = { 10 = "TREE", 50 = "BUILT" }
missing = ["0"]
"""
NORM = """\
id = "STRIP"
version = "1.0.0"
title = "Land cover of a strip"
goal = "15.3.1"
related = true
unit = "CELL"
period = "YEARS"
disclaimer = "A strip for tests."

[authority]
kind = "own"
source = "The tests"
citation = ""

[protection]
unit = "cell"
cells = 1
threshold = 1

[structure]
id = "STRIP"
agency = "COMITY"
version = "1.0.0"
name = "Area by zone and cover"
"""
LISTS: Final = {
    "CL_ZONE": "id,name\nW,Western half\nE,Eastern half\n_T,Both\n",
    "CL_COVER": "id,name\nTREE,Trees\nBUILT,Built up\n_T,All\n",
}


def norm() -> Norm:
    """Zones, and cover at two dates."""
    text = NORM
    for id in ("ZONE", "COVER_FROM", "COVER_TO"):
        listed = "CL_ZONE" if id == "ZONE" else "CL_COVER"
        text += f'\n[[structure.dimensions]]\nid = "{id}"\nname = "{id}"\ncodelist = "{listed}"\n'
    for id, decimals in (("area", 6), ("adjusted", 6), ("variance", 6), ("points", 0)):
        text += f'\n[[structure.measures]]\nid = "{id}"\nname = "{id}"\ndecimals = {decimals}\nbound = {10**15}\n'
    text += "".join(f'\n[[codelists]]\nid = "{id}"\nagency = "COMITY"\nversion = "1.0.0"\n' for id in LISTS)
    for id in ("CELL", "YEARS", "ZONE", "COVER_FROM", "COVER_TO"):
        listed = "" if id in ("CELL", "YEARS") else f'codelist = "CL_{id.partition("_")[0]}"\n'
        text += f'\n[[variables]]\nid = "{id}"\nconcept = "{id}"\nuniverse = "land"\nunit = "cell"\n{listed}'
    files = {f"codes/{id}.csv": rows.encode() for id, rows in LISTS.items()}
    return norms.read({"norm.toml": text.encode(), **files})


def study(period: str, parameters: dict[str, str], *, id: str = "strip") -> Study:
    """Of one date or two, by the period's value."""
    given = norm()
    dimensions = ("ZONE", "COVER_FROM", "COVER_TO") if "to" in parameters else ("ZONE", "COVER_FROM")
    return Study(
        id=id,
        version="1.0.0",
        title="Cover of a strip",
        goal="15.3.1",
        related=True,
        rehearsal=False,
        norm=given.digest,
        method=registry.reference("land_cover_area", "1"),
        parameters=parameters,
        layout=given.structure.layout(dimensions, ("area", "adjusted", "variance", "points")),
        bound=10**15,
        colluding=1,
        noise=None,
        periods=(Period(id=period, value=period),),
        timing=Timing(consent=5, step=3, send=1),
    )


def cover(trees: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """A map whose first rows are trees, all else built up; the last column has no data."""
    values = np.full((HEIGHT, WIDTH), 50, np.uint8)
    values[:trees] = 10
    values[:, -1] = 0
    return values


def write(folder: Path) -> None:
    """lc-2020.tif, lc-2021.tif, zones.geojson, sample-2021.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for year, trees in (("2020", 20), ("2021", 10)):
        raster(folder / f"lc-{year}.tif", cover(trees))
    features = []
    for code, west, east in (("W", WEST, BORDER), ("E", BORDER, WEST + WIDTH * CELL)):
        south = NORTH - HEIGHT * CELL
        ring = [[west, south], [east, south], [east, NORTH], [west, NORTH], [west, south]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"region": code, "name": code}, "geometry": shape})
    (folder / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with (folder / "sample-2021.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("x", "y", "COVER_FROM"))
        for i in range(40):  # ten in each zone and class; one of the western trees is built up
            x = WEST + 0.0105 * (i + 1) if i < 20 else BORDER + 0.0105 * (i - 19)
            trees = i % 2 == 0
            rows.writerow(
                (
                    repr(x),
                    repr(NORTH - 0.0045 if trees else NORTH - 0.0305),
                    "BUILT" if i == 0 else "TREE" if trees else "BUILT",
                )
            )


def raster(path: Path, values: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]", **other: object) -> None:
    """A GeoTIFF on the strip's grid."""
    height, width = values.shape
    profile: dict[str, object] = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": 1,
        "width": width,
        "height": height,
        "crs": "EPSG:4326",
        "transform": from_origin(WEST, NORTH, CELL, CELL),
        "nodata": 0,
        "compress": "deflate",
    }
    with rasterio.open(path, "w", **{**profile, **other}) as file:
        file.write(values, 1)


def square_metres(west: float, east: float, rows: tuple[int, int]) -> float:
    """Area on the WGS 84 ellipsoid between two meridians and two rows of the grid (closed form: Snyder 1987, 3-12)."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    e = math.sqrt(e2)

    def strip(latitude: float) -> float:
        s = math.sin(math.radians(latitude))
        return s / (1 - e2 * s * s) + math.atanh(e * s) / e

    north, south = (NORTH - CELL * row for row in rows)
    return a * a * (1 - e2) / 2 * math.radians(east - west) * (strip(north) - strip(south))
