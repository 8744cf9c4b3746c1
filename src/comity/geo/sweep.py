"""Sweep: cells of a band of rows from west to east, each once for every zone that covers it.

Between two events the coverage of every zone is the same: whole where it lies inside. So the cost is that of reading
the cells, whatever number or size the zones have; perimeters cost their cells once more.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.geo import exact
from comity.geo.compiled import compiled
from comity.geo.exact import Words
from comity.geo.trace import CELL, EAST, HERE, ZONE

VALUE_BITS: Final = 46  # of a value in units of its quantum
LIMIT: Final = float(1 << VALUE_BITS)
TOO_LARGE: Final = 1

Whole = NDArray[np.int64]

_add, _signed_product = exact.add, exact.signed_product


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
def by_class(events: Whole, before: Whole, codes: NDArray[np.int32], areas: Whole, classes: int, words: Words) -> None:
    """Add coverage x area of each cell to words[zone * classes + code]; codes below 0 are nothing.

    events: of the band, by cell. before: (zones, rows). codes: (rows, columns), below `classes`. areas: (rows,).
    """
    rows, columns = codes.shape
    zones = len(before)
    cover, active = np.zeros(zones, dtype=np.int64), np.zeros(zones, dtype=np.int64)
    sums = np.zeros(zones * classes, dtype=np.int64)
    touched, seen = np.zeros(zones, dtype=np.int64), np.zeros(zones, dtype=np.bool_)
    event = 0
    for row in range(rows):
        count = opened(before, row, cover, active)
        met = 0
        for i in range(count):
            seen[active[i]] = True
            touched[met] = active[i]
            met += 1
        column = 0
        while column < columns:
            here = columns
            if event < len(events) and events[event, CELL] < (row + 1) * columns:
                here = events[event, CELL] - row * columns
            for i in range(count):
                whole, base = cover[active[i]], active[i] * classes
                for at in range(column, min(here + 1, columns)):  # the event's own cell too, as far as it was covered
                    code = codes[row, at]
                    if code >= 0:
                        sums[base + code] += whole
            changed = False
            while here < columns and event < len(events) and events[event, CELL] == row * columns + here:
                zone, code = events[event, ZONE], codes[row, here]
                if code >= 0:
                    sums[zone * classes + code] += events[event, HERE]
                changed |= not cover[zone]
                cover[zone] += events[event, EAST]
                changed |= not cover[zone]
                if not seen[zone]:
                    seen[zone] = True
                    touched[met] = zone
                    met += 1
                event += 1
            if changed:
                count = left(cover, touched, met, active)
            column = here + 1
        for i in range(met):
            seen[touched[i]] = False
            for index in range(touched[i] * classes, (touched[i] + 1) * classes):
                if sums[index]:
                    _add(words, index, np.uint64(sums[index] >> 63), np.uint64(sums[index]), areas[row])
                    sums[index] = 0


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
            seen[active[i]] = True
            touched[met] = active[i]
            met += 1
        column = 0
        while column < columns:
            here = columns
            if event < len(events) and events[event, CELL] < (row + 1) * columns:
                here = events[event, CELL] - row * columns
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
                changed |= not cover[zone]
                cover[zone] += events[event, EAST]
                changed |= not cover[zone]
                if not seen[zone]:
                    seen[zone] = True
                    touched[met] = zone
                    met += 1
                event += 1
            if changed:
                count = left(cover, touched, met, active)
            column = here + 1
        for i in range(met):
            zone = touched[i]
            seen[zone] = False
            _add(words, 2 * zone, sums[zone, 1], sums[zone, 0], weights[row])
            _add(words, 2 * zone + 1, np.uint64(counts[zone] >> 63), np.uint64(counts[zone]), weights[row])
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
    high, low = _signed_product(cover, total)
    sums[zone, 0] += low
    sums[zone, 1] += high + np.uint64(sums[zone, 0] < low)
