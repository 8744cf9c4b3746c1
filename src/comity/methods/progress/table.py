"""One series out of a table of years and values, as Open SDG and SDMX-CSV write them.

Decides which rows and columns are meant; two values for one year are refused with the columns that would tell them
apart. Of a period of several years (2010-2014, 2010-01-01/P5Y) the first counts, as in Open SDG. A row without a value
is no point.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Final

from comity.errors import FormatError
from comity.methods.progress.series import Point, series

YEARS: Final = ("Year", "TIME_PERIOD")
VALUES: Final = ("Value", "OBS_VALUE")
SHOWN: Final = 8  # texts of a column that an error names
_YEAR: Final = re.compile(r"(\d{4})(?:\D.*)?", re.ASCII)


def read(
    data: bytes, *, where: str, year: str = "", value: str = "", only: Mapping[str, str] | None = None
) -> tuple[Point, ...]:
    """The series of a CSV file in UTF-8.

    Args:
        data: the file; its first line names the columns.
        where: what to call it in an error.
        year: column of the years; "" for the first of YEARS that is there, in upper or lower case.
        value: column of the values; "" for the first of VALUES.
        only: column and text of the rows that are meant; all rows if there is none.

    Raises:
        FormatError: no CSV, no such column, no row that is meant, a year or value that is none, or two values for one
            year.
    """
    try:
        lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        columns, rows = tuple(lines.fieldnames or ()), list(lines)
    except (UnicodeDecodeError, csv.Error) as e:
        raise FormatError(
            "not a table", where=where, found=str(e), wanted="CSV in UTF-8 with a line of names"
        ) from None
    chosen = only or {}
    at, of = _column(columns, year, YEARS, where), _column(columns, value, VALUES, where)
    for name in chosen:
        _column(columns, name, (), where)
    _insist(rows, chosen, where)
    meant = [row for row in rows if all(row[name] == text for name, text in chosen.items()) and (row[of] or "").strip()]
    pairs = [(_year(row[at] or "", where), (row[of] or "").strip()) for row in meant]
    if len({first for first, _ in pairs}) < len(pairs):
        others = [name for name in columns if name not in (at, of, *chosen)]
        apart = [name for name in others if len({row[name] for row in meant}) > 1]
        raise FormatError(
            "more than one series",
            where=where,
            found=f"{len(pairs)} values for {len({first for first, _ in pairs})} years",
            wanted="one value a year",
            way_out=f"choose by {', '.join(apart)}" if apart else "take the doubled rows out",
        )
    return series(pairs, where=where)


def _column(columns: Sequence[str], name: str, usual: Sequence[str], where: str) -> str:
    """A column by name, or the first usual one."""
    if name:
        found = [column for column in columns if column == name]
    else:
        found = [column for wanted in usual for column in columns if column.casefold() == wanted.casefold()]
    if not found:
        wanted = name or " or ".join(usual)
        raise FormatError(
            "no such column",
            where=where,
            found=", ".join(columns) or "no names",
            wanted=wanted,
            way_out="name the column as the first line does; commas separate columns",
        )
    return found[0]


def _insist(rows: Sequence[Mapping[str, str]], chosen: Mapping[str, str], where: str) -> None:
    """A text that no row has is a slip, and not a series without values."""
    for name, text in chosen.items():
        known = sorted({row[name] or "" for row in rows})
        if rows and text not in known:
            shown = [*known[:SHOWN], "..."] if len(known) > SHOWN else known
            raise FormatError("no row has this text", where=f"{where}: {name}", found=text, wanted=", ".join(shown))


def _year(text: str, where: str) -> int:
    year = _YEAR.fullmatch(text.strip())
    if not year:
        raise FormatError("no year", where=where, found=text, wanted="four digits, or a period that begins with them")
    return int(year[1])
