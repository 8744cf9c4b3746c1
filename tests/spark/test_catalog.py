"""An office's metastore, in Derby or behind Thrift: asked, never written; its tables counted as DuckDB counts rows."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.parquet as pq
import pyspark
import pytest

from comity.adapters.tables import spark_fault, spark_metastore, spark_session
from comity.adapters.tables.counting import NationalTables
from comity.adapters.tables.spark import Spark
from comity.errors import SourceError, Unreachable
from comity.model.source import SPARK, Source
from comity.services.node import origin
from tests.builders import catalog, people, ports
from tests.builders.catalog import Office
from tests.builders.people import Asked
from tests.builders.reckoning import reckoned
from tests.engines.test_equal import shown

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
TABLES = NationalTables(threads=2)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def source(path: Path | str, table: str) -> Source:
    return Source(id="home", path=str(path), format=SPARK, table=f"census.{table}", unique=False)


def read(path: Path | str, table: str) -> list[catalog.Texts]:
    with Spark().opened(source(path, table)) as rows:
        return catalog.shown(rows)


def test_tables_are_read_row_for_row_and_nothing_of_the_office_or_here_is_written(office: Office) -> None:
    before, here = office.state(), sorted(os.listdir())
    assert catalog.texts() == read(office.metastore, "people")
    assert catalog.texts() == read(office.metastore, "buckets")
    assert catalog.texts("id", "q", "wave", c="1") == read(office.metastore, "hive")
    assert catalog.texts("id", "q") == read(office.metastore, "lines")
    assert [{"id": "1", "sex": "1"}, {"id": "2", "sex": "2"}] == read(office.metastore, "cased")
    adults = [row for row in catalog.texts() if row["sex"] != "x y"]
    assert catalog.cut(adults, "id", "q", "wave") == read(office.metastore, "adults")
    assert (before, here) == (office.state(), sorted(os.listdir()))


@pytest.mark.parametrize(("table", "column"), [("people", "sex"), ("people", "d"), ("buckets", "m"), ("both", "q")])
def test_a_table_is_counted_as_duckdb_counts_its_rows(office: Office, tmp_path: Path, table: str, column: str) -> None:
    codes = ("1", "01", "é", "it's", "2020-02-29", "1900-01-01", "1.5", "-0.05", "12345678.9")
    given = people.table(codes, unit="id", time="wave", column=column)
    rows = catalog.texts()
    if table == "both":
        rows = [*(row for row in rows if row["sex"] != "x y"), *catalog.texts(wave="6")]
    kept = pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in catalog.COLUMNS]))
    pq.write_table(kept, path := tmp_path / "people.parquet")
    expected = shown(reckoned(Asked(plan=given, rows=kept)))
    assert expected == shown(TABLES.count(people.of(given, path, "parquet")))
    assert expected == shown(TABLES.count(people.of(given, office.metastore, SPARK, table=f"census.{table}")))


def test_a_count_is_held_to_the_vintage_that_was_checked(office: Office) -> None:
    catalog.says(office.spark, "CREATE TABLE census.growing USING parquet AS SELECT id, q, wave FROM r")
    given = people.table(("1", "01"), unit="id", time="wave", column="q")
    vintage = Spark().vintage(source(office.metastore, "growing"))
    held = people.of(given, office.metastore, SPARK, table="census.growing", vintage=vintage)
    assert TABLES.count(held).missing == 2  # one empty, one NULL
    catalog.says(office.spark, "INSERT INTO census.growing VALUES (9, '1', 6)")
    with pytest.raises(SourceError, match="not the data"):
        TABLES.count(held)


@pytest.mark.parametrize(
    ("name", "why"), [*((n, w) for n, (_, w) in catalog.OF_HIVE.items()), ("ours", r"census\.f\(\)")]
)
def test_what_is_not_read_is_refused_in_one_line(office: Office, name: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as told, Spark().opened(source(office.metastore, name)):
        pass
    assert "\n" not in str(told.value)


CODE = {
    "a function": "CREATE FUNCTION F(C VARCHAR(9)) RETURNS VARCHAR(99) LANGUAGE JAVA PARAMETER STYLE JAVA NO SQL "
    "EXTERNAL NAME 'java.lang.System.getProperty'",
    "a view": "CREATE VIEW V AS SELECT * FROM T",
    "a trigger": "CREATE TRIGGER R AFTER UPDATE ON T FOR EACH STATEMENT DELETE FROM T",
}


def derby(place: Path, *statements: str) -> Source:
    """A database of Derby's, closed."""
    jvm = spark_session.session(2).sparkContext._jvm
    assert jvm is not None
    driver, nothing = jvm.org.apache.derby.jdbc.EmbeddedDriver(), jvm.java.util.Properties()
    connection = driver.connect(f"jdbc:derby:{place / 'metastore_db'};create=true", nothing)
    for statement in ("CREATE TABLE T (X INT)", *statements):
        connection.createStatement().execute(statement)
    connection.close()
    with pytest.raises(Exception, match="08006"):
        driver.connect(f"jdbc:derby:{place / 'metastore_db'};shutdown=true", nothing)
    return source(place / "metastore_db", "people")


