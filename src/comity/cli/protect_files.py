"""The files beside an office's tables: rules, and what the columns are. For `comity protect` and its `check`."""

from pathlib import Path
from typing import TYPE_CHECKING

from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.model.cell_file import CellFile


def form(file: Path | None, counts: bool) -> "CellFile":
    """What the columns of the tables are; without a file, by their usual names."""
    from dataclasses import replace

    from comity.model import cell_file
    from comity.model.cell_file import CellFile

    found = CellFile() if file is None else cell_file.read(content(file, "structure"), where=str(file))
    return replace(found, counts=found.counts or counts)


def content(file: Path, what: str) -> bytes:
    """A file's bytes; UsageError if there is none."""
    if not file.is_file():
        raise UsageError("no such file", where=str(file), wanted=f"a file of {what}", way_out="see docs/protection.md")
    return file.read_bytes()
