"""Structure of a table: concepts, code lists, dimensions, measures; and the `Layout` of its cells. No array here.

The cells of a result are the product of public code lists (rule 5), never values found in data: cell i of a layout
means the same to every member, in the order of the structure, last dimension fastest.
Words as in SDMX 3.0, information model: concept, codelist, dimension, measure, attribute.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final

from comity.errors import FormatError

TOTAL: Final = "_T"  # SDMX, content-oriented guidelines: the total over a dimension; a figure may have it, no cell has


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code of a list, with its name in English.

    names: language (BCP 47) -> the same name in it.
    parent: the code of the same list that this one is a part of.
    starts, until: dates (2020-01-31) between which the code is used; None: no such date.
    """

    id: str
    name: str
    names: dict[str, str] = field(default_factory=dict)
    parent: str | None = None
    starts: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Codelist:
    """An ordered list of codes; the order is the order of cells."""

    id: str
    agency: str
    version: str
    codes: tuple[Code, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The codes' ids, in order."""
        return tuple(code.id for code in self.codes)

    @property
    def groups(self) -> dict[str, str]:
        """The group that each code or group is part of; what is directly below the total is in none."""
        inside = ((code.id, code.parent) for code in self.codes if code.id != TOTAL)
        return {id: parent for id, parent in inside if parent not in (None, TOTAL)}

    @property
    def urn(self) -> str:
        """SDMX URN with full version."""
        return f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={self.agency}:{self.id}({self.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A dimension: its concept id, and the list its codes come from."""

    id: str
    name: str
    codelist: str  # id of a Codelist of the same structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One whole number a cell holds, scaled by 10^-decimals; `bound` is the largest value of one person's part."""

    id: str
    name: str
    decimals: int
    bound: int  # in units of the scaled integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A data structure definition: what a cell is about and what it holds."""

    id: str
    agency: str
    version: str
    name: str
    codelists: tuple[Codelist, ...]
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]

    @property
    def urn(self) -> str:
        """SDMX URN with full version."""
        return f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={self.agency}:{self.id}({self.version})"

    def codelist(self, id: str) -> Codelist:
        """A code list by id; FormatError if the structure has none."""
        for codelist in self.codelists:
            if codelist.id == id:
                return codelist
        raise FormatError("no such code list", where=self.id, found=id, wanted=", ".join(c.id for c in self.codelists))

    def layout(self, dimensions: tuple[str, ...], measures: tuple[str, ...]) -> "Layout":
        """The layout over some of the dimensions and measures, in the order given.

        A list's TOTAL is no cell: totals are made of cells, by the method's `finish`.
        """
        lists = {d.id: tuple(c for c in self.codelist(d.codelist).ids if c != TOTAL) for d in self.dimensions}
        known = {m.id: m for m in self.measures}
        for name in (*dimensions, *measures):
            if name not in lists and name not in known:
                wanted = ", ".join([*lists, *known])
                raise FormatError("no such dimension or measure", where=self.id, found=name, wanted=wanted)
        return Layout(
            dimensions=tuple(Axis(id=d, codes=lists[d]) for d in dimensions),
            measures=tuple(known[m] for m in measures),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One dimension of a layout with its codes, in order."""

    id: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Order of the cells: dense, C order, last dimension fastest, measure-major.

    A vector of the layout has `len(measures) * cells` entries: all cells of the first measure, then of the next.
    """

    dimensions: tuple[Axis, ...]
    measures: tuple[Measure, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Codes per dimension."""
        return tuple(len(axis.codes) for axis in self.dimensions)

    @property
    def cells(self) -> int:
        """Cells of one measure."""
        return prod(self.shape)

    @property
    def length(self) -> int:
        """Entries of a vector."""
        return self.cells * len(self.measures)

    def keys(self) -> Iterator[tuple[str, ...]]:
        """The codes of each cell, in order."""
        return product(*(axis.codes for axis in self.dimensions))

    def index(self, key: tuple[str, ...]) -> int:
        """Place of a cell; FormatError for a code outside the lists."""
        at = 0
        for axis, code in zip(self.dimensions, key, strict=True):
            if code not in axis.codes:
                raise FormatError("code outside the list", where=axis.id, found=code, wanted=", ".join(axis.codes[:12]))
            at = at * len(axis.codes) + axis.codes.index(code)
        return at
