"""The STAC Item of a release: what pystac and the specification's own JSON schema say of it, and where it lies."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pystac
import pytest
import shapely
from jsonschema.protocols import Validator  # type: ignore[import-untyped]
from pyproj import Geod
from referencing import Registry, Resource

from comity import canon
from comity.errors import FormatError, SourceError
from comity.geo.grid import Grid
from comity.geo.stac import Asset, footprint, interval, item
from comity.model.blocks import Input

ITEMS = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema"
DATA = b"OBS_VALUE\n1\n"
SAO_TOME = Grid(crs="EPSG:4326", transform=(1 / 12000, 0.0, 6.0, 0.0, -1 / 12000, 1.0), width=12000, height=12000)
MOLDOVA = Grid(crs="EPSG:3035", transform=(100.0, 0.0, 5_600_000.0, 0.0, -100.0, 2_900_000.0), width=900, height=700)
FIJI = Grid(crs="EPSG:4326", transform=(0.5, 0.0, 176.0, 0.0, -0.5, -15.0), width=12, height=10)


def made(grid: Grid = SAO_TOME, period: str = "2020") -> dict[str, Any]:
    asset = Asset(
        href="./figures.csv",
        title="Figures",
        media_type="text/csv",
        roles=("data",),
        digest=canon.digest(DATA),
        size=len(DATA),
    )
    digest = canon.digest(b"tile")
    given = Input(layer="land-2020", name="N00E006.tif", product="ESA WorldCover v100", digest=digest, size=4)
    return item(
        id="land-cover-2020",
        title="Land cover",
        description="Area by class",
        grid=grid,
        period=period,
        created=1_700_000_000,
        assets=[asset],
        inputs=[given],
        method="land_cover_area/1",
        software={"comity": "0.1.0"},
    )


@pytest.fixture(scope="module")
def schema() -> Validator:
    """The Item schema of STAC 1.1.0, as it comes with pystac; the extensions' schemas are not among them."""
    folder = Path(pystac.__file__).parent / "validation" / "jsonschemas"
    schemas = {path: json.loads(path.read_text("utf-8")) for path in folder.rglob("*.json")}
    # By the name of the file: the identifier that one of them gives itself lacks its dot.
    named = {f"{one['$id'].rpartition('/')[0]}/{path.name}": one for path, one in schemas.items()}
    registry: Registry[Any] = Registry().with_resources((id, Resource.from_contents(one)) for id, one in named.items())
    return jsonschema.Draft7Validator(named[f"{ITEMS}/item.json"], registry=registry)


@pytest.mark.parametrize("grid", [SAO_TOME, MOLDOVA, FIJI], ids=["degrees", "metres", "antimeridian"])
def test_the_specifications_schema_has_nothing_against_it(schema: Validator, grid: Grid) -> None:
    assert [] == [error.message for error in schema.iter_errors(made(grid))]


def test_the_schema_would_say_so(schema: Validator) -> None:
    """It does refuse an item without a time."""
    broken = made()
    del broken["properties"]["datetime"]
    assert not schema.is_valid(broken)


def test_pystac_reads_it() -> None:
    """And writes back what it read."""
    read = pystac.Item.from_dict(made(), preserve_dict=True)
    assert "land-cover-2020" == read.id
    assert read.datetime is None
    assert datetime(2020, 1, 1, tzinfo=UTC) == read.common_metadata.start_datetime
    assert datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC) == read.common_metadata.end_datetime
    assert read.to_dict(include_self_link=False, transform_hrefs=False) == made()


def test_pystac_reads_the_extensions() -> None:
    """Checksums, the grid and the lineage stand where their extensions look for them."""
    from pystac.extensions.file import FileExtension
    from pystac.extensions.projection import ProjectionExtension

    read = pystac.Item.from_dict(made())
    file = FileExtension.ext(read.assets["figures.csv"])
    assert ("1220" + canon.hex_of(canon.digest(DATA)), len(DATA)) == (file.checksum, file.size)
    projection = ProjectionExtension.ext(read)
    assert ("EPSG:4326", [12000, 12000]) == (projection.code, projection.shape)
    assert [1 / 12000, 0.0, 6.0, 0.0, -1 / 12000, 1.0] == projection.transform
    lineage = read.properties["processing:lineage"]
    assert "ESA WorldCover v100" in lineage
    assert canon.digest(b"tile") in lineage


