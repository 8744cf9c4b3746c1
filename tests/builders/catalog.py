"""What an office keeps in the catalog of its Spark: people as tables of many kinds, views of them, and what Comity does
not read. `Office` is a Spark with a metastore in Derby and a warehouse, which writes; Comity reads.
"""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from comity.adapters.tables import spark_session

Texts = dict[str, str | None]

ROWS: Final = pa.table(
    {
        "id": pa.array([1, 1, 2, 3, 4, 5, 6, 7], pa.int64()),
        "q": pa.array(["1", "01", "", None, "é", "it's", "a ", "1"]),
        "d": pa.array([datetime.date(2020, 2, 29), None, *[datetime.date(1900, 1, 1)] * 6]),
        "m": pa.array([Decimal("1.50"), Decimal("-0.05"), None, *[Decimal("12345678.90")] * 5], pa.decimal128(10, 2)),
        "sex": pa.array(["01", "1", "1", None, "é", "x y", "01", "01"]),
        "wave": pa.array([6, 6, 6, 6, 6, 6, 6, 5], pa.int32()),
    }
)
COLUMNS: Final = ROWS.column_names

REFUSED: Final = {  # a table or view, and what is found in it
    "jdbc": ("USING jdbc OPTIONS (url 'jdbc:derby:memory:x;create=true', dbtable 'sys.systables')", "jdbc"),
    "csv": ("(id BIGINT) USING csv", "csv"),
    "hiding": ("USING parquet OPTIONS ('pathGlobFilter'='none*') AS SELECT id FROM r", "option pathglobfilter"),
    "java": (
        "USING parquet OPTIONS ('parquet.private.read.filter.predicate'='rO0AB') AS SELECT id FROM r",
        "option parquet.private",
    ),
    "deep": ("USING orc OPTIONS ('recursiveFileLookup'='true') AS SELECT id FROM r", "option recursivefilelookup"),
}

OF_HIVE: Final = {
    "headed": ("(id BIGINT) STORED AS TEXTFILE TBLPROPERTIES ('skip.header.line.count'='1')", "lines of text"),
    "avro": ("(id BIGINT) STORED AS AVRO", "AvroSerDe"),
    "acid": (
        "(id BIGINT) CLUSTERED BY (id) INTO 2 BUCKETS STORED AS ORC TBLPROPERTIES ('transactional'='true')",
        "an ACID table",
    ),
    "linked": (
        "(id BIGINT) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' STORED AS "
        "INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        "SymlinkTextInputFormat",
    ),
    "another": (
        "(id BIGINT) STORED AS TEXTFILE TBLPROPERTIES "
        "('serialization.lib'='org.apache.hadoop.hive.serde2.OpenCSVSerde')",
        "property serialization.lib",
    ),
    "filtered": (
        "(id BIGINT) STORED AS TEXTFILE TBLPROPERTIES ('mapreduce.input.pathFilter.class'='java.lang.String')",
        "property mapreduce.input",
    ),
}

HOSTILE: Final = {
    "drawn": ("SELECT id, rand() AS r FROM census.people", r"rand\(\)"),
    "today": ("SELECT id FROM census.people WHERE d < current_date", "current_date"),
    "now": ("SELECT id, now() AS n FROM census.people", r"now\(\)"),
    "some": ("SELECT id FROM census.people LIMIT 2", "GlobalLimit"),
    "sampled": ("SELECT id FROM census.people TABLESAMPLE (50 PERCENT)", "Sample"),
    "ranked": ("SELECT row_number() OVER (ORDER BY q) AS r FROM census.people", "WindowExpression"),
    "piped": ("SELECT TRANSFORM(id) USING 'cat' AS (x STRING) FROM census.people", "ScriptTransformation"),
    "called": ("SELECT reflect('java.lang.System', 'getenv', 'HOME') AS r FROM census.people", r"reflect\(\)"),
    "inner": ("SELECT id FROM census.people WHERE (SELECT rand()) < 1", "ScalarSubquery"),
    "over": ("SELECT * FROM census.drawn", r"rand\(\)"),
    "afar": ("SELECT * FROM census.csv", "csv"),
    "narrowed": ("SELECT * FROM census.people WITH ('pathGlobFilter'='none*')", "WITH"),
    "named": ("SELECT id, '${{env:HOME}}' AS h FROM census.people", r"\$\{"),
    "written": ("SELECT id FROM census.people WHERE d < DATE 'today'", "not written out"),
    "made": ("SELECT id FROM census.people WHERE d < CAST(concat('to', 'day') AS DATE)", "made a date"),
    "taken": ("SELECT id FROM census.people WHERE d < 'today'", "made a date"),
    "filed": ("SELECT * FROM parquet.`{file}`", "no such table"),
}


