"""Grids: cells of a raster and their areas on the ellipsoid, never on a flat map.

A cell's area is a whole number of square millimetres. On a geographic grid it depends on the row alone: the area
between two parallels is closed form (`geo.authalic`), each parallel is rounded once, and so the rows of a globe add up
to the globe. On a projected grid it is |a * e|, and true only where the projection keeps areas on its ellipsoid: the
CRS's method says so (EPSG guidance note 7-2; PROJ's own notes for methods without a number). Every other grid is
refused with the way out. Reads no file: see `adapters.rasters`.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from comity.errors import SourceError
from comity.geo import authalic
from comity.model.blocks import AREA_UNITS, Block, GridText

EQUAL_AREA: Final = (
    "Lambert Cylindrical Equal Area",  # EPSG method 9835
    "Lambert Azimuthal Equal Area",  # 9820
    "Albers Equal Area",  # 9822
    "Equal Earth",  # 1078
    "Bonne",  # 9827
    "Sinusoidal",
)
# They keep areas on a sphere only, and PROJ has no form of them for the ellipsoid: a cell is up to 0.67 % wrong.
SPHERICAL: Final = ("Mollweide", "Eckert", "Goode", "Hammer", "Wagner", "HEALPix", "McBryde", "Spherical")
WAY_OUT: Final = "warp it to EPSG:6933, or to an equal-area CRS of the country: gdalwarp -t_srs EPSG:6933 -r near"
COLUMNS: Final = 2**24  # of a grid: round the Earth at 2.4 metres; a file of a few bytes may claim any number
ROWS: Final = 2**22  # from pole to pole at 4.8 metres; the area of each is computed when a file is looked at
GLOBE: Final = 2**71  # square millimetres, more than four globes: no grid of ours is larger


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells of a raster, row 0 in the north, column 0 in the west.

    crs: authority code ("EPSG:4326") or WKT.
    transform: a, b, c, d, e, f of x = a * column + b * row + c, y = d * column + e * row + f, for corners of cells.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    def __post_init__(self) -> None:
        a, b, _, d, e, _ = self.transform
        if not all(map(isfinite, self.transform)) or b != 0 or d != 0 or not a > 0 or not e < 0:
            raise SourceError(
                "not a grid with north up and west left",
                where="transform",
                found=str(self.transform),
                wanted="a > 0, e < 0, and no rotation (b = d = 0)",
                way_out="gdalwarp makes one",
            )
        if not (0 < self.width <= COLUMNS and 0 < self.height <= ROWS):
            raise SourceError(
                "not the extent of a grid",
                where="grid",
                found=f"{self.width} x {self.height}",
                wanted=f"1 to {COLUMNS} columns, 1 to {ROWS} rows",
                way_out="cut it, or take larger cells: gdalwarp",
            )

    @classmethod
    def of(cls, text: GridText) -> Self:
        """The grid that `text` writes; SourceError for other spellings of its numbers."""
        try:
            a, b, c, d, e, f = map(float, text.transform)
        except ValueError:
            raise SourceError("not numbers", where="transform", found=str(text.transform)) from None
        grid = cls(crs=text.crs, transform=(a, b, c, d, e, f), width=text.width, height=text.height)
        if grid.text != text:
            raise SourceError("not numbers as we write them", where="transform", found=str(text.transform))
        return grid

    @property
    def text(self) -> GridText:
        """The grid without floats, for a record."""
        a, b, c, d, e, f = (repr(float(number)) for number in self.transform)
        return GridText(crs=self.crs, transform=(a, b, c, d, e, f), width=self.width, height=self.height)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the CRS."""
        a, _, c, _, e, f = self.transform
        return c, f + e * self.height, c + a * self.width, f

    def window(self, block: Block) -> "Grid":
        """The grid of one block. For its outline: areas and zones are asked of the whole grid, so that they agree."""
        a, b, c, d, e, f = self.transform
        inside = 0 <= block.row < block.row + block.rows <= self.height
        if not (inside and 0 <= block.column < block.column + block.columns <= self.width):
            raise SourceError("not a block of the grid", where=str(block), wanted=f"{self.width} x {self.height}")
        return Grid(
            crs=self.crs,
            transform=(a, b, c + a * block.column, d, e, f + e * block.row),
            width=block.columns,
            height=block.rows,
        )


@lru_cache(maxsize=64)
def crs_of(text: str) -> CRS:
    """The CRS; SourceError if PROJ knows none of that name."""
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise SourceError("not a CRS that PROJ knows", where="crs", found=text, wanted="EPSG:4326, or WKT") from None


