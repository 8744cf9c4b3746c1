"""The same people in any format are the same counts; what a format alone has is read as its file says."""

import datetime
import os
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.microdata import labelled, opening, workbook
from comity.adapters.tables import spelling
from comity.adapters.tables.counting import NationalTables
from comity.canon import digest
from comity.errors import ConfigError, SourceError, WorldError
from comity.methods import registry
from comity.model.source import Binding, Map
from comity.stages import compute
from tests import sample
from tests.builders import microdata
from tests.builders.microdata import source
from tests.builders.microdata import workbook as write_workbook

TABLES = NationalTables(threads=1)
METHOD = registry.load("table", "1")

ROWS = st.lists(
    st.tuples(
        st.sampled_from([6, 5, None]),
        st.sampled_from(["1", "2", "3", "4", "-1", "NA", "5", "é", "it's", None]),
        st.sampled_from([1, 2, 9, 3, None]),
    ),
    min_size=1,
    max_size=12,
)


def columns(rows: list[tuple[int | None, str | None, int | None]]) -> dict[str, list[Any]]:
    waves, answers, sexes = (list(column) for column in zip(*rows, strict=True))
    return {"uid": list(range(len(rows))), "wave": waves, "q42": answers, "sex": sexes}


def counts(path: Path, binding: Binding | None = None) -> tuple[list[int], int, int, dict[str, dict[str, int]]]:
    plan = compute.plan(
        sample.study(),
        sample.norm(),
        binding or sample.binding(),
        "2010-2014",
        source=source(path, unique=True),
        method=METHOD,
    )
    found = TABLES.count(plan)
    return found.values.tolist(), found.missing, found.outside, found.unmapped


def truth(rows: list[tuple[int | None, str | None, int | None]]) -> tuple[list[int], int, int]:
    """Cells, missing and outside, one row after the other."""
    cells = {(answer, sex): 0 for answer in "1234" for sex in (2, 1)}
    missing = outside = 0
    for _, answer, sex in (row for row in rows if row[0] == 6):
        if answer in (None, "-1", "NA") or sex in (None, 9):
            missing += 1
        elif (answer, sex) in cells:
            cells[answer, sex] += 1  # type: ignore[index]
        else:
            outside += 1
    return list(cells.values()), missing, outside


PEOPLE = [(6, a, s) for a in ("1", "3", "4", "-1", "NA", "5", "é", None) for s in (1, 2, 2, 9, 3, None)] + [(5, "1", 1)]


@pytest.mark.parametrize("form", microdata.WRITTEN)
def test_the_same_people_are_the_same_counts_in_any_format(form: str, tmp_path: Path) -> None:
    """And the same vintage as the file: its digest, checked before and after."""
    (path,) = microdata.write(tmp_path, columns(PEOPLE), formats=(form,))
    found = counts(path)
    assert truth(PEOPLE) == found[:3]
    assert {"Q1": {"5": 6, "é": 6}, "Q2": {"3": 8}} == found[3]  # also where the other answer is missing
    assert digest(path.read_bytes()) == opening.vintage(source(path))


