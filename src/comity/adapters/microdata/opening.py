"""Files of microdata, opened: every format becomes the table `source` of a database that lives in memory.

Parquet, CSV and tables of a DuckDB file are read by the engine where they lie; Excel, SPSS, Stata and SAS are read into
it, the columns asked for only. The database may open that one file and nothing else, loads no extension and spills
nothing to disk. What is counted in the table is decided by `adapters.tables`.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata import apart, formats, limits
from comity.adapters.microdata.labelled import Labels
from comity.canon import Digest
from comity.errors import SourceError, WorldError
from comity.model.source import Source
from comity.stages import collect

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

VIEW: Final = "source"
DELIMITERS: Final = ",;\t"
_WHOLE: Final = {"csv": "UTF-8, one kind of line end, each row as long as the header (docs/binding.md)"}

_CONFIG: Final[Mapping[str, str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_file_cache": "false",  # the system caches files; here they would take memory from a count
    "temp_directory": "",  # no microdata on disk beside the source
    "python_enable_replacements": "false",
}


@contextmanager
def engine(threads: int, memory: str = "") -> Iterator["duckdb.DuckDBPyConnection"]:
    """An empty database in memory, of so much at most ("1GB"; "": the engine's own limit)."""
    import duckdb

    limit = {"memory_limit": memory} if memory else {}
    connection = duckdb.connect(":memory:", config={**_CONFIG, **limit, "threads": str(threads)})
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def opened(connection: "duckdb.DuckDBPyConnection", source: Source, wanted: Mapping[str, str] | None) -> Iterator[None]:
    """The source as the table `VIEW` of an empty database, which is then locked; a fault of the engine is one line.

    Args:
        wanted: columns that will be read, and what each is for; of a format that is read into memory, only they are.
            None: all.

    Raises:
        SourceError: the file is broken, lacks a wanted column, or was written while it was open.
    """
    path = readable(source)
    before = _stamp(path)
    import duckdb

    try:
        paths = [str(path), f"{path}.wal"] if source.format == "duckdb" else [str(path)]
        connection.execute("SET allowed_paths = $paths", {"paths": paths})
        connection.execute("SET enable_progress_bar = false")  # it would stand between a command's own lines
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        relation = _relation(connection, path, source, wanted)
        limits.headed(relation.columns, where=source.id)
        if relation.project("1").limit(1).fetchone() is None:
            raise SourceError("no rows", where=source.id, found="a header alone", wanted="at least one row")
        relation.create_view(VIEW)
        yield
        if _stamp(Path(source.path)) != before:  # by its name once more: a link may lead to another file now
            raise SourceError(
                "the file changed while it was read", where=source.id, way_out="comity source check, then again"
            )
    except duckdb.OutOfMemoryException:
        raise WorldError(
            "out of memory", where=source.id, way_out="raise `memory` of comity.toml, or give the machine more"
        ) from None
    except duckdb.OutOfRangeException:
        raise SourceError(
            "a sum or a number is beyond 64 bits", where=source.id, wanted="numbers of the norm's size"
        ) from None
    except duckdb.Error as e:
        line = _undecoded(path) if source.format == "csv" else 0
        raise SourceError(
            f"not readable as {source.format}",
            where=source.id,
            found=f"bytes that are no UTF-8 in line {line}" if line else _class(str(e)),
            wanted=_WHOLE.get(source.format, f"a whole {source.format} file"),
            way_out="save it again, as CSV in UTF-8" if line else "write the file again",
        ) from None


def _stamp(path: Path) -> tuple[int, ...]:
    """What tells that a file was written again, or is another one: size, times, number on disk; all 0 if it is gone.

    Whoever writes a file may set its time back, but not that of its entry (`st_ctime`), which a new name changes, too.
    """
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _undecoded(path: Path) -> int:
    """The first line of a file that is not UTF-8; 0 if all are. Of such a line the engine says no more than a fault of
    its own.
    """
    decoder, lines = codecs.getincrementaldecoder("utf-8")(), 0
    with path.open("rb") as file:
        while True:
            piece = file.read(1 << 20)
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as e:
                return lines + e.object[: e.start].count(b"\n") + 1
            if not piece:
                return 0
            lines += piece.count(b"\n")


def _class(message: str) -> str:
    """What DuckDB calls its error, and the line of a CSV file; all else that it says may quote a row.

    >>> _class("Out of Range Error: Overflow in multiplication of INT64 (12 * 34)!")
    'Out of Range Error'
    >>> _class("Invalid Input Error: CSV Error on Line: 3" + chr(10) + "Original Line: 1,6,1")
    'Invalid Input Error: CSV Error on Line: 3'
    """
    kind = re.match(r"[A-Z][A-Za-z ]{1,40} Error(?:: CSV Error on Line: [0-9]+)?(?![A-Za-z])", message)
    return "" if kind is None else kind[0]


def inspect(source: Source) -> None:
    """Refuse a file that cannot be what it is named as: its first bytes, its table, the names of its columns.

    For the moment when a source is named; its rows are read when it is checked or counted.
    """
    path = Path(source.path)
    formats.begins(path, source.format, where=source.path)
    if source.format in formats.APART:
        apart.described(path, source.format, source.table, where=source.id)
    elif source.format == "duckdb":
        with engine(1) as connection, opened(connection, source, None):
            pass


def labels(source: Source) -> tuple[Labels, ...]:
    """What the file says of its columns beside their values; nothing, if its format has no place for it."""
    path = readable(source)
    if source.format not in formats.APART:
        return ()
    return apart.described(path, source.format, source.table, where=source.id)


def vintage(source: Source) -> Digest:
    """SHA-256 of the file. It stays at home: a digest of unprotected data would let anyone test guesses of them."""
    with readable(source).open("rb") as file:
        return Digest("sha256:" + file_digest(file, "sha256").hexdigest())


def readable(source: Source) -> Path:
    """The path of a file that can be opened; SourceError for a folder, a pattern, an address or nothing."""
    path = Path(source.path)
    if source.format not in formats.ALL:
        raise SourceError("format not read", where=source.id, found=source.format, wanted=", ".join(formats.ALL))
    if any(mark in source.path for mark in "*?["):
        raise SourceError(
            "a file name with a pattern in it", where=source.id, found=path.name, wanted="one file's name"
        )
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise SourceError("file is empty", where=source.id, found=path.name, wanted=f"a {source.format} file")
    except (OSError, ValueError) as e:
        reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
        raise SourceError(
            "cannot be opened",
            where=source.id,
            found=f"{path.name}: {reason}",
            wanted="a file that this node may read",
            way_out=f"let the node's user read it; if it lies elsewhere now, comity source add FILE --id {source.id}",
        ) from None
    return path.resolve()


def _relation(connection: Any, path: Path, source: Source, wanted: Mapping[str, str] | None) -> Any:
    """The table, of whatever format."""
    match source.format:
        case "parquet":
            return connection.read_parquet(str(path), hive_partitioning=False)
        case "csv":
            return _csv(connection, path, source)
        case "duckdb":
            return _table(connection, path, source)
        case _:
            return connection.from_arrow(_read(path, source, wanted))


def _read(path: Path, source: Source, wanted: Mapping[str, str] | None) -> "pa.Table":
    """Columns of a format that the engine does not read."""
    names = None if wanted is None else tuple(wanted)
    known, rows = apart.read(path, source.format, source.table, names, where=source.id)
    collect.has(known, wanted or {}, where=source.id)
    return rows


def _table(connection: Any, path: Path, source: Source) -> Any:
    """A table of a DuckDB file, never a view: a view may read what it likes."""
    log = path.with_name(path.name + ".wal")
    if log.exists():
        raise SourceError(
            "the file is not all of the database: a write-ahead log stands beside it",
            where=source.id,
            found=log.name,
            wanted="a database that was closed",
            way_out="run CHECKPOINT in it, or close the program that writes it",
        )
    name = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{name}' AS office (READ_ONLY)")
    found = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'office' ORDER BY ALL"
    ).fetchall()
    tables = {table if schema == "main" else f"{schema}.{table}": (schema, table) for schema, table in found}
    asked = source.table or (next(iter(tables)) if len(tables) == 1 else "")
    if asked not in tables:
        raise SourceError(
            "no such table" if asked else "which table is not clear",
            where=source.id,
            found=asked or limits.listed(list(tables)) or "no table",
            wanted=f"one of: {limits.listed(list(tables))}" if tables else "a database with a table",
            way_out="name it with --table; a view is not read",
        )
    schema, table = (part.replace('"', '""') for part in tables[asked])
    return connection.sql(f'SELECT * FROM office."{schema}"."{table}"')


def _csv(connection: Any, path: Path, source: Source) -> Any:
    """A CSV file, every column as text: nothing is guessed but the delimiter, which the header line tells."""
    try:
        with path.open("rb") as file:
            line = file.readline().decode("utf-8-sig").rstrip("\r\n")
        delimiter = max(DELIMITERS, key=line.count)
        names = next(csv.reader([line], delimiter=delimiter, strict=True))
    except (ValueError, csv.Error, StopIteration) as e:
        raise SourceError(
            "no header line", where=source.id, found=str(e), wanted="CSV in UTF-8 with a header"
        ) from None
    limits.headed(names, where=source.id)
    return connection.read_csv(
        str(path),
        columns=dict.fromkeys(names, "VARCHAR"),
        auto_detect=False,
        header=True,
        sep=delimiter,
        quotechar='"',
        escapechar='"',
        compression="none",
        strict_mode=True,
    )
