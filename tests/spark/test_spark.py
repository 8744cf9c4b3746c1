"""Spark counts what is reckoned person by person. One file, so that one session is started for all of it."""

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyspark
import pytest
from hypothesis import HealthCheck, given, seed, settings

from comity.adapters.tables import spark_session
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.spark import Spark
from comity.adapters.tables.spelling import kinds, number, text
from comity.errors import ConfigError, SourceError
from comity.model.source import SPARK, Source
from tests.builders import people, recoding
from tests.builders.people import Asked
from tests.builders.reckoning import reckoned
from tests.builders.values import figure, spelt
from tests.engines.test_equal import shown

pytestmark = pytest.mark.timeout(400)  # a busy machine starts Java slowly
TABLES = NationalTables(threads=2)
HUGE = 2**62 + 1


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield (path := tmp_path_factory.mktemp("people"))
    shutil.rmtree(path)


def source(path: Path | str, **changes: object) -> Source:
    fields: dict[str, object] = {"id": "home", "path": str(path), "format": SPARK, "unique": False}
    return Source(**{**fields, **changes})  # type: ignore[arg-type]


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(asked=people.asked(most=60))
def test_spark_counts_what_is_reckoned_person_by_person(place: Path, asked: Asked) -> None:
    equal(place, asked)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(6))
def test_spark_counts_what_is_reckoned_of_many_more(place: Path, part: int) -> None:
    """Sixty plans: ten in each part, by a seed of its own."""

    @seed(part)
    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(asked=people.asked(most=200))
    def holds(asked: Asked) -> None:
        equal(place, asked)

    holds()


def test_a_value_that_stands_for_a_number_is_that_number(place: Path) -> None:
    equal(place, recoding.of(recoding.TEXTS, pa.string(), recoding.CODES))


def equal(place: Path, asked: Asked) -> None:
    shutil.rmtree(place / "people", ignore_errors=True)
    path = people.folder(place / "people", asked.rows)
    expected, counts = shown(reckoned(asked)), TABLES.count(people.of(asked.plan, path, SPARK))
    assert (expected, f"spark {pyspark.__version__}") == (shown(counts), counts.engine)


@pytest.mark.parametrize("touched", [1, 3])
def test_codes_that_spark_might_read_as_something_else_are_texts(place: Path, touched: int) -> None:
    """Quotes, backslashes, variables, letters of two spellings, in values, codes and names of columns."""
    codes = [*people.TEXTS, "\n", "\\'; DROP TABLE x", "${spark.app.name}", "NULL", None, "e\u0301", "é"]
    listed = tuple(text for text in dict.fromkeys(codes) if text)[1:]
    columns = {"${id}": [0, 0, 0, 1, 1, *range(2, len(codes) - 3)], "a.b": [6] * len(codes), "it's `q` \\": codes}
    given = people.table(listed, unit="${id}", time="a.b", column="it's `q` \\", touched=touched)
    one = Asked(plan=given, rows=pa.table(columns))
    expected = shown(reckoned(one))
    assert expected["outside"] == 1  # the code that the list does not have
    assert expected == shown(TABLES.count(people.of(given, people.folder(place / "people", one.rows), SPARK)))


def test_values_are_spelt_as_on_every_engine(place: Path) -> None:
    floats = [*people.FLOATS, 1e15, 0.00015, 1234567.25, -1.5e-7, 9.1e15, 1e16, 123456789012345.5, math.inf, None]
    floats += [
        2.0**-24,
        -(2.0**-44),
        2e23,
        1e23,
        5e-324,
        -1e-323,
        -0.0,
    ]  # Java 17 writes more digits of some than needed
    floats += [math.ldexp(m, e) for e in range(-80, 40, 3) for m in range(3, 60, 7)]
    texts = [*people.NUMBERS, "0.1", "2.5", "-1e400"]
    texts += ["0.1"] * (len(floats) - len(texts))
    wholes = [HUGE, None, *range(len(floats) - 2)]
    columns = {"f": pa.array(floats), "t": pa.array(texts), "i": pa.array(wholes)}
    path = people.folder(place / "people", pa.table(columns), files=1)
    with Spark().opened(source(path)) as table:
        assert {"f": "floating number", "t": "text", "i": "whole number"} == kinds(table)
        found = table.select(f=text(table.f), t=number(table.t, Spark()), i=table.i).to_pyarrow().to_pydict()
    assert [spelt(one) for one in floats] == found["f"]
    assert [figure(one) for one in texts] == found["t"]
    assert wholes == found["i"]  # whole beside a NULL, to the last digit


