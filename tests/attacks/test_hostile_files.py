"""Files from anywhere: whoever reads them ends with an error of ours, soon, and never with a crash or a full memory."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from comity.adapters import outlines
from comity.adapters.rasters import GeoTiffs
from comity.errors import ComityError, FormatError, SourceError
from comity.geo import boundaries
from comity.geo.grid import ROWS, Grid
from comity.pages import shapes
from comity.sdmx import dataset
from comity.sdmx.dataset import Columns
from comity.stages import points
from tests.builders import producer

SQUARE = [[[6, 0], [7, 0], [7, 1], [6, 1], [6, 0]]]


def zone(coordinates: object, code: str = "W", **more: object) -> bytes:
    """A FeatureCollection of one polygon."""
    shape = {"type": "Polygon", "coordinates": coordinates}
    feature = {"type": "Feature", "properties": {"code": code}, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **more}).encode()


DEEP = b'{"type":"FeatureCollection","features":' + b"[" * 200_000
NESTED = zone("NEST").replace(b'"NEST"', b"[" * 900 + b"]" * 900)
HOSTILE = {
    "deep": DEEP,
    "nested": NESTED,
    "not a number": zone([[[float("nan"), 0], [1, 1], [2, 0], [float("nan"), 0]]]),
    "a number of 400 digits": zone([[[10**400, 0], [1, 1], [2, 2], [10**400, 0]]]),
    "off the globe": zone([[[1000, 0], [1001, 1], [1002, 0], [1000, 0]]]),
    "text for numbers": zone("abc"),
    "nothing": zone([[[]]]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_outlines_that_are_none_are_refused(kind: str) -> None:
    """Where an office adds them, and where anyone reads those of a release."""
    with pytest.raises(ComityError):
        boundaries.read(outlines.read(HOSTILE[kind], "code", "zones.geojson"))
    with pytest.raises(FormatError):
        boundaries.read(HOSTILE[kind])


@pytest.mark.parametrize("coordinates", [[], [[]], [[[10**400, 0], [1, 1], [2, 2], [10**400, 0]]]])
def test_outlines_that_cannot_be_drawn_are_refused(coordinates: object) -> None:
    """Whoever makes a page again draws what the producer published."""
    both = json.loads(zone(SQUARE))
    both["features"] += json.loads(zone(coordinates, code="E"))["features"]
    for data in (json.dumps(both), DEEP):
        with pytest.raises(FormatError):
            shapes.read(data)


@pytest.mark.parametrize("crs", ["EPSG:3857", {"properties": ["EPSG:3857"]}, {"properties": "x"}, ["x"], 3857])
def test_a_reference_system_of_any_shape_is_read_or_refused(crs: object) -> None:
    with pytest.raises(SourceError, match="longitude and latitude"):
        outlines.read(zone(SQUARE, crs=crs), "code", "zones.geojson")


def test_half_a_character_is_no_code() -> None:
    with pytest.raises(SourceError, match="not GeoJSON"):
        outlines.read(zone(SQUARE, code="\ud800"), "code", "zones.geojson")


def test_many_zones_take_no_longer_than_they_should() -> None:
    """Each code was compared with every other: 60,000 zones took 100 seconds."""
    features = [{"properties": {"code": str(i)}, "geometry": {"type": "Polygon"}} for i in range(30_000)]
    begun = time.monotonic()
    outlines.read(json.dumps({"features": features}).encode(), "code", "zones.geojson")
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize("x", ["nan", "inf", "-inf", "1e308", "\x00"])
def test_a_point_that_is_nowhere_is_refused(x: str) -> None:
    """`float` reads more than a place on a map."""
    study, norm = producer.study("2021", {"from": "x"}), producer.norm()
    grid = Grid(crs="EPSG:4326", transform=(0.001, 0.0, 6.0, 0.0, -0.001, 1.0), width=10, height=10)
    data = f"x,y,COVER_FROM\n{x},0.99,TREE\n".encode()
    with pytest.raises(SourceError):
        points.places(grid, points.points(data, study, norm, where="sample.csv"), where="sample.csv")


def test_a_raster_of_more_rows_than_the_earth_has_is_refused_before_they_are_counted(tmp_path: Path) -> None:
    """A file of a few bytes may claim two thousand million rows; the area of each was computed."""
    path = tmp_path / "tall.tif"
    place = from_origin(6, 1, 1e-9, 1e-9)
    about = {"driver": "GTiff", "dtype": "uint8", "count": 1, "crs": "EPSG:4326", "nodata": 0, "SPARSE_OK": True}
    shape = {"width": 1, "height": ROWS + 1, "tiled": True, "blockxsize": 16, "blockysize": 65536}
    with rasterio.open(path, "w", transform=place, **about, **shape):
        pass
    begun = time.monotonic()
    with GeoTiffs() as files, pytest.raises(SourceError, match="extent"):
        files.inspect(str(path))
    assert time.monotonic() - begun < 5


def test_a_tile_that_unpacks_to_more_than_memory_is_refused(tmp_path: Path) -> None:
    """One tile for the whole image: each block that is read unpacks all of it."""
    path = tmp_path / "tile.tif"
    about = {"driver": "GTiff", "dtype": "uint8", "count": 1, "crs": "EPSG:4326", "nodata": 0, "SPARSE_OK": True}
    shape = {"width": 20_000, "height": 20_000, "tiled": True, "compress": "deflate"}
    shape |= {"blockxsize": 20_000, "blockysize": 20_000}
    with rasterio.open(path, "w", transform=from_origin(6, 1, 1e-6, 1e-6), **about, **shape):
        pass
    with GeoTiffs() as files, pytest.raises(SourceError, match="a tile, or a strip"):
        files.inspect(str(path))


def test_damaged_parquet_is_no_parquet() -> None:
    """Arrow calls it an error of the system, of text or of a type, wherever the damage is."""
    columns = Columns(dimensions=("AREA",), measures=("OBS_VALUE",), attributes=())
    rows = dataset.of([{"AREA": "X", "OBS_VALUE": "1"}], columns, kind="datastructure", structure="A:B(1.0)")
    whole, dice = dataset.parquet(rows), np.random.default_rng(1)
    for _ in range(400):
        data = bytearray(whole)
        data[int(dice.integers(len(data)))] = int(dice.integers(256))
        try:
            dataset.read_parquet(bytes(data[: int(dice.integers(len(data) // 2, len(data) + 1))]))
        except FormatError:
            continue
