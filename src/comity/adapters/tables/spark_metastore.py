"""The metastore of an office's Spark: where it is, and a session of ours that asks it which tables there are.

A metastore is a Hive metastore, "thrift://host:port", or the folder `metastore_db` that Spark keeps in a Derby database
by itself. Derby writes where it reads, so that a copy in this process's own folder is opened (`spark_derby`), and the
office's stays as it is. No settings of the office's Spark are read: neither `spark-defaults.conf` nor `hive-site.xml`
may name a plugin, a jar or an option of Java that would run here (docs/adr/0033). What a table is, is `spark_table`'s
to say.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from threading import Lock
from typing import TYPE_CHECKING, Final

from comity.adapters.tables import spark_derby, spark_session
from comity.errors import ComityError, ConfigError, SourceError, WorldError
from comity.model.source import Source

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEME: Final = "thrift://"
SECONDS: Final = 20  # that a metastore may take for one answer; one that is silent is left after four times as long

_ADDRESS: Final = re.compile(r"thrift://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}")

_OPTIONS: Final = {
    "spark.sql.catalogImplementation": "hive",
    # Hive keeps names in small letters; a Parquet file of its has the columns as they were written.
    "spark.sql.caseSensitive": "false",
    "spark.sql.hive.caseSensitiveInferenceMode": "NEVER_INFER",  # another value writes into the metastore
    "spark.sql.runSQLOnFiles": "false",  # "parquet.`/file`" is no table
    "spark.sql.hive.verifyPartitionPath": "false",
    # Nothing of an earlier look is remembered.
    "spark.sql.filesourceTableRelationCacheSize": "0",
    "spark.sql.hive.filesourcePartitionFileCacheSize": "0",
    "hive.metastore.connect.retries": "1",
    "hive.metastore.failure.retries": "1",  # Hive closes a session of its own, and asks again
    "datanucleus.schema.autoCreateAll": "false",
}

_State = tuple[tuple[str, int, int], ...]  # of a folder's files: name, size, time


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A session and, of a copied metastore, what the folder was when it was copied."""

    spark: "SparkSession"
    copied: _State


_OPENING: Final = Lock()
_open: Final[dict[str, _Open]] = {}


def is_address(text: str) -> bool:
    """Whether a word names a metastore and no file."""
    return text.startswith(SCHEME)


def is_folder(path: Path) -> bool:
    """Whether a folder is a Derby database, which a Spark without a Hive metastore keeps its tables in."""
    return (path / "service.properties").is_file() and (path / "seg0").is_dir()


def session(source: Source, threads: int, *, seconds: int = SECONDS) -> "SparkSession":
    """A session of the one Spark of this process whose catalog is the source's metastore.

    Raises:
        ConfigError: the path is no metastore's; or Spark is missing.
        SourceError: the folder cannot be read.
        WorldError: it was written while it was copied.
    """
    if "://" in source.path:
        if not _ADDRESS.fullmatch(source.path):
            raise ConfigError("not the address of a metastore", where=source.id, wanted="thrift://HOST:PORT")
        state: _State = ()
    else:
        state = _state(source)
    with _OPENING:
        known = _open.get(source.path)
        if known is None or known.copied != state:
            base = spark_session.session(threads)
            place = Path(base.sparkContext.getConf().get("spark.local.dir", ""))
            at = {"hive.metastore.uris": source.path}
            if "://" not in source.path:
                at = {"javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={_copy(source, base, place, state)}"}
            patience = {"hive.metastore.client.socket.timeout": f"{seconds}s"}
            known = _Open(spark=_session(base, {**_OPTIONS, **_places(place), **patience, **at}), copied=state)
            _open[source.path] = known
        return known.spark


def _state(source: Source) -> _State:
    """What tells that a Derby metastore was written; SourceError if it is none, or may not be read."""
    root = Path(source.path)
    try:
        found = []
        for folder, folders, names in os.walk(root, onerror=_raise):
            facts = [(path, path.lstat()) for path in (Path(folder, name) for name in (*folders, *names))]
            if odd := [path.name for path, fact in facts if not S_ISREG(fact.st_mode) and not S_ISDIR(fact.st_mode)]:
                raise SourceError("not a file of the metastore", where=source.id, found=odd[0], wanted="plain files")
            found += [(path.relative_to(root).as_posix(), fact.st_size, fact.st_mtime_ns) for path, fact in facts]
    except OSError as e:
        raise SourceError(
            "the metastore cannot be read",
            where=source.id,
            found=f"{Path(e.filename or root).name}: {e.strerror}",
            wanted="a folder that this node may read",
        ) from None
    if not is_folder(root):
        raise ConfigError(
            "not a metastore",
            where=source.id,
            found=root.name,
            wanted="with --table: the folder metastore_db of a Spark, or thrift://HOST:PORT",
            way_out="a folder of Parquet files is named without --table",
        )
    return tuple(sorted(found))


def _raise(error: OSError) -> None:
    raise error


def _copy(source: Source, base: "SparkSession", place: Path, state: _State) -> Path:
    """The metastore as of now, in our own folder. If nothing was written meanwhile, Derby opens it as after a crash."""
    to = place / f"metastore-{len(list(place.glob('metastore-*')))}"
    try:
        shutil.copytree(source.path, to, ignore=shutil.ignore_patterns("*.lck"))
    except (OSError, shutil.Error):
        shutil.rmtree(to, ignore_errors=True)
        raise WorldError("the metastore could not be copied", where=source.id, way_out="make room in TMPDIR") from None
    if _state(source) != state:
        shutil.rmtree(to, ignore_errors=True)
        raise WorldError(
            "the metastore was written while it was copied", where=source.id, way_out="the same again, a little later"
        )
    try:
        spark_derby.insist(base, to, where=source.id)
    except ComityError:
        shutil.rmtree(to, ignore_errors=True)
        raise
    return to


def _places(place: Path) -> dict[str, str]:
    """Where Hive's client would leave files, beside /tmp."""
    names = ("exec.scratchdir", "exec.local.scratchdir", "downloaded.resources.dir", "querylog.location")
    return {f"hive.{name}": str(place / "hive" / name) for name in names}


def _session(base: "SparkSession", options: dict[str, str]) -> "SparkSession":
    """With a catalog of its own, beside those of other sources, in the same Java."""
    from pyspark.sql import SparkSession

    jvm = base.sparkContext._jvm
    given = jvm.java.util.HashMap()  # type: ignore[union-attr]
    for name, value in options.items():
        given.put(name, value)
    kind = SparkSession._get_j_spark_session_class(jvm)
    return SparkSession(base.sparkContext, jsparkSession=kind(base.sparkContext._jsc.sc(), given))
