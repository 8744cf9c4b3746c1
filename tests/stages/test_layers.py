"""Which files answer a study in a period, and whether they are the products that it names."""

from dataclasses import replace

import pytest

from comity.canon import Digest
from comity.errors import ConfigError
from comity.model.source import RASTERS, Kind, Layer, Source, read_binding
from comity.stages import layers
from tests.builders import producer

BINDING = read_binding(producer.BINDING, where="binding.toml")
NORM = producer.norm()
OLD, NEW = producer.PRODUCTS
CHANGE = producer.study("2020-2021", {"from": OLD, "to": NEW})
ONE = producer.study("2021", {"from": NEW})


def layer(id: str, kind: Kind = "raster", product: str = "") -> Layer:
    digest = Digest(f"sha256:{id.encode().hex():0>64}")
    return Layer(id=id, path=f"/data/{id}", kind=kind, product=product, field="", digest=digest, size=1)


def source(*more: Layer) -> Source:
    maps = (layer("lc-2020", product=OLD), layer("lc-2021", product=NEW), layer("zones", "zones"))
    return Source(id="land", path="", format=RASTERS, unique=False, layers=(*maps, *more))


def test_a_period_of_two_halves_reads_two_maps_and_one_date_reads_one() -> None:
    found = layers.bound(CHANGE, NORM, BINDING, "2020-2021", source=source())
    assert ["lc-2020", "lc-2021"] == [one.id for one in found.layers]
    assert ["lc-2021"] == [one.id for one in layers.bound(ONE, NORM, BINDING, "2021", source=source()).layers]


def test_the_sample_of_a_period_comes_before_one_for_all() -> None:
    both = source(layer("sample", "sample"), layer("sample-2021", "sample"))
    found = [layers.bound(asked, NORM, BINDING, asked.periods[0].id, source=both).sample for asked in (ONE, CHANGE)]
    assert ["sample-2021", "sample"] == [one.id for one in found if one]
    assert layers.bound(ONE, NORM, BINDING, "2021", source=source()).sample is None


@pytest.mark.parametrize("gone", ["lc-2021", "zones"])
def test_a_layer_that_is_not_there_is_named_with_the_way_out(gone: str) -> None:
    left = replace(source(), layers=tuple(one for one in source().layers if one.id != gone))
    with pytest.raises(ConfigError, match=f"{gone}.*comity source add FILE --id land --layer {gone}"):
        layers.bound(ONE, NORM, BINDING, "2021", source=left)


def test_zones_may_be_cells_of_a_degree() -> None:
    text = producer.BINDING.replace('column = "zones"', 'column = "graticule"')
    found = layers.bound(ONE, NORM, read_binding(text, where=""), "2021", source=source())
    assert found.zones is None


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ({"from": OLD, "to": NEW}, []),
        ({"from": NEW, "to": NEW}, ["from"]),
        ({"from": NEW, "to": OLD}, ["from", "to"]),
        ({"from": OLD}, ["to"]),  # two versions are compared: both must be named
        ({"from": OLD, "to": NEW, "product": "Another v1"}, ["product"]),
        ({"from": OLD, "to": NEW, "product": OLD}, []),
    ],
)
def test_layers_must_be_the_products_that_the_study_names(parameters: dict[str, str], wrong: list[str]) -> None:
    found = layers.bound(CHANGE, NORM, BINDING, "2020-2021", source=source())
    assert wrong == list(layers.products(replace(CHANGE, parameters=parameters), found))


@pytest.mark.parametrize(("named", "wrong"), [("zones", []), ("other", ["boundaries"])])
def test_the_file_of_zones_must_be_the_boundary_set_that_the_study_names(named: str, wrong: list[str]) -> None:
    asked = replace(CHANGE, parameters={**CHANGE.parameters, "boundaries": layer(named).digest})
    found = layers.bound(asked, NORM, BINDING, "2020-2021", source=source())
    assert wrong == list(layers.outlines(asked, found))
    assert ["boundaries"] == list(layers.outlines(asked, replace(found, zones=None)))  # cells of a degree are none
    assert [] == list(layers.outlines(CHANGE, found))
    assert [] == list(layers.products(asked, found))


def test_an_input_has_a_name_and_no_path() -> None:
    made = layers.as_input(layer("lc-2020", product=OLD))
    assert ("lc-2020", OLD, 1) == (made.name, made.product, made.size)
    assert "/" not in made.name
