"""SDMX-CSV 2.0: writes a dataset, and reads one back strictly.

Columns: STRUCTURE, STRUCTURE_ID, ACTION, then dimensions, measures and attributes by id; comma, CRLF, quotes only where
RFC 4180 asks for them. An empty field is a component that is not reported. Writes `labels=id`, `key=none`; labels,
multi-valued and multi-lingual components, and several structures or actions in one message, are refused.
Source: SDMX-CSV 2.0.0, data message field guide (github.com/sdmx-twg/sdmx-csv); RFC 4180.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from comity.errors import FormatError
from comity.sdmx import dataset
from comity.sdmx.dataset import Columns, DataSet

HEAD: Final = ("STRUCTURE", "STRUCTURE_ID", "ACTION")


def write(data: DataSet) -> bytes:
    """The message, UTF-8. Equal datasets give equal bytes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([*HEAD, *data.columns.all])
    fixed = (data.kind, data.structure, data.action)
    columns = [data.table[name].to_pylist() for name in data.columns.all]
    for values in zip(*columns, strict=True):
        writer.writerow([*fixed, *("" if value is None else value for value in values)])
    return out.getvalue().encode()


def read(message: bytes, columns: Columns, *, where: str = "SDMX-CSV") -> DataSet:
    """The dataset of a message with exactly these components, in any order of columns.

    Lines may end in LF alone, and ACTION may be absent (then it is I): others write so. All else is refused.
    """
    rows = _records(message, where)
    header = next(rows, None)
    if not header:
        raise FormatError("no header line", where=where, wanted=",".join([*HEAD, *columns.all]))
    head = HEAD if "ACTION" in header else HEAD[:2]
    if tuple(header[: len(head)]) != head or sorted(header[len(head) :]) != sorted(columns.all):
        raise FormatError(
            "not the columns of this structure",
            where=f"{where}, line 1",
            found=",".join(header),
            wanted=",".join([*HEAD, *columns.all]),
        )
    said: set[tuple[str, ...]] = set()
    held: dict[str, list[str | None]] = {name: [] for name in columns.all}
    for i, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise FormatError("not as many fields as columns", where=f"{where}, record {i}", found=str(len(row)))
        said.add(tuple(row[: len(head)]))
        for name, value in zip(header[len(head) :], row[len(head) :], strict=True):
            held[name].append(value or None)
    if len(said) != 1:
        raise FormatError(
            "not one structure and one action", where=where, found=f"{len(said)}", wanted="one, in every line"
        )
    kind, structure, *action = said.pop()
    return DataSet(
        kind=dataset.one_of(kind, dataset.KINDS, where=f"{where}, STRUCTURE"),
        structure=structure,
        action=dataset.one_of(action[0] if action else "I", dataset.ACTIONS, where=f"{where}, ACTION"),
        columns=columns,
        table=pa.table(held, schema=dataset.schema(columns)),
    )


def _records(message: bytes, where: str) -> Iterator[list[str]]:
    """The fields of each record; FormatError for bytes that are no CSV of RFC 4180."""
    try:
        text = message.decode()
    except UnicodeDecodeError as e:
        raise FormatError("not UTF-8", where=where, found=f"byte {e.start}") from None
    if text.startswith("\ufeff"):
        raise FormatError("a byte order mark before the first column", where=where, wanted="UTF-8 without one")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as e:
            raise FormatError(str(e), where=f"{where}, line {reader.line_num}", wanted="RFC 4180") from None
        yield record