@lru_cache(maxsize=8)
def cell_areas(grid: Grid) -> NDArray[np.int64]:
    """Area of a cell of each row in square millimetres, shape (height,); read-only.

    Parts of a row beyond a pole have no area. SourceError for a grid whose cells have no known area.
    """
    crs = _horizontal(crs_of(grid.crs))
    if not crs.ellipsoid or not crs.ellipsoid.inverse_flattening:
        raise refused(crs, "a grid on a sphere: its cells are up to 0.67 % off the ellipsoid")
    if crs.is_geographic:
        areas = _geographic(grid, crs)
    elif crs.is_projected:
        areas = _projected(grid, crs)
    else:
        raise refused(crs, "neither a geographic nor a projected grid")
    if max(areas) >= 2**62 or sum(areas) * grid.width >= GLOBE or min(areas) < 0:
        raise SourceError(
            "cells too large to count in square millimetres",
            where="grid",
            found=f"{max(areas)} mm2 in one of {grid.width} x {grid.height}",
            wanted="below 2^62 in a cell, and less than four globes together",
            way_out="smaller cells",
        )
    array = np.array(areas, dtype=np.int64)
    array.flags.writeable = False
    return array


def turn(grid: Grid) -> float | None:
    """Columns in 360 degrees of longitude; None if the grid is not geographic."""
    return 360 / grid.transform[0] if crs_of(grid.crs).is_geographic else None


def _horizontal(crs: CRS) -> CRS:
    """The part of a CRS that areas follow from: without heights, and without a shift of datum that a file brought."""
    if crs.is_compound:
        return _horizontal(crs.sub_crs_list[0])
    source = crs.source_crs if crs.is_bound else None
    return crs if source is None else _horizontal(source)


def _geographic(grid: Grid, crs: CRS) -> list[int]:
    """By latitude row: the difference of two rounded strips, so that nothing is lost between rows."""
    a, _, _, _, e, f = (Fraction(number) for number in grid.transform)
    if any(abs(axis.unit_conversion_factor - 0.017453292519943295) > 1e-15 for axis in crs.axis_info[:2]):
        raise refused(crs, "a geographic grid that is not in degrees")
    if a * grid.width > 360 * (1 + Fraction(1, 10**9)):
        raise refused(crs, f"a grid of {float(a * grid.width)} degrees: it holds places twice")
    if f > 90 - e or f + e * grid.height < e - 90:
        raise refused(crs, f"rows beyond a pole: from {float(f)} to {float(f + e * grid.height)} degrees")
    ellipsoid = crs.ellipsoid
    assert ellipsoid is not None  # as `cell_areas` found
    major = Fraction(repr(ellipsoid.semi_major_metre))
    flattening = 1 / Fraction(repr(ellipsoid.inverse_flattening))
    minor, series = major * (1 - flattening), authalic.coefficients(flattening * (2 - flattening))
    factor = authalic.fixed(minor**2 * AREA_UNITS * a * authalic.PI / 180)
    top, step, pole = authalic.fixed(f), authalic.fixed(e), 90 * authalic.ONE
    latitudes = (min(max(top + step * row, -pole), pole) for row in range(grid.height + 1))
    half = authalic.ONE**2 // 2
    strips = [(factor * authalic.strip(latitude, series) + half) >> 2 * authalic.BITS for latitude in latitudes]
    return [north - south for north, south in pairwise(strips)]


def _projected(grid: Grid, crs: CRS) -> list[int]:
    """The same for every row."""
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else "no projection"
    if any(word in method for word in SPHERICAL):
        raise refused(crs, f"{method} keeps areas on a sphere only: its cells are up to 0.67 % off the ellipsoid")
    if method not in EQUAL_AREA:
        raise refused(crs, f"{method} does not keep areas")
    a, _, _, _, e, _ = (Fraction(number) for number in grid.transform)
    metres = [Fraction(repr(axis.unit_conversion_factor)) for axis in crs.axis_info[:2]]
    return [round(abs(a * e) * metres[0] * metres[1] * AREA_UNITS)] * grid.height


def refused(crs: CRS, what: str) -> SourceError:
    """Why the cells of a grid have no area that we would sign."""
    return SourceError(
        what, where=crs.name, wanted=f"degrees on an ellipsoid, or one of: {', '.join(EQUAL_AREA)}", way_out=WAY_OUT
    )