def test_it_is_made_of_plain_json_values() -> None:
    assert made() == json.loads(json.dumps(made(), allow_nan=False))


def test_the_footprint_of_a_grid_in_degrees_is_its_box() -> None:
    bbox, geometry = footprint(SAO_TOME)
    assert [6.0, 0.0, 7.0, 1.0] == bbox
    assert shapely.box(6, 0, 7, 1).equals(shapely.geometry.shape(geometry))


def test_the_footprint_of_a_grid_in_metres_lies_in_its_box_and_has_the_grids_area() -> None:
    bbox, geometry = footprint(MOLDOVA)
    outline, box = shapely.geometry.shape(geometry), shapely.box(*bbox)
    assert outline.is_valid
    assert box.buffer(1e-6).covers(outline)
    area = Geod(ellps="GRS80").geometry_area_perimeter(outline)[0]
    assert 900 * 700 * 100.0**2 == pytest.approx(area, rel=1e-4)  # an equal-area grid: counter-clockwise, and whole
    assert 26 < bbox[0] < bbox[2] < 31


def test_a_grid_across_the_antimeridian_is_two_polygons() -> None:
    """RFC 7946, 5.2: its box has the west above the east."""
    bbox, geometry = footprint(FIJI)
    assert [176.0, -20.0, -178.0, -15.0] == bbox
    halves = shapely.geometry.shape(geometry)
    assert "MultiPolygon" == halves.geom_type
    assert [(-180.0, -20.0, -178.0, -15.0), (176.0, -20.0, 180.0, -15.0)] == sorted(p.bounds for p in halves.geoms)


@pytest.mark.parametrize(("west", "width"), [(-180.0, 720), (0.0, 720)])
def test_a_globe_has_one_footprint_wherever_it_begins(west: float, width: int) -> None:
    grid = Grid(crs="EPSG:4326", transform=(0.5, 0.0, west, 0.0, -0.5, 90.0), width=width, height=360)
    assert [-180.0, -90.0, 180.0, 90.0] == footprint(grid)[0]


def test_a_grid_round_the_pole_has_a_footprint() -> None:
    grid = Grid(crs="EPSG:6931", transform=(1e5, 0.0, -2e6, 0.0, -1e5, 2e6), width=40, height=40)
    bbox, geometry = footprint(grid)
    assert (-180.0, 180.0, 90.0) == (bbox[0], bbox[2], bbox[3])
    assert shapely.geometry.shape(geometry).is_valid


def test_a_grid_beyond_the_earth_is_refused() -> None:
    grid = Grid(crs="EPSG:6933", transform=(1e5, 0.0, 9e8, 0.0, -1e5, 9e8), width=4, height=4)
    with pytest.raises(SourceError, match="nowhere on the Earth"):
        footprint(grid)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2020", "2020-01-01T00:00:00Z", "2020-12-31T23:59:59Z"),
        ("2020/2021", "2020-01-01T00:00:00Z", "2021-12-31T23:59:59Z"),
        ("2020-02", "2020-02-01T00:00:00Z", "2020-02-29T23:59:59Z"),
        ("2020-06-30", "2020-06-30T00:00:00Z", "2020-06-30T23:59:59Z"),
    ],
)
def test_a_period_is_an_interval(period: str, first: str, last: str) -> None:
    assert (first, last) == interval(period)


@pytest.mark.parametrize("period", ["", "summer", "2020-13", "2020-02-30", "2024-2020", "0000", "20200"])
def test_a_period_that_is_no_time_is_refused(period: str) -> None:
    with pytest.raises(FormatError, match="says no time"):
        interval(period)


def test_two_assets_of_one_name_are_refused() -> None:
    given = made()["assets"]["figures.csv"]
    asset = Asset(href="a", title="A", media_type=given["type"], roles=(), digest=canon.digest(b""), size=0)
    with pytest.raises(FormatError, match="two assets"):
        item(
            id="x",
            title="x",
            description="x",
            grid=SAO_TOME,
            period="2020",
            created=0,
            assets=[asset, asset],
            inputs=[],
            method="m/1",
            software={},
        )
