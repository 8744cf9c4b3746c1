"""One GeoTIFF (or COG): opened alone, found to be whole and to mean what it says, and read by windows.

The one room that runs rasterio. Decides which files are refused. A file says all by itself: GDAL is shown no file
beside it (.aux.xml, .tfw, .ovr, .msk), since a digest of the file does not cover those, and opens GeoTIFF alone, which
names no other file or address. rasterio is imported by the first call, not with this module.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ComityError, SourceError, WorldError
from comity.geo import grid as grids
from comity.geo.grid import Grid
from comity.model.blocks import Block

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MAGIC: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # TIFF 6.0, section 2; BigTIFF
TILE: Final = 2**28  # bytes of one tile or strip, unpacked: it is read whole, whatever is asked of it
ALONE: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}


@contextmanager
def opened(path: str) -> Iterator["DatasetReader"]:
    """A dataset of its own for a short look."""
    with alone():
        dataset = dataset_of(path)
        try:
            yield dataset
        finally:
            dataset.close()


def spelt(block: Block) -> str:
    """A block as errors name it."""
    return f"block at row {block.row}, column {block.column} ({block.rows} x {block.columns} cells)"


def alone() -> Any:
    """GDAL's settings: files beside a file are not looked at."""
    import rasterio

    return rasterio.Env(**ALONE)


def dataset_of(path: str) -> "DatasetReader":
    """An open GeoTIFF; SourceError for what is none. The path must be a plain file, never one of GDAL's own systems."""

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with open(path, "rb") as file:
            head = file.read(4)
    except (OSError, ValueError) as e:
        raise unreadable(path, e) from None
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


def trusted(dataset: "DatasetReader", path: str) -> None:
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
    if (unpacked := rows * columns * np.dtype(dataset.dtypes[0]).itemsize) > TILE:
        raise SourceError(
            "a tile, or a strip, that no memory should hold",  # packed, it may be a few bytes
            where=path,
            found=f"{rows} x {columns} cells, {unpacked} bytes",
            wanted=f"{TILE} bytes at most",
            way_out=f"gdal_translate -of COG {quote(path)} new.tif",
        )
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


def grid_of(dataset: "DatasetReader", path: str) -> Grid:
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


def window(dataset: "DatasetReader", path: str, block: Block) -> NDArray[np.generic]:
    """The values of a block, (rows, columns); SourceError naming file and block where they cannot be read."""
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


def nodata_of(nodata: float | None, dtype: str) -> str | None:
    """A nodata value in one spelling: whole numbers without a point."""
    if nodata is None:
        return None
    return str(int(nodata)) if np.dtype(dtype).kind in "iu" and float(nodata).is_integer() else repr(float(nodata))


def unreadable(path: str, e: Exception) -> SourceError:
    """The error of a file that cannot be opened, with the system's or GDAL's reason."""
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
