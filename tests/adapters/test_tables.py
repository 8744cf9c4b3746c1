"""DuckDB through Ibis counts what pandas counts, from Parquet and CSV alike; what is broken ends in one line."""

import datetime
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.microdata import opening
from comity.adapters.tables import counting
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.duck import Duck
from comity.adapters.tables.engine import Engine
from comity.errors import ComityError, WorldError
from comity.methods import registry
from comity.model.norm import Variable
from comity.model.source import Binding, Map, Source
from comity.stages import compute
from comity.stages.compute import Plan
from tests import sample

TABLES = NationalTables(threads=1)
METHOD = registry.load("table", "1")
NORM = sample.norm()
STUDY = sample.study()

WAVES = st.sampled_from([6, 5, None])
ANSWERS = st.sampled_from(
    ["1", "2", "3", "4", "-1", "NA", "NaN", "", None, "5", "it's", 'say "no"', "1 ", "a,b", "é", "null"]
)
SEXES = st.sampled_from([1, 2, 9, 3, None])
ROWS = st.lists(st.tuples(WAVES, ANSWERS, SEXES), min_size=1, max_size=40)


def source(path: Path, **changes: object) -> Source:
    fields: dict[str, object] = {"id": "home", "path": str(path), "format": path.suffix[1:], "unique": True}
    return Source(**{**fields, **changes})  # type: ignore[arg-type]


def plan(source: Source, binding: Binding | None = None) -> Plan:
    binding = binding or sample.binding()
    return compute.plan(STUDY, NORM, binding, "2010-2014", source=source, method=METHOD)


def table(rows: list[tuple[int | None, str | None, int | None]]) -> pa.Table:
    return pa.table(
        {
            "uid": pa.array(range(len(rows)), pa.int64()),
            "wave": pa.array([row[0] for row in rows], pa.int64()),
            "q42": pa.array([row[1] for row in rows], pa.string()),
            "sex": pa.array([row[2] for row in rows], pa.int64()),
        }
    )


def write_csv(rows: list[tuple[int | None, str | None, int | None]], path: Path, delimiter: str = ",") -> None:
    """By hand, every text quoted, so that no other library's idea of CSV is tested."""
    lines = [delimiter.join(["uid", "wave", "q42", "sex"])]
    for i, (wave, answer, sex) in enumerate(rows):
        text = "" if answer is None else '"' + answer.replace('"', '""') + '"'
        fields = [str(i), "" if wave is None else str(wave), text, "" if sex is None else str(sex)]
        lines.append(delimiter.join(fields))
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")


def oracle(rows: list[tuple[int | None, str | None, int | None]]) -> tuple[list[int], int, int, dict[str, int]]:
    """Cells, missing, outside, and the answers outside the list, as pandas counts them."""
    frame = pd.DataFrame(rows, columns=["wave", "answer", "sex"], dtype="object")
    frame = frame[frame["wave"] == 6]
    sex = frame["sex"].map({1: "M", 2: "F", 9: "missing", 3: "outside"}).fillna("missing")
    answer = frame["answer"].where(~frame["answer"].isin(["", "-1", "NA"]), None).fillna("missing")
    answer = answer.where(answer.isin(["1", "2", "3", "4", "missing"]), "outside")
    missing = (sex == "missing") | (answer == "missing")
    outside = ~missing & ((sex == "outside") | (answer == "outside"))
    kept = pd.crosstab(answer[~missing & ~outside], sex[~missing & ~outside])
    cells = kept.reindex(index=["1", "2", "3", "4"], columns=["F", "M"], fill_value=0)
    left = frame["answer"][answer == "outside"].value_counts().to_dict()
    return cells.to_numpy().ravel().tolist(), int(missing.sum()), int(outside.sum()), left


def test_a_count_says_which_engine_made_it(tmp_path: Path) -> None:
    """The version of DuckDB as it tells it in SQL."""
    write_csv([(6, "1", 1)], path := tmp_path / "people.csv")
    (told,) = duckdb.sql("SELECT version()").fetchone() or ("",)
    assert f"duckdb {told.removeprefix('v')}" == TABLES.count(plan(source(path))).engine


