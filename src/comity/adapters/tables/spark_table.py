"""A table of a Spark catalog as it is read: which tables are, where their rows lie, and the digest of these.

A table is read if its rows are Parquet, ORC or Hive's text files on this machine, in the folders that the metastore
names (`spark_files`); of any other kind (JDBC, Delta, ACID) it is refused before Spark looks at it. So it is with
options: they become settings of what reads, which name classes that run here, and rows that are left out. A view is
read through to its tables. Nothing here writes, or makes a statement out of text. Counts nothing.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import spark_files, spark_metastore, spark_view
from comity.canon import Digest
from comity.errors import SourceError, UsageError
from comity.model.source import Source

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructField

DEEPEST: Final = 8  # views of views
WIDEST: Final = 10_000  # columns; as in files
WHOLE: Final = 18  # digits of a decimal that an int64 holds, whatever they are

_NAMED: Final = re.compile(r"([A-Za-z0-9_]{1,128})\.([A-Za-z0-9_]{1,128})")  # all that Hive takes as names
_FORMATS: Final = ("parquet", "orc")
_HIVE: Final = {  # what splits lines or blocks into rows, and what finds these in files
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    ),
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": "org.apache.hadoop.mapred.TextInputFormat",
}
_OPTIONS: Final = (  # of how rows are written in files, and of nothing else
    "colelction.delim",  # as Hive spells it
    "collection.delim",
    "compression",
    "escape.delim",
    "field.delim",
    "line.delim",
    "mapkey.delim",
    "orc.compress",
    "parquet.compression",
    "serialization.format",
    "serialization.null.format",
)
_NOTES: Final = (  # properties of Hive's tables with a point in their names; others are settings of Hadoop to it
    "auto.purge",
    "discover.partitions",
    "external.table.purge",
    "orc.compress",
    "parquet.compression",
    "skip.footer.line.count",
    "skip.header.line.count",
)
_OWN: Final = ("bucket_count", "bucket_field_name", "columns", "location", "name", "partition_columns")  # Hive's words
_READ: Final = ("string", "boolean", "date", "byte", "short", "integer", "long", "float", "double")
PARTED: Final = 3  # hexadecimal digits: rows are sorted in 4,096 parts

# A partition, a file of it and what tells that it was written; or a view and its text.
_State = tuple[tuple[str, str, spark_files.Stamp], ...]


@contextmanager
def opened(source: Source, threads: int) -> Iterator["tuple[SparkSession, DataFrame]"]:
    """The session that asks a source's metastore, and the rows of its table (`seen`).

    Raises:
        UsageError: the name is not DATABASE.TABLE.
        SourceError: no such table, or one that is not read.
    """
    if not (name := _NAMED.fullmatch(source.table)):
        raise UsageError(
            "not the name of a table", where=source.id, found=source.table, wanted="DATABASE.TABLE, as Hive names them"
        )
    spark = spark_metastore.session(source, threads)
    with seen(spark, *name.groups(), where=source.id) as rows:
        yield spark, rows


@contextmanager
def seen(spark: "SparkSession", database: str, table: str, *, where: str) -> Iterator["DataFrame"]:
    """What of a table a binding may read, of one catalog; refused if files behind it change meanwhile."""
    before = _state(spark, database, table, where=where)
    rows = spark.table(f"`{database}`.`{table}`")
    _resolved(rows, {text for _, text, stamp in before if not stamp}, where=where)
    yield _plain(rows, where=where)
    if _state(spark, database, table, where=where) != before:
        raise SourceError(
            "the files changed while they were read", where=where, way_out="comity source check, then again"
        )


def vintage(rows: "DataFrame") -> Digest:
    """Digest of the rows whatever their order, with names and types of the columns read.

    Floating numbers in hexadecimal (C's %a), of which each has one; its decimal text differs between versions of Java.
    Of each row the SHA-256 of its values, each with its length before it; of all rows with the same three digits there
    the SHA-256 of these in their order; of the whole the SHA-256 of those. The same rows in other files, partitions or
    buckets are the same vintage.
    """
    from pyspark.sql import functions as f

    texts = [_text(_quoted(name), kind) for name, kind in rows.dtypes]
    values = [f.coalesce(f.concat(f.length(text).cast("string"), f.lit(":"), text), f.lit("-")) for text in texts]
    hashed = rows.select(f.sha2(f.concat(*values).cast("binary"), 256).alias("h"))
    joined = f.concat_ws("", f.sort_array(f.collect_list("h"))).cast("binary")
    parts = hashed.groupBy(f.substring("h", 1, PARTED)).agg(f.sha2(joined, 256)).collect()
    facts = json.dumps(["comity-spark-table/2", rows.dtypes, sorted(map(list, parts))], ensure_ascii=False)
    return Digest("sha256:" + hashlib.sha256(facts.encode()).hexdigest())


def _text(column: str, kind: str) -> "Column":
    from pyspark.sql import functions as f

    if kind in ("float", "double"):
        return f.when(f.col(column).isNotNull(), f.format_string("%a", f.col(column)))
    return f.col(column).cast("string")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _plain(rows: "DataFrame", *, where: str) -> "DataFrame":
    """Columns of the kinds that a binding reads, the rest left out."""
    if len(rows.columns) > WIDEST:
        raise SourceError("too many columns", where=where, found=str(len(rows.columns)), wanted=f"{WIDEST} at most")
    columns = [column for field in rows.schema.fields if (column := _read(field)) is not None]
    if not columns:
        raise SourceError("no column that is read", where=where, wanted="columns of texts, numbers or dates")
    return rows.select(*columns)


def _read(field: "StructField") -> "Column | None":
    """char(n) without its padding; a decimal as of PostgreSQL: a whole number, or its text without zeros at the end."""
    from pyspark.sql import functions as f
    from pyspark.sql.types import DecimalType

    column, kind = f.col(_quoted(field.name)), field.dataType
    if isinstance(kind, DecimalType):
        if not kind.scale and kind.precision <= WHOLE:
            return column.cast("bigint").alias(field.name)
        text = column.cast("string")
        return (f.regexp_replace(text, "[.]?0+$", "") if kind.scale else text).alias(field.name)
    if str(field.metadata.get("__CHAR_VARCHAR_TYPE_STRING", "")).startswith("char("):
        return f.rtrim(column).alias(field.name)
    return column if kind.typeName() in _READ else None


def _state(spark: "SparkSession", database: str, table: str, *, where: str, depth: int = 0) -> _State:
    """The files behind a table or view, and what tells that one was written again; SourceError if it is not read."""
    catalog = spark._jsparkSession.sharedState().externalCatalog()
    if not catalog.tableExists(database, table):
        raise SourceError(
            "no such table", where=where, found=f"{database}.{table}", wanted="DATABASE.TABLE of the metastore"
        )
    known = catalog.getTable(database, table)
    if known.tableType().name() == "VIEW":
        if depth == DEEPEST:
            raise SourceError("views of views of views", where=where, wanted=f"{DEEPEST} at most")
        names = sorted(set(spark_view.behind(spark, known, where=where)))
        text = (f"{database}.{table}", str(known.viewText().get()), ())
        return (text, *(one for name in names for one in _state(spark, *name, where=where, depth=depth + 1)))
    _insist(known, where=where)
    places = [("", known.storage())]
    if not known.partitionColumnNames().isEmpty():
        parts = catalog.listPartitions(database, table, getattr(spark._jvm, "scala.None$").__getattr__("MODULE$"))
        places = [
            (str(part.spec().mkString("/")), part.storage()) for part in (parts.apply(at) for at in range(parts.size()))
        ]
    found = []
    for name, storage in places:
        if odd := _written(storage, *(["path"] if name else []), hive=_provider(known) == "hive"):
            raise _unread(odd, where)
        at = storage.locationUri()
        found += [(name, *one) for one in spark_files.behind(at.get() if at.isDefined() else None, where=where)]
    return tuple(sorted(found))


def _resolved(rows: "DataFrame", texts: set[str], *, where: str) -> None:
    """Refuse what Spark made of a name if it is not what was looked at: a metastore may say one thing, then another.

    Before anything is read; an option would take effect only then.
    """
    for node in spark_view.nodes(rows._jdf.queryExecution().analyzed()):
        kind, table = str(node.getClass().getSimpleName()), None
        if kind == "LogicalRelation" and node.catalogTable().isDefined():
            table = node.catalogTable().get()
        elif kind == "HiveTableRelation":
            table = node.tableMeta()
        elif not node.children().size() or (kind == "View" and str(node.desc().viewText().get()) not in texts):
            raise _unread("another table or view than a moment ago", where)
        if table is not None:
            _insist(table, where=where)
    spark_view.insist(rows, where=where)


def _insist(table: Any, *, where: str) -> None:
    """That Spark reads its rows from files, by its own readers."""
    provider, told = _provider(table), _told(table.properties())
    odd = ""
    if table.tableType().name() not in ("MANAGED", "EXTERNAL"):
        odd = table.tableType().name()
    elif provider not in (*_FORMATS, "hive"):
        odd = provider or "no format"
    elif told.get("transactional") == "true":
        odd = "an ACID table"
    elif "storage_handler" in told:
        odd = "a table of another system"
    elif told.get("skip.header.line.count", "0") != "0" or told.get("skip.footer.line.count", "0") != "0":
        odd = "lines of text that are no rows"  # Spark would read them as rows
    elif provider == "hive":
        odd = next((f"property {name}" for name in sorted(told) if _sets(name)), "")
    if odd := odd or _written(table.storage(), hive=provider == "hive"):
        raise _unread(odd, where)


def _sets(name: str) -> bool:
    """Whether a property of one of Hive's tables would be a setting of what reads it, and not a note."""
    return name in _OWN or ("." in name and name not in _NOTES)


def _written(storage: Any, *noted: str, hive: bool) -> str:
    """What is odd about how rows are written, of a table or of one of its partitions; "" for nothing.

    Spark notes beside a partition once more where it is, which no reader of its looks at; its table has no such note.
    """
    serde, format = (one.get() if one.isDefined() else "" for one in (storage.serde(), storage.inputFormat()))
    if hive and (serde not in _HIVE or format != _HIVE[serde]):
        return str(format if serde in _HIVE else serde).rpartition(".")[2] or "no format"
    return next(
        (f"option {name}" for name in sorted(_told(storage.properties())) if name not in (*_OPTIONS, *noted)), ""
    )


def _provider(table: Any) -> str:
    return str(table.provider().get()).lower() if table.provider().isDefined() else ""


def _unread(odd: str, where: str) -> SourceError:
    return SourceError(
        "a kind of table that is not read",
        where=where,
        found=odd,
        wanted="Parquet, ORC, or Hive's text files",
        way_out="CREATE TABLE ... USING parquet AS SELECT * FROM the table",
    )


def _told(map: Any) -> dict[str, str]:
    """A map of Scala's; its words in small letters, as Spark takes them."""
    entries = map.toSeq()
    return {str(entries.apply(at)._1()).lower(): str(entries.apply(at)._2()).lower() for at in range(entries.size())}
