"""How an office's file of cells is to be read: which column is what, and which codes add up to which.

The file itself is a table with a line for each cell, as `adapters.cell_files` reads it. What is left out here is found
by the usual names of columns (`stages.protect.cells`); a file without groups, and with such names, needs no structure.
It is TOML, such as

    value = "TURNOVER"
    number = "ENTERPRISES"
    largest = ["LARGEST1", "LARGEST2"]

    [[dimension]]
    id = "REGION"
    total = "ALL"
    parents = { N1 = "NORTH", N2 = "NORTH", S1 = "SOUTH" }

    [[dimension]]
    id = "BRANCH"
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from comity import canon
from comity.errors import ConfigError, FormatError
from comity.model import toml
from comity.model.structure import TOTAL, Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDimension:
    """A column of codes. total: the code of the whole; parents: the group that a code or group is part of."""

    id: str
    total: str = TOTAL
    parents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFile:
    """What the columns of a file of cells are.

    value: the measure; "": by a usual name.
    number: distinct contributors of a cell; "": by a usual name, or none.
    largest: parts of the largest contributors, the largest one first; none: by a usual name, if any.
    counts: the measure counts contributors. Without this, and without a column of them, nothing says who is in a cell.
    touched: in how many of the finest cells one contributor may stand; it matters for margins that the file lacks, and
        for what a lone contributor knows.
    keep: columns that are no dimension, such as a unit, written as they came; of a hidden cell nothing of a column in
        which figures differ, such as an error. They must say nothing of a cell all the same. Every column that has no
        other part is a dimension.
    dimension: those with groups, or with a total by a name of their own. Twice with one id: two ways to group it.
    """

    value: str = ""
    number: str = ""
    largest: tuple[str, ...] = ()
    counts: bool = False
    touched: int = 1
    keep: tuple[str, ...] = ()
    dimension: tuple[CellDimension, ...] = ()

    def ways(self, id: str) -> tuple[CellDimension, ...]:
        """The ways to group a dimension: one without groups where none is said."""
        return tuple(one for one in self.dimension if one.id == id) or (CellDimension(id=id),)


def read(text: str | bytes, *, where: str = "structure.toml") -> CellFile:
    """The structure out of its TOML text; ConfigError for what it does not know."""
    table = toml.read(text, where=where, wrong=ConfigError)
    try:
        form = canon.convert(table, CellFile, where=where)
    except FormatError as e:
        raise ConfigError(e.what, where=where, wanted=e.wanted, way_out=_WAY_OUT) from None
    totals = {one.id: one.total for one in form.dimension}
    for name, holds, wanted in (
        ("dimension.total", all(totals[one.id] == one.total for one in form.dimension), "one total for one column"),
        ("dimension.total", all(one.total for one in form.dimension), "a code"),
        ("touched", form.touched >= 1, "1 or more"),
    ):
        if not holds:
            raise ConfigError("value out of range", where=f"{where}: {name}", wanted=wanted, way_out=_WAY_OUT)
    return form


def of_structure(structure: Structure, columns: Collection[str]) -> CellFile:
    """Of a file with these columns, the dimensions that a structure knows, grouped by the parents of its code lists."""
    known = [one for one in structure.dimensions if one.id in columns]
    return CellFile(
        dimension=tuple(CellDimension(id=one.id, parents=structure.codelist(one.codelist).groups) for one in known)
    )


_WAY_OUT: Final = "see docs/protection.md"