@pytest.mark.parametrize("what", CODE)
def test_a_database_of_derby_that_brings_code_along_is_not_asked(tmp_path: Path, what: str) -> None:
    """Java of its choice would run here when Hive looks into what it takes for its tables."""
    wanted = derby(tmp_path, CODE[what])
    with pytest.raises(SourceError, match=f"more than tables.*{what}"), Spark().opened(wanted):
        pass


def test_a_metastore_whose_settings_lead_elsewhere_is_not_opened(tmp_path: Path) -> None:
    wanted = derby(tmp_path)
    with (tmp_path / "metastore_db" / "service.properties").open("a") as file:
        file.write(f"logDevice={tmp_path / 'elsewhere'}\n")
    with pytest.raises(SourceError, match="setting 'logDevice'"), Spark().opened(wanted):
        pass


def test_a_link_in_a_metastore_is_not_followed(tmp_path: Path) -> None:
    wanted = derby(tmp_path)
    (tmp_path / "metastore_db" / "seg0" / "c0.dat").unlink(missing_ok=True)
    (tmp_path / "metastore_db" / "seg0" / "c0.dat").symlink_to("/dev/zero")
    with pytest.raises(SourceError, match="not a file of the metastore"), Spark().opened(wanted):
        pass


@contextmanager
def served(place: Path, port: int) -> Iterator[None]:
    """A Hive metastore of its own process, over an office's Derby database."""
    facts = {
        "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={place / 'metastore_db'}",
        "hive.async.log.enabled": "false",
        "hive.metastore.schema.verification": "false",
        "hive.metastore.uris": "",
        "hive.metastore.warehouse.dir": str(place / "warehouse"),
    }
    lines = "".join(f"<property><name>{name}</name><value>{value}</value></property>" for name, value in facts.items())
    (place / "hive-site.xml").write_text(f"<configuration>{lines}</configuration>")
    jars = Path(pyspark.__file__).parent / "jars" / "*"
    command = ["java", f"-Dderby.system.home={place}", "-cp", f"{place}:{jars}"]
    command += ["org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", str(port)]
    with (place / "said").open("wb") as said, subprocess.Popen(command, cwd=place, stdout=said, stderr=said) as process:
        try:
            _await(port)
            yield
        finally:
            process.terminate()


def _await(port: int) -> None:
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the metastore did not start")


def test_a_metastore_is_asked_by_thrift_and_when_it_is_gone_that_is_said(office: Office, tmp_path: Path) -> None:
    shutil.copytree(office.metastore, tmp_path / "metastore_db", ignore=shutil.ignore_patterns("*.lck"))
    port = ports.free_port()
    address = f"thrift://127.0.0.1:{port}"
    with served(tmp_path, port):
        assert catalog.texts() == read(address, "people")
        added = origin.source("census", address, table="census.adults")
        assert (SPARK, address, "census.adults") == (added.format, added.path, added.table)
    with pytest.raises(Unreachable, match="does not answer"):
        read(address, "people")
    with served(tmp_path, port):
        assert catalog.texts() == read(address, "people")


def test_a_metastore_that_is_silent_is_left_after_a_while() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    kept: list[object] = []
    Thread(target=lambda: kept.extend(silent.accept() for _ in range(20)), daemon=True).start()
    wanted = source(f"thrift://127.0.0.1:{silent.getsockname()[1]}", "people")
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="does not answer"), spark_fault.told(wanted):
        spark_metastore.session(wanted, 2, seconds=1).catalog.tableExists("census.people")
    assert time.monotonic() - begun < 60
    silent.close()
