"""The order of cells: last dimension fastest, measure-major, from code lists and from nothing else."""

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model.structure import Axis, Layout, Measure
from tests import sample

N = Measure(id="n", name="Persons", decimals=0, bound=1)
LAYOUTS = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(
    lambda sizes: Layout(
        dimensions=tuple(Axis(id=f"D{i}", codes=tuple(f"c{j}" for j in range(size))) for i, size in enumerate(sizes)),
        measures=(N, Measure(id="s", name="Sum", decimals=2, bound=100)),
    )
)


@given(LAYOUTS)
def test_a_cells_place_is_its_place_in_the_product(layout: Layout) -> None:
    """Row-major, as numpy and C order it."""
    keys = list(product(*(axis.codes for axis in layout.dimensions)))
    assert keys == list(layout.keys())
    assert list(range(len(keys))) == [layout.index(key) for key in keys]
    assert (len(keys), 2 * len(keys)) == (layout.cells, layout.length)
    assert prod(layout.shape) == layout.cells


def test_a_structure_gives_the_layout_that_was_asked_for() -> None:
    layout = sample.norm().structure.layout(("SEX", "ANSWER"), ("n",))
    assert [("F", "1"), ("F", "2"), ("F", "3"), ("F", "4"), ("M", "1")] == list(layout.keys())[:5]


@pytest.mark.parametrize(("dimensions", "measures"), [(("AGE",), ("n",)), (("SEX",), ("m",))])
def test_what_the_structure_does_not_have_is_refused(dimensions: tuple[str, ...], measures: tuple[str, ...]) -> None:
    with pytest.raises(FormatError, match=r"no such dimension or measure; found [A-Zm]+; wanted ANSWER, SEX, n"):
        sample.norm().structure.layout(dimensions, measures)


def test_a_code_outside_the_list_has_no_place() -> None:
    with pytest.raises(FormatError, match="code outside the list"):
        sample.study().layout.index(("5", "M"))


def test_names_follow_sdmx() -> None:
    structure = sample.norm().structure
    assert "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=COMITY:TRUST(1.0.0)" == structure.urn
    assert "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_SEX(2.1)" == structure.codelist("CL_SEX").urn
