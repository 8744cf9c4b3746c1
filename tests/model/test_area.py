"""Names of areas: M49's short names, a number where M49 has no name, and nothing for what is no code."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model import area


@pytest.mark.parametrize(
    ("m49", "short_name"),
    [
        ("008", "Albania"),
        ("275", "State of Palestine"),
        ("332", "Haiti"),
        ("344", "China, Hong Kong Special Administrative Region"),
        ("384", "Côte d’Ivoire"),
        ("410", "Republic of Korea"),
        ("528", "Netherlands (Kingdom of the)"),
        ("643", "Russian Federation"),
        ("792", "Türkiye"),
        ("840", "United States of America"),
    ],
)
def test_an_area_has_the_short_name_that_the_statistics_division_writes(m49: str, short_name: str) -> None:
    """Typed from the published standard, not from another list of countries."""
    assert short_name == area.name(m49)


def test_a_code_that_m49_does_not_list_is_named_by_its_number() -> None:
    """Area 158 stays a number: neither a state nor an office is made of it."""
    assert area.name("158") == "area 158, not in M49"
    assert not area.known("158")


def test_m49_lists_248_countries_or_areas() -> None:
    """The count that the standard itself states for the world (001)."""
    assert len(area.AREAS) == 248


def test_a_region_has_a_name_and_is_no_area() -> None:
    """A table may be about Africa; Africa is nobody's member."""
    assert area.name("002") == "Africa"
    assert not area.known("002")


@pytest.mark.parametrize("no_code", ["", "8", "0008", "8.0", "SWE", "Sweden", "٠٠٨", "00³", " 08"])
def test_what_is_not_three_digits_is_no_code(no_code: str) -> None:
    """One spelling: 8 is not 008, and a numeral of another script is not ours."""
    with pytest.raises(FormatError, match="three digits"):
        area.name(no_code)
    assert not area.known(no_code)


@given(st.integers(min_value=0, max_value=999).map("{:03d}".format))
def test_every_code_of_three_digits_has_one_line_for_the_page(m49: str) -> None:
    """A page never fails on a code, and never shows an empty name."""
    line = area.name(m49)
    assert line.strip() == line != ""
    assert area.known(m49) == (m49 in area.AREAS)


def test_every_row_is_written_as_the_standards_write_codes() -> None:
    """Three digits, three letters, two letters, and no name twice."""
    for m49, row in area.AREAS.items():
        assert row.m49 == m49
        assert re.fullmatch(r"[0-9]{3}", m49)
        assert re.fullmatch(r"[A-Z]{3}", row.alpha3)
        assert re.fullmatch(r"[A-Z]{2}", row.alpha2)
    for field in ("name", "alpha2", "alpha3"):
        assert len({getattr(row, field) for row in area.AREAS.values()}) == len(area.AREAS)
    assert not area.AREAS.keys() & area.REGIONS.keys()
