"""The invented country: its areas against independent libraries, its sample against its ground, its texts."""

import csv
import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from exactextract import exact_extract

from comity import canon
from comity.geo import boundaries
from comity.methods import registry
from comity.model import norm, policy, source
from comity.model.study import read as draft
from comity.model.study import settle, unsound
from comity.stages import misfits
from examples.geo_country import country, ellipsoid, make, sample, truth
from examples.geo_country.scene import Arrangement, Box, Shape
from examples.geo_country.truth import Raster

HERE = Path(make.__file__).parent
SCENE = country.arrangement(1)
SMALL = 400  # cells along an edge
STUDIES = {"change": "cover", "versions": "cover", "green": "green"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole country on a coarse raster."""
    out = tmp_path_factory.mktemp("geo") / "country"
    make.write(out, size=SMALL, seed=1, points=600)
    return out


def bundle(name: str) -> norm.Norm:
    """A norm of the example."""
    folder = HERE / f"norm-{name}"
    return norm.read({path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")})


def test_a_box_on_the_ellipsoid_has_the_area_that_geographiclib_gives() -> None:
    """Its parallels are no geodesics: PROJ is given a vertex each ten metres or so."""
    box = Box(west=-38.5, south=57.25, east=-38.25, north=57.3)
    x = np.linspace(box.west, box.east, 2001)
    ring = shapely.Polygon([*((one, box.south) for one in x), *((one, box.north) for one in x[::-1])])
    area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(ring)
    assert box.area == pytest.approx(area, rel=1e-7)
    assert 4 * np.pi * ellipsoid.strip(90) / 1e6 == pytest.approx(510_065_621.724, abs=1e-3)


def test_an_oval_holds_what_a_fine_raster_counts_in_it() -> None:
    oval = next(shape for shape in SCENE.ovals)
    raster = Raster(size=40_000)
    assert truth._cells(oval, raster) == pytest.approx(np.pi / 4 * oval.at.area, rel=1e-4)


def test_an_oval_where_something_else_changes_is_refused() -> None:
    box = Box(west=-37, south=55, east=-36, north=56)
    half, oval = replace(box, east=-36.5), replace(box, west=-36.8, east=-36.2, south=55.2, north=55.8)
    with pytest.raises(ValueError, match="nothing else changes"):
        Arrangement(
            ("a",),
            (Shape(at=box, says={"a": 1}), Shape(at=half, says={"a": 2}), Shape(at=oval, says={"a": 3}, oval=True)),
        )


@pytest.mark.parametrize("size", [200, 317, 800])
def test_drawing_in_cells_moves_no_area_by_more_than_its_bound(size: int) -> None:
    for name, rows in truth.tables(SCENE, Raster(size=size)).items():
        for row in rows:
            assert abs(row["drawn"] - row["mapped"]) <= row["bound"], (name, row)


def test_what_the_raster_draws_is_what_exactextract_finds_in_it(made: Path) -> None:
    """Coverage of every cell by another library, weighted by row, for every zone and pair of classes."""
    with rasterio.open(made / "cover-2020.tif") as one, rasterio.open(made / "cover-2024.tif") as two:
        first, second = one.read(1), two.read(1)
    raster, half = Raster(size=SMALL), country.EXTENT / SMALL / 2
    rows = [ellipsoid.box(0, y - half, 2 * half, y + half) for y in raster.y]
    zones = json.loads((made / "zones.geojson").read_text())["features"]
    pieces = exact_extract(
        str(made / "cover-2020.tif"), zones, ["cell_id(min_coverage_frac=0)", "coverage"], include_cols=["code"]
    )
    found: Counter[tuple[str, ...]] = Counter()
    for piece in pieces:
        code = piece["properties"]["code"]
        for cell, part in zip(piece["properties"]["cell_id"], piece["properties"]["coverage"], strict=True):
            row, column = divmod(int(cell), SMALL)
            pair = int(first[row, column]), int(second[row, column])
            if all(pair):
                found[code, *(country.COVER[label][0] for label in pair)] += float(part) * rows[row]
    wanted = {
        tuple(row["key"]): row["drawn"] for row in json.loads((made / "truth.json").read_text())["tables"]["change"]
    }
    assert {key for key, area in wanted.items() if area} == set(found)
    for key, area in wanted.items():
        assert found[key] == pytest.approx(area, abs=25_000)  # a zone's edge cuts rows of 1.1 km: see `truth.EXACT`


def test_zones_are_a_partition_with_the_disputed_area_as_a_unit_of_its_own(made: Path) -> None:
    set_ = boundaries.read((made / "zones.geojson").read_bytes())
    shapes = list(set_.geometries("EPSG:4326").values())
    whole = shapely.box(-39.6318, 54.2871, -36.3527, 57.7349)
    assert len(country.ZONES) == len(shapes)
    assert shapely.union_all(shapes).symmetric_difference(whole).area == pytest.approx(0, abs=1e-12)
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-12)
    areas: dict[str, float] = {}
    for labels, area in SCENE.areas.items():
        if zone := labels[SCENE.maps.index("zone")]:
            areas[country.ZONES[zone][0]] = areas.get(country.ZONES[zone][0], 0) + area
    assert sum(areas.values()) == pytest.approx(ellipsoid.box(-39.6318, 54.2871, -36.3527, 57.7349), rel=1e-12)
    assert "XA01" in areas


@pytest.mark.parametrize("name", ["change", "versions", "green"])
def test_the_members_adopt_the_boundary_set_by_its_digest(name: str, made: Path) -> None:
    """What the example's author wrote into each study is the file that is made."""
    study = tomllib.loads((Path(make.__file__).parent / f"study-{name}.toml").read_text("utf-8"))
    assert canon.digest((made / "zones.geojson").read_bytes()) == study["parameters"]["boundaries"]


def test_equal_seeds_make_equal_files_and_others_other_villages(tmp_path: Path, made: Path) -> None:
    make.write(tmp_path / "again", size=SMALL, seed=1, points=600)
    for path in made.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    assert country.villages(1) != country.villages(2)


def test_every_stratum_of_the_sample_has_its_points_and_each_says_what_is_on_the_ground(made: Path) -> None:
    with (made / "sample-2020-2024.csv").open() as file:
        rows = list(csv.DictReader(file))
    x, y = (np.array([float(row[axis]) for row in rows]) for axis in "xy")
    labels = SCENE.at(x, y, ("zone", "cover-2020", "cover-2024", "ground-2020", "ground-2024"))
    strata = Counter(tuple(map(int, column)) for column in labels[:3].T)
    assert min(strata.values()) >= sample.LEAST
    for row, ground in zip(rows, labels[3:].T, strict=True):
        assert [row["COVER_FROM"], row["COVER_TO"]] == [country.COVER[int(label)][0] for label in ground]


def test_a_folder_that_is_there_is_left_alone(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == make.main(["--out", str(made), "--size", "200"])
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_fits_its_norm_its_method_and_the_policy(name: str) -> None:
    made = draft((HERE / f"study-{name}.toml").read_text(), where=name)
    follows = bundle(STUDIES[name])
    named = made.method.split("/")
    study = settle(made, follows, registry.reference(*named))
    assert () == unsound(study, follows)
    assert [] == list(misfits.misfits(study, registry.load(*named).card, follows))
    allowed = policy.read((HERE / "policy.toml").read_text()).allow
    assert any(allow.method == study.method.name and "15" in allow.goals for allow in allowed)
    assert study.rehearsal


@pytest.mark.parametrize("name", sorted(set(STUDIES.values())))
def test_a_binding_maps_every_value_of_the_maps(name: str) -> None:
    bound = source.read_binding((HERE / f"binding-{name}.toml").read_text(), where=name)
    follows = bundle(name)
    assert bound.norm == f"{follows.id}/{follows.version}"
    for variable in follows.variables:
        legend = bound.map(variable.id)
        if variable.codelist in ("CL_COVER", "CL_BELT"):
            lists: dict[int, tuple[str, str]] = country.COVER if variable.codelist == "CL_COVER" else country.BELTS
            assert {str(value): code for value, (code, _) in lists.items()} == legend.codes
            assert (str(country.NODATA),) == legend.missing


def test_every_layer_of_the_cast_is_a_file_that_is_made(made: Path) -> None:
    cast: dict[str, Any] = tomllib.loads((HERE / "cast.toml").read_text())
    assert all((made / layer["file"]).is_file() for layer in cast["layers"])
