"""Plans of tiles: the same numbers for any block size and order; legends; and what a table must be made of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.rasters import GeoTiffs
from comity.errors import ConfigError, NotVerified, SourceError
from comity.model import blocks as exact
from comity.model.blocks import Part
from comity.model.source import RASTERS, Layer, Source, read_binding
from comity.model.structure import TOTAL
from comity.stages import layers, places, tiles
from comity.stages.tiles import Legend, TilePlan
from tests.builders import producer

BINDING = read_binding(producer.BINDING, where="binding.toml")
NORM = producer.norm()
STUDY = producer.study("2020-2021", {"from": producer.PRODUCTS[0], "to": producer.PRODUCTS[1]})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("strip")
    producer.write(place)
    return place


def plan(data: Path, *, size: int = tiles.EDGE, binding: str = producer.BINDING, cut: int = 0) -> TilePlan:
    """The plan of the sample's study; `cut`: bytes that a layer is said to have more than its file."""
    read = read_binding(binding, where="binding.toml")
    with GeoTiffs() as files:
        facts = {id: files.inspect(str(data / f"{id}.tif")) for id in ("lc-2020", "lc-2021")}
        grid = files.aligned({str(data / f"{id}.tif"): one for id, one in facts.items()})
    maps = tuple(
        Layer(
            id=id,
            path=str(data / f"{id}.tif"),
            kind="raster",
            product=product,
            field="",
            digest=facts[id].digest,
            size=facts[id].size + cut,
        )
        for id, product in zip(facts, producer.PRODUCTS, strict=True)
    )
    zones = Layer(id="zones", path="z", kind="zones", product="", field="", digest=maps[0].digest, size=1)
    source = Source(id="land", path="", format=RASTERS, unique=False, layers=(*maps, zones))
    found = layers.bound(STUDY, NORM, read, "2020-2021", source=source)
    outlines = (data / "zones.geojson").read_bytes().replace(b'"region"', b'"code"')
    drawn = places.polygons(outlines, STUDY.layout.dimensions[0].codes, grid)
    return tiles.plan(STUDY, NORM, read, "2020-2021", found=found, facts=facts, grid=grid, zones=drawn, size=size)


def parts(made: TilePlan) -> list[Part]:
    ready = tiles.prepare(made)
    with GeoTiffs() as files:
        return [
            tiles.part(ready, block, [files.read(layer.path, block) for layer in made.layers])
            for block in made.blocks()
        ]


def test_any_size_and_order_of_blocks_gives_the_same_table(data: Path) -> None:
    one, other = plan(data), plan(data, size=17)
    cubes = [tiles.assemble(made, found, ())[0] for made, found in ((one, parts(one)), (other, parts(other)[::-1]))]
    assert (cubes[0].values == cubes[1].values).all()
    assert cubes[0].values[: STUDY.layout.cells].any()


def test_the_table_is_what_its_parts_add_up_to(data: Path) -> None:
    made = plan(data, size=300)
    cube, blocks = tiles.assemble(made, parts(made), ())
    assert tuple(cube.values.tolist()) == exact.totals(blocks, STUDY.layout)
    assert ("lc-2020", "lc-2021", "zones") == tuple(one.layer for one in blocks.inputs)
    assert not [one for one in blocks.inputs if "/" in one.name]


def test_a_missing_part_is_no_table(data: Path) -> None:
    made = plan(data)
    found = parts(made)
    for wrong in (found[1:], [*found, found[0]], [found[0], found[0]]):
        with pytest.raises(NotVerified, match="not a part of each block"):
            tiles.assemble(made, wrong, ())


def test_a_variance_beyond_a_table_is_refused(data: Path) -> None:
    """Two points on nine million square kilometres: the square of half of it is no 64-bit number of 1e-6 km4."""
    made = plan(data)
    found = parts(made)
    huge = replace(found[0], values=found[0].values | {"0": str(9 * 10**12 * exact.SQUARE_METRE)})
    with pytest.raises(SourceError, match=r"too large for a table.*more points"):
        tiles.assemble(made, [huge, *found[1:]], [(0, 0), (0, 1)] + [(cell, cell) for cell in (1, 3) for _ in "ab"])


def test_a_plan_is_named_by_what_it_computes_and_not_by_where_the_files_lie(data: Path) -> None:
    made = plan(data)
    moved = replace(made, layers=tuple(replace(layer, path="/elsewhere") for layer in made.layers))
    assert made.digest == moved.digest != plan(data, size=17).digest


def test_a_total_is_no_cell() -> None:
    """The norm's lists name it; the layout has none, because `finish` makes totals."""
    assert TOTAL in NORM.structure.codelist("CL_ZONE").ids
    assert TOTAL not in {code for axis in STUDY.layout.dimensions for code in axis.codes}


def test_no_data_is_no_class_whatever_the_binding_says(data: Path) -> None:
    """The last column of the maps has no data: the east is a column smaller than its polygon."""
    binding = producer.BINDING.replace('missing = ["0"]', "").replace("50 =", '0 = "TREE", 50 =')
    made = plan(data, binding=binding)
    assert [0, -1, 1] == [int(legend) for legend in made.legends[0].read(np.array([10, 0, 50], "u1"))]


@pytest.mark.parametrize(
    ("legend", "told"),
    [
        ('{ ten = "TREE" }', "a legend value is no whole number"),
        ('{ 10 = "GRASS" }', "codes that the norm does not have"),
        ('{ 0 = "TREE" }', "the legend cannot be used"),
        ('{ 1 = "TREE", 100000 = "BUILT" }', "the legend cannot be used"),
    ],
)
def test_a_legend_that_cannot_be_used_is_refused(data: Path, legend: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        plan(data, binding=producer.BINDING.replace('{ 10 = "TREE", 50 = "BUILT" }', legend))


def test_a_file_that_changed_since_it_was_added_is_refused(data: Path) -> None:
    with pytest.raises(SourceError, match=r"changed since it was added.*lc-2020|lc-2020.*changed since it was added"):
        plan(data, cut=1)


@given(
    low=st.integers(-300, 300),
    codes=st.lists(st.integers(-1, 5), min_size=1, max_size=9),
    values=st.lists(st.integers(-400, 400), min_size=1, max_size=40),
)
def test_a_legend_reads_a_value_as_its_own_code_or_as_none(low: int, codes: list[int], values: list[int]) -> None:
    legend = Legend(dimension="COVER", layer=0, low=low, codes=tuple(codes))
    wanted = [codes[value - low] if 0 <= value - low < len(codes) else -1 for value in values]
    assert wanted == legend.read(np.array(values, "<i4")).tolist()