def test_a_fault_is_one_line_without_a_value_and_nothing_else_is_written(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = people.folder(place / "people", pa.table({"who": ["Jane Doe", "John Roe"], "n": [HUGE, HUGE]}))
    said = []
    for wrong in (lambda table: table.who.cast("int64").max(), lambda table: table.n.sum()):
        with pytest.raises(SourceError) as told, Spark().opened(source(path)) as table:
            wrong(table).to_pyarrow()
        said.append(str(told.value))
    assert "beyond 64 bits" in said[1]
    assert not [word for word in ("Doe", "Roe", str(HUGE), "\n") if word in "".join(said)]
    assert ("", "") == capfd.readouterr()


def test_a_number_beyond_64_bits_is_refused_with_the_name_of_its_column(place: Path) -> None:
    given = people.table(("1",), unit="id", time="wave", column="q", terms=people.TERMS[:2])
    rows = pa.table({"id": [1, 2], "wave": [6, 6], "q": ["1", "1"], "weight of all": [1e18, 9e18]})
    weighed = replace(given, weight="weight of all", weight_decimals=1)
    with pytest.raises(SourceError, match="column weight of all"):
        TABLES.count(people.of(weighed, people.folder(place / "people", rows), SPARK))


def test_the_name_of_a_folder_is_a_text(place: Path) -> None:
    """ "sex=01" is the code 01, and no number."""
    for code in ("01", "1", "é"):
        people.folder(place / f"sex={code}", pa.table({"id": [code], "wave": [6]}), files=1)
    given = people.table(("01", "1"), unit="id", time="wave", column="sex")
    counts = TABLES.count(people.of(given, place, SPARK))
    assert ([1, 1], 1, {"Q": {"é": 1}}) == (counts.values.tolist(), counts.outside, counts.unmapped)


def test_files_that_change_while_they_are_read_are_refused(place: Path) -> None:
    path = people.folder(place / "people", pa.table({"id": [1, 2]}))

    def swap() -> None:
        with Spark().opened(source(path)) as table:
            assert table.count().to_pyarrow().as_py() == 2
            pq.write_table(pa.table({"id": [1, 2]}), path / "part-00000.parquet")

    with pytest.raises(SourceError, match="changed while they were read"):
        swap()


def test_spark_listens_on_this_machine_alone() -> None:
    """All sockets of Java that wait for a connection are bound to the loopback address."""
    pid = spark_session.session(2).sparkContext._gateway.proc.pid
    owned = {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    found = []
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[at] for at in (1, 3, 9))
            if state == "0A" and f"socket:[{inode}]" in owned:
                found.append(local.partition(":")[0])
    assert found
    assert {"0100007F", "0000000000000000FFFF00000100007F"} >= set(found)


def test_without_java_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="apt install"):
        spark_session._java()


@pytest.mark.parametrize("name", ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "SPARK_HOME", "HIVE_CONF_DIR"])
def test_java_is_started_without_what_the_environment_would_have_it_load(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """An agent is a program in the process that reads the rows."""
    monkeypatch.setenv(name, "-javaagent:/tmp/agent.jar")
    with spark_session._undisturbed(tmp_path):
        assert name not in os.environ
    assert "-javaagent:/tmp/agent.jar" == os.environ[name]
