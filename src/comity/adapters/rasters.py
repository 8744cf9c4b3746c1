"""Rasters in files: what a GeoTIFF (or COG) is, whether it can be trusted, and windows of it as arrays.

Implements the port `stages.tiles.Rasters`; the one room that runs rasterio. Decides which files are refused; the grid
and its areas are `geo.grid`'s, who reads which block `adapters.runs`. A file says all by itself: GDAL is shown no file
beside it (.aux.xml, .tfw, .ovr, .msk), since a digest of the file does not cover those, and opens GeoTIFF alone, which
names no other file or address. rasterio is imported by the first call, not with this module.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from comity.canon import Digest
from comity.errors import ComityError, SourceError, WorldError
from comity.geo import grid as grids
from comity.geo.grid import Grid
from comity.model.blocks import Block
from comity.model.job import Silent, Tell
from comity.stages.tiles import RasterFacts

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

CHUNK: Final = 1 << 22  # bytes that are digested between two calls of `tell`
MAGIC: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # TIFF 6.0, section 2; BigTIFF
LATTICE: Final = 1e-6  # of a cell: corners nearer than this are the same; writers round transforms differently
ALONE: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}

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
            _trusted(dataset, path)
            facts = {
                "grid": _grid(dataset, path),
                "dtype": dataset.dtypes[0],
                "nodata": _spelt(dataset.nodata, dataset.dtypes[0]),
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
        with self._one, _alone():
            dataset = self._open.get(path) or self._open.setdefault(path, _dataset(path))
            return _window(dataset, path, block)

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
        raise _unreadable(path, e) from None
    return Digest("sha256:" + hashed.hexdigest())


def stamp(path: str) -> Stamp:
    """What changes when a file is written to or replaced; far cheaper than its digest."""
    try:
        found = os.stat(path)
    except OSError as e:
        raise _unreadable(path, e) from None
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


def spelt(block: Block) -> str:
    """A block as errors name it."""
    return f"block at row {block.row}, column {block.column} ({block.rows} x {block.columns} cells)"


@contextmanager
def opened(path: str) -> Iterator["DatasetReader"]:
    """A dataset of its own for a short look."""
    with _alone():
        dataset = _dataset(path)
        try:
            yield dataset
        finally:
            dataset.close()


def _alone() -> Any:
    """GDAL's settings: files beside a file are not looked at."""
    import rasterio

    return rasterio.Env(**ALONE)


