"""A producer that lies about its maps: what it publishes beside its figures must not carry what no map gives."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from comity import canon
from comity.errors import FormatError, NotVerified
from comity.model import blocks as exact
from comity.model.blocks import SQUARE_METRE, Blocks, GridText, Input, Part
from comity.model.source import read_binding
from comity.stages import layers
from tests.builders import producer

NORM = producer.norm()
BINDING = read_binding(producer.BINDING, where="binding.toml")
OLD, NEW = producer.PRODUCTS
STUDY = producer.study("2020-2021", {"from": OLD, "to": NEW})
CELLS = STUDY.layout.cells
MAPS = {"lc-2020": OLD, "lc-2021": NEW, "zones": "", "sample": ""}


def release(values: tuple[Mapping[str, str], ...] = ({"0": str(SQUARE_METRE)}, {}), **changes: object) -> Blocks:
    """Two blocks, two maps, zones and a sample: an honest one holds a square metre of the first class."""
    inputs = tuple(
        Input(layer=layer, name=f"{layer}.tif", product=product, digest=canon.digest(layer.encode()), size=1)
        for layer, product in MAPS.items()
    )
    made = Blocks(
        version=exact.VERSION,
        method="land_cover_area/1",
        study=STUDY.digest,
        period="2020-2021",
        grid=GridText(crs="EPSG:4326", transform=("1.0", "0.0", "0.0", "0.0", "-1.0", "0.0"), width=2, height=1),
        size=1,
        inputs=inputs,
        parts=tuple(Part(block=b, values=dict(v)) for b, v in zip(exact.tiling(2, 1, 1), values, strict=True)),
        fixed={str(CELLS): "7"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def without(*names: str) -> Blocks:
    return release(inputs=tuple(one for one in release().inputs if one.layer not in names))


def one_more(**changes: object) -> Blocks:
    """The first map as something else."""
    first, *others = release().inputs
    return release(inputs=(replace(first, **changes), *others))  # type: ignore[arg-type]


def test_an_honest_one_passes() -> None:
    assert exact.totals(release(), STUDY.layout)[0] == 1
    layers.released(STUDY, NORM, BINDING, release(), zones=b"{}")


def test_no_area_is_fixed_where_no_block_gives_one() -> None:
    """Blocks computed again would all be equal, and the area would stand: a class that the map does not have."""
    with pytest.raises(FormatError, match="areas come from blocks"):
        exact.totals(release(fixed={"1": "1000000"}), STUDY.layout)


def test_no_block_gives_what_only_a_sample_can() -> None:
    with pytest.raises(FormatError, match="areas come from blocks"):
        exact.totals(release(({str(CELLS): "1"}, {})), STUDY.layout)


@pytest.mark.parametrize("values", [({"0": "5"}, {"0": "-5"}), ({"0": "-1"}, {})])
def test_no_block_takes_an_area_away(values: tuple[dict[str, str], dict[str, str]]) -> None:
    """Most blocks could be true, and one of them make the total anything."""
    with pytest.raises(FormatError, match="negative"):
        exact.totals(release(values), STUDY.layout)


def test_no_negative_number_is_fixed() -> None:
    with pytest.raises(FormatError, match="negative"):
        exact.totals(release(fixed={str(CELLS): "-1"}), STUDY.layout)


LIES: dict[str, tuple[Callable[[], Blocks], bool]] = {
    "another product than the study names: no break of versions, if it were believed": (
        lambda: one_more(product=NEW),
        b"{}",
    ),
    "numbers of a sample that is not there": (lambda: without("sample"), b"{}"),
    "a path in place of a name": (lambda: one_more(name="../../etc/passwd"), b"{}"),
    "a digest that is none": (lambda: one_more(digest="sha256:0"), b"{}"),
    "a size below nothing": (lambda: one_more(size=-1), b"{}"),
    "two files of one layer": (lambda: release(inputs=(*release().inputs, release().inputs[0])), b"{}"),
    "a map that is not there": (lambda: without("lc-2020"), b"{}"),
    "zones that are kept back": (release, None),
    "zones from no file": (lambda: without("zones"), b"{}"),
}


@pytest.mark.parametrize("lie", LIES)
def test_inputs_that_study_and_binding_do_not_ask_for_are_refused(lie: str) -> None:
    made, zones = LIES[lie]
    with pytest.raises((FormatError, NotVerified), match=r"blocks\.json|zones"):
        layers.released(STUDY, NORM, BINDING, made(), zones=zones)


def test_zones_of_its_own_in_place_of_cells_of_a_degree_are_refused() -> None:
    """Cells of a degree have one meaning; a file beside them would give their codes another."""
    cells = read_binding(producer.BINDING.replace('column = "zones"', 'column = "graticule"'), where="")
    with pytest.raises(NotVerified, match="zones"):
        layers.released(STUDY, NORM, cells, release(), zones=b"{}")
    layers.released(STUDY, NORM, cells, release(), zones=None)


def test_other_boundaries_than_the_members_adopted_are_refused() -> None:
    """With the study they adopt a boundary set by its digest: a producer that moves a border keeps its blocks right."""
    adopted = replace(STUDY, parameters={**STUDY.parameters, "boundaries": canon.digest(b"adopted")})
    layers.released(adopted, NORM, BINDING, release(), zones=b"adopted")
    with pytest.raises(NotVerified, match="another boundary set than the study names"):
        layers.released(adopted, NORM, BINDING, release(), zones=b"moved")
