"""Shapes whose areas have a closed form, painted one over the other; and the arrangement that they make.

A shape says what is at its place on several maps at once (the ground, a product's map of it, the mountain belts, the
zones). The edges of all boxes cut the country into a grid of boxes on which nothing changes, so the area of any
combination is a sum of boxes; an oval must lie where nothing else changes, and takes pi/4 of its box from there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from examples.geo_country import ellipsoid

NOTHING: Final = 0
Labels = tuple[int, ...]  # of one place, a label a map
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Degrees, between parallels and meridians."""

    west: float
    south: float
    east: float
    north: float

    @property
    def area(self) -> float:
        """Square metres on the ellipsoid."""
        return ellipsoid.box(self.west, self.south, self.east, self.north)

    def rim(self, cell: float) -> float:
        """Square metres of a strip of half a cell along the whole edge: what drawing it in cells can move, at most.

        For an oval too: a convex curve cuts at most as many cells as the edge of its box, and of a cut cell that part
        is on the wrong side which does not hold the centre. A row of cells is taken at its widest.
        """
        wide = min(abs(self.south), abs(self.north))
        row = ellipsoid.box(self.west - cell, wide, self.east + cell, wide + cell / 2)
        column = ellipsoid.box(0, self.south - cell, cell / 2, self.north + cell)
        return 2 * (row + column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A box, or the oval in it, and what it says on each map that it is painted on."""

    at: Box
    says: Mapping[str, int]
    oval: bool = False


class Arrangement:
    """All shapes at once, on the maps named."""

    def __init__(self, maps: tuple[str, ...], shapes: tuple[Shape, ...]) -> None:
        self.maps, self.shapes = maps, shapes
        boxes = [shape for shape in shapes if not shape.oval]
        self.ovals = tuple(shape for shape in shapes if shape.oval)
        self.x = np.array(sorted({x for shape in boxes for x in (shape.at.west, shape.at.east)}))
        self.y = np.array(sorted({y for shape in boxes for y in (shape.at.south, shape.at.north)}))
        # labels[map, row, column] between two neighbouring edges; a border of NOTHING all around
        self.labels = np.zeros((len(maps), len(self.y) + 1, len(self.x) + 1), np.uint8)
        for shape in boxes:
            columns = slice(*np.searchsorted(self.x, (shape.at.west, shape.at.east)) + 1)
            rows = slice(*np.searchsorted(self.y, (shape.at.south, shape.at.north)) + 1)
            for name, label in shape.says.items():
                self.labels[maps.index(name), rows, columns] = label
        for shape in self.ovals:
            self.under(shape)

    def under(self, oval: Shape) -> Labels:
        """What lies where an oval is painted; ValueError if that is not one thing."""
        west, east = np.searchsorted(self.x, (oval.at.west, oval.at.east))
        south, north = np.searchsorted(self.y, (oval.at.south, oval.at.north))
        patch = self.labels[:, south : north + 1, west : east + 1].reshape(len(self.maps), -1)
        if (patch != patch[:, :1]).any():
            raise ValueError(f"an oval must lie where nothing else changes: {oval}")
        return tuple(int(label) for label in patch[:, 0])

    def over(self, oval: Shape) -> Labels:
        """What is there when the oval is painted."""
        return tuple(oval.says.get(name, label) for name, label in zip(self.maps, self.under(oval), strict=True))

    def pieces(self) -> Iterator[tuple[Labels, Box]]:
        """Every box on which nothing changes."""
        for row in range(1, len(self.y)):
            for column in range(1, len(self.x)):
                yield (
                    tuple(int(label) for label in self.labels[:, row, column]),
                    Box(west=self.x[column - 1], south=self.y[row - 1], east=self.x[column], north=self.y[row]),
                )

    @cached_property
    def areas(self) -> dict[Labels, float]:
        """Square metres of every combination of labels, in closed form."""
        found: dict[Labels, float] = {}
        for labels, piece in self.pieces():
            found[labels] = found.get(labels, 0.0) + piece.area
        for oval in self.ovals:
            part = np.pi / 4 * oval.at.area
            found[self.under(oval)] -= part
            found[self.over(oval)] = found.get(self.over(oval), 0.0) + part
        return found

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64], maps: tuple[str, ...]) -> NDArray[np.uint8]:
        """Labels of points, shape (maps, points)."""
        rows, columns = np.searchsorted(self.y, y, side="right"), np.searchsorted(self.x, x, side="right")
        found = self.labels[[self.maps.index(name) for name in maps]][:, rows, columns]
        for oval in self.ovals:
            inside = within(oval.at, x, y)
            for place, name in enumerate(maps):
                if name in oval.says:
                    found[place][inside] = oval.says[name]
        return found

    def drawn(self, name: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint8]:
        """One map as a raster: the label at the centre of each cell. x: centres of columns, y: of rows."""
        rows, columns = np.searchsorted(self.y, y, side="right"), np.searchsorted(self.x, x, side="right")
        raster: NDArray[np.uint8] = self.labels[self.maps.index(name)][np.ix_(rows, columns)]
        for oval in self.ovals:
            if name in oval.says:
                down, across = touched(oval.at, x, y)
                patch = raster[down, across]
                patch[within(oval.at, x[across][None, :], y[down][:, None])] = oval.says[name]
        return raster


def within(at: Box, x: Any, y: Any) -> Any:
    """Whether points lie in the oval of a box: an ellipse in the plane of longitude and S."""
    south, north = ellipsoid.strip(at.south), ellipsoid.strip(at.north)
    near = (y > at.south) & (y < at.north)
    strips = np.zeros(np.shape(y))
    strips[near] = [ellipsoid.strip(float(one)) for one in y[near]]
    right = (2 * x - at.west - at.east) / (at.east - at.west)
    up = (2 * strips - south - north) / (north - south)
    return near & (right**2 + up**2 < 1)


def touched(at: Box, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[slice, slice]:
    """Rows and columns of a raster (north up) whose centres may lie in a box."""
    down = slice(*(len(y) - np.searchsorted(y[::-1], (at.north, at.south))))
    return down, slice(*np.searchsorted(x, (at.west, at.east)))
