"""A table of a catalog: its rows as they are, a vintage of them whatever their files, and what is refused."""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from comity.adapters.tables import spark_files, spark_session, spark_table
from comity.adapters.tables.spark import Spark
from comity.errors import ConfigError, SourceError, UsageError
from comity.model.source import SPARK, Source
from comity.services.node import origin
from tests.builders import catalog

pytestmark = pytest.mark.timeout(400)  # a busy machine starts Java slowly


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session whose catalog is in memory, and holds the office's tables."""
    spark = spark_session.session(2).newSession()
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    catalog.fill(spark, tmp_path_factory.mktemp("office"))
    yield spark
    spark.sql("DROP DATABASE census CASCADE")


def seen(spark: SparkSession, table: str) -> AbstractContextManager[DataFrame]:
    return spark_table.seen(spark, "census", table, where="home")


def vintage(spark: SparkSession, table: str) -> str:
    with seen(spark, table) as rows:
        return spark_table.vintage(rows)


def test_tables_and_views_are_read_row_for_row(spark: SparkSession) -> None:
    """Partitions, buckets, NULL beside empty texts, dates, decimals; a join, and a union over a view."""
    found = {}
    for table in ("people", "buckets", "adults", "both"):
        with seen(spark, table) as rows:
            found[table] = catalog.shown(rows)
    adults = [row for row in catalog.texts() if row["sex"] != "x y"]
    both = [*adults, *catalog.texts(wave="6")]
    assert (catalog.texts(), catalog.texts()) == (found["people"], found["buckets"])
    assert catalog.cut(adults, "id", "q", "wave") == found["adults"]
    assert catalog.cut(both, "id", "q", "wave") == found["both"]


@pytest.mark.parametrize(("name", "why"), [(n, w) for n, (_, w) in (catalog.REFUSED | catalog.HOSTILE).items()])
def test_what_is_not_read_is_refused_in_one_line(spark: SparkSession, name: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as told, seen(spark, name):
        pass
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "address", ["hdfs://name:8020/census", "hdfs:///census", "s3a://bucket/census", "file://other/census"]
)
def test_rows_on_another_machine_are_refused(spark: SparkSession, address: str) -> None:
    jvm = spark._jvm
    assert jvm is not None
    with pytest.raises(SourceError, match="another machine's storage"):
        list(spark_files.behind(jvm.java.net.URI.create(address), where="home"))


@pytest.mark.parametrize("format", ["USING parquet", "USING orc"])
def test_a_place_with_a_pattern_is_refused(spark: SparkSession, tmp_path: Path, format: str) -> None:
    """Spark would read the neighbours too, which nobody looked at."""
    for name in ("*", "neighbour"):
        pq.write_table(pa.table({"id": [1]}), _in(tmp_path, name))
    catalog.says(spark, f"CREATE TABLE census.stars (id BIGINT) {format} LOCATION 'file:{tmp_path}/*'")
    with pytest.raises(SourceError, match="a pattern in its name"), seen(spark, "stars"):
        pass
    catalog.says(spark, "DROP TABLE census.stars")


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_plain_file_behind_a_table_is_refused(spark: SparkSession, tmp_path: Path, kind: str) -> None:
    """A link may lead elsewhere tomorrow, and its folder is not seen to change; a pipe never ends."""
    place = tmp_path / "place"
    file = _in(tmp_path, "place")
    pq.write_table(pa.table({"id": [1]}), file)
    pq.write_table(pa.table({"id": [2]}), _in(tmp_path, "other"))
    match kind:
        case "link":
            (place / "b.parquet").symlink_to(tmp_path / "other" / "a.parquet")
        case "folder":
            (place / "id2=1").symlink_to(tmp_path / "other")
        case _:
            os.mkfifo(place / "b.parquet")
    catalog.says(spark, f"CREATE TABLE census.odd (id BIGINT) USING parquet LOCATION 'file:{place}'")
    with pytest.raises(SourceError, match="not a file behind the table"), seen(spark, "odd"):
        pass
    catalog.says(spark, "DROP TABLE census.odd")


def _in(place: Path, name: str) -> Path:
    """A file in a folder of that name."""
    (place / name).mkdir()
    return place / name / "a.parquet"