@settings(max_examples=25)
@given(rows=ROWS)
def test_any_people_are_the_same_table_in_any_format(
    rows: list[tuple[int | None, str | None, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As text, which is how values are compared; an empty row at the end of a sheet is none."""
    folder = tmp_path_factory.mktemp("rows")
    xlsx, sav, dta = microdata.write(folder, columns(rows), formats=("xlsx", "sav", "dta"))
    wanted = [[None if value is None else str(value) for value in column] for column in columns(rows).values()]
    names = list(columns(rows))
    assert wanted == spelt(workbook.read(xlsx, "", names, where="home"))
    assert wanted == spelt(labelled.read(sav, "sav", names, where="home"))
    assert wanted == spelt(labelled.read(dta, "dta", names, where="home"))


VALUES = {
    "a": [1, 2**53 - 1, -3, None],
    "b": [0.1, 2.0, 1e-7, 1e16],
    "c": ["x", "é ß", "1.0", "Ω"],
    "d": [datetime.date(2020, 2, 29), datetime.date(1960, 1, 1), datetime.date(1899, 12, 31), None],
}


def spelt(table: pa.Table) -> list[list[str | None]]:
    """Values as the engine spells them."""
    from ibis import memtable

    held = memtable(table)
    text = held.select(**{name: spelling.text(held[name]) for name in table.column_names})
    return [column.to_pylist() for column in text.to_pyarrow().columns]


def test_a_value_is_spelt_as_in_parquet(tmp_path: Path) -> None:
    """Whole numbers, fractions, texts, dates; Excel knows no date before 1900."""
    young = dict(VALUES, d=[*VALUES["d"][:2], None, None])
    names = list(VALUES)
    (xlsx,) = microdata.write(tmp_path, young, formats=("xlsx",))
    sav, dta = microdata.write(tmp_path, VALUES, formats=("sav", "dta"))
    assert spelt(pa.table(young)) == spelt(workbook.read(xlsx, "", names, where="home"))
    assert spelt(pa.table(VALUES)) == spelt(labelled.read(sav, "sav", names, where="home"))
    assert spelt(pa.table(VALUES)) == spelt(labelled.read(dta, "dta", names, where="home"))


def test_only_columns_that_are_read_are_read(tmp_path: Path) -> None:
    """A column of two kinds is no fault of a source that nobody asks for it."""
    rows = [["uid", "wave", "q42", "sex", "note"], [1, 6, "1", 1, 5], [2, 6, "2", 2, "five"]]
    path = write_workbook(tmp_path / "people.xlsx", rows)
    assert ([0, 1, 1, 0, 0, 0, 0, 0], 0, 0) == counts(path)[:3]
    with pytest.raises(SourceError, match=r"note: values of two kinds.*text in row 3, whole number"):
        TABLES.columns(source(path))


@pytest.mark.parametrize("form", ["sav", "duckdb"])
def test_a_missing_column_is_one_line(form: str, tmp_path: Path) -> None:
    (path,) = microdata.write(tmp_path, {"uid": [1], "wave": [6], "Q42": ["1"]}, formats=(form,))
    with pytest.raises(SourceError, match=r"home: no column q42, sex; found uid, wave, Q42; wanted q42 \(for Q1\)"):
        counts(path)


def test_missing_codes_of_spss_are_the_codes_that_they_are(tmp_path: Path) -> None:
    """What they mean is for the binding to say; labels stand beside the values."""
    import pyreadstat

    frame = pd.DataFrame({"uid": [1, 2, 3], "wave": 6, "q42": ["1", "2", "3"], "sex": [1.0, 2.0, 9.0]})
    labels = {"sex": {1: "Male", 2: "Female", 9: "Refused"}}
    path = tmp_path / "people.sav"
    pyreadstat.write_sav(
        frame,
        path,
        variable_value_labels=labels,
        missing_ranges={"sex": [{"lo": 8, "hi": 9}]},
        column_labels={"sex": "Sex"},
    )
    assert ([0, 1, 1, 0, 0, 0, 0, 0], 1, 0) == counts(path)[:3]
    sex = labelled.described(path, "sav", where="home")[-1]
    assert ("Sex", {"1": "Male", "2": "Female", "9": "Refused"}) == (sex.text, sex.values)
    assert [False, True, True, False] == [sex.misses(value) for value in ("7.5", "8", "9", "text")]


def test_marks_of_stata_are_texts_among_numbers(tmp_path: Path) -> None:
    import pyreadstat

    frame = pd.DataFrame({"uid": [1, 2, 3, 4], "wave": 6, "q42": ["1"] * 4, "sex": [1.0, 2.0, "a", None]})
    labels = {"sex": {1: "Male", 2: "Female", "a": "Refused"}}
    path = tmp_path / "people.dta"
    pyreadstat.write_dta(frame, path, variable_value_labels=labels, missing_user_values={"sex": ["a"]})
    assert ["1", "2", ".a", None] == spelt(labelled.read(path, "dta", ["sex"], where="home"))[0]
    maps = (*sample.binding().maps[:3], Map(variable="Q2", column="sex", codes={"1": "M", "2": "F"}, missing=(".a",)))
    bound = Binding(id="home", version="1", norm="TRUST/1.0.0", maps=maps, deviations=())
    assert ([1, 1, 0, 0, 0, 0, 0, 0], 2, 0) == counts(path, bound)[:3]
    assert {"1": "Male", "2": "Female", ".a": "Refused"} == labelled.described(path, "dta", where="home")[-1].values


def test_pieces_make_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are read at a time; a mark may come late."""
    import pyreadstat

    values = [1.0, 2.5, None, 1e16, "b", 3.0]
    pyreadstat.write_dta(pd.DataFrame({"x": values}), tmp_path / "a.dta", missing_user_values={"x": ["b"]})
    write_workbook(tmp_path / "a.xlsx", [["x"], [1], [2.5], [None], [4], [None], [7], [None]])
    for size in (1, 2, 3, 6, 7, 100):
        monkeypatch.setattr(labelled, "CHUNK", size)
        monkeypatch.setattr(workbook, "CHUNK", size)
        dta = labelled.read(tmp_path / "a.dta", "dta", ["x"], where="home")
        assert [["1", "2.5", None, "1e+16", ".b", "3"]] == spelt(dta)
        assert [["1", "2.5", None, "4", None, "7"]] == spelt(
            workbook.read(tmp_path / "a.xlsx", "", ["x"], where="home")
        )


def test_a_sheet_or_a_table_is_named_where_there_are_several(tmp_path: Path) -> None:
    rows = [["uid", "wave", "q42", "sex"], [1, 6, "1", 1]]
    book = write_workbook(tmp_path / "people.xlsx", rows, more=("notes",))
    base = tmp_path / "people.duckdb"
    with duckdb.connect(str(base)) as connection:
        connection.execute("CREATE TABLE people AS SELECT 1 AS uid; CREATE TABLE notes AS SELECT 1 AS x")
        connection.execute('CREATE SCHEMA old; CREATE TABLE old."it\'s" AS SELECT 2 AS uid')
        connection.execute("CREATE VIEW seen AS SELECT * FROM read_csv('/etc/passwd')")
    for path in (book, base):
        assert "uid" in TABLES.columns(source(path, table="people"))
        with pytest.raises(SourceError, match=r"which .* is not clear.*people.*--table"):
            TABLES.columns(source(path))
        for other in ("People", "seen", "notes'"):
            with pytest.raises(SourceError, match=r"no such .*people"):
                TABLES.columns(source(path, table=other))
    assert {"uid": "whole number"} == TABLES.columns(source(base, table="old.it's"))


def test_a_format_is_known_by_its_suffix_and_its_bytes(tmp_path: Path) -> None:
    from comity.adapters.microdata import formats

    for path in microdata.write(tmp_path, columns([(6, "1", 1)])):
        assert path.suffix[1:] == formats.of(path)
        for form in {"parquet", "xlsx", "sav", "dta", "sas7bdat", "duckdb"} - {path.suffix[1:]}:
            if formats.ALL[form].magic or path.suffix == ".sav":
                with pytest.raises(SourceError):
                    opening.inspect(source(path, format=form))
    with pytest.raises(ConfigError, match=r"found xlsm.*way out: save it as .xlsx, without macros"):
        formats.of(tmp_path / "people.xlsm")
    with pytest.raises(ConfigError, match="is one table; found people"):
        formats.of(tmp_path / "people.sav", table="people")


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("how", ["written again", "replaced", "removed", "linked anew", "set back", "put back"])
def test_a_file_that_changes_while_it_is_open_is_refused(form: str, how: str, tmp_path: Path) -> None:
    """Whoever reads it twice, for its rows and for its digest, would else read two files."""
    (path,) = microdata.write(tmp_path, columns(PEOPLE), formats=(form,))
    if how == "linked anew":
        first, path = path, tmp_path / f"latest.{form}"
        path.symlink_to(first)
    named = source(path)

    def read_while_it_changes() -> None:
        with opening.engine(1) as connection, opening.opened(connection, named, None):
            connection.execute("SELECT count(*) FROM source").fetchall()
            if how == "written again":
                path.write_bytes(path.read_bytes())
            elif how == "set back":  # the same size, and the time that it had
                times = path.stat()
                path.write_bytes(bytes(reversed(path.read_bytes())))
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            elif how == "put back":  # itself, after another one was read in its place
                (path.parent / "kept").hardlink_to(path)
                path.unlink()
                path.write_bytes(b"another")
                (path.parent / "kept").replace(path)
            elif how == "linked anew":
                (tmp_path / "second").write_bytes(path.read_bytes())
                (tmp_path / "link").symlink_to(tmp_path / "second")
                (tmp_path / "link").replace(path)
            elif how == "replaced":
                (path.parent / "another").write_bytes(path.read_bytes())
                (path.parent / "another").replace(path)
            else:
                path.unlink()

    with pytest.raises(SourceError, match="changed while it was read"):
        read_while_it_changes()


def test_a_csv_file_that_is_not_utf_8_is_refused_by_its_line(tmp_path: Path) -> None:
    """As Excel saves one in Western Europe; what the line holds is not told."""
    path = tmp_path / "people.csv"
    path.write_bytes("uid,wave,q42,sex\n1,6,1,1\n2,6,Zoë,2\n3,6,2,1\n".encode("latin-1"))
    with pytest.raises(
        SourceError, match="not readable as csv; found bytes that are no UTF-8 in line 3; wanted UTF-8"
    ) as refused:
        counts(path)
    assert "Zo" not in str(refused.value)


def test_a_file_that_lies_elsewhere_now_is_refused_with_the_command_that_says_where(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        counts(tmp_path / "people.csv")
    assert "way out: let the node's user read it; if it lies elsewhere now, comity source add FILE --id" in str(
        refused.value
    )


def test_too_little_memory_is_told_with_the_setting_that_gives_more(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("uid,wave,q42,sex\n" + "".join(f"{i},6,1,1\n" for i in range(20_000)))
    plan = compute.plan(
        sample.study(), sample.norm(), sample.binding(), "2010-2014", source=source(path, unique=False), method=METHOD
    )
    with pytest.raises(WorldError, match=r"out of memory; way out: raise `memory` of comity\.toml"):
        NationalTables(threads=1, memory="1MB").count(plan)
