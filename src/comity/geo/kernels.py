"""Compiled code: which cells edges cross, and one sweep over the cells, in whole numbers.

Trace: in one row an edge of height h leaves h of every cell east of it, and of the cell that it crosses the area of the
trapezoid to its east. Signed by the side of the zone and added up over its edges, that is the zone's coverage of each
cell (the signed-area accumulation of font rasterisers, after R. Levien's font-rs). Where an edge crosses a line between
rows is reckoned from its own ends, where it crosses one between columns from its crossings of the row; both from north
and west, rounded to a vertex's unit, whatever block is asked. So blocks agree, and the two owners of an edge do.

Sweep: from west to east, each cell once for every zone that covers it. Between two events the coverage of every zone is
the same: whole where it lies inside. So the cost is that of reading the cells, whatever number or size the zones have;
perimeters cost their cells once more.

Machine code by Numba, without the interpreter's lock, kept on disk between processes; no `fastmath`, so that floats
round as IEEE 754 says and every machine finds the same bits. Numba takes kept code for stale when this file changes and
no other: nothing compiled may lean on another file, not even for a constant.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

VERTEX_BITS: Final = 30  # of a coordinate in cells: 10^-9 of one, a hundredth of a micrometre where it is 10 m
VALUE_BITS: Final = 46  # of a value in quanta
LIMIT: Final = float(1 << VALUE_BITS)
TOO_LARGE: Final = 1
LANES: Final = 4
WORDS: Final = 3  # of 64 bits in a sum, least first, two's complement
CELL, ZONE, EAST, HERE = 0, 1, 2, 3  # an event: its cell, its zone, what cells east of it gain, what the cell does

Whole = NDArray[np.int64]
Words = NDArray[np.uint64]  # (sums, WORDS)

P = ParamSpec("P")
R = TypeVar("R")

_WORD = np.uint64(32)
_LOW = np.uint64(2**32 - 1)


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on the first call; where no folder can hold the code, each process compiles for itself."""
    try:
        made = njit(nogil=True, cache=True)(function)
    except RuntimeError:
        made = njit(nogil=True)(function)
    return cast(Callable[P, R], made)


@compiled
def crossing(start: int, along: int, slope: float, low: int, high: int) -> int:
    """start + along * slope, rounded, between low and high; it never falls as `along * slope` rises."""
    return min(max(start + int(np.rint(np.float64(along) * slope)), low), high)


@compiled
def crossings(
    edges: Whole, place: Whole, top: int, end: int, west: int, east: int, before: Whole, fraction_bits: int
) -> Whole:
    """Events of edges in rows top to end and columns west to east, shape (events, 4), in no order.

    edges: x0, y0, x1, y1, sign, zone; shape (edges, 6). place: row of `before` for each zone, below 0: none.
    before: (zones, end - top): gains what the edges west of the block leave of its rows.
    Heights and areas are in units of 2^-fraction_bits of a cell.
    """
    raised, lowered = fraction_bits - VERTEX_BITS, 2 * VERTEX_BITS + 1 - fraction_bits
    half = 1 << (lowered - 1)
    events = np.empty((4096, 4), dtype=np.int64)
    count = 0
    for edge in range(len(edges)):
        zone = place[edges[edge, 5]]
        if zone < 0:
            continue
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
                before[zone, row - top] += sign * (height << raised)
                continue
            rise = np.float64(height) / np.float64(max(right - left, 1))
            column, done, at = left >> VERTEX_BITS, 0, left
            if column < west:
                column, at = west, west << VERTEX_BITS
                done = crossing(0, at - left, rise, 0, height)
                before[zone, row - top] += sign * (done << raised)
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
                    events[count, ZONE] = zone
                    events[count, EAST] = sign * (part << raised)
                    events[count, HERE] = sign * ((part * (2 * side - at - to) + half) >> lowered)
                    count += 1
                if left == right:
                    break
                column, done, at = column + 1, upto, to
    return events[:count]


@compiled
def opened(before: Whole, row: int, cover: Whole, active: Whole) -> int:
    """Zones that reach into a row from the west, put into `active`; returns how many. `cover` is set for all."""
    count = 0
    for zone in range(len(cover)):
        cover[zone] = before[zone, row]
        if cover[zone]:
            active[count] = zone
            count += 1
    return count


