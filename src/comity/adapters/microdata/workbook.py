"""Excel workbooks (ECMA-376, SpreadsheetML): one sheet as a table, its first row as the header.

Reads values, never formulas: a formula whose value the file does not hold is refused, since what it would say is not in
the data. Decides nothing about what the values mean. What the archive claims to unpack to is bounded before anything
is parsed; document type definitions are refused (ECMA-376, part 2, forbids them).
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata import limits
from comity.adapters.microdata.growing import Growing
from comity.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

FORM: Final = "xlsx"
ROWS: Final = 1_048_576  # of one sheet, as Excel has it
CELLS: Final = 20_000_000  # of one sheet
PARTS: Final = 4_096  # files in the archive
UNPACKED: Final = 2 * 2**30  # bytes of all parts
SHEET: Final = 2**30  # bytes of one sheet; it is parsed as a stream
TEXTS: Final = 2**28  # bytes of the shared texts, which are held in memory
OTHER: Final = 2**25  # bytes of any other part, such as the styles
CHUNK: Final = 16_384  # rows
ERRORS: Final = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")  # values that a failed formula has

_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ROOT: Final = re.compile(  # an element comes first: then no DOCTYPE can follow, and the text is UTF-8
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<[A-Za-z_]", re.DOTALL
)
_SHEETS: Final = "xl/worksheets/"


def header(path: Path, sheet: str, *, where: str) -> tuple[str, ...]:
    """Names of the columns: the sheet's first row.

    Raises:
        SourceError: no workbook, one that is encrypted, has macros or unpacks to too much, no such sheet, no header.
    """
    _sound(path, where=where)
    with limits.reading(FORM, where=where):
        book = _book(path)
        try:
            first = next(_sheet(book, sheet, where=where).iter_rows(max_row=1, values_only=True), ())
        finally:
            book.close()
        names = list(first)
        while names and names[-1] is None:
            names.pop()
        if wrong := [name for name in names if not isinstance(name, str | None)]:
            raise SourceError(
                "not a header: a name is no text",
                where=where,
                found=limits.listed([str(name) for name in wrong]),
                wanted="a first row that names each column",
            )
    limits.headed(["" if name is None else name for name in names], where=where)
    return tuple(names)


def read(path: Path, sheet: str, names: Sequence[str], *, where: str) -> "pa.Table":
    """Some columns of a sheet, by name.

    Raises:
        SourceError: also for a formula without a value, an error value, two kinds in a column, cells beside the header.
    """
    import pyarrow as pa

    known = header(path, sheet, where=where)
    places = [known.index(name) for name in names]
    columns = [Growing(name=name, where=where) for name in names]
    with limits.reading(FORM, where=where):
        book = _book(path)
        formulas = _book(path, values=False) if _has_formulas(path) else None
        try:
            rows = _rows(_sheet(book, sheet, where=where), len(known), where=where)
            if formulas is not None:
                beside = _rows(_sheet(formulas, sheet, where=where), len(known), where=where)
                rows = _valued(rows, beside, known, places, where=where)
            first = 2
            while chunk := list(islice(rows, CHUNK)):
                for column, place in zip(columns, places, strict=True):
                    values = [row[place] for row in chunk]
                    _no_error(values, column.name, first, where=where)
                    column.add(values, row=first)
                limits.held(sum(column.size for column in columns), where=where)
                first += len(chunk)
        finally:
            book.close()
            if formulas is not None:
                formulas.close()
        return pa.table({column.name: column.closed() for column in columns})


def _book(path: Path, *, values: bool = True) -> Any:
    import openpyxl

    return openpyxl.load_workbook(path, read_only=True, data_only=values, keep_links=False)


def _sheet(book: Any, name: str, *, where: str) -> Any:
    """The sheet of that title; or the only one."""
    titles = [sheet.title for sheet in book.worksheets]
    if name not in titles and (name or len(titles) != 1):
        raise SourceError(
            "no such sheet" if name else "which sheet is not clear",
            where=where,
            found=name or limits.listed(titles),
            wanted=f"one of: {limits.listed(titles)}",
            way_out="name it with --table",
        )
    found = book.worksheets[titles.index(name) if name else 0]
    found.reset_dimensions()  # what the file claims of its size may be wrong
    return found


def _rows(sheet: Any, width: int, *, where: str) -> Iterator[tuple[Any, ...]]:
    """The rows below the header, without the empty ones at the end; one more cell than the header has is looked at."""
    empty = 0
    for number, row in enumerate(sheet.iter_rows(min_row=2, max_col=width + 1, values_only=True), 2):
        if number > ROWS or number * width > CELLS:
            raise SourceError(
                "too many cells",
                where=where,
                found=f"{number} rows of {width} columns",
                wanted=f"at most {ROWS} rows and {CELLS} cells",
                way_out="write it as Parquet or CSV",
            )
        if all(value is None for value in row):
            empty += 1
            continue
        if row[width] is not None:
            raise SourceError(
                "a value beside the header",
                where=where,
                found=f"row {number}",
                wanted=f"{width} columns, as the first row names",
                way_out="name the column, or empty it",
            )
        yield from ((None,) * width for _ in range(empty))
        empty = 0
        yield row[:width]


def _valued(
    rows: Iterator[tuple[Any, ...]],
    formulas: Iterator[tuple[Any, ...]],
    names: Sequence[str],
    places: Sequence[int],
    *,
    where: str,
) -> Iterator[tuple[Any, ...]]:
    """The rows, once no formula in the columns read was found without the value that it had when the file was saved.

    The same sheet is read twice, side by side: once as values, once as formulas.
    """
    blank = (None,) * len(names)
    for number, formula in enumerate(formulas, 2):
        row = next(rows, blank)
        for place in places:
            if row[place] is None and formula[place] is not None:
                raise SourceError(
                    "a formula without a value",
                    where=f"{where}: {names[place]}",
                    found=f"row {number}",
                    wanted="values; no formula is computed here",
                    way_out="open it in Excel and save it, or paste the values over the formulas",
                )
        yield row


def _no_error(values: Sequence[Any], name: str, first: int, *, where: str) -> None:
    for number, value in enumerate(values, first):
        if isinstance(value, str) and value in ERRORS:
            raise SourceError(
                "an error in place of a value",
                where=f"{where}: {name}",
                found=f"{value} in row {number}",
                wanted="values",
                way_out="correct the formula, or empty the cell",
            )


def _has_formulas(path: Path) -> bool:
    """Whether any part of the archive may hold a formula."""
    with zipfile.ZipFile(path) as archive:
        return any(_FORMULA.search(piece) for name in archive.namelist() for piece in _pieces(archive, name))


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part piece by piece, each with the end of the one before, so that no tag is cut."""
    with archive.open(name) as part:
        end = b""
        while piece := part.read(2**20):
            yield end + piece
            end = piece[-64:]


