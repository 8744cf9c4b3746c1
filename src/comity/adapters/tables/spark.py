"""Spark inside this process, for what outgrows one reader: the same expressions on its local engine.

What lies in a folder is `parquet_folder`'s affair, which tables of a catalog are read `spark_table`'s, how Spark runs
`spark_session`'s. A cluster of other machines is not asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata.labelled import Labels
from comity.adapters.tables import decimals, spark_table
from comity.adapters.tables.elsewhere import Elsewhere
from comity.adapters.tables.parquet_folder import ParquetFolder
from comity.adapters.tables.spark_fault import told
from comity.adapters.tables.spark_session import session
from comity.canon import Digest
from comity.errors import SourceError
from comity.model.source import Source

if TYPE_CHECKING:
    import ibis
    from pyspark.sql import DataFrame, SparkSession

# To Java "$" is also the place before a last line break, and its casts trim.
_DECIMAL: Final = decimals.DECIMAL.replace("$", r"\z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark(Elsewhere):
    """threads: of the session, if this is the call that starts it."""

    threads: int = 2
    files: bool = True

    @property
    def version(self) -> str:
        try:
            return f"spark {version('pyspark')}"
        except PackageNotFoundError:
            return "spark"

    @contextmanager
    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> Iterator["ibis.Table"]:
        rows_of = spark_table.opened if source.catalogued else _folder
        with told(source), rows_of(source, self.threads) as (spark, rows):
            from comity.adapters.tables.spark_dialect import Exact

            backend = Exact()
            backend.do_connect(spark)
            name = f"source_{id(rows)}"
            rows.createTempView(name)
            try:
                yield backend.table(name)
            finally:
                spark.catalog.dropTempView(name)

    def vintage(self, source: Source) -> Digest:
        """Read beside a count: of a table, whose files are held to be the same before and after the count."""
        if not source.catalogued:
            return ParquetFolder.listed(source).vintage(where=source.id)
        with told(source), spark_table.opened(source, self.threads) as (_, rows):
            return spark_table.vintage(rows)

    def labels(self, source: Source) -> tuple[Labels, ...]:
        return ()

    def numbered(self, text: Any) -> Any:
        from comity.adapters.tables.spark_dialect import conv

        return conv(text.hexdigest("sha256").left(15), 16, 10).cast("int64")

    def hidden(self, words: Sequence[int]) -> Sequence[Any]:
        import ibis

        return [ibis.literal(word, "int64") for word in words]  # read by this process alone

    def number(self, text: Any) -> Any:
        return decimals.number(text, _DECIMAL)


@contextmanager
def _folder(source: Source, threads: int) -> Iterator["tuple[SparkSession, DataFrame]"]:
    folder = ParquetFolder.listed(source)
    folder.alike(where=source.id)
    spark = session(threads)
    base = {"basePath": str(folder.root)} if folder.root.is_dir() else {}
    yield spark, spark.read.options(**base).parquet(*(f"file:{path}" for path in folder.paths))
    if ParquetFolder.listed(source) != folder:
        raise SourceError(
            "the files changed while they were read", where=source.id, way_out="comity source check, then again"
        )
