"""Tables of an office's Spark catalog: read as they are, never written, and what is not read is refused in one line."""

import datetime
import os
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.adapters.tables import spark_table
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.spark import Spark
from comity.errors import SourceError, UsageError
from comity.model.source import SPARK, Source
from tests.builders import people
from tests.builders.metastore import Office
from tests.builders.people import Asked
from tests.builders.reckoning import reckoned
from tests.engines.test_equal import shown

pytestmark = pytest.mark.timeout(400)
TABLES = NationalTables(threads=2)

ROWS = pa.table(
    {
        "id": pa.array([1, 1, 2, 3, 4, 5, 6, 7], pa.int64()),
        "q": pa.array(["1", "01", "", None, "é", "it's", "a ", "1"]),
        "d": pa.array([datetime.date(2020, 2, 29), None, *[datetime.date(1900, 1, 1)] * 6]),
        "m": pa.array([Decimal("1.50"), Decimal("-0.05"), None, *[Decimal("12345678.90")] * 5], pa.decimal128(10, 2)),
        "sex": pa.array(["01", "1", "1", None, "é", "x y", "01", "01"]),
        "wave": pa.array([6, 6, 6, 6, 6, 6, 6, 5], pa.int32()),
    }
)
COLUMNS = ROWS.column_names

REFUSED = {  # a table or view, and what is found in it
    "jdbc": ("USING jdbc OPTIONS (url 'jdbc:derby:memory:x;create=true', dbtable 'sys.systables')", "jdbc"),
    "csv": ("(id BIGINT) USING csv", "csv"),
    "headed": ("(id BIGINT) STORED AS TEXTFILE TBLPROPERTIES ('skip.header.line.count'='1')", "lines of text"),
    "avro": ("(id BIGINT) STORED AS AVRO", "AvroSerDe"),
}

