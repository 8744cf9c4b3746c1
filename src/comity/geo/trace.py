"""Trace: which cells of a block an edge crosses, and how much of each row lies east of it, in whole numbers.

In one row an edge of height h leaves h of every cell east of it, and of the cell that it crosses the area of the
trapezoid to its east. Signed by the side of the zone and added up over its edges, that is the zone's coverage of each
cell (the signed-area accumulation of font rasterisers, after R. Levien's font-rs).

Where an edge crosses a line between rows is reckoned from its own ends, where it crosses one between columns from its
crossings of the row; both from north-west, rounded to a vertex's unit, whatever block is asked. So blocks agree, and
the two owners of an edge do. Heights and areas are in units of 2^-FRACTION_BITS of a cell.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.geo.compiled import compiled
from comity.geo.edges import VERTEX_BITS
from comity.model.blocks import FRACTION_BITS

HEIGHT_SHIFT: Final = FRACTION_BITS - VERTEX_BITS
AREA_SHIFT: Final = 2 * VERTEX_BITS + 1 - FRACTION_BITS
HALF: Final = 1 << (AREA_SHIFT - 1)

CELL, ZONE, EAST, HERE = 0, 1, 2, 3  # an event: its cell, its zone, what cells east of it gain, what the cell does

Whole = NDArray[np.int64]


@compiled
def crossing(start: int, along: int, slope: float, low: int, high: int) -> int:
    """start + along * slope, rounded, between low and high; it never falls as `along * slope` rises."""
    return min(max(start + int(np.rint(np.float64(along) * slope)), low), high)


@compiled
def crossings(edges: Whole, zone: Whole, top: int, end: int, west: int, east: int, before: Whole) -> Whole:
    """Events of edges in rows top to end and columns west to east, shape (events, 4), in no order.

    edges: x0, y0, x1, y1, sign, ...; shape (edges, 6). zone: row of `before` that an edge belongs to.
    before: (zones, end - top): gains what the edges west of the block leave of its rows.
    """
    events = np.empty((4096, 4), dtype=np.int64)
    count = 0
    for edge in range(len(edges)):
        x0, y0, x1, y1, sign = edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3], edges[edge, 4]
        slope = np.float64(x1 - x0) / np.float64(y1 - y0)
        low, high = min(x0, x1), max(x0, x1)
        first, last = max(y0 >> VERTEX_BITS, top), min((y1 - 1) >> VERTEX_BITS, end - 1)
        ya = max(y0, first << VERTEX_BITS)
        xa = x0 if ya == y0 else crossing(x0, ya - y0, slope, low, high)
        for row in range(first, last + 1):
            yb = min(y1, (row + 1) << VERTEX_BITS)
            xb = x1 if yb == y1 else crossing(x0, yb - y0, slope, low, high)
            height, left, right = yb - ya, min(xa, xb), max(xa, xb)
            ya, xa = yb, xb
            if left >= east << VERTEX_BITS:
                continue
            if right <= west << VERTEX_BITS:
                before[zone[edge], row - top] += sign * (height << HEIGHT_SHIFT)
                continue
            rise = np.float64(height) / np.float64(max(right - left, 1))
            column, done, at = left >> VERTEX_BITS, 0, left
            if column < west:
                column, at = west, west << VERTEX_BITS
                done = crossing(0, at - left, rise, 0, height)
                before[zone[edge], row - top] += sign * (done << HEIGHT_SHIFT)
            while column < east and (at < right or left == right):
                side = (column + 1) << VERTEX_BITS
                to = min(side, right)
                upto = height if to == right else crossing(0, to - left, rise, 0, height)
                part = upto - done
                if part:
                    if count == len(events):
                        grown = np.empty((2 * count, 4), dtype=np.int64)
                        grown[:count] = events
                        events = grown
                    events[count, CELL] = (row - top) * (east - west) + column - west
                    events[count, ZONE] = zone[edge]
                    events[count, EAST] = sign * (part << HEIGHT_SHIFT)
                    events[count, HERE] = sign * ((part * (2 * side - at - to) + HALF) >> AREA_SHIFT)
                    count += 1
                if left == right:
                    break
                column, done, at = column + 1, upto, to
    return events[:count]