@compiled
def left(cover: Whole, touched: Whole, met: int, active: Whole) -> int:
    """Of the zones met in a row, those that cover what comes next, put into `active`; returns how many."""
    count = 0
    for i in range(met):
        if cover[touched[i]]:
            active[count] = touched[i]
            count += 1
    return count


@compiled
def ahead(events: Whole, event: int, row: int, columns: int) -> int:
    """Column of the next event of this row, or `columns` if there is none."""
    if event < len(events) and events[event, CELL] < (row + 1) * columns:
        return int(events[event, CELL] - row * columns)
    return columns


@compiled
def meet(zone: int, seen: NDArray[np.bool_], touched: Whole, met: int) -> int:
    """Write down a zone that this row has something of, once; how many there are."""
    if seen[zone]:
        return met
    seen[zone] = True
    touched[met] = zone
    return met + 1


@compiled
def turn(cover: Whole, zone: int, by: int) -> bool:
    """Change the coverage that goes on eastwards; whether it begins or ends, so that other zones are open."""
    before = cover[zone]
    cover[zone] += by
    return bool(before == 0 or cover[zone] == 0)


@compiled
def by_class(events: Whole, before: Whole, codes: NDArray[np.int32], areas: Whole, classes: int, words: Words) -> None:
    """Add coverage x area of each cell to words[zone * classes + code]; codes below 0 are nothing.

    events: of the band, by cell. before: (zones, rows). codes: (rows, columns), below `classes`. areas: (rows,).
    """
    rows, columns = codes.shape
    zones = len(before)
    cover, active = np.zeros(zones, dtype=np.int64), np.zeros(zones, dtype=np.int64)
    sums = np.zeros((zones, LANES, classes + 1), dtype=np.int64)
    touched, seen = np.zeros(zones, dtype=np.int64), np.zeros(zones, dtype=np.bool_)
    event = 0
    for row in range(rows):
        count = opened(before, row, cover, active)
        met = 0
        for i in range(count):
            met = meet(active[i], seen, touched, met)
        column = 0
        while column < columns:
            here = ahead(events, event, row, columns)
            for i in range(count):  # the event's own cell too, as far as it was covered
                tally(sums[active[i]], codes, row, column, min(here + 1, columns), cover[active[i]])
            changed = False
            while here < columns and event < len(events) and events[event, CELL] == row * columns + here:
                zone = events[event, ZONE]
                sums[zone, 0, slot(codes[row, here])] += events[event, HERE]
                changed |= turn(cover, zone, events[event, EAST])
                met = meet(zone, seen, touched, met)
                event += 1
            if changed:
                count = left(cover, touched, met, active)
            column = here + 1
        for i in range(met):
            seen[touched[i]] = False
            for code in range(classes):
                gained = 0
                for lane in range(LANES):
                    gained += sums[touched[i], lane, code + 1]
                if gained:
                    at = touched[i] * classes + code
                    add(words, at, np.uint64(gained >> 63), np.uint64(gained), areas[row])
            sums[touched[i]] = 0


@compiled
def slot(code: int) -> int:
    """Place of a code in a tally: 0 holds what is in no class."""
    return max(code, -1) + 1


@compiled
def tally(sums: Whole, codes: NDArray[np.int32], row: int, start: int, end: int, whole: int) -> None:
    """Add `whole` for each of some cells of a row; lanes, since a sum that was just written is slow to read again."""
    at = start
    while at + LANES <= end:
        for lane in range(LANES):
            sums[lane, slot(codes[row, at + lane])] += whole
        at += LANES
    for rest in range(at, end):
        sums[0, slot(codes[row, rest])] += whole


