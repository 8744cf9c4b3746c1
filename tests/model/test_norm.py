"""A norm is a directory with a digest; what contradicts itself is refused when it is read."""

import pytest

from comity import canon
from comity.errors import ComityError, FormatError
from comity.model import norm as norms
from comity.model.norm import Norm
from tests import sample


def edited(old: str, new: str, name: str = "norm.toml") -> dict[str, bytes]:
    """The directory with a text replaced in one file."""
    text = sample.FILES[name].decode()
    assert old in text
    return {**sample.FILES, name: text.replace(old, new).encode()}


def told(files: dict[str, bytes]) -> str:
    with pytest.raises(ComityError) as caught:
        norms.read(files)
    assert isinstance(caught.value, FormatError)
    return str(caught.value)


def test_a_directory_is_read_whole() -> None:
    norm = sample.norm()
    assert ("TRUST", "1.0.0", "PERSON", "WAVE") == (norm.id, norm.version, norm.unit, norm.period)
    assert ("1", "2", "3", "4") == norm.structure.codelist("CL_ANSWER").ids
    assert "none, at all" == norm.structure.codelist("CL_ANSWER").codes[0].name
    assert "Q1" == norm.filling("ANSWER").id
    assert norm.variable("Q1").missing == ("NA",)
    assert () == norms.faults(norm)


def test_what_is_voted_on_is_read_back_from_its_canonical_json() -> None:
    norm = sample.norm()
    text = canon.encode(norm)
    assert norm == canon.decode(text, Norm)
    assert canon.digest(text) == norm.digest


def test_the_order_of_codes_is_the_files() -> None:
    """Another order is another norm: it moves cells."""
    files = {**sample.FILES, "codes/CL_SEX.csv": b"id,name\nM,Male\nF,Female\n"}
    assert ("M", "F") == norms.read(files).structure.codelist("CL_SEX").ids
    assert sample.norm().digest != norms.read(files).digest


def test_columns_may_stand_in_any_order_and_begin_with_a_mark() -> None:
    files = {**sample.FILES, "codes/CL_SEX.csv": b"\xef\xbb\xbfname,id\r\nFemale,F\r\nMale,M\r\n"}
    assert sample.norm() == norms.read(files)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, "no norm.toml in the directory"),
        ({"norm.toml": b"\xff"}, "norm.toml: "),
        ({"norm.toml": b"id = "}, "norm.toml: "),
        ({"norm.toml": b"id = 'X'"}, "no [structure] table"),
        (edited('title = "Trust in courts"\n', ""), "title"),
        (edited('title = "Trust in courts"\n', 'title = "Trust"\nweight = "w"\n'), "unknown field weight"),
        (edited("threshold = 5", 'threshold = "5"'), "threshold"),
        ({k: v for k, v in sample.FILES.items() if "SEX" not in k}, "codes/CL_SEX.csv: file missing"),
        ({**sample.FILES, "codes/CL_SEX.csv": b""}, "codes/CL_SEX.csv: not a code list"),
        ({**sample.FILES, "codes/CL_SEX.csv": b"\xff\xfe"}, "codes/CL_SEX.csv: not a code list"),
        ({**sample.FILES, "codes/CL_SEX.csv": b"id,label\nF,Female\n"}, "codes/CL_SEX.csv: wrong columns"),
        ({**sample.FILES, "codes/CL_SEX.csv": b"id,name\nF,Female,x\n"}, "codes/CL_SEX.csv: wrong columns"),
        ({**sample.FILES, "codes/CL_SEX.csv": b"id,name\n"}, "code list CL_SEX: empty"),
        ({**sample.FILES, "codes/CL_SEX.csv": b"id,name\nF,A\nF,B\n"}, "code list CL_SEX: empty, or a code twice"),
        ({**sample.FILES, "codes/CL_SEX.csv": b"id,name\nF M,A\n"}, "a code is not an SDMX id"),
        (edited('version = "1.0.0"\ntitle', 'version = "1.0"\ntitle'), "is not semantic"),
        (edited('unit = "PERSON"\nperiod', 'unit = "UID"\nperiod'), "the unit 'UID' is no variable"),
        (edited('period = "WAVE"', 'period = "YEAR"'), "the period 'YEAR' is no variable"),
        (edited('concept = "SEX"', 'concept = "GENDER"'), "dimension SEX: wants one variable of its concept"),
        (edited('concept = "SEX"', 'concept = "ANSWER"'), "dimension ANSWER: wants one variable of its concept"),
        (edited('codelist = "CL_SEX"\n\n[protection]', 'codelist = "CL_ANSWER"\n\n[protection]'), "dimension SEX"),
        (edited("bound = 1", "bound = 0"), "measure n: decimals or bound too small"),
        (edited("cells = 1", "cells = 0"), "cells and threshold are 1 or more"),
        (edited('id = "n"\nname', 'id = "sex"\nname'), "an id twice"),
    ],
)
def test_a_broken_directory_is_one_line(files: dict[str, bytes], found: str) -> None:
    line = told(files)
    assert found in line
    assert "\n" not in line


def test_a_variable_is_found_by_its_dimension_or_not_at_all() -> None:
    with pytest.raises(FormatError, match="exactly one variable"):
        sample.norm().filling("AGE")
    with pytest.raises(FormatError, match="no such variable"):
        sample.norm().variable("AGE")
