"""Zonal sums: what share of each grid cell lies in a zone, and exact sums over blocks that add up in any order.

Coverage is the area of a zone's polygon in a cell, exact to 2^-FRACTION_BITS of a cell for polygons whose vertices lie
on 2^-VERTEX_BITS of it (`geo.edges`): no cell centre decides. All zones of a block are done in one pass. Zones that
share their borders add up to their union exactly; zones may overlap, then each counts its own. What a block gives
depends on the block alone; sums of blocks are equal bit for bit whatever their size, order or number of workers.

Method: signed areas of edges, then one sweep over the cells (`geo.kernels`).
Decides no indicator: see `methods`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import SourceError
from comity.geo import kernels
from comity.geo.edges import BAND, Zones, prepare
from comity.geo.exact import Exact, gathered, ratio, total
from comity.geo.grid import cell_areas
from comity.model.blocks import FRACTION_BITS, SQUARE_METRE, Block

__all__ = ["Exact", "Sums", "Zones", "by_class", "covered", "prepare", "sums", "total"]

COLUMNS: Final = 1 << (62 - FRACTION_BITS)  # of a block: a row's sum is then below 2^62
ENTRIES: Final = 1 << 24  # zones x classes of a block


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums of values over zones, exact for values in whole quanta of 2^-bits.

    total: coverage x quanta, of each zone; times cell area in square millimetres if `weighted`.
    covered: coverage of cells that have a value, weighted alike.
    """

    total: Exact
    covered: Exact
    bits: int
    weighted: bool

    def __add__(self, other: "Sums") -> "Sums":
        if (self.bits, self.weighted) != (other.bits, other.weighted):
            raise SourceError("sums of different quanta or weights", where="zonal")
        return Sums(
            total=self.total + other.total,
            covered=self.covered + other.covered,
            bits=self.bits,
            weighted=self.weighted,
        )

    def sum(self, zone: int) -> float:
        """Sum of value x coverage; times cell area in square metres if weighted."""
        unit = SQUARE_METRE if self.weighted else 1 << FRACTION_BITS
        return float(Fraction(self.total.at(zone), unit << self.bits))

    def mean(self, zone: int) -> float | None:
        """Mean of the values over what they cover of a zone; None where they cover nothing."""
        return ratio(self.total.at(zone), self.covered.at(zone) << self.bits)


def by_class(zones: Zones, block: Block, codes: NDArray[np.int32], classes: int) -> Exact:
    """Area of each class in each zone, shape (zones, classes), in exact units (`model.blocks`).

    codes: (rows, columns) of the block, class of each cell; below 0: none. A cross table of rasters is the area by
    class of their combined codes. SourceError for a code of `classes` or more, or an array that is not the block's.
    """
    cells = _fitting(zones, block, codes, np.dtype(np.int32))
    if classes < 1 or cells.max() >= classes:
        raise SourceError(
            "a class beyond the list", where=str(block), found=str(cells.max()), wanted=f"below {classes}"
        )
    areas = cell_areas(zones.grid)
    near = zones.near(block)
    if len(near) * classes > ENTRIES:
        raise SourceError(
            "too many zones and classes in one block",
            where=str(block),
            found=f"{len(near)} x {classes}",
            wanted=f"at most {ENTRIES}",
            way_out="take smaller blocks",
        )
    words = np.zeros((len(near) * classes, kernels.WORDS), dtype=np.uint64)
    for top, end, events, before in _bands(zones, block, near):
        rows = cells[top - block.row : end - block.row]
        kernels.by_class(events, before, rows, areas[top:end], classes, words)
    return gathered(words, near, (zones.count, classes))


def covered(zones: Zones, block: Block) -> Exact:
    """Area of each zone inside the block, shape (zones, 1), in exact units; of all blocks: inside the grid."""
    return by_class(zones, block, np.zeros((block.rows, block.columns), dtype=np.int32), 1)


def sums(zones: Zones, block: Block, values: NDArray[Any], *, bits: int = 16, weighted: bool = False) -> Sums:
    """Sum of values in each zone, by coverage of cells (a population count) or by area (`weighted`: a mean depth).

    values: (rows, columns) of the block, float32 or float64; NaN: no value.
    bits: values are rounded to 2^-bits once, half to even, whatever the block.
    SourceError for infinite values, or those beyond 2^(46 - bits).
    """
    if values.dtype != np.float32:
        values = values.astype(np.float64, copy=False)
    cells = _fitting(zones, block, values, values.dtype)
    if not 0 <= bits <= kernels.VALUE_BITS:
        raise SourceError("not a number of bits", where="bits", found=str(bits), wanted=f"0 to {kernels.VALUE_BITS}")
    weights = cell_areas(zones.grid) if weighted else np.ones(zones.grid.height, dtype=np.int64)
    near = zones.near(block)
    words = np.zeros((len(near) * 2, kernels.WORDS), dtype=np.uint64)
    for top, end, events, before in _bands(zones, block, near):
        rows = cells[top - block.row : end - block.row]
        if kernels.by_value(events, before, rows, float(1 << bits), weights[top:end], words):
            raise SourceError(
                "a value too large for its quantum",
                where=str(block),
                wanted=f"below 2^{kernels.VALUE_BITS - bits}",
                way_out="take fewer bits, or mark infinite values as missing",
            )
    shape = (zones.count,)
    return Sums(
        total=gathered(words[0::2], near, shape),
        covered=gathered(words[1::2], near, shape),
        bits=bits,
        weighted=weighted,
    )


def _fitting(zones: Zones, block: Block, cells: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    """The block's cells in row-major order."""
    zones.grid.window(block)  # refuses what lies outside
    if cells.shape != (block.rows, block.columns) or cells.dtype != kind or block.columns > COLUMNS:
        raise SourceError(
            "not the cells of the block",
            where=str(block),
            found=f"{cells.dtype} {cells.shape}",
            wanted=f"{kind} ({block.rows}, {block.columns}), at most {COLUMNS} columns",
        )
    return np.ascontiguousarray(cells)


def _bands(
    zones: Zones, block: Block, near: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
    """First row and end of each band in the block, events by cell, and what the west leaves of each near zone."""
    if not len(near):
        return
    place = np.full(zones.count, -1, dtype=np.int64)
    place[near] = np.arange(len(near))
    for band in range(block.row // BAND, (block.row + block.rows - 1) // BAND + 1):
        top, end = max(block.row, band * BAND), min(block.row + block.rows, (band + 1) * BAND)
        edges = zones.edges[zones.starts[band] : zones.starts[band + 1]]
        before = np.zeros((len(near), end - top), dtype=np.int64)
        events = kernels.crossings(
            edges, place, top, end, block.column, block.column + block.columns, before, FRACTION_BITS
        )
        yield top, end, events[np.argsort(events[:, kernels.CELL])], before