@compiled
def by_value(
    events: Whole, before: Whole, values: NDArray[np.floating], scale: float, weights: Whole, words: Words
) -> int:
    """Add coverage x value x weight to words[2 * zone], coverage x weight of cells with a value to words[2 * zone + 1].

    values: (rows, columns), NaN where there is none; counted in whole quanta of 1 / scale, half to even.
    Returns TOO_LARGE if one of them has more than VALUE_BITS, else 0.
    """
    rows, columns = values.shape
    zones = len(before)
    cover, active = np.zeros(zones, dtype=np.int64), np.zeros(zones, dtype=np.int64)
    sums, counts = np.zeros((zones, 2), dtype=np.uint64), np.zeros(zones, dtype=np.int64)
    touched, seen = np.zeros(zones, dtype=np.int64), np.zeros(zones, dtype=np.bool_)
    event, fault = 0, 0
    for row in range(rows):
        count = opened(before, row, cover, active)
        met = 0
        for i in range(count):
            met = meet(active[i], seen, touched, met)
        column = 0
        while column < columns:
            here = ahead(events, event, row, columns)
            if count:
                total, cells, fault = quanta(values, row, column, min(here + 1, columns), scale, fault)
                for i in range(count):
                    whole = cover[active[i]]
                    gain(sums, active[i], whole, total)
                    counts[active[i]] += whole * cells
            changed = False
            if here < columns:
                total, cells, fault = quanta(values, row, here, here + 1, scale, fault)
            while here < columns and event < len(events) and events[event, CELL] == row * columns + here:
                zone = events[event, ZONE]
                gain(sums, zone, events[event, HERE], total)
                counts[zone] += events[event, HERE] * cells
                changed |= turn(cover, zone, events[event, EAST])
                met = meet(zone, seen, touched, met)
                event += 1
            if changed:
                count = left(cover, touched, met, active)
            column = here + 1
        for i in range(met):
            zone = touched[i]
            seen[zone] = False
            add(words, 2 * zone, sums[zone, 1], sums[zone, 0], weights[row])
            add(words, 2 * zone + 1, np.uint64(counts[zone] >> 63), np.uint64(counts[zone]), weights[row])
            sums[zone, 0] = sums[zone, 1] = np.uint64(0)
            counts[zone] = 0
    return fault


@compiled
def quanta(
    values: NDArray[np.floating], row: int, start: int, end: int, scale: float, fault: int
) -> tuple[int, int, int]:
    """Sum of some cells of a row in quanta, how many have a value, and the fault if one is too large."""
    total, cells, largest = 0, 0, 0.0
    for column in range(start, end):
        scaled = np.float64(values[row, column]) * scale
        known = scaled == scaled
        value = scaled if known else 0.0
        largest = max(largest, abs(value))
        total += int(np.rint(value))
        cells += known
    return total, cells, fault if largest < LIMIT else TOO_LARGE


@compiled
def gain(sums: Words, zone: int, cover: int, total: int) -> None:
    """sums[zone] += cover * total, in two words."""
    high, low = signed_product(cover, total)
    sums[zone, 0] += low
    sums[zone, 1] += high + np.uint64(sums[zone, 0] < low)


@compiled
def product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """High and low word of the product of two unsigned words."""
    a0, a1, b0, b1 = a & _LOW, a >> _WORD, b & _LOW, b >> _WORD
    low, cross, other = a0 * b0, a0 * b1, a1 * b0
    middle = (low >> _WORD) + (cross & _LOW) + (other & _LOW)
    return a1 * b1 + (cross >> _WORD) + (other >> _WORD) + (middle >> _WORD), (middle << _WORD) | (low & _LOW)


@compiled
def signed_product(a: int, b: int) -> tuple[np.uint64, np.uint64]:
    """High and low word, two's complement, of the product of two signed words."""
    high, low = product(np.uint64(a), np.uint64(b))
    if a < 0:
        high -= np.uint64(b)
    if b < 0:
        high -= np.uint64(a)
    return high, low


@compiled
def add(words: Words, at: int, high: np.uint64, low: np.uint64, weight: int) -> None:
    """words[at] += (high * 2^64 + low) * weight, for a two's complement pair and a weight of 0 to 2^63 - 1."""
    factor = np.uint64(weight)
    carry, first = product(low, factor)
    third, second = product(high, factor)
    if np.int64(high) < 0:
        third -= factor
    second += carry
    third += np.uint64(second < carry)
    words[at, 0] += first
    kept = np.uint64(words[at, 0] < first)
    words[at, 1] += second
    third += np.uint64(words[at, 1] < second)
    words[at, 1] += kept
    third += np.uint64(words[at, 1] < kept)
    words[at, 2] += third
