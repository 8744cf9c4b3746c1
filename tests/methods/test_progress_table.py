"""One series out of a table: Open SDG's and SDMX-CSV's columns, periods of several years, blanks."""

from decimal import Decimal

import pytest

from comity.errors import FormatError
from comity.methods.progress import table
from comity.methods.progress.series import Point


def test_columns_of_open_sdg_and_of_sdmx() -> None:
    wanted = (Point(year=2015, value=Decimal("1.5")), Point(year=2020, value=Decimal(2)))
    assert wanted == table.read(b"year,value\n2020,2\n2015,1.5\n", where="a.csv")
    sdmx = b"TIME_PERIOD,OBS_VALUE,SEX\n2015-01-01/P5Y,1.5,F\n2020,2,F\n2015,9,M\n"
    assert wanted == table.read(sdmx, where="a.csv", only={"SEX": "F"})


def test_a_row_without_a_value_is_no_point() -> None:
    assert 1 == len(table.read(b"Year,Value\n2015,\n2016,3\n", where="a.csv"))
    assert () == table.read(b"Year,Value\n", where="a.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no such column"),
        (b"Year,Value\nlast,3\n", "no year"),
        (b"Year,Value\n2015,x\n", "2015"),
        (b"Year,Value\n2015\n2015,3\n2015,4\n", "take the doubled rows out"),
        (b'Year,Value\n"2015,3\n', "not a table"),
    ],
)
def test_what_is_no_series_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        table.read(text, where="a.csv")
