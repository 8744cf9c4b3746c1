"""Columns of an office's file: which is what, and figures as whole numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ConfigError, FormatError
from comity.model.cell_file import CellDimension, CellFile
from comity.stages.protect import cells
from comity.stages.protect.cells import Cells, Columns


def file(*lines: str) -> Cells:
    """Cells of a text, fields between commas."""
    header, *rows = [line.split(",") for line in lines]
    return Cells(name="a.csv", columns={name: [row[at] for row in rows] for at, name in enumerate(header)})


FULL = file(
    "STRUCTURE,STRUCTURE_ID,ACTION,REGION,SEX,OBS_VALUE,Contributors,LARGEST1,LARGEST_2,OBS_STATUS,CONF_STATUS",
    "dataflow,X:Y(1.0),I,A,F,12.5,3,6,4,A,F",
    "dataflow,X:Y(1.0),I,A,M,7.25,1,7.25,0,A,F",
)


def test_columns_are_known_by_their_usual_names() -> None:
    expected = Columns(
        value="OBS_VALUE",
        number="Contributors",
        largest=("LARGEST1", "LARGEST_2"),
        dimensions=("REGION", "SEX"),
        status=("OBS_STATUS", "CONF_STATUS"),
        kept=("STRUCTURE", "STRUCTURE_ID", "ACTION"),
    )
    assert expected == cells.columns(FULL, CellFile())


def test_a_structure_names_them_otherwise() -> None:
    found = cells.columns(
        file("REGION,TURNOVER,N,MAX,UNIT", "A,5,2,4,EUR", "B,6,3,4,USD"),
        CellFile(value="TURNOVER", number="N", largest=("MAX",), keep=("UNIT",)),
    )
    assert ("TURNOVER", "N", ("MAX",), ("REGION",), ("UNIT",)) == (
        found.value,
        found.number,
        found.largest,
        found.dimensions,
        found.kept,
    )


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (CellFile(value="TURNOVER"), "TURNOVER"),
        (CellFile(number="N"), "N"),
        (CellFile(largest=("MAX",)), "MAX"),
        (CellFile(keep=("UNIT",)), "UNIT"),
        (CellFile(dimension=(CellDimension(id="OBS_VALUE"),)), "OBS_VALUE"),
    ],
)
def test_a_column_that_is_not_there_is_refused(form: CellFile, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        cells.columns(FULL, form)
    assert told == refused.value.found


def test_a_file_without_a_measure_is_refused() -> None:
    with pytest.raises(ConfigError, match="no column of values"):
        cells.columns(file("REGION,n", "A,1"), CellFile())


@pytest.mark.parametrize(
    ("header", "rows", "found"),
    [
        # would tell the largest; any two of the three tell all lines apart
        ("REGION,SEX,VALUE,MAXIMUM", ["A,F,9,4", "A,M,8,3", "B,F,7,3", "B,M,6,2"], "REGION or SEX or MAXIMUM"),
        # a group beside its parts
        ("REGION,COUNTY,SEX,VALUE", ["A,X,F,9", "A,X,M,8", "B,Y,F,7", "B,Y,M,6"], "REGION or COUNTY"),
        # the largest but one, and no largest
        ("REGION,VALUE,LARGEST2", ["A,9,1", "B,8,1", "C,8,2"], "LARGEST2"),
    ],
)
def test_a_column_that_may_be_no_dimension_is_not_taken_for_one(header: str, rows: list[str], found: str) -> None:
    """It would be published as a code. Whoever means it says so, of all that it may be."""
    given = file(header, *rows)
    with pytest.raises(ConfigError, match="may be no dimension") as refused:
        cells.columns(given, CellFile())
    assert found == refused.value.found
    declared = CellFile(dimension=tuple(CellDimension(id=name) for name in header.split(",") if name != "VALUE"))
    assert set(header.split(",")) - {"VALUE"} == set(cells.columns(given, declared).dimensions)


def test_what_is_hidden_says_so_by_any_status_or_by_having_no_value() -> None:
    given = file("R,VALUE,OBS_STATUS,CONF_STATUS", "a,1,A,F", "b,2,Q,F", "c,3,A,C", "d,,A,F", "e,5,,", "f,6,M,N")
    expected = [False, True, True, True, False, True]
    assert expected == cells.hidden(given, cells.columns(given, CellFile())).tolist()


def test_figures_are_whole_numbers_of_the_finest_unit() -> None:
    given = file("VALUE", "12.5", "7.250", "3", "0.0")
    assert 2 == cells.decimals(given, "VALUE")
    assert [1250, 725, 300, 0] == cells.whole(given, "VALUE", decimals=2).tolist()


@pytest.mark.parametrize("text", ["1e3", "1,5", "NaN", " 5", "+5", "0x1", "5.", ".5", "١", "9" * 19, ""])
def test_another_spelling_of_a_figure_is_refused(text: str) -> None:
    given = Cells(name="a.csv", columns={"VALUE": ["1", text]})
    with pytest.raises(FormatError, match=r"a\.csv, line 3, VALUE"):
        cells.whole(given, "VALUE")


def test_more_digits_than_the_unit_has_are_refused() -> None:
    with pytest.raises(FormatError, match="line 2"):
        cells.whole(file("VALUE", "1.25"), "VALUE", decimals=1)


def test_a_blank_is_none_where_there_may_be_any() -> None:
    assert [0, 5] == cells.whole(file("VALUE,X", ",a", "5,b"), "VALUE", blank=True).tolist()


@given(number=st.integers(-(10**15), 10**15), decimals=st.integers(0, 5))
def test_a_figure_that_is_spelt_reads_back(number: int, decimals: int) -> None:
    text = cells.spelt(number, decimals)
    assert Decimal(number).scaleb(-decimals) == Decimal(text)
    assert [number] == cells.whole(file("VALUE", text), "VALUE", decimals=decimals).tolist()
