"""What a person is never stands in an error: engines and readers quote values, and none of their words are repeated."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.adapters.microdata import workbook
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.duck import Duck
from comity.errors import ComityError
from comity.methods import registry
from comity.model.source import Source
from tests.builders import microdata, numbers
from tests.builders.microdata import source

SECRET = "1234567890"
SHEET = "xl/worksheets/sheet1.xml"


def told(act: Callable[[], object]) -> str:
    with pytest.raises(ComityError) as e:
        act()
    line = str(e.value)
    assert "\n" not in line
    return line


def test_an_engines_overflow_names_no_value(tmp_path: Path) -> None:
    """A member's weight that multiplies a number beyond 64 bits; DuckDB names both factors."""
    norm = numbers.norm({"R": ["A"]}, {"present": 0, "a": 0, "av": 0, "avv": 0}, v="0 2000000000")
    study = numbers.study(norm, "aggregate", v="v", weights="fiji:1000000000000000")
    rows = [{"PERSON": "1", "R": "A", "v": SECRET}]
    line = told(lambda: numbers.counted(tmp_path, rows, norm, study, columns={"V_R": "R"}))
    assert SECRET not in line
    assert "beyond 64 bits" in line


def test_a_cell_that_is_no_number_is_not_quoted(tmp_path: Path) -> None:
    book = microdata.workbook(tmp_path / "people.xlsx", [["uid"], [1], [2]])
    with zipfile.ZipFile(book) as old:
        parts = {one.filename: old.read(one) for one in old.infolist()}
    parts[SHEET] = parts[SHEET].replace(b"<v>2</v>", b"<v>Jane Doe</v>")
    with zipfile.ZipFile(book, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    line = told(lambda: workbook.read(book, "", ["uid"], where="home"))
    assert "Jane" not in line
    assert "ValueError" in line


def test_a_fault_of_ours_while_rows_are_read_is_its_class_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks in the room that holds rows: its message may quote one, and a node writes it into its log."""
    (path,) = microdata.write(tmp_path, {"uid": [1]}, formats=("csv",))

    @contextmanager
    def broken(self: Duck, source: Source, wanted: Any = None) -> Iterator[None]:
        raise ValueError("invalid literal for int() with base 10: 'Jane Doe'")
        yield

    monkeypatch.setattr(Duck, "opened", broken)
    tables = NationalTables(threads=1)
    for act in (tables.columns, tables.described):
        line = told(lambda act=act: act(source(path)))
        assert "Jane" not in line
        assert "ValueError" in line
    norm = numbers.norm({"R": ["A"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 9")
    study = numbers.study(norm, "mean", y="y")
    line = told(lambda: numbers.counted(tmp_path, [{"PERSON": "1", "R": "A", "y": "1"}], norm, study))
    assert "Jane" not in line


def test_a_method_that_breaks_over_rows_is_its_class_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    method = registry.load("mean", "1")

    def broken(*_: object) -> object:
        raise OverflowError("Python int 1234567890 too large")

    monkeypatch.setattr(registry, "load", lambda *_: replace(method, contribute=broken))
    norm = numbers.norm({"R": ["A"]}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, y="0 9")
    study = numbers.study(norm, "mean", y="y")
    rows = [{"PERSON": "1", "R": "A", "y": "1"}]
    line = told(lambda: numbers.counted(tmp_path, rows, norm, study, columns={"V_R": "R"}))
    assert SECRET not in line
    assert "OverflowError" in line