def texts(*columns: str, **more: str) -> list[Texts]:
    """What the office wrote, as texts."""
    found = [{name: _text(value) for name, value in row.items()} for row in ROWS.to_pylist()]
    return cut([{**row, **more} for row in found], *(columns or COLUMNS), *more)


def cut(rows: Iterable[Texts], *columns: str) -> list[Texts]:
    """These columns of rows, in one order of rows and columns."""
    return sorted(({name: row[name] for name in sorted(columns)} for row in rows), key=str)


def shown(table: Any) -> list[Texts]:
    """The rows of a table of Ibis, or of Spark, as `texts` has them."""
    rows = table.to_pyarrow().to_pylist() if hasattr(table, "to_pyarrow") else [row.asDict() for row in table.collect()]
    return cut(({name: _text(value) for name, value in row.items()} for row in rows), *table.columns)


def _text(value: object) -> str | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


def says(spark: SparkSession, *statements: str) -> None:
    """SQL, one statement after the other."""
    for statement in statements:
        spark.sql(statement)


def fill(spark: SparkSession, place: Path) -> None:
    """The database `census` in a catalog, its tables below a folder."""
    pq.write_table(ROWS, file := place / "rows.parquet")
    spark.read.parquet(f"file:{file}").createOrReplaceTempView("r")
    says(
        spark,
        f"CREATE DATABASE census LOCATION 'file:{place / 'warehouse'}'",
        "CREATE TABLE census.people USING parquet PARTITIONED BY (wave, sex) AS SELECT * FROM r",
        "CREATE TABLE census.buckets USING parquet CLUSTERED BY (id) INTO 2 BUCKETS AS SELECT * FROM r",
        "CREATE VIEW census.adults AS SELECT p.id, p.q, p.wave FROM census.people p JOIN (SELECT DISTINCT id FROM "
        "census.buckets WHERE coalesce(sex, '-') <> 'x y') AS b ON p.id = b.id WHERE p.wave IN (5, 6)",
        "CREATE VIEW census.both AS SELECT * FROM census.adults UNION ALL SELECT id, q, 6 FROM census.buckets",
        *(f"CREATE TABLE census.{name} {text}" for name, (text, _) in REFUSED.items()),
        *(f"CREATE VIEW census.{name} AS {text.format(file=file)}" for name, (text, _) in HOSTILE.items()),
    )


class Office:
    """In the Java of this process, with a catalog of its own. place: an empty folder."""

    def __init__(self, place: Path) -> None:
        self.metastore = place / "metastore_db"
        self.warehouse = place / "warehouse"
        base = spark_session.session(2)
        jvm, context = base.sparkContext._jvm, base.sparkContext
        assert jvm is not None
        options = jvm.java.util.HashMap()
        for name, value in {
            "spark.sql.catalogImplementation": "hive",
            "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={self.metastore};create=true",
            "datanucleus.schema.autoCreateAll": "true",
            "hive.metastore.schema.verification": "false",
            "hive.exec.scratchdir": str(place / "scratch"),
            "hive.exec.local.scratchdir": str(place / "scratch"),
            "hive.exec.dynamic.partition.mode": "nonstrict",
            "spark.sql.shuffle.partitions": "1",
        }.items():
            options.put(name, value)
        kind = SparkSession._get_j_spark_session_class(jvm)
        self.spark = SparkSession(context, jsparkSession=kind(context._jsc.sc(), options))
        fill(self.spark, place)
        (place / "cased").mkdir()
        pq.write_table(pa.table({"Id": [1, 2], "Sex": ["1", "2"]}), place / "cased" / "part.parquet")
        says(
            self.spark,
            "CREATE TABLE census.hive (id BIGINT, q STRING, c CHAR(4)) PARTITIONED BY (wave INT) STORED AS ORC",
            "INSERT INTO census.hive SELECT id, q, '1', wave FROM r",
            "CREATE TABLE census.lines (id BIGINT, q STRING) STORED AS TEXTFILE",
            "INSERT INTO census.lines SELECT id, q FROM r",
            f"CREATE EXTERNAL TABLE census.cased (id BIGINT, sex STRING) STORED AS PARQUET LOCATION '{place}/cased'",
            "CREATE FUNCTION census.f AS 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFAbs'",
            "CREATE VIEW census.ours AS SELECT census.f(id) AS r FROM census.people",
            *(f"CREATE TABLE census.{name} {text}" for name, (text, _) in OF_HIVE.items()),
        )

    def state(self) -> dict[str, tuple[int, int]]:
        """Size and time of each file of metastore and warehouse."""
        files = (path for top in (self.metastore, self.warehouse) for path in top.rglob("*"))
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}