@settings(max_examples=30)
@given(rows=ROWS)
def test_duckdb_counts_what_pandas_counts(
    rows: list[tuple[int | None, str | None, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """NULLs, codes outside the list, texts that look like NULL, quotes: from Parquet and from CSV."""
    folder = tmp_path_factory.mktemp("rows")
    pq.write_table(table(rows), folder / "people.parquet")
    write_csv(rows, folder / "people.csv")
    cells, missing, outside, left = oracle(rows)
    for name in ("people.parquet", "people.csv"):
        counts = TABLES.count(plan(source(folder / name)))
        assert (cells, missing, outside) == (counts.values.tolist(), counts.missing, counts.outside)
        if outside:
            assert left == counts.unmapped.get("Q1", {})


@settings(max_examples=12)
@given(rows=ROWS)
def test_a_source_is_covered_as_its_periods_are(
    rows: list[tuple[int | None, str | None, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """All periods at once, without cells; every row of a known period stands in one of three places."""
    path = tmp_path_factory.mktemp("rows") / "people.parquet"
    known = [(6, answer, sex) for wave, answer, sex in rows if wave is not None]
    pq.write_table(table(rows), path)
    cells, missing, outside, left = oracle([*known, (6, None, None)])
    found = TABLES.coverage(source(path), NORM, sample.binding())
    assert (len(known), sum(cells), missing - 1, outside) == (found.rows, found.counted, found.missing, found.outside)
    if outside:
        assert left == found.unmapped.get("Q1", {})


ROWS_OF_SIX = [(6, "1", 1), (6, "1", 2), (6, "4", 2), (6, None, 1), (6, "5", 1), (5, "2", 2)]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.parquet"
    pq.write_table(table(ROWS_OF_SIX), path)
    return path


def told(call: object, *arguments: object) -> str:
    """The one line of the error that a call ends in."""
    with pytest.raises(ComityError) as caught:
        call(*arguments)  # type: ignore[operator]
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_period_counts_its_own_rows(people: Path) -> None:
    """Cells in the order of the layout: answer 1 to 4, each female and male."""
    counts = TABLES.count(plan(source(people)))
    assert [1, 1, 0, 0, 0, 0, 1, 0] == counts.values.tolist()
    assert (1, 1, {"Q1": {"5": 1}}) == (counts.missing, counts.outside, counts.unmapped)


@pytest.mark.parametrize(
    ("column", "answers"),
    [
        (pa.array([1.0, 4.0, None, float("nan"), -0.0, 2.5, 1e300], pa.float64()), ["0", "1e+300", "2.5"]),
        (pa.array([1, 4, None, -1, 0, 7, 7], pa.int8()), ["7", "0"]),
        (pa.array([1, 4, None, -1, 0, 7, 7], pa.decimal128(5, 0)), ["7", "0"]),
        (pa.array(["1", "4", None, "", "01", "1.0", " 4"]).dictionary_encode(), [" 4", "01", "1.0"]),
    ],
    ids=["floating", "int8", "decimal", "dictionary"],
)
def test_a_number_is_spelt_like_a_whole_number_in_any_column(
    column: pa.Array, answers: list[str], tmp_path: Path
) -> None:
    """1.0 is 1, NaN and empty text are no answer, and nothing else is trimmed or rounded."""
    size = len(column)
    rows = {"uid": range(size), "wave": pa.array([6.0] * size), "q42": column, "sex": pa.array([1] * size, pa.uint8())}
    pq.write_table(pa.table(rows), tmp_path / "people.parquet")
    counts = TABLES.count(plan(source(tmp_path / "people.parquet")))
    assert [0, 1, 0, 0, 0, 0, 0, 1] == counts.values.tolist()
    assert 2 == counts.missing
    assert answers == list(counts.unmapped["Q1"])


def test_national_codes_map_to_the_norms(people: Path) -> None:
    """With codes, a national value that is not among them is outside, even if it is spelt like a code."""
    binding = sample.binding(codes={"1": "2", "5": "2", "4": "NA"}, missing=())
    counts = TABLES.count(plan(source(people), binding))
    assert [0, 0, 1, 2, 0, 0, 0, 0] == counts.values.tolist()
    assert (2, 0, {}) == (counts.missing, counts.outside, counts.unmapped)  # NULL, and "4" as the norm's "NA"


def test_a_period_may_have_several_national_values(people: Path) -> None:
    maps = [entry for entry in sample.binding().maps if entry.variable != "WAVE"]
    time = Map(variable="WAVE", column="wave", codes={"5": "6", "6": "6", "4": "5"}, missing=())
    binding = Binding(id="home", version="1", norm="TRUST/1.0.0", maps=(*maps, time), deviations=())
    assert [1, 1, 1, 0, 0, 0, 1, 0] == TABLES.count(plan(source(people), binding)).values.tolist()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_tells_its_delimiter_and_may_begin_with_a_mark(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    write_csv(list(ROWS_OF_SIX), path, delimiter)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [1, 1, 0, 0, 0, 0, 1, 0] == TABLES.count(plan(source(path))).values.tolist()


def test_names_and_values_are_data_and_never_sql(tmp_path: Path) -> None:
    """Quotes, comments and statements in columns, codes and file names."""
    nasty = """x" FROM source; DROP TABLE source; -- """
    value = "1'; SELECT * FROM read_csv('/etc/passwd'); --"
    path = tmp_path / "it's; people.parquet"
    pq.write_table(pa.table({"uid": [1, 2], "wave": [6, 6], nasty: [value, "\\"], "sex": [1, 2]}), path)
    maps = [entry for entry in sample.binding().maps if entry.variable != "Q1"]
    answer = Map(variable="Q1", column=nasty, codes={value: "3"}, missing=("\\",))
    binding = Binding(id="home", version="1", norm="TRUST/1.0.0", maps=(*maps, answer), deviations=())
    counts = TABLES.count(plan(source(path), binding))
    assert ([0, 0, 0, 0, 0, 1, 0, 0], 1) == (counts.values.tolist(), counts.missing)


def test_the_engine_may_open_the_source_and_nothing_else(people: Path) -> None:
    """No other file, no setting, no extension; nothing is written beside the source."""
    import duckdb

    with TABLES.engine(source(people)).opened(source(people)) as opened:
        connection = opened._find_backend().con
        for statement in (
            "SELECT * FROM read_csv('/etc/passwd')",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            f"COPY (SELECT 1) TO '{people.parent}/out.csv'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
    assert [people] == list(people.parent.iterdir())


def test_a_missing_column_is_one_line(people: Path) -> None:
    binding = sample.binding()
    maps = tuple(
        Map(variable=m.variable, column=m.column.upper(), codes=m.codes, missing=m.missing) for m in binding.maps
    )
    other = Binding(id="home", version="1", norm="TRUST/1.0.0", maps=maps, deviations=())
    line = told(TABLES.count, plan(source(people), other))
    assert line.startswith("home: no column UID, WAVE, Q42, SEX; found uid, wave, q42, sex; wanted UID (for PERSON)")
    assert "way out" in line


@pytest.mark.parametrize("name", ["people.parquet", "people.csv"])
@pytest.mark.parametrize("damage", ["empty", "absent", "folder", "unreadable", "garbage", "header"])
def test_a_broken_file_is_one_line(name: str, damage: str, tmp_path: Path) -> None:
    path = tmp_path / name
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "folder":
            path.mkdir()
        case "unreadable":
            path = tmp_path / f"\0{name}"
        case "garbage":
            path.write_bytes(bytes(range(256)) * 9)
        case "header" if path.suffix == ".csv":
            write_csv([], path)
        case "header":
            pq.write_table(table([]), path)
    line = told(TABLES.count, plan(source(path)))
    assert line.startswith("home: ")
    assert "wanted" in line
    assert str(tmp_path) not in line.replace(f"'{path}'", "")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(kept: float, tmp_path: Path) -> None:
    """Parquet anywhere; CSV inside a row."""
    rows = [(6, "1", 1)] * 500
    pq.write_table(table(rows), tmp_path / "people.parquet")
    write_csv(rows, tmp_path / "people.csv")
    for name, cut in (("people.parquet", None), ("people.csv", b'"')):
        data = (tmp_path / name).read_bytes()
        end = int(len(data) * kept) if cut is None else data.index(cut, int(len(data) * kept) - 15) + 1
        (tmp_path / name).write_bytes(data[:end])
        assert "not readable as" in told(TABLES.count, plan(source(tmp_path / name)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("uid,wave,q42,sex\n1,6,1\n", "not readable as csv"),
        ("uid,wave,q42,sex\n1,6,1,1,1\n", "not readable as csv"),
        ("uid,wave,q42,q42,sex\n1,6,1,1,1\n", "a column has no name of its own; found q42 twice"),
        ("uid|wave|q42|sex\n1|6|1|1\n", "no column uid, wave, q42, sex"),
    ],
    ids=["short row", "long row", "two columns of a name", "another delimiter"],
)
def test_csv_that_does_not_hold_together_is_refused(text: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(text)
    line = told(TABLES.count, plan(source(tmp_path / "people.csv")))
    assert found in line
    assert "1,6,1" not in line  # no row of anybody in a message


def test_latin_1_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes("uid,wave,q42,sex\n1,6,é,1\n".encode("latin-1"))
    assert "not readable as csv" in told(TABLES.count, plan(source(tmp_path / "people.csv")))


@pytest.mark.parametrize(
    "path", ["https://example.org/people.parquet", "s3://office/people.parquet", "people*.parquet"]
)
def test_an_address_or_a_pattern_is_no_source(path: str, people: Path) -> None:
    named = Source(id="home", path=path if "/" in path else str(people.parent / path), format="parquet", unique=True)
    assert told(TABLES.count, plan(named)).startswith("home: ")


def test_a_format_that_is_not_read_is_refused(people: Path) -> None:
    assert "format not read" in told(TABLES.columns, source(people, format="por"))


def test_values_without_one_spelling_are_refused(tmp_path: Path) -> None:
    times = [datetime.datetime(2026, 1, 1)] * 2
    pq.write_table(pa.table({"uid": [1, 2], "wave": [6, 6], "q42": times, "sex": [1, 2]}), tmp_path / "people.parquet")
    assert "no one spelling as text" in told(TABLES.count, plan(source(tmp_path / "people.parquet")))


UNIQUE = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 3, 4]), st.sampled_from([5, 6, 7, None])), min_size=1, max_size=12
)


@settings(max_examples=25)
@given(rows=UNIQUE, mapped=st.booleans())
def test_a_unit_is_unique_if_no_person_has_two_rows_in_a_period(
    rows: list[tuple[int | None, int | None]], mapped: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Periods that the binding makes one are one; rows of no period do not count."""
    path = tmp_path_factory.mktemp("rows") / "people.parquet"
    columns = {"uid": pa.array([r[0] for r in rows], pa.int64()), "wave": pa.array([r[1] for r in rows], pa.int64())}
    pq.write_table(pa.table(columns), path)
    codes = {"5": "A", "6": "A"} if mapped else {}
    time = Map(variable="WAVE", column="wave", codes=codes, missing=())
    person = Map(variable="PERSON", column="uid", codes={}, missing=("4",))
    binding = Binding(id="home", version="1", norm="TRUST/1.0.0", maps=(person, time), deviations=())
    found = TABLES.unique(source(path), NORM, binding)
    periods = {5: "A", 6: "A"} if mapped else {5: "5", 6: "6", 7: "7"}
    kept = [(person, periods[wave]) for person, wave in rows if wave in periods]
    named = [(person, period) for person, period in kept if person not in (None, 4)]
    assert len(kept) == found.rows
    assert len(kept) - len(named) == found.nameless
    assert len({pair for pair in named if named.count(pair) > 1}) == found.repeated


def test_a_source_is_added_with_its_vintage_and_refused_once_it_changed(people: Path) -> None:
    added = TABLES.register(source(people, unique=False), NORM, sample.binding())
    assert (True, opening.vintage(added)) == (added.unique, added.vintage)
    assert 3 == TABLES.count(plan(added)).values.sum()
    pq.write_table(table([*ROWS_OF_SIX, (6, "1", 1)]), people)
    assert "not the data whose privacy unit was checked" in told(TABLES.count, plan(added))


class Exchanging(Duck):
    """An engine before which a file is exchanged once whoever reads it meanwhile may have read it."""

    @contextmanager
    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> Iterator[ibis.Table]:
        time.sleep(0.2)
        pq.write_table(table([*ROWS_OF_SIX, (6, "1", 1)]), source.path)
        with super().opened(source, wanted) as found:
            yield found


class Exchanged(NationalTables):
    """Tables of such files."""

    def engine(self, source: Source) -> Engine:
        return Exchanging(threads=1)


def test_a_file_that_is_exchanged_before_its_rows_are_read_is_not_taken_for_the_one_before(people: Path) -> None:
    added = TABLES.register(source(people, unique=False), NORM, sample.binding())
    assert "not the data whose privacy unit was checked" in told(Exchanged().count, plan(added))


def test_a_count_that_memory_does_not_hold_is_to_be_tried_again(people: Path) -> None:
    """What a process is not given is the world's fault, as where the engine has none left."""
    with pytest.raises(WorldError, match="home: out of memory"), counting.silent(source(people)):
        np.empty(2**62, np.int8)


def test_a_source_whose_unit_repeats_counts_each_person_in_one_cell(tmp_path: Path) -> None:
    """Person 1 has three rows in two cells and counts in one of them, once; a row without an id counts nowhere."""
    path = tmp_path / "people.parquet"
    uid, answers, sex = [1, 1, 1, 2, None], ["1", "1", "4", "2", "1"], [1, 1, 1, 2, 1]
    pq.write_table(pa.table({"uid": uid, "wave": [6] * 5, "q42": answers, "sex": sex}), path)
    added = TABLES.register(source(path, unique=False), NORM, sample.binding())
    assert not added.unique
    for asked in (added, source(path)):  # checked, and counted without a vintage
        counts = TABLES.count(plan(asked))
        assert counts.values.tolist() in ([0, 1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0, 1])
        assert (counts.values.tolist(), 4, 1) == (counts.contributors.tolist(), counts.rows, counts.missing)


def test_ibis_is_imported_by_the_first_count_and_not_by_the_module() -> None:
    """A command that counts nothing starts without it."""
    import subprocess
    import sys

    code = "import sys, comity.adapters.tables; print([m for m in ('ibis', 'duckdb', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_values_are_int64_in_the_order_of_the_layout(people: Path) -> None:
    counts = TABLES.count(plan(source(people)))
    assert (np.dtype("<i8"), (8,)) == (counts.values.dtype, counts.values.shape)


@pytest.mark.parametrize("kind", [pa.float64(), pa.string()])
def test_coverage_tells_what_is_missing_of_each_variable_and_what_lies_beyond_its_bounds(
    kind: pa.DataType, tmp_path: Path
) -> None:
    """A period that the binding does not know counts nowhere; a code for no answer is beyond nothing."""
    age = Variable(id="AGE", concept="AGE", universe="all", unit="person", missing=("NA",), least="0", most="99.5")
    norm = replace(NORM, variables=(*NORM.variables, age))
    asked = replace(
        sample.binding(), maps=(*sample.binding().maps, Map(variable="AGE", column="age", codes={}, missing=("-8",)))
    )
    ages = pa.array([0.0, 99.5, 99.6, -1.0, -8.0, None, 120.0]).cast(kind)
    rows = table(
        [(6, "1", 1), (6, None, 1), (6, "-1", 9), (6, "5", 2), (6, "1", None), (6, "1", 1), (None, None, None)]
    )
    pq.write_table(rows.append_column("age", ages), tmp_path / "people.parquet")
    found = TABLES.coverage(source(tmp_path / "people.parquet"), norm, asked)
    assert ({"Q1": 2, "Q2": 2}, {"AGE": 2}) == (found.absent, found.beyond)
    assert {} == TABLES.coverage(source(tmp_path / "people.parquet"), norm, sample.binding()).beyond


def test_what_lies_beyond_the_bounds_is_asked_in_the_norms_unit(tmp_path: Path) -> None:
    """Cents of an income in euros from 0 to 20; what is no decimal number is none here, whatever a cast would take."""
    income = Variable(id="Y", concept="Y", universe="all", unit="person", missing=(), least="0", most="20")
    norm = replace(NORM, variables=(*NORM.variables, income))
    maps = (*sample.binding().maps, Map(variable="Y", column="cents", scale="0.01"))
    cents = ["2000", "2001", "-1", "150", " 5", "0x10", "1_0", None]
    rows = table([(6, "1", 1)] * len(cents)).append_column("cents", pa.array(cents))
    pq.write_table(rows, tmp_path / "people.parquet")
    found = TABLES.coverage(source(tmp_path / "people.parquet"), norm, replace(sample.binding(), maps=maps))
    assert {"Y": 5} == found.beyond


def test_a_value_that_stands_for_a_number_is_an_answer_and_judged_as_one(tmp_path: Path) -> None:
    """By the number that it stands for, in the norm's unit, and not by what it is itself."""
    income = Variable(id="Y", concept="Y", universe="all", unit="person", missing=("NA",), least="0", most="20")
    norm = replace(NORM, variables=(*NORM.variables, income))
    codes = {"none": "0", "9997": "20", "top": "20.000000000000000001", "1": "-0.5", "9": "NA", "None": "0"}
    maps = (*sample.binding().maps, Map(variable="Y", column="cents", scale="0.01", codes=codes))
    cents = ["none", "9997", "9", "100", None, "top", "1", "9996"]  # the last three lie beyond
    rows = table([(6, "1", 1)] * len(cents)).append_column("cents", pa.array(cents))
    pq.write_table(rows, tmp_path / "people.parquet")
    found = TABLES.coverage(source(tmp_path / "people.parquet"), norm, replace(sample.binding(), maps=maps))
    assert {"Y": 3} == found.beyond
    told = {"none": 1, "9997": 1, "top": 1, "1": 1, "None": 0, "9": 1}  # "None" is spelt otherwise there
    assert {"Y": told} == found.recoded


def test_a_value_declared_to_be_no_answer_is_told_to_stand_nowhere(tmp_path: Path) -> None:
    """Where a program wrote -9.0 into a column of texts: that is a number, and would be clipped."""
    income = Variable(id="Y", concept="Y", universe="all", unit="person", missing=("NA",), least="0", most="20")
    norm = replace(NORM, variables=(*NORM.variables, income))
    maps = (*sample.binding().maps, Map(variable="Y", column="income", missing=("-9", "-8")))
    found = {}
    for kind, values in (("texts", ["-9.0", "-8", "5.0", "6.0"]), ("numbers", [-9.0, -8.0, 5.0, 6.0])):
        rows = table([(6, "1", 1)] * 4).append_column("income", pa.array(values))
        pq.write_table(rows, tmp_path / "people.parquet")
        told = TABLES.coverage(source(tmp_path / "people.parquet"), norm, replace(sample.binding(), maps=maps))
        found[kind] = (told.recoded["Y"], told.beyond["Y"])
    assert {"texts": ({"-9": 0, "-8": 1}, 1), "numbers": ({"-9": 1, "-8": 1}, 0)} == found
