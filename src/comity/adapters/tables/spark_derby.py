"""A copy of a metastore in Derby, before Hive asks it: whether it is tables and rows, and no code.

A database of Derby may hold functions of Java, jars with more of it, views and triggers that call them; and a file of
its settings may name places that it writes to and classes that it loads. All of it would run here. Derby's own lists of
what a database holds are asked first: nothing in a database can stand in their place.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTING: Final = re.compile(
    r"(Sys[a-z]+(Index[0-9])?Identifier|derby\.(serviceLocale|serviceProtocol|storage\.(propertiesId|rowLocking)))=.*"
)
_SYSTEM: Final = (
    "'SYS', 'SYSIBM', 'SYSCS_UTIL', 'SYSCS_DIAG', 'SYSPROC', 'SYSFUN', 'SYSSTAT', 'SYSCAT', 'SQLJ', 'NULLID'"
)
_CODE: Final = {
    # DataNucleus, by which Hive keeps its tables, makes two functions of its own.
    "a function": "SELECT A.ALIAS FROM SYS.SYSALIASES A JOIN SYS.SYSSCHEMAS S ON A.SCHEMAID = S.SCHEMAID WHERE "
    f"S.SCHEMANAME NOT IN ({_SYSTEM}) AND (A.ALIASTYPE <> 'F' OR CAST(A.JAVACLASSNAME AS VARCHAR(200)) <> "
    "'org.datanucleus.store.rdbms.adapter.DerbySQLFunction')",
    "a jar": "SELECT FILENAME FROM SYS.SYSFILES",
    "a trigger": "SELECT TRIGGERNAME FROM SYS.SYSTRIGGERS",
    "a view": "SELECT TABLEID FROM SYS.SYSVIEWS",
}


def insist(spark: "SparkSession", copy: Path, *, where: str) -> None:
    """Refuse a database that brings code along, or is none that Derby opens; closed again afterwards.

    Raises:
        SourceError: with the first thing that is no table.
    """
    lines = (copy / "service.properties").read_text("latin-1").splitlines()
    for line in lines:
        if line.strip() and not line.startswith("#") and not _SETTING.fullmatch(line):
            raise _odd(f"setting {line.partition('=')[0][:80]!r}", where)
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

    jvm, address = spark.sparkContext._jvm, f"jdbc:derby:{copy}"
    driver, nothing = jvm.org.apache.derby.jdbc.EmbeddedDriver(), jvm.java.util.Properties()  # type: ignore[union-attr]
    try:
        connection = driver.connect(address, nothing)
        try:
            found = next((what for what, query in _CODE.items() if _any(connection, query)), "")
        finally:
            connection.close()
    except Py4JJavaError:
        raise SourceError(
            "the metastore cannot be read", where=where, found="Derby does not open it", wanted="a whole database"
        ) from None
    finally:
        with suppress(Py4JJavaError):  # by which Derby says that it was closed, or not open
            driver.connect(f"{address};shutdown=true", nothing)
    if found:
        raise _odd(found, where)


def _any(connection: Any, query: str) -> bool:
    statement = connection.createStatement()
    try:
        return bool(statement.executeQuery(query).next())
    finally:
        statement.close()


def _odd(found: str, where: str) -> SourceError:
    return SourceError(
        "the metastore holds more than tables",
        where=where,
        found=found,
        wanted="what Hive keeps in Derby: tables, rows and indices",
        way_out="ask its Hive metastore by thrift://HOST:PORT",
    )
