"""Every second can be written, whatever an act names; what has a date is written as that."""

import calendar
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model import moment

DATED = {  # GNU date -u -d @SECONDS
    -62_135_596_800: "0001-01-01T00:00:00Z",
    -1: "1969-12-31T23:59:59Z",
    0: "1970-01-01T00:00:00Z",
    1_700_000_000: "2023-11-14T22:13:20Z",
    253_402_300_799: "9999-12-31T23:59:59Z",
}


@pytest.mark.parametrize("seconds", DATED)
def test_a_second_that_has_a_date_is_written_as_that(seconds: int) -> None:
    assert DATED[seconds] == moment.iso(seconds) == moment.nearest(seconds)
    assert DATED[seconds] == moment.plain(seconds).replace(" ", "T") + "Z"
    assert str(int(DATED[seconds][:4])) == moment.year(seconds)


@pytest.mark.parametrize("seconds", DATED)
def test_what_was_written_is_read(seconds: int) -> None:
    assert seconds == moment.read(DATED[seconds], where="test")


def test_a_day_begins_at_midnight_utc() -> None:
    """GNU date -u -d 2027-01-01 +%s"""
    assert 1_798_761_600 == moment.read("2027-01-01", where="test")


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2027", "2027-1-1", "2027-02-29", "2027-W01-1", "2027-01-01T00:00:00", "2027-01-01 00:00:00Z"],
)
def test_another_spelling_is_no_time(text: str) -> None:
    with pytest.raises(FormatError, match="not a time"):
        moment.read(text, where="test")


@pytest.mark.parametrize("seconds", [-62_135_596_801, 253_402_300_800, 2**53 - 1, -(2**53), 2**64, 10**400])
def test_a_second_without_a_date_is_written_as_the_number_that_it_is(seconds: int) -> None:
    for written in (moment.iso(seconds), moment.plain(seconds), moment.year(seconds)):
        assert written == f"second {abs(seconds)} {'before' if seconds < 0 else 'after'} 1970"
    assert ("0001-01-01T00:00:00Z" if seconds < 0 else "9999-12-31T23:59:59Z") == moment.nearest(seconds)


@given(st.integers(0, 253_402_300_799))
def test_a_date_is_read_back_as_its_second(seconds: int) -> None:
    assert seconds == calendar.timegm(time.strptime(moment.iso(seconds), "%Y-%m-%dT%H:%M:%SZ"))


def test_no_other_room_writes_a_time_of_the_log(root: Path) -> None:
    """One that did would fall over the first second without a date; the year of a budget is the office's own clock."""
    rooms = {p.relative_to(root / "src/comity").as_posix(): p.read_text() for p in root.glob("src/comity/**/*.py")}
    found = [name for name, text in rooms.items() if re.search(r"fromtimestamp|time\.gmtime", text)]
    assert ["model/moment.py", "stages/protect/budget.py"] == sorted(found)
