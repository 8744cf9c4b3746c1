"""Formats of microdata: which are read, by which suffix a file is known, and how its first bytes look.

The suffix says what a file is meant as; its bytes say whether it can be.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.errors import ConfigError, SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format, the suffixes of its files, and the bytes that they have at a place; no bytes: any."""

    name: str
    suffixes: tuple[str, ...]
    magic: tuple[bytes, ...] = ()
    at: int = 0
    end: bytes = b""


_FORMATS: Final = (
    Format(name="parquet", suffixes=(".parquet",), magic=(b"PAR1",), end=b"PAR1"),
    Format(name="csv", suffixes=(".csv",)),
    Format(name="xlsx", suffixes=(".xlsx",), magic=(b"PK\x03\x04", b"\xd0\xcf\x11\xe0")),
    Format(
        name="sav",
        suffixes=(".sav", ".zsav"),
        magic=(b"$FL2", b"$FL3", b"\x1c\x00\x00\x00\x00\x00\x00\x00ENCRYPTEDSAV"),
    ),
    Format(name="dta", suffixes=(".dta",)),
    Format(name="sas7bdat", suffixes=(".sas7bdat",), magic=(bytes(12) + b"\xc2\xea\x81\x60",)),
    Format(name="duckdb", suffixes=(".duckdb", ".ddb"), magic=(b"DUCK",), at=8),
)
ALL: Final = {form.name: form for form in _FORMATS}
TABLED: Final = ("xlsx", "duckdb")  # files that may hold several tables
APART: Final = ("xlsx", "sav", "dta", "sas7bdat")  # the engine reads the others itself
_INSTEAD: Final = {
    ".xlsm": "save it as .xlsx, without macros",
    ".xlsb": "save it as .xlsx",
    ".xls": "save it as .xlsx",
    ".por": "save it as .sav",
    ".xpt": "save it as .sas7bdat or CSV",
    ".tsv": "name it .csv; tabs are read as commas are",
    ".txt": "name it .csv, if it is one",
}


def of(path: Path, format: str = "", *, table: str = "") -> str:
    """The format of a file, by what was said or by its suffix.

    Args:
        table: which of its tables is meant.

    Raises:
        ConfigError: no format that is read, or a table was named of a format that has one only.
    """
    suffix = path.suffix.lower()
    found = format or next((form.name for form in _FORMATS if suffix in form.suffixes), "")
    if found in ALL and (found in TABLED or not table):
        return found
    if found in ALL:
        raise ConfigError("a file of this format is one table", where=str(path), found=table, way_out="no --table")
    raise ConfigError(
        "format not read",
        where=str(path),
        found=format or suffix.removeprefix("."),
        wanted=", ".join(ALL),
        way_out=_INSTEAD.get(suffix, ""),
    )


def begins(path: Path, format: str, *, where: str) -> None:
    """Refuse a file whose first (or last) bytes no file of the format has."""
    form = ALL[format]
    with path.open("rb") as file:
        head = file.read(64)
        size = file.seek(0, 2)
        file.seek(max(size - len(form.end), 0))
        tail = file.read()
    if form.magic and (size < 12 or not head[form.at :].startswith(form.magic) or not tail.endswith(form.end)):
        raise SourceError(
            f"not a whole {form.name} file",
            where=where,
            found=f"{size} bytes that begin with {head[:8].hex(' ')}",
            wanted="PAR1 at both ends" if form.end else f"a {form.name} file, as its name says",
            way_out="write the file again, or give it the suffix of its format",
        )
