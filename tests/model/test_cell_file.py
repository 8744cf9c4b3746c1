"""The structure of an office's file of cells, out of its TOML."""

import pytest

from comity.errors import ConfigError
from comity.model import cell_file
from comity.model.cell_file import CellDimension, CellFile
from comity.model.structure import Code, Codelist, Dimension, Structure

WHOLE = """
value = "TURNOVER"
number = "ENTERPRISES"
largest = ["FIRST", "SECOND"]
touched = 2
keep = ["UNIT"]

[[dimension]]
id = "REGION"
total = "ALL"
parents = { N1 = "NORTH", N2 = "NORTH" }
"""


def test_every_field_is_read() -> None:
    expected = CellFile(
        value="TURNOVER",
        number="ENTERPRISES",
        largest=("FIRST", "SECOND"),
        touched=2,
        keep=("UNIT",),
        dimension=(CellDimension(id="REGION", total="ALL", parents={"N1": "NORTH", "N2": "NORTH"}),),
    )
    assert expected == cell_file.read(WHOLE)


def test_a_dimension_that_nothing_is_said_of_has_no_groups() -> None:
    assert (CellDimension(id="SEX", total="_T", parents={}),) == cell_file.read(WHOLE).ways("SEX")


def test_a_dimension_may_be_grouped_in_two_ways() -> None:
    twice = cell_file.read(WHOLE + '[[dimension]]\nid = "REGION"\ntotal = "ALL"\nparents = { N1 = "BIG" }\n')
    assert [{"N1": "NORTH", "N2": "NORTH"}, {"N1": "BIG"}] == [way.parents for way in twice.ways("REGION")]


@pytest.mark.parametrize(
    "text",
    [
        WHOLE + '[[dimension]]\nid = "REGION"\n',  # another total of the same column
        WHOLE.replace('total = "ALL"', 'total = ""'),
        WHOLE.replace("touched = 2", "touched = 0"),
        WHOLE.replace("keep", "kept"),
        "[[dimension]]\n",
    ],
)
def test_what_is_no_structure_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError, match=r"structure\.toml") as refused:
        cell_file.read(text)
    assert "\n" not in str(refused.value)


def test_a_norms_code_lists_group_the_dimensions_that_a_file_has() -> None:
    """Below the total is below nothing; a dimension that the file lacks is not asked of it."""
    codes = (
        Code(id="_T", name="All"),
        Code(id="NORTH", name="North", parent="_T"),
        Code(id="N1", name="First", parent="NORTH"),
        Code(id="N2", name="Second", parent="NORTH"),
    )
    structure = Structure(
        id="S",
        agency="XX",
        version="1.0",
        name="S",
        codelists=(Codelist(id="CL_R", agency="XX", version="1.0", codes=codes),),
        dimensions=tuple(Dimension(id=id, name=id, codelist="CL_R") for id in ("REGION", "ORIGIN")),
        measures=(),
    )
    expected = CellFile(dimension=(CellDimension(id="REGION", parents={"N1": "NORTH", "N2": "NORTH"}),))
    assert expected == cell_file.of_structure(structure, ["REGION", "OBS_VALUE"])
