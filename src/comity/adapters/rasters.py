"""Rasters in files: the facts of each, whether several lie on one grid, and windows of them as arrays.

Implements the port `stages.tiles.Rasters`. Decides what "the same grid" and "the same file" mean; which file can be
trusted is `adapters.geotiff`'s, areas of the grid `geo.grid`'s, who reads which block `adapters.runs`.
"""

import os
import threading
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from comity.adapters.geotiff import alone, dataset_of, grid_of, nodata_of, opened, trusted, unreadable, window
from comity.canon import Digest
from comity.errors import SourceError
from comity.geo.grid import Grid
from comity.model.blocks import Block
from comity.model.job import Silent, Tell
from comity.stages.tiles import RasterFacts

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

CHUNK: Final = 1 << 22  # bytes that are digested between two calls of `tell`
LATTICE: Final = 1e-6  # of a cell: corners nearer than this are the same; writers round transforms differently

Stamp = tuple[int, int, int]  # inode, bytes, nanoseconds of the last change


class GeoTiffs:
    """GeoTIFF files of this machine: one dataset handle a file, held until `close`, used by one thread at a time (GDAL
    datasets are not thread-safe)."""

    def __init__(self, *, tell: Tell | None = None) -> None:
        self._tell: Tell = tell or Silent()
        self._open: dict[str, DatasetReader] = {}
        self._one = threading.Lock()

    def inspect(self, path: str) -> RasterFacts:
        """What the file is, with its digest (read once through, told to `tell`).

        Raises:
            SourceError: not a GeoTIFF, cut, without CRS or nodata, rotated, of several bands, or scaled; or the cells
                of its grid have no known area.
        """
        with opened(path) as dataset:
            trusted(dataset, path)
            facts = {
                "grid": grid_of(dataset, path),
                "dtype": dataset.dtypes[0],
                "nodata": nodata_of(dataset.nodata, dataset.dtypes[0]),
                "blocksize": tuple(dataset.block_shapes[0]),
                "size": os.stat(path).st_size,
            }
        return RasterFacts(**facts, digest=digest(path, self._tell))

    def aligned(self, facts: Mapping[str, RasterFacts]) -> Grid:
        """The grid of all files, by path; SourceError names what differs and the line that warps the second file."""
        if not facts:
            raise SourceError("no raster", where="layers", wanted="at least one GeoTIFF")
        (first, one), *others = facts.items()
        for path, other in others:
            if different := _differences(one.grid, other.grid):
                raise SourceError(
                    f"not on the grid of {Path(first).name}",
                    where=path,
                    found=", ".join(f"{name} {found}" for name, _, found in different),
                    wanted=", ".join(f"{name} {wanted}" for name, wanted, _ in different),
                    way_out=_warp(one.grid, first, path),
                )
        return one.grid

    def read(self, path: str, block: Block) -> NDArray[np.generic]:
        """One window, (rows, columns), as the file's own values; SourceError names file and block if it is broken."""
        with self._one, alone():
            dataset = self._open.get(path) or self._open.setdefault(path, dataset_of(path))
            return window(dataset, path, block)

    def close(self) -> None:
        """Let go of all files."""
        with self._one:
            for dataset in self._open.values():
                dataset.close()
            self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def digest(path: str, tell: Tell | None = None) -> Digest:
    """SHA-256 of a file, read in pieces."""
    told, hashed, done = tell or Silent(), sha256(), 0
    try:
        with open(path, "rb", buffering=0) as file:
            total = os.fstat(file.fileno()).st_size
            while piece := file.read(CHUNK):
                hashed.update(piece)
                told(done := done + len(piece), max(done, total), f"digest of {Path(path).name}")
    except OSError as e:
        raise unreadable(path, e) from None
    return Digest("sha256:" + hashed.hexdigest())


def stamp(path: str) -> Stamp:
    """What changes when a file is written to or replaced; far cheaper than its digest."""
    try:
        found = os.stat(path)
    except OSError as e:
        raise unreadable(path, e) from None
    return found.st_ino, found.st_size, found.st_mtime_ns


def changed(path: str, *, found: str, wanted: str) -> SourceError:
    """A file that is not the one that was added to the source."""
    return SourceError(
        "the file changed since it was added",
        where=path,
        found=found,
        wanted=wanted,
        way_out="put the file back, or add the layer again with the product that it now is",
    )


def _differences(one: Grid, other: Grid) -> list[tuple[str, str, str]]:
    """Name, wanted, found of all that differs."""
    (a, _, c, _, e, f), (a2, _, c2, _, e2, f2) = one.transform, other.transform
    found = []
    if one.crs != other.crs:
        found.append(("CRS", one.crs, other.crs))
    if abs(a2 - a) * one.width > LATTICE * a or abs(e2 - e) * one.height > -LATTICE * e:
        found.append(("cell size", f"{a!r} x {-e!r}", f"{a2!r} x {-e2!r}"))
    if abs(c2 - c) > LATTICE * a or abs(f2 - f) > -LATTICE * e:
        found.append(("origin", f"{c!r} {f!r}", f"{c2!r} {f2!r}"))
    if (one.width, one.height) != (other.width, other.height):
        found.append(("size", f"{one.width} x {one.height}", f"{other.width} x {other.height}"))
    return found


def _warp(grid: Grid, first: str, path: str) -> str:
    """The line that brings a raster of classes onto a grid."""
    a, _, c, _, e, f = grid.transform
    crs = grid.crs if len(grid.crs) < 20 else f'"$(gdalsrsinfo -o wkt2 {quote(first)})"'
    edges = f"{c!r} {f + e * grid.height!r} {c + a * grid.width!r} {f!r}"
    return f"gdalwarp -t_srs {crs} -te {edges} -ts {grid.width} {grid.height} -r near {quote(path)} new.tif"