def _sound(path: Path, *, where: str) -> None:
    """Refuse an archive that unpacks to more than a workbook has, or holds what none may, before it is parsed."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):  # OLE2: encrypted (MS-OFFCRYPTO), or the format before 2007
        raise SourceError(
            "an encrypted workbook, or one in the format before 2007",
            where=where,
            wanted="an .xlsx workbook without a password",
            way_out="open it in Excel and save it as .xlsx without a password",
        )
    with limits.reading(FORM, where=where), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        for part in parts:
            if part.flag_bits & 1:
                raise SourceError("an encrypted workbook", where=where, found=part.filename, wanted="no password")
            if part.filename.lower().endswith("vbaproject.bin"):
                raise SourceError(
                    "a workbook with macros", where=where, wanted="an .xlsx workbook", way_out="save it as .xlsx"
                )
        _bounded(parts, where=where)
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                _plain(archive, part.filename, where=where)


def _bounded(parts: Sequence[zipfile.ZipInfo], *, where: str) -> None:
    """Refuse by what the directory of the archive claims; `zipfile` unpacks no part beyond its claim."""
    sizes = {part.filename: part.file_size for part in parts}
    bounds = {name: SHEET if name.startswith(_SHEETS) else OTHER for name in sizes}
    bounds |= {name: TEXTS for name in sizes if name.endswith("sharedStrings.xml")}
    large = [name for name, bound in bounds.items() if sizes[name] > bound]
    if large or len(parts) > PARTS or len(sizes) < len(parts) or sum(sizes.values()) > UNPACKED:
        raise SourceError(
            "unpacks to more than is read",
            where=where,
            found=f"{len(parts)} parts, {sum(part.file_size for part in parts)} bytes",
            wanted=f"at most {UNPACKED} bytes, of them {SHEET} in a sheet, {TEXTS} in texts, {OTHER} in any other part",
            way_out="write it as Parquet or CSV",
        )


def _plain(archive: zipfile.ZipFile, name: str, *, where: str) -> None:
    """Refuse a part that is not UTF-8, or has a document type definition."""
    with archive.open(name) as part:
        head = part.read(4_096)
    if not _ROOT.match(head):
        raise SourceError("a part that is no plain XML", where=where, found=name, wanted="UTF-8 without a DOCTYPE")
