"""Layers of a raster source: named one by one, each looked at first, and held against a norm."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from comity.errors import ConfigError, FormatError, SourceError, UsageError
from comity.services.node import draft, intake, setup, sources
from tests.builders import producer

CHANGE = producer.study("2020-2021", {"from": producer.PRODUCTS[0], "to": producer.PRODUCTS[1]})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    producer.write(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def home(tmp_path: Path, data: Path) -> Path:
    """A producer with both maps, zones and a binding."""
    place = tmp_path / "maps"
    setup.init(place, id="maps", area="002", role="producer", policy=producer.POLICY)
    for year, product in zip(("2020", "2021"), producer.PRODUCTS, strict=True):
        intake.add_layer(place, "land", f"lc-{year}", data / f"lc-{year}.tif", product=product)
    intake.add_layer(place, "land", "zones", data / "zones.geojson", field="region")
    intake.bind(place, "land", producer.BINDING, where="binding.toml")
    return place


def test_sources_are_read_back_as_they_were_named(home: Path, data: Path) -> None:
    (entry,) = sources.read(home)
    assert ["lc-2020", "lc-2021", "zones"] == [layer.id for layer in entry.source.layers]
    assert [*producer.PRODUCTS, ""] == [layer.product for layer in entry.source.layers]
    assert str((data / "zones.geojson").resolve()) == entry.source.layers[2].path
    assert ("strip.toml",) == entry.bindings


def test_a_later_layer_of_one_id_takes_the_place_of_the_earlier(home: Path, data: Path) -> None:
    intake.add_layer(home, "land", "lc-2020", data / "lc-2021.tif", product="Strip Cover v101")
    (entry,) = sources.read(home)
    assert {"lc-2021": producer.PRODUCTS[1], "lc-2020": "Strip Cover v101", "zones": ""} == {
        layer.id: layer.product for layer in entry.source.layers
    }


def test_told_are_cells_that_the_binding_does_not_map(home: Path, data: Path) -> None:
    """Seven cells of 20, which is no class of the binding; and the share without data: one column of 1,100."""
    values = producer.cover(10)
    values[0, :7] = 20
    producer.raster(data / "lc-2021.tif", values)
    intake.add_layer(home, "land", "lc-2021", data / "lc-2021.tif", product=producer.PRODUCTS[1])
    fit = intake.check_layers(home, "land", producer.norm())
    assert 7 == fit.coverage.unmapped["COVER_FROM (lc-2021)"]["20"]
    assert f"{100 / producer.WIDTH:.2f}" == fit.absent["lc-2020"]
    assert fit.coverage.rows == fit.coverage.counted + fit.coverage.missing + fit.coverage.outside


def test_zones_without_a_polygon_are_told(home: Path, data: Path) -> None:
    text = (data / "zones.geojson").read_text().replace('"region": "E"', '"region": "EAST"')
    (data / "zones.geojson").write_text(text)
    intake.add_layer(home, "land", "zones", data / "zones.geojson", field="region")
    assert ("E",) == intake.check_layers(home, "land", producer.norm()).unplaced


def test_neighbours_that_overlap_by_next_to_nothing_are_told(home: Path, data: Path) -> None:
    """A border drawn twice, 1e-8 degrees apart: what lies between counts in both zones."""
    text = json.loads((data / "zones.geojson").read_text("utf-8"))
    (ring,) = text["features"][0]["geometry"]["coordinates"]
    border = producer.BORDER
    text["features"][0]["geometry"]["coordinates"] = [[[x + 1e-8 if x == border else x, y] for x, y in ring]]
    (data / "zones.geojson").write_text(json.dumps(text), "utf-8")
    intake.add_layer(home, "land", "zones", data / "zones.geojson", field="region")
    (sliver,) = intake.check_layers(home, "land", producer.norm()).slivers
    assert {"E", "W"} == set(sliver.codes)
    assert 0 <= sliver.square_metres < 10  # 1.1 mm wide, 4.4 km long


def test_a_binding_whose_zones_are_not_there_is_refused(home: Path) -> None:
    text = producer.BINDING.replace('column = "zones"', 'column = "zonen"')
    assert text != producer.BINDING
    intake.bind(home, "land", text, where="binding.toml")
    with pytest.raises(
        ConfigError, match=r"no zones of the source.*wanted zonen; way out: comity source add FILE\.geojson"
    ):
        intake.check_layers(home, "land", producer.norm())


def test_zones_that_reach_beyond_the_maps_are_told(home: Path, data: Path) -> None:
    """A part of the zone, or all of it, would be counted nowhere; a border along the edge is none."""
    assert () == intake.check_layers(home, "land", producer.norm()).beyond
    table = json.loads((data / "zones.geojson").read_text())
    (east,) = [one for one in table["features"] if one["properties"]["region"] == "E"]
    east["geometry"]["coordinates"] = [[[x + 100, y] for x, y in east["geometry"]["coordinates"][0]]]
    (data / "zones.geojson").write_text(json.dumps(table))
    intake.add_layer(home, "land", "zones", data / "zones.geojson", field="region")
    assert ("E",) == intake.check_layers(home, "land", producer.norm()).beyond


def _nothing(path: Path) -> None:
    path.write_bytes(b"no raster")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-300])


def _without_nodata(path: Path) -> None:
    producer.raster(path, producer.cover(20), nodata=None)


@pytest.mark.parametrize("spoil", [_nothing, _cut, _without_nodata])
def test_a_map_that_cannot_be_trusted_is_refused_and_nothing_is_written(
    home: Path, data: Path, spoil: Callable[[Path], None]
) -> None:
    before = (home / "sources.toml").read_bytes()
    path = data / "more.tif"
    shutil.copy(data / "lc-2020.tif", path)
    spoil(path)
    with pytest.raises(SourceError, match=r"more\.tif"):
        intake.add_layer(home, "land", "more", path, product="Strip Cover v1")
    assert before == (home / "sources.toml").read_bytes()


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("lc-2020.tif", {"layer": "more"}, "--product"),
        ("lc-2020.tif", {"layer": "", "product": "P v1"}, "--layer"),
        ("zones.geojson", {"layer": "more"}, "--field"),
        ("sample-2021.csv", {"layer": "points"}, "sample, or sample-PERIOD"),
        ("no.tif", {"layer": "more", "product": "P v1"}, "no such file"),
    ],
)
def test_a_layer_without_what_its_kind_asks_is_refused(
    home: Path, data: Path, name: str, options: dict[str, str], told: str
) -> None:
    layer = options.pop("layer")
    with pytest.raises((UsageError, ConfigError), match=told):
        intake.add_layer(home, "land", layer, data / name, **options)


def test_maps_on_two_grids_are_refused_with_the_line_that_warps_them(home: Path, data: Path) -> None:
    producer.raster(data / "lc-2021.tif", np.full((20, 550), 50, np.uint8))
    intake.add_layer(home, "land", "lc-2021", data / "lc-2021.tif", product=producer.PRODUCTS[1])
    with pytest.raises(SourceError, match=r"not on the grid of lc-2020\.tif.*gdalwarp"):
        intake.check_layers(home, "land", producer.norm())


def test_a_dry_run_shows_every_cell_and_keeps_the_blocks(home: Path) -> None:
    found = draft.dry_run(home, CHANGE, producer.norm())
    assert "will consent" == found.asking.status
    assert {"area", "adjusted", "variance", "points"} == {cell.measure for cell in found.cells}
    assert all(cell.shown == cell.counted for cell in found.cells)
    assert 1 == len(list((home / "tiles").glob("*.parts")))


def test_a_study_whose_layer_is_not_there_is_refused_as_without_a_source(home: Path) -> None:
    later = producer.study("2021-2022", CHANGE.parameters)
    (asked,) = draft.asked(home, later, producer.norm())
    assert ["policy.no-source"] == [reason.code for reason in asked.reasons]


def test_a_study_that_is_not_sound_is_not_computed(home: Path) -> None:
    axis = CHANGE.layout.dimensions[-1]
    wide = tuple(replace(axis, id=f"D{i}", codes=tuple(f"C{n}" for n in range(999))) for i in range(6))
    asked = replace(CHANGE, layout=replace(CHANGE.layout, dimensions=wide))
    with pytest.raises(FormatError, match=r"study\.not-sound: layout"):
        draft.dry_run(home, asked, producer.norm())


def test_a_file_that_changed_is_not_computed(home: Path, data: Path) -> None:
    producer.raster(data / "lc-2021.tif", producer.cover(11))
    with pytest.raises(SourceError, match="changed since it was added"):
        draft.dry_run(home, CHANGE, producer.norm())


def test_a_persons_source_answers_no_study_of_areas(tmp_path: Path) -> None:
    """Bound to the norm, but of the wrong kind."""
    place = tmp_path / "office"
    setup.init(place, id="maps", area="002", policy=producer.POLICY)
    (tmp_path / "people.csv").write_text("a\n1\n")
    intake.add_source(place, "survey", tmp_path / "people.csv")
    intake.bind(place, "survey", producer.BINDING, where="binding.toml")
    (asked,) = draft.asked(place, CHANGE, producer.norm())
    assert ["policy.no-source"] == [reason.code for reason in asked.reasons]
