"""A reference sample: points drawn by strata of the map, and what is on the ground there.

A stratum is a cell of the table: a zone, and what the map says. Points are uniform on the ellipsoid within it (uniform
in longitude and in S), moved to the centre of their cell. Every stratum gets its share, and some at least.
"""

import math
import random
from collections.abc import Iterator
from typing import Final

import numpy as np

from examples.geo_country import country, ellipsoid
from examples.geo_country.scene import Arrangement, Box
from examples.geo_country.truth import Key, Raster, Table, codes

LEAST: Final = 40  # points of a stratum
TRIES: Final = 40  # draws for a point: a sliver may have no cell's centre in it


def points(
    scene: Arrangement, raster: Raster, table: Table, *, number: int, seed: int
) -> Iterator[tuple[float, float, Key]]:
    """x, y and the reference codes (without the zone) of every point. number: of all, about."""
    dice, maps = random.Random(seed), ("zone", *table.maps)
    strata: dict[Key, list[Box]] = {}
    # An oval that these maps do not show is no place of its own: its ground would be drawn twice as often.
    seen = [oval for oval in scene.ovals if not oval.says.keys().isdisjoint(table.maps)]
    for labels, piece in (*scene.pieces(), *((scene.over(oval), oval.at) for oval in seen)):
        key = codes(maps, tuple(labels[scene.maps.index(name)] for name in maps))
        if key:
            strata.setdefault(key, []).append(piece)
    areas = {key: sum(piece.area for piece in pieces) for key, pieces in strata.items()}
    total = sum(areas.values())
    for key, pieces in sorted(strata.items()):
        wanted = max(LEAST, round(number * areas[key] / total))
        yield from _drawn(scene, raster, table, key, pieces, wanted, dice)


def _drawn(
    scene: Arrangement, raster: Raster, table: Table, stratum: Key, pieces: list[Box], wanted: int, dice: random.Random
) -> Iterator[tuple[float, float, Key]]:
    weights = [piece.area for piece in pieces]
    for piece in dice.choices(pieces, weights, k=wanted * TRIES):
        x, y = _centre(raster, piece, dice)
        maps = ("zone", *table.maps, *table.ground)
        labels = tuple(int(label) for label in scene.at(np.array([x]), np.array([y]), maps)[:, 0])
        mapped = 1 + len(table.maps)
        reference = codes(table.ground, labels[mapped:])
        if codes(maps[:mapped], labels[:mapped]) == stratum and reference:
            yield x, y, reference
            wanted -= 1
        if not wanted:
            return


def _centre(raster: Raster, piece: Box, dice: random.Random) -> tuple[float, float]:
    """A point uniform on the ellipsoid in a box, moved to the centre of its cell."""
    x = dice.uniform(piece.west, piece.east)
    value = dice.uniform(ellipsoid.strip(piece.south), ellipsoid.strip(piece.north))
    y = ellipsoid.parallel(value, piece.south, piece.north)
    column = min(max(math.floor((x - country.WEST) / raster.cell), 0), raster.size - 1)
    row = min(max(math.floor((country.NORTH - y) / raster.cell), 0), raster.size - 1)
    return float(raster.x[column]), float(raster.y[row])
