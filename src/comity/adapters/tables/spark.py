"""Spark inside this process, for folders of Parquet that outgrow one reader: the same expressions on its local engine.

What lies in the folder is `parquet_folder`'s affair, how Spark runs `spark_session`'s. A table of a catalog, or a
cluster of other machines, is not read: what is there could not be told apart from yesterday's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata.labelled import Labels
from comity.adapters.tables import decimals, order
from comity.adapters.tables.parquet_folder import ParquetFolder
from comity.adapters.tables.spark_session import session
from comity.canon import Digest
from comity.errors import ComityError, SourceError, WorldError
from comity.model.source import Source

if TYPE_CHECKING:
    import ibis

# To Java "$" is also the place before a last line break, and its casts trim.
_DECIMAL: Final = decimals.DECIMAL.replace("$", r"\z")

_OVERFLOW: Final = ("ARITHMETIC_OVERFLOW", "CAST_OVERFLOW", "BINARY_ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """threads: of the session, if this is the call that starts it."""

    threads: int = 2
    files: bool = True
    bears: int | None = None

    @property
    def version(self) -> str:
        try:
            return f"spark {version('pyspark')}"
        except PackageNotFoundError:
            return "spark"

    @contextmanager
    def opened(self, source: Source, wanted: Mapping[str, str] | None = None) -> Iterator["ibis.Table"]:
        folder = _folder(source)
        folder.alike(where=source.id)
        spark = session(self.threads)
        from comity.adapters.tables.spark_dialect import Exact

        try:
            backend = Exact()
            backend.do_connect(spark)
            base = {"basePath": str(folder.root)} if folder.root.is_dir() else {}
            rows = spark.read.options(**base).parquet(*(f"file:{path}" for path in folder.paths))
            name = f"source_{id(rows)}"
            rows.createTempView(name)
            try:
                yield backend.table(name)
            finally:
                spark.catalog.dropTempView(name)
        except ComityError:
            raise
        except Exception as e:
            raise _said(e, source) from None
        if _folder(source) != folder:
            raise SourceError(
                "the files changed while they were read", where=source.id, way_out="comity source check, then again"
            )

    def vintage(self, source: Source) -> Digest:
        return _folder(source).vintage(where=source.id)

    def labels(self, source: Source) -> tuple[Labels, ...]:
        return ()

    def numbered(self, text: Any) -> Any:
        from comity.adapters.tables.spark_dialect import conv

        return conv(text.hexdigest("sha256").left(15), 16, 10).cast("int64")

    def hidden(self, words: Sequence[int]) -> Sequence[Any]:
        import ibis

        return [ibis.literal(word, "int64") for word in words]  # read by this process alone

    def least(self, rows: "ibis.Table", *, of: str, key: str, most: int) -> "ibis.Table":
        return order.ranked(rows, of=of, key=key, most=most)

    def number(self, text: Any) -> Any:
        return decimals.number(text, _DECIMAL)


def _folder(source: Source) -> ParquetFolder:
    if "://" in source.path or source.table:
        raise SourceError(
            "a table of Spark's catalog is not read",
            where=source.id,
            found=source.table or source.path,
            wanted="a folder of Parquet files",
            way_out="write the table to a folder: df.write.parquet(FOLDER)",
        )
    return ParquetFolder.listed(source)


def _said(error: Exception, source: Source) -> ComityError:
    """One line of what Spark said: the class of its error, never its message, which may quote a row.

    What is no error of Spark's is given back as it is: a fault of ours.
    """
    from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    kinds = str(error.java_exception.toString()) if isinstance(error, Py4JJavaError) else ""
    if isinstance(error, Py4JNetworkError | ConnectionError):
        return WorldError("Spark has ended", where=source.id, way_out="start the node again; give it more memory")
    if not isinstance(error, PySparkException | Py4JError):
        raise error
    found = error.getCondition() if isinstance(error, PySparkException) else None
    if "OutOfMemoryError" in f"{kinds}{error}" or found == "UNABLE_TO_ACQUIRE_MEMORY":
        return WorldError("out of memory", where=source.id, way_out="give the node more memory")
    if found and found.split(".")[0] in _OVERFLOW:
        return SourceError(
            "a sum or a number is beyond 64 bits", where=source.id, found=found, wanted="numbers of the norm's size"
        )
    return SourceError(
        "not readable as parquet",
        where=source.id,
        found=found or kinds.split(":")[0],
        wanted="whole Parquet files of columns that Spark reads",
        way_out="write the folder again",
    )
