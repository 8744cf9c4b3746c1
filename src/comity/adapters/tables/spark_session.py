"""The one Spark session of this process: local, closed to the network, and what is spilled is encrypted and removed.

Decides how Spark runs; what is asked of it is `spark`'s, and how it is spelt `spark_dialect`'s.
"""

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from comity.errors import ConfigError, WorldError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_STARTING: Final = Lock()
_running: "Final[list[SparkSession]]" = []  # none, or the one

_CONF: Final = {
    "spark.app.name": "comity",
    # Nothing listens beyond this machine, and on it only to whoever knows this process's own secret.
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.authenticate": "true",
    "spark.io.encryption.enabled": "true",  # rows that are spilled to disk
    "spark.eventLog.enabled": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a wrapped number
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",  # "${...}" in a code is text
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # "01" in a folder's name is no 1
    "spark.sql.shuffle.partitions": "32",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}

# Spark's messages quote rows; what a user is told comes from the error's class.
_SILENT: Final = "rootLogger.level = off\n"


def session(threads: int) -> "SparkSession":
    """The session, started by the first call, which takes seconds; later calls find its threads as they are.

    Raises:
        ConfigError: pyspark or Java is missing.
        WorldError: Java did not start.
    """
    with _STARTING:
        if not _running:
            _running.append(_started(threads))
        return _running[0]


def _started(threads: int) -> "SparkSession":
    try:
        from pyspark import SparkContext
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError(
            "Spark is not installed", where="source", wanted="comity[spark]", way_out="pip install 'comity[spark]'"
        ) from None
    if SparkSession.getActiveSession() is not None:
        raise ConfigError(
            "another Spark session runs in this process",
            where="source",
            wanted="the session that Comity starts, with its own settings",
            way_out="stop it, or use a process of its own",
        )
    _java()
    place = Path(tempfile.mkdtemp(prefix="comity-spark-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for quoting in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):  # whole messages, on stderr
        logging.getLogger(quoting).disabled = True
    with _undisturbed(place):
        context = SparkContext(conf=_conf(threads, place), gateway=_gateway(threads, place))
    atexit.register(context.stop)
    return SparkSession(context)


def _java() -> None:
    if not shutil.which("java"):
        raise ConfigError(
            "Spark needs Java",
            where="source",
            found="no `java` on the path",
            wanted="a Java runtime, 17 or 21",
            way_out="apt install openjdk-17-jre-headless",
        )


def _conf(threads: int, place: Path) -> Any:
    from pyspark import SparkConf

    places = {
        "spark.sql.warehouse.dir": str(place / "warehouse"),
        "spark.local.dir": str(place),
        # Where Derby, behind a metastore, would else leave files in the folder that this process was started in.
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={place} -Dderby.stream.error.file={place}/derby.log",
    }
    conf = SparkConf(loadDefaults=False).setMaster(f"local[{threads}]")
    return conf.setAll([*_CONF.items(), *places.items()])


def _gateway(threads: int, place: Path) -> Any:
    """Java, with what it says in a file of ours instead of between a command's own lines."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway

    said = place / "said"
    try:
        with said.open("wb") as file:
            return launch_gateway(_conf(threads, place), {"stdout": file, "stderr": STDOUT})  # type: ignore[no-untyped-call]
    except PySparkRuntimeError:
        last = said.read_text(errors="replace").strip().rpartition("\n")[2]
        raise WorldError(
            "Spark did not start",
            where="source",
            found=last,
            wanted="a Java runtime, 17 or 21, and memory for it",
            way_out="`java -version`",
        ) from None


@contextmanager
def _undisturbed(place: Path) -> Iterator[None]:
    """Spark is started as it is installed: settings of another Spark, Hadoop, Hive or Java here are not read."""
    options = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")  # agents, among others
    others = ("SPARK_", "PYSPARK_", "JAVA_HOME", *options, "HADOOP_", "YARN_", "HIVE_")
    aside = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(others)}
    (place / "log4j2.properties").write_text(_SILENT)
    os.environ.update(SPARK_CONF_DIR=str(place))
    try:
        yield
    finally:
        os.environ.pop("SPARK_CONF_DIR")
        os.environ.update(aside)
