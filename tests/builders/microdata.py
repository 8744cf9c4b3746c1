"""The same people in every format that a test can write: Parquet, CSV, Excel, SPSS, Stata and a DuckDB file.

SAS is read only: no library that is at hand writes `.sas7bdat`.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from comity.model.source import Source

WRITTEN = ("parquet", "csv", "xlsx", "sav", "dta", "duckdb")
Columns = Mapping[str, Sequence[Any]]


def source(path: Path, **changes: Any) -> Source:
    """The file as a source that is not checked yet."""
    return Source(**{"id": "home", "path": str(path), "format": path.suffix[1:], "unique": False, **changes})


def write(folder: Path, columns: Columns, *, formats: Sequence[str] = WRITTEN, name: str = "people") -> list[Path]:
    """A file of each format, all of the same columns."""
    return [_WRITERS[form](folder / f"{name}.{form}", columns) for form in formats]


def workbook(path: Path, rows: Sequence[Sequence[Any]], *, title: str = "people", more: Sequence[str] = ()) -> Path:
    """An Excel file of one sheet with rows, and empty ones beside it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for other in more:
        book.create_sheet(other)
    book.save(path)
    return path


def labelled(
    path: Path,
    columns: Columns,
    *,
    labels: Mapping[str, str],
    values: Mapping[str, Mapping[Any, str]],
    missing: Mapping[str, Sequence[Any]],
) -> Path:
    """A file of SPSS with labels of columns and values, and values that it declares missing."""
    pyreadstat.write_sav(
        _frame(columns),
        path,
        column_labels=dict(labels),
        variable_value_labels={name: dict(one) for name, one in values.items()},
        missing_ranges={name: list(one) for name, one in missing.items()},
    )
    return path


def _parquet(path: Path, columns: Columns) -> Path:
    pq.write_table(pa.table(dict(columns)), path)
    return path


def _csv(path: Path, columns: Columns) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def _xlsx(path: Path, columns: Columns) -> Path:
    return workbook(path, [list(columns), *zip(*columns.values(), strict=True)])


def _sav(path: Path, columns: Columns) -> Path:
    pyreadstat.write_sav(_frame(columns), path)
    return path


def _dta(path: Path, columns: Columns) -> Path:
    pyreadstat.write_dta(_frame(columns), path)
    return path


def _duckdb(path: Path, columns: Columns) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", pa.table(dict(columns)))
        connection.execute("CREATE TABLE people AS SELECT * FROM rows")
    return path


def _frame(columns: Columns) -> pd.DataFrame:
    """As pandas, with texts that are missing as empty: these formats know no other."""
    return pd.DataFrame({name: _series(values) for name, values in columns.items()})


def _series(values: Sequence[Any]) -> pd.Series:
    if any(isinstance(value, str) for value in values):
        return pd.Series(["" if value is None else value for value in values], dtype=object)
    return pd.Series(values)


_WRITERS = {"parquet": _parquet, "csv": _csv, "xlsx": _xlsx, "sav": _sav, "dta": _dta, "duckdb": _duckdb}
