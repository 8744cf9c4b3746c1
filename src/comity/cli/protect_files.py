"""The files beside an office's tables: rules, and what the columns are. For `comity protect` and its `check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.model.cell_file import CellFile
    from comity.stages.protect.cells import Cells

Structure = Annotated[
    Path | None,
    typer.Option("--structure", metavar="FILE", help="What the columns are and which codes add up; or a norm.json."),
]
Counts = Annotated[bool, typer.Option("--counts", help="The values count contributors.")]


def form(file: Path | None, counts: bool, files: "Iterable[Cells]") -> "CellFile":
    """What the columns of the tables are: a structure of our own, or a norm's; without a file, by their usual names."""
    from dataclasses import replace

    from comity import canon
    from comity.model import cell_file
    from comity.model.cell_file import CellFile
    from comity.model.norm import Norm

    if file is None:
        found = CellFile()
    elif file.suffix == ".json":
        norm = canon.decode(content(file, "structure"), Norm, where=str(file))
        found = cell_file.of_structure(norm.structure, {name for one in files for name in one.columns})
        found = replace(found, touched=norm.protection.cells)
    else:
        found = cell_file.read(content(file, "structure"), where=str(file))
    return replace(found, counts=found.counts or counts)


def content(file: Path, what: str) -> bytes:
    """A file's bytes; UsageError if there is none."""
    if not file.is_file():
        raise UsageError("no such file", where=str(file), wanted=f"a file of {what}", way_out="see docs/protection.md")
    return file.read_bytes()