SETTINGS = {
    "spark.sql.catalog.other": "org.apache.spark.sql.execution.datasources.v2.jdbc.JDBCTableCatalog",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_view_that_brings_settings_of_its_own_is_refused(spark: SparkSession, name: str, tmp_path: Path) -> None:
    """By one, a database of the metastore's choice would be opened here, and made where there is none."""
    more = {name: SETTINGS[name], f"{name}.url": f"jdbc:derby:{tmp_path}/made;create=true"}
    more[f"{name}.driver"] = "org.apache.derby.jdbc.EmbeddedDriver"
    told = ", ".join(f"'view.sqlConfig.{key}'='{word}'" for key, word in more.items())
    catalog.says(
        spark.newSession(),
        f"CREATE DATABASE IF NOT EXISTS other LOCATION 'file:{tmp_path / 'other'}'",
        "CREATE TABLE IF NOT EXISTS other.t USING parquet AS SELECT id FROM census.buckets",
        "CREATE OR REPLACE VIEW census.settled AS SELECT * FROM other.t",
        f"ALTER VIEW census.settled SET TBLPROPERTIES ({told})",
    )
    with pytest.raises(SourceError, match=f"setting {name}"), seen(spark, "settled"):
        pass
    assert not (tmp_path / "made").exists()


LIES = {
    "another format": ("buckets", "csv"),
    "options": ("buckets", "hiding"),
    "a table without files": ("buckets", "jdbc"),
    "another view": ("adults", "both"),
}


@pytest.mark.parametrize("what", LIES)
def test_a_metastore_that_says_one_thing_and_then_another_is_not_read(spark: SparkSession, what: str) -> None:
    """What Spark was told is looked at as well, before a row of it is read."""
    told_first, told_then = LIES[what]
    state = spark_table._state(spark, "census", told_first, where="home")
    texts = {text for _, text, stamp in state if not stamp}
    with pytest.raises(SourceError, match="that is not read"):
        spark_table._resolved(spark.table(f"census.{told_then}"), texts, where="home")
    spark_table._resolved(spark.table(f"census.{told_first}"), texts, where="home")


def test_a_partition_whose_folder_is_gone_is_refused_and_not_counted_as_nobody(spark: SparkSession) -> None:
    catalog.says(spark, "CREATE TABLE census.torn USING parquet PARTITIONED BY (wave) AS SELECT id, wave FROM r")
    with seen(spark, "torn") as rows:
        gone = Path(rows.inputFiles()[0].removeprefix("file:")).parent
    shutil.rmtree(gone)
    with pytest.raises(SourceError, match=f"{gone.name}: No such file"), seen(spark, "torn"):
        pass


def test_the_same_rows_are_one_vintage_whatever_their_files(spark: SparkSession) -> None:
    columns = ", ".join(catalog.COLUMNS)
    catalog.says(
        spark,
        f"CREATE TABLE census.again USING orc PARTITIONED BY (q) AS SELECT {columns} FROM census.buckets",
        f"CREATE VIEW census.same AS SELECT {columns} FROM census.people",
    )
    assert vintage(spark, "buckets") == vintage(spark, "same")


def test_a_vintage_is_reckoned_as_it_is_described(spark: SparkSession) -> None:
    rows = [[row[name] for name in catalog.COLUMNS] for row in catalog.texts()]
    kinds = [["id", "bigint"], ["q", "string"], ["d", "date"], ["m", "string"], ["sex", "string"], ["wave", "int"]]
    assert described(rows, kinds) == vintage(spark, "buckets")


def test_floating_numbers_are_in_a_vintage_bit_by_bit(spark: SparkSession) -> None:
    """Numbers that versions of Java write differently among them (JDK-4511638), as C's %a writes them."""
    numbers = {
        0.5: "0x1.0p-1",
        -0.1: "-0x1.999999999999ap-4",
        2.0**-24: "0x1.0p-24",
        2e23: "0x1.52d02c7e14af6p77",
        5e-324: "0x0.0000000000001p-1022",
        math.inf: "Infinity",
        -0.0: "-0x0.0p0",
    }
    values = ", ".join(f"({text[: text.startswith('-')]}double('{abs(n)}'))" for n, text in numbers.items())
    catalog.says(spark, f"CREATE TABLE census.numbers USING parquet AS SELECT * FROM VALUES {values}, (NULL) AS v(x)")
    assert described([*([text] for text in numbers.values()), [None]], [["x", "double"]]) == vintage(spark, "numbers")


def described(rows: Iterable[Sequence[object]], kinds: list[list[str]]) -> str:
    """The vintage of rows of texts, in plain Python."""
    parts: dict[str, list[str]] = {}
    for row in rows:
        values = ("-" if value is None else f"{len(str(value))}:{value}" for value in row)
        digest = hashlib.sha256("".join(values).encode()).hexdigest()
        parts.setdefault(digest[:3], []).append(digest)
    sorted_parts = sorted([key, hashlib.sha256("".join(sorted(of)).encode()).hexdigest()] for key, of in parts.items())
    facts = json.dumps(["comity-spark-table/2", kinds, sorted_parts], ensure_ascii=False)
    return "sha256:" + hashlib.sha256(facts.encode()).hexdigest()


OTHER = {
    "empty for NULL": "SELECT id, coalesce(q, '') AS q FROM census.buckets",
    "a row twice": "SELECT id, q FROM census.buckets UNION ALL SELECT id, q FROM census.buckets WHERE id = 7",
    "a row less": "SELECT id, q FROM census.buckets WHERE id <> 7",
    "another type": "SELECT cast(id AS INT) AS id, q FROM census.buckets",
    "another name": "SELECT id AS i, q FROM census.buckets",
    "values moved": "SELECT id, if(q = '01', '1', if(q = '1', '01', q)) AS q FROM census.buckets",
}


def test_other_rows_are_another_vintage(spark: SparkSession) -> None:
    texts = {"as they are": "SELECT id, q FROM census.buckets", **OTHER}
    found = {}
    for at, (what, text) in enumerate(texts.items()):
        catalog.says(spark, f"CREATE VIEW census.other{at} AS {text}")
        found[what] = vintage(spark, f"other{at}")
    assert len(texts) == len(set(found.values()))


def test_files_that_change_while_they_are_read_are_refused(spark: SparkSession) -> None:
    catalog.says(spark, "CREATE TABLE census.moving USING parquet AS SELECT id FROM r")

    def insert() -> None:
        with seen(spark, "moving") as rows:
            assert rows.count() == catalog.ROWS.num_rows
            catalog.says(spark, "INSERT INTO census.moving SELECT 8")

    with pytest.raises(SourceError, match="changed while they were read"):
        insert()


@pytest.mark.parametrize("name", ["", "people", "census.people`", "a.b.c", "census.people; DROP TABLE x", "parquet./x"])
def test_a_name_that_is_none_reaches_no_statement(name: str) -> None:
    wanted = Source(id="home", path="thrift://127.0.0.1:1", format=SPARK, table=name, unique=False)
    with pytest.raises(UsageError, match="not the name of a table"), Spark().opened(wanted):
        pass


@pytest.mark.parametrize(
    "address",
    ["thrift://a", "thrift://a:1,thrift://b:2", "thrift://a:1/x", "thrift://u@a:1", "spark://a:7077", "hdfs://a:1"],
)
def test_what_is_no_metastores_address_is_refused(address: str) -> None:
    wanted = Source(id="home", path=address, format=SPARK, table="census.people", unique=False)
    with pytest.raises(ConfigError, match="not the address of a metastore"), Spark().opened(wanted):
        pass


def test_a_metastore_without_the_name_of_a_table_is_asked_for_it(tmp_path: Path) -> None:
    (tmp_path / "seg0").mkdir()
    (tmp_path / "service.properties").touch()
    for where in (tmp_path, "thrift://127.0.0.1:1"):
        with pytest.raises(UsageError, match="which table is not said"):
            origin.source("census", where)


def test_a_folder_that_is_no_metastore_is_refused_with_the_way_out(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), tmp_path / "part.parquet")
    wanted = Source(id="home", path=str(tmp_path), format=SPARK, table="census.people", unique=False)
    with pytest.raises(ConfigError, match="without --table"), Spark().opened(wanted):
        pass