def _dataset(path: str) -> "DatasetReader":
    """An open GeoTIFF; SourceError for what is none. The path must be a plain file, never one of GDAL's own systems."""
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with open(path, "rb") as file:
            head = file.read(4)
    except (OSError, ValueError) as e:
        raise _unreadable(path, e) from None
    if head not in MAGIC:
        kind = "an empty file" if not head else f"a file that begins with {head!r}"
        raise SourceError(
            "not a TIFF", where=path, found=kind, wanted="a GeoTIFF", way_out=f"gdal_translate {quote(path)} new.tif"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # an error of ours follows
            return rasterio.open(os.path.abspath(path), driver="GTiff", sharing=False, GEOREF_SOURCES="INTERNAL")
    except RasterioError as e:
        raise SourceError(
            "the file's directory cannot be read: it is cut or broken",
            where=path,
            found=_said(e, path),
            wanted="a whole GeoTIFF",
            way_out="copy or fetch the file again",
        ) from None


def _trusted(dataset: "DatasetReader", path: str) -> None:
    """One band of numbers that stand for themselves, with a nodata value, whole."""
    if dataset.count != 1:
        raise SourceError(
            "several bands",
            where=path,
            found=str(dataset.count),
            wanted="one band",
            way_out=f"gdal_translate -b 1 {quote(path)} new.tif",
        )
    kind = np.dtype(dataset.dtypes[0]).kind
    if kind not in "iuf":
        raise SourceError("not real numbers", where=path, found=dataset.dtypes[0], wanted="whole or floating numbers")
    if (dataset.scales[0], dataset.offsets[0]) != (1.0, 0.0):
        raise SourceError(
            "values are scaled, so what is stored is not what is meant",
            where=path,
            found=f"scale {dataset.scales[0]!r}, offset {dataset.offsets[0]!r}",
            wanted="scale 1, offset 0",
            way_out=f"gdal_translate -unscale -ot Float64 {quote(path)} new.tif",
        )
    if dataset.nodata is None or (kind in "iu" and not float(dataset.nodata).is_integer()):
        raise SourceError(
            "the file names no nodata value, so an empty cell looks like a value",
            where=path,
            found="none" if dataset.nodata is None else f"{dataset.nodata!r} among whole numbers",
            wanted="a nodata value that no real cell has",
            way_out=f"gdal_translate -a_nodata VALUE {quote(path)} new.tif",
        )
    _whole(dataset, path)


def _whole(dataset: "DatasetReader", path: str) -> None:
    """Every tile that the file's directory names lies inside of the file (a tile without bytes is empty: GDAL's sparse
    files)."""
    size, (rows, columns) = os.stat(path).st_size, dataset.block_shapes[0]
    for row in range(-(-dataset.height // rows)):
        for column in range(-(-dataset.width // columns)):
            start = int(dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=1) or 0)
            length = int(dataset.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=1) or 0)
            if start + length > size:
                raise SourceError(
                    "the file is cut",
                    where=f"{path}: tile {row}, {column}",
                    found=f"{size} bytes",
                    wanted=f"at least {start + length}",
                    way_out="copy or fetch the file again",
                )


def _grid(dataset: "DatasetReader", path: str) -> Grid:
    """The file's grid: north up, in a CRS whose cells have a known area."""
    a, b, c, d, e, f = dataset.transform[:6]
    if dataset.crs is None:
        raise SourceError(
            "no coordinate reference system",
            where=path,
            wanted="a CRS in the file itself",
            way_out=f"gdal_translate -a_srs EPSG:CODE {quote(path)} new.tif",
        )
    if dataset.transform.is_identity:
        raise SourceError(
            "no place on the Earth",
            where=path,
            found="no transform",
            wanted="a transform in the file itself, not beside it",
            way_out=f"gdal_translate -a_ullr WEST NORTH EAST SOUTH {quote(path)} new.tif",
        )
    if b or d or a <= 0 or e >= 0:
        raise SourceError(
            "rotated, sheared or upside down",
            where=path,
            found=f"transform {(a, b, c, d, e, f)}",
            wanted="rows from west to east, the northern one first",
            way_out=f"gdalwarp -r near {quote(path)} new.tif",
        )
    try:
        grid = Grid(crs=_crs(dataset), transform=(a, b, c, d, e, f), width=dataset.width, height=dataset.height)
        grids.cell_areas(grid)  # a CRS without known areas is refused when the file is added, not when it is used
    except ComityError as e:
        way_out = f"{e.way_out} {quote(path)} new.tif" if e.way_out == grids.WAY_OUT else e.way_out
        raise SourceError(e.what, where=path, found=e.found, wanted=e.wanted, way_out=way_out) from None
    return grid


def _crs(dataset: "DatasetReader") -> str:
    """Authority and code where the file names one, else its WKT in one line."""
    named = dataset.crs.to_authority(confidence_threshold=100)
    return ":".join(named) if named else " ".join(dataset.crs.to_wkt(version="WKT2_2019").split())


def _window(dataset: "DatasetReader", path: str, block: Block) -> NDArray[np.generic]:
    from rasterio.errors import RasterioError
    from rasterio.windows import Window

    if block.row + block.rows > dataset.height or block.column + block.columns > dataset.width:
        raise SourceError(
            "the block is not in the file",
            where=f"{path}: {spelt(block)}",
            wanted=f"{dataset.height} x {dataset.width} cells",
        )
    try:
        values: NDArray[np.generic] = dataset.read(1, window=Window(block.column, block.row, block.columns, block.rows))
    except RasterioError as e:
        raise SourceError(
            "the block cannot be read: the file is cut or broken there",
            where=f"{path}: {spelt(block)}",
            found=_said(e.__cause__ or e, path),
            wanted="a whole GeoTIFF",
            way_out="copy or fetch the file again",
        ) from None
    except MemoryError:
        raise WorldError(
            "out of memory", where=f"{path}: {spelt(block)}", way_out="smaller blocks or fewer workers"
        ) from None
    return values


def _spelt(nodata: float | None, dtype: str) -> str | None:
    """A nodata value in one spelling: whole numbers without a point."""
    if nodata is None:
        return None
    return str(int(nodata)) if np.dtype(dtype).kind in "iu" and float(nodata).is_integer() else repr(float(nodata))


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


def _unreadable(path: str, e: Exception) -> SourceError:
    reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
    return SourceError(
        "cannot be opened",
        where=path,
        found=reason,
        wanted="a file that this node may read",
        way_out="correct the path of the layer, or the file's permissions",
    )


def _said(e: BaseException, path: str) -> str:
    """GDAL's words, without the folder."""
    return (str(e).splitlines() or [""])[0].replace(os.path.abspath(path), Path(path).name)
