"""The tier classification of the IAEG-SDGs: a sheet with indicators, custodian and partner agencies, and tiers.

Read from the workbook (.xlsx) as it is published, or from its sheet saved as CSV. The sheet is the one whose header
names an indicator, custodians and a tier; rows that only head a goal or a target name no indicator and say nothing
else that a register keeps. Where the parts of an indicator stand in several tiers, all of them are kept.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from comity import canon
from comity.errors import FormatError
from comity.stages.registering.found import Found, Remark, Seen, line, split

HEAD: Final = 30  # rows in which a header is looked for
_COLUMNS: Final = (  # what a column is, by the words its header has; the first that fits
    ("custodians", re.compile(r"custodian agency", re.IGNORECASE)),
    ("partners", re.compile(r"partner agency", re.IGNORECASE)),
    ("tier", re.compile(r"^(updated )?tier classification", re.IGNORECASE)),
    ("indicator", re.compile(r"^indicators?\b", re.IGNORECASE)),
)
_TIER: Final = re.compile(r"\b(?:Tier\s*)?(III|II|I|[123])\b", re.IGNORECASE)
_ROMAN: Final = {"1": "I", "2": "II", "3": "III"}
Rows = Sequence[Sequence[object]]


def read(data: bytes, name: str) -> Found:
    """The list in a file; FormatError if no sheet of it is one."""
    sheets = _sheets(data, name) if data[:2] == b"PK" else [(name, _csv(data, name))]
    for title, rows in sheets:
        for at, row in enumerate(rows[:HEAD]):
            columns = _columns(row)
            if {"indicator", "custodians", "tier"} <= set(columns):
                indicators, remarks = _read(rows[at + 1 :], at + 2, columns, name, title)
                return Found(name=name, digest=canon.digest(data), indicators=indicators, remarks=remarks)
    raise FormatError(
        "no sheet of tiers",
        where=name,
        found=", ".join(title for title, _ in sheets),
        wanted="a header with Indicator, Custodian Agency(ies) and Tier Classification",
    )


def tier(text: str) -> str | None:
    """The tier that a cell names: I, II, III or two of them as I/II; None if it names none."""
    found = {_ROMAN.get(one, one.upper()) for one in _TIER.findall(text)}
    return "/".join(sorted(found)) if 1 <= len(found) <= 2 else None


def _read(
    rows: Rows, first: int, columns: dict[str, int], name: str, sheet: str
) -> tuple[tuple[Seen, ...], tuple[Remark, ...]]:
    found: dict[str, Seen] = {}
    remarks = []
    for number, row in enumerate(rows, start=first):
        cells = {what: line(row[at] if at < len(row) else "") for what, at in columns.items()}
        if not cells["indicator"]:
            continue  # the heading of a goal or target, or an empty row
        place = f"{sheet}, row {number}"
        code, title = split(cells["indicator"])
        seen = _seen(code, title, cells)
        if not code:
            remarks.append(Remark(file=name, place=place, what=f"begins with no code: {cells['indicator'][:60]}"))
        elif isinstance(seen, str):
            remarks.append(Remark(file=name, place=place, what=f"{code}: {seen}"))
        elif found.setdefault(code, seen) != seen:
            remarks.append(Remark(file=name, place=place, what=f"{code}: stands here a second time, and says else"))
    return tuple(found.values()), tuple(remarks)


def _seen(code: str, title: str, cells: dict[str, str]) -> Seen | str:
    """The indicator of a row, or why it is none."""
    named = tier(cells["tier"]) if cells["tier"] else ""
    if named is None:
        return f"names no tier: {cells['tier'][:60]}"
    return Seen(
        code=code,
        title=title,
        custodians=_agencies(cells["custodians"]),
        partners=_agencies(cells.get("partners", "")),
        tier=named,
    )


def _agencies(text: str) -> tuple[str, ...]:
    """Agencies apart by commas or semicolons, each once, as the list orders them."""
    names = [name.strip() for name in re.split(r"[,;]", text)]
    return tuple(dict.fromkeys(name for name in names if name))


def _columns(row: Sequence[object]) -> dict[str, int]:
    """Which column is which; the first of each."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        words = line(cell)
        what = next((what for what, pattern in _COLUMNS if pattern.search(words)), None)
        if what is not None:
            found.setdefault(what, at)
    return found


def _csv(data: bytes, name: str) -> Rows:
    try:
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (ValueError, csv.Error) as e:
        raise FormatError(
            "not a table", where=name, found=str(e), wanted="an .xlsx workbook, or CSV in UTF-8"
        ) from None


def _sheets(data: bytes, name: str) -> list[tuple[str, Rows]]:
    """Sheets of a workbook, by title: values, never formulas."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return list(_values(book))
    except Exception as e:  # a library over anyone's bytes: whatever it stumbles over is no workbook
        raise FormatError("not a workbook", where=name, found=f"{type(e).__name__}: {e}", wanted=".xlsx") from None


def _values(book: Any) -> Iterator[tuple[str, Rows]]:
    for sheet in book.worksheets:
        yield sheet.title, [tuple(row) for row in sheet.iter_rows(values_only=True)]