HOSTILE = {
    "drawn": ("SELECT id, rand() AS r FROM census.people", r"rand\(\)"),
    "today": ("SELECT id FROM census.people WHERE d < current_date", "current_date"),
    "now": ("SELECT id, now() AS n FROM census.people", r"now\(\)"),
    "some": ("SELECT id FROM census.people LIMIT 2", "GlobalLimit"),
    "sampled": ("SELECT id FROM census.people TABLESAMPLE (50 PERCENT)", "Sample"),
    "ranked": ("SELECT row_number() OVER (ORDER BY q) AS r FROM census.people", "WindowExpression"),
    "piped": ("SELECT TRANSFORM(id) USING 'cat' AS (x STRING) FROM census.people", "ScriptTransformation"),
    "called": ("SELECT reflect('java.lang.System', 'getenv', 'HOME') AS r FROM census.people", r"reflect\(\)"),
    "ours": ("SELECT census.f(id) AS r FROM census.people", r"census\.f\(\)"),
    "inner": ("SELECT id FROM census.people WHERE (SELECT rand()) < 1", "ScalarSubquery"),
    "over": ("SELECT * FROM census.drawn", r"rand\(\)"),
    "afar": ("SELECT * FROM census.csv", "csv"),
    "filed": ("SELECT * FROM parquet.`{file}`", "no such table"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    place = tmp_path_factory.mktemp("office")
    pq.write_table(ROWS, file := place / "rows.parquet")
    (place / "cased").mkdir()
    pq.write_table(pa.table({"Id": [1, 2], "Sex": ["1", "2"]}), place / "cased" / "part.parquet")
    made = Office(place)
    made.spark.read.parquet(f"file:{file}").createTempView("r")
    made.says(
        "CREATE TABLE census.people USING parquet PARTITIONED BY (wave, sex) AS SELECT * FROM r",
        "CREATE TABLE census.hive (id BIGINT, q STRING, c CHAR(4)) PARTITIONED BY (wave INT) STORED AS ORC",
        "INSERT INTO census.hive SELECT id, q, '1', wave FROM r",
        "CREATE TABLE census.lines (id BIGINT, q STRING) STORED AS TEXTFILE",
        "INSERT INTO census.lines SELECT id, q FROM r",
        "CREATE TABLE census.buckets USING parquet CLUSTERED BY (id) INTO 2 BUCKETS AS SELECT * FROM r",
        f"CREATE EXTERNAL TABLE census.cased (id BIGINT, sex STRING) STORED AS PARQUET LOCATION '{place / 'cased'}'",
        "CREATE VIEW census.adults AS SELECT p.id, p.q, p.wave FROM census.people p JOIN (SELECT DISTINCT id FROM "
        "census.buckets WHERE coalesce(sex, '-') <> 'x y') AS b ON p.id = b.id WHERE p.wave IN (5, 6)",
        "CREATE VIEW census.both AS SELECT * FROM census.adults UNION ALL SELECT id, q, 6 FROM census.lines",
        "CREATE FUNCTION census.f AS 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFAbs'",
        *(f"CREATE TABLE census.{name} {text}" for name, (text, _) in REFUSED.items()),
        *(f"CREATE VIEW census.{name} AS {text.format(file=file)}" for name, (text, _) in HOSTILE.items()),
    )
    return made


def source(office: Office, table: str, **changes: object) -> Source:
    fields: dict[str, object] = {"id": "home", "path": str(office.metastore), "format": SPARK, "unique": False}
    return Source(**{**fields, "table": table, **changes})  # type: ignore[arg-type]


def read(one: Source) -> list[dict[str, str | None]]:
    """The rows of a table as texts."""
    with Spark().opened(one) as table:
        found = table.to_pyarrow().to_pylist()
    return sorted(({name: None if v is None else str(v) for name, v in sorted(row.items())} for row in found), key=str)


def rows(*columns: str, **more: str) -> list[dict[str, str | None]]:
    """What the office wrote, as texts."""
    texts = [{name: _text(value) for name, value in row.items()} for row in ROWS.to_pylist()]
    return cut([{**row, **more} for row in texts], *columns, *more)


def cut(texts: list[dict[str, str | None]], *columns: str) -> list[dict[str, str | None]]:
    return sorted(({name: row[name] for name in sorted(columns)} for row in texts), key=str)


def _text(value: object) -> str | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


def test_tables_and_views_are_read_row_for_row_and_nothing_of_the_office_is_written(office: Office) -> None:
    before, here = office.state(), sorted(os.listdir())
    assert rows(*COLUMNS) == read(source(office, "census.people"))
    assert rows(*COLUMNS) == read(source(office, "census.buckets"))
    assert rows("id", "q", "wave", c="1") == read(source(office, "census.hive"))
    assert rows("id", "q") == read(source(office, "census.lines"))
    assert [{"id": "1", "sex": "1"}, {"id": "2", "sex": "2"}] == read(source(office, "census.cased"))
    adults = [row for row in rows(*COLUMNS) if row["sex"] != "x y"]
    assert cut(adults, "id", "q", "wave") == read(source(office, "census.adults"))
    assert sorted([*cut(adults, "id", "q", "wave"), *rows("id", "q", wave="6")], key=str) == read(
        source(office, "census.both")
    )
    assert (before, here) == (office.state(), sorted(os.listdir()))


@pytest.mark.parametrize(("table", "column"), [("people", "sex"), ("people", "d"), ("buckets", "m"), ("both", "q")])
def test_a_table_is_counted_as_duckdb_counts_its_rows(office: Office, tmp_path: Path, table: str, column: str) -> None:
    codes = ("1", "01", "é", "it's", "2020-02-29", "1900-01-01", "1.5", "-0.05", "12345678.9")
    given = people.table(codes, unit="id", time="wave", column=column)
    texts = rows(*COLUMNS)
    if table == "both":
        texts = [*(row for row in texts if row["sex"] != "x y"), *({**row, "wave": "6"} for row in texts)]
    kept = pa.Table.from_pylist(texts, pa.schema([(name, pa.string()) for name in COLUMNS]))
    pq.write_table(kept, path := tmp_path / "people.parquet")
    expected = shown(reckoned(Asked(plan=given, rows=kept)))
    assert expected == shown(TABLES.count(people.of(given, path, "parquet")))
    assert expected == shown(TABLES.count(people.of(given, office.metastore, SPARK, table=f"census.{table}")))


@pytest.mark.parametrize(("name", "found"), [(n, f) for n, (_, f) in (REFUSED | HOSTILE).items()])
def test_what_is_not_read_is_refused_in_one_line(office: Office, name: str, found: str) -> None:
    with pytest.raises(SourceError, match=found) as told, Spark().opened(source(office, f"census.{name}")):
        pass
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "name", ["", "people", "census.people`", "a.b.c", "census.people; DROP TABLE x", "parquet./etc"]
)
def test_a_name_that_is_none_reaches_no_statement(office: Office, name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a table"):
        spark_table.opened(source(office, name), 2).__enter__()


@pytest.mark.parametrize("address", ["hdfs://name:8020/census", "s3a://bucket/census", "file://other/census"])
def test_rows_on_another_machine_are_refused(office: Office, address: str) -> None:
    jvm = office.spark._jvm
    assert jvm is not None
    with pytest.raises(SourceError, match="another machine's storage"):
        list(spark_table._files("", jvm.scala.Some(jvm.java.net.URI.create(address)), where="home"))
