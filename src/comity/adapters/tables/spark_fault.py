"""What is told of an error of Spark's: one line by its class, never its message, which may quote a row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from comity.errors import ComityError, SourceError, Unreachable, WorldError
from comity.model.source import Source

_OVERFLOW: Final = ("ARITHMETIC_OVERFLOW", "CAST_OVERFLOW", "BINARY_ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE")
_METASTORE: Final = ("TTransportException", "MetaException")  # the classes that Hive's client answers with
_DEEPEST: Final = 50  # causes of causes


@contextmanager
def told(source: Source) -> Iterator[None]:
    """Errors of Spark's as ours; what is no error of Spark's is given on as it is: a fault of ours."""
    try:
        yield
    except ComityError:
        raise
    except Exception as e:
        raise _said(e, source) from None


def _said(error: Exception, source: Source) -> ComityError:
    from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    kinds = str(error.java_exception.toString()) if isinstance(error, Py4JJavaError) else ""
    if isinstance(error, Py4JNetworkError | ConnectionError):
        return WorldError("Spark has ended", where=source.id, way_out="start the node again; give it more memory")
    if not isinstance(error, PySparkException | Py4JError):
        raise error
    found = error.getCondition() if isinstance(error, PySparkException) else None
    if "OutOfMemoryError" in f"{kinds}{error}" or found == "UNABLE_TO_ACQUIRE_MEMORY":
        return WorldError("out of memory", where=source.id, way_out="give the machine more memory")
    if found and found.split(".")[0] in _OVERFLOW:
        return SourceError(
            "a sum or a number is beyond 64 bits", where=source.id, found=found, wanted="numbers of the norm's size"
        )
    found = found or kinds.split(":")[0]
    if source.table:
        return _of_table(error, source, found)
    return SourceError(
        "not readable as parquet",
        where=source.id,
        found=found,
        wanted="whole Parquet files of columns that Spark reads",
        way_out="write the folder again",
    )


def _of_table(error: Exception, source: Source, found: str) -> ComityError:
    """Of a table of a catalog: the metastore may be what failed."""
    if "://" in source.path and any(kind.endswith(_METASTORE) for kind in _causes(error)):
        return Unreachable(
            "the metastore does not answer",
            where=source.id,
            wanted="a Hive metastore at the address of the source",
            way_out="see that it runs; then the same again",
        )
    return SourceError(
        "the table cannot be read",
        where=source.id,
        found=found,
        wanted="a metastore of Spark or Hive, and whole files behind its table",
        way_out="see that the office's own Spark reads the table",
    )


def _causes(error: Any) -> list[str]:
    """Java's classes of an error and of what caused it."""
    found: list[str] = []
    cause = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    while cause is not None and len(found) < _DEEPEST:
        found.append(str(cause.getClass().getName()))
        cause = cause.getCause()
    return found
