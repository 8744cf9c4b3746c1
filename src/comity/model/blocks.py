"""Blocks of a raster: the unit of work, of retry and of proof, and the exact numbers that each one gives.

A part's value is a whole number: the sum over the cells of a block of coverage x area, the coverage of a cell in units
of 2^-FRACTION_BITS, its area in square millimetres. Whole numbers add up to the same total in any order, for any size
of block and any number of workers; the total is rounded once, at the end (`settle`).

Standard library alone, so that whoever verifies a release adds up the same parts. Reads no raster: see `geo.zonal` for
how a part is reckoned, and `adapters.rasters` for who does it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.structure import Layout

VERSION: Final = "comity-blocks/1"
FRACTION_BITS: Final = 46  # of the coverage of a cell: 2^-46 of it is a third of a square millimetre in 1 degree
AREA_UNITS: Final = 1_000_000  # of the area of a cell, in a square metre: square millimetres
SQUARE_METRE: Final = AREA_UNITS << FRACTION_BITS  # one square metre as an exact value


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file that the parts were reckoned from: a layer, by its digest. Never a path."""

    layer: str
    name: str  # of the file, without its folder
    product: str  # name and version of the map, such as "ESA WorldCover v100"
    digest: Digest
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A rectangle of cells: its first row and column in the grid (from the north-west, 0), and its extent."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one block gives: index in the layout's vector -> exact value, both decimal; zeros are left out."""

    block: Block
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridText:
    """A grid without floats: CRS, the six numbers a b c d e f of its transform as `repr` writes them, and extent."""

    crs: str
    transform: tuple[str, str, str, str, str, str]
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """File `blocks.json` of a release, canonical JSON.

    size: edge of a block, in cells; those at the east and south end are smaller.
    parts: one for every block of the grid, in row-major order.
    fixed: entries of the vector that come from no block (a reference sample), as they are, decimal.
    """

    version: str  # VERSION
    method: str  # name/version
    study: Digest
    period: str
    grid: GridText
    size: int
    inputs: tuple[Input, ...]
    parts: tuple[Part, ...]
    fixed: dict[str, str]


def tiling(width: int, height: int, size: int) -> Iterator[Block]:
    """The blocks of a grid in row-major order.

    >>> [(b.row, b.column, b.rows, b.columns) for b in tiling(3, 2, 2)]
    [(0, 0, 2, 2), (0, 2, 2, 1)]
    """
    if min(width, height, size) < 1:
        raise FormatError(
            "a grid without cells, or blocks without", where="blocks", found=f"{width} x {height}, {size}"
        )
    for row in range(0, height, size):
        for column in range(0, width, size):
            yield Block(row=row, column=column, rows=min(size, height - row), columns=min(size, width - column))


def settle(exact: int) -> int:
    """An exact total in whole square metres, half to even.

    >>> settle(SQUARE_METRE * 5 // 2), settle(SQUARE_METRE * 7 // 2), settle(-1)
    (2, 4, 0)
    """
    whole, rest = divmod(exact, SQUARE_METRE)
    return whole + (2 * rest > SQUARE_METRE or (2 * rest == SQUARE_METRE and whole % 2))


def decode(data: bytes, *, where: str = "blocks.json") -> Blocks:
    """Read `blocks.json`; FormatError for bytes that `canon.encode` of a Blocks does not write, or another version."""
    blocks = canon.decode(data, Blocks, where=where)
    if blocks.version != VERSION:
        raise FormatError("not a version we read", where=where, found=blocks.version, wanted=VERSION)
    return blocks


def totals(blocks: Blocks, layout: Layout, *, where: str = "blocks.json") -> tuple[int, ...]:
    """The vector of the layout: settled sums of the parts in its first measure, the area; `fixed` in all others.

    FormatError unless every block of the grid is there once, in order, every index and number is spelt as we do, and
    none is negative. Else an area could stand in `fixed` that no block computed again would ever contradict, and parts
    of either sign could cancel.
    """
    for wanted, part in zip_longest(tiling(blocks.grid.width, blocks.grid.height, blocks.size), blocks.parts):
        if part is None or wanted != part.block:
            raise FormatError(
                "the parts are not the blocks of the grid",
                where=where,
                found="none" if part is None else str(part.block),
                wanted="the end" if wanted is None else str(wanted),
            )
    sums = [0] * layout.cells
    for part in blocks.parts:
        for index, exact in _entries(part.values, range(layout.cells), where):
            if not exact:
                raise FormatError("a zero that is written out", where=f"{where}: {part.block}", found=str(index))
            sums[index] += exact
    vector = [settle(exact) for exact in sums] + [0] * (layout.length - layout.cells)
    for index, value in _entries(blocks.fixed, range(layout.cells, layout.length), f"{where}: fixed"):
        vector[index] = value
    return tuple(vector)


def _entries(values: dict[str, str], places: range, where: str) -> Iterator[tuple[int, int]]:
    for key, text in values.items():
        index, value = _whole(key, where), _whole(text, where)
        if index not in places:
            wanted = f"{places.start} to {places.stop - 1}: areas come from blocks, all else from the sample"
            raise FormatError("no such entry here", where=where, found=key, wanted=wanted)
        if value < 0:
            raise FormatError("a negative number", where=f"{where}: {key}", found=text, wanted="0 or more")
        yield index, value


def _whole(text: str, where: str) -> int:
    """One number has one spelling; a long one is refused before it costs time."""
    digits = text.removeprefix("-")
    if len(digits) > 60 or not (digits.isascii() and digits.isdigit()) or str(int(text)) != text:
        raise FormatError("not a whole number as we write it", where=where, found=text)
    return int(text)
