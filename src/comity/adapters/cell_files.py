"""Files of cells on disk: CSV, SDMX-CSV and Parquet, read as texts by column, and written as they came.

Decides the spelling of a file alone. What its columns are is decided by `stages.protect.cells`.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.errors import FormatError, UsageError
from comity.stages.protect.cells import Cells

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET: Final = (".parquet", ".pq")
DELIMITERS: Final = ",;\t"
COLUMNS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a file was written. types: of a Parquet file's columns; None: CSV, with a delimiter and an end of line."""

    delimiter: str = ","
    end: str = "\n"
    types: "Mapping[str, pa.DataType] | None" = None


def read(path: Path) -> tuple[Cells, Spelling]:
    """A file's lines, and how it spells them.

    Raises:
        UsageError: no such file.
        FormatError: bytes that are neither CSV in UTF-8 nor Parquet, no line, or a column twice.
    """
    if not path.is_file():
        raise UsageError("no such file", where=str(path), wanted="a table as .csv or .parquet")
    if path.suffix.lower() in PARQUET:
        columns, spelling = _parquet(path)
    else:
        columns, spelling = _csv(path)
    cells = Cells(name=path.name, columns=columns)
    if not cells.lines:
        raise FormatError("no line below the header", where=str(path), wanted="a line for each cell")
    return cells, spelling


def written(columns: Mapping[str, Sequence[str]], spelling: Spelling) -> bytes:
    """The bytes of a file, in the spelling of another; "" is an empty field, in Parquet no value."""
    if spelling.types is not None:
        return _written_parquet(columns, spelling.types)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=spelling.delimiter, lineterminator=spelling.end)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue().encode()


def _csv(path: Path) -> tuple[dict[str, Sequence[str]], Spelling]:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as e:
        raise FormatError("not UTF-8", where=str(path), found=f"byte {e.start}", way_out="save it as UTF-8") from None
    if text.startswith("\ufeff"):
        raise FormatError("a byte order mark before the first column", where=str(path), wanted="UTF-8 without one")
    line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header, *records = list(reader) or [[]]
    except csv.Error as e:
        raise FormatError(str(e), where=f"{path}, line {reader.line_num}", wanted="RFC 4180") from None
    _refuse_header(path, header)
    for at, record in enumerate(records, 2):
        if len(record) != len(header):
            raise FormatError(
                "not as many fields as columns",
                where=f"{path}, line {at}",
                found=str(len(record)),
                wanted=str(len(header)),
            )
    columns: dict[str, Sequence[str]] = {name: [one[at] for one in records] for at, name in enumerate(header)}
    return columns, Spelling(delimiter=delimiter, end="\r\n" if line.endswith("\r") else "\n")


def _refuse_header(path: Path, header: Sequence[str]) -> None:
    if len(header) > COLUMNS:
        raise FormatError("more columns than a table has", where=f"{path}, line 1", wanted=f"{COLUMNS} at most")
    twice = [name for name in header if header.count(name) > 1]
    if not header or not all(header) or twice:
        raise FormatError(
            "a header that does not name each column once",
            where=f"{path}, line 1",
            found=", ".join(twice or header),
            wanted="a name for each column",
        )


def _parquet(path: Path) -> tuple[dict[str, Sequence[str]], Spelling]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError):
        raise FormatError("not readable as Parquet", where=str(path), wanted="a whole Parquet file") from None
    _refuse_header(path, table.column_names)
    columns: dict[str, Sequence[str]] = {
        name: [_text(value) for value in table[name].to_pylist()] for name in table.column_names
    }
    return columns, Spelling(types={field.name: _plain(field.type) for field in table.schema})


def _plain(kind: "pa.DataType") -> "pa.DataType":
    """The type of a column's values, without a dictionary of them."""
    return kind.value_type if hasattr(kind, "value_type") else kind


def _text(value: Any) -> str:
    """A value as a file of text would have it."""
    match value:
        case None:
            return ""
        case float():
            return f"{Decimal(repr(value)):f}" if value == value and abs(value) < float("inf") else "NaN"
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _written_parquet(columns: Mapping[str, Sequence[str]], types: "Mapping[str, pa.DataType]") -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: pa.array([text or None for text in texts], pa.string()).cast(types.get(name, pa.string()))
        for name, texts in columns.items()
    }
    out = io.BytesIO()
    pq.write_table(pa.table(arrays), out)
    return out.getvalue()
