"""Where microdata are: a file, a folder, or a table of a database; looked at once, before it is kept as a source.

Decides what a word on the command line means. Nothing is copied, and of a password only the path of its file is kept.
"""

from pathlib import Path

from comity.adapters.tables import postgres_address, spark_metastore
from comity.errors import ConfigError, UsageError
from comity.model.source import POSTGRESQL, SPARK, Source


def source(id: str, where: Path | str, *, format: str = "", table: str = "", secret: Path | None = None) -> Source:
    """A source that can be read now; it was not checked against any norm.

    Args:
        where: a file; a folder, of Parquet files or a metastore's, which is Spark's; or, as text, an address,
            "postgresql://" or "thrift://" and so on.
        format: of a file whose suffix does not say it; SPARK, for one Parquet file that Spark is to read.
        table: the sheet of a workbook, or the table of a database or metastore; may be left out where a file has
            one only.
        secret: file of mode 0600 that holds a database's password.

    Raises:
        ConfigError: no such file or of no format that is read, an address with a password, a secret that others may
            read.
        SourceError: the file is not what its name says, or its columns have no names of their own; the role may write
            to the table, or may not read it.
        WorldError: the database does not answer.
    """
    if isinstance(where, str) and postgres_address.is_address(where):
        return _table(id, where, table, secret)
    if secret is not None:
        raise UsageError("a file needs no secret", where="--secret", wanted="the address of a database, or no --secret")
    from comity.adapters.microdata import formats, opening

    path = Path(where)
    if path.is_dir() or format == SPARK or spark_metastore.is_address(str(where)):
        return _folder(id, where, format, table)
    if not path.is_file():
        raise ConfigError("no such file", where=str(path), wanted=f"a file of microdata: {', '.join(formats.ALL)}")
    kind = formats.of(path, format, table=table)
    found = Source(id=id, path=str(path.resolve()), format=kind, table=table, unique=False)
    opening.inspect(found)
    return found


def _folder(id: str, where: Path | str, format: str, table: str) -> Source:
    from comity.adapters.tables.counting import NationalTables

    if format not in ("", SPARK):
        raise ConfigError("a folder is read by Spark alone", where=str(where), found=format, wanted=SPARK)
    remote = "://" in str(where)
    if not table and (remote or spark_metastore.is_folder(Path(where))):
        raise UsageError("which table is not said", where=id, wanted="--table DATABASE.TABLE")
    path = str(where) if remote else str(Path(where).resolve())
    found = Source(id=id, path=path, format=SPARK, table=table, unique=False)
    NationalTables().columns(found)
    return found


def _table(id: str, address: str, table: str, secret: Path | None) -> Source:
    from comity.adapters.tables.counting import NationalTables

    if not table:
        raise UsageError("which table is not said", where=id, wanted="--table SCHEMA.TABLE")
    kept = str(secret.resolve()) if secret is not None else ""
    found = Source(id=id, path=address, format=POSTGRESQL, table=table, secret=kept, unique=False)
    NationalTables().columns(found)
    return found
