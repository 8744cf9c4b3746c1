"""Small GeoTIFFs for tests, written by rasterio."""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

NORTH_UP = Affine(100.0, 0.0, 500_000.0, 0.0, -100.0, 4_000_000.0)
CRS = "EPSG:6933"  # equal-area, metres


def classes(rows: int = 96, columns: int = 128, *, seed: int = 1) -> NDArray[np.uint8]:
    """Values 0 to 5, seeded."""
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 6, (rows, columns)).astype("u1")


def tiff(path: Path, values: NDArray[Any], **other: Any) -> str:
    """The path of a GeoTIFF of one band; `other` as rasterio's profile, None leaves an entry out."""
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "height": values.shape[-2],
        "width": values.shape[-1],
        "count": 1 if values.ndim == 2 else len(values),
        "dtype": values.dtype.name,
        "crs": CRS,
        "transform": NORTH_UP,
        "nodata": 255,
        "tiled": True,
        "blockxsize": 32,
        "blockysize": 32,
        "compress": "deflate",
    }
    profile = {key: value for key, value in (profile | other).items() if value is not None}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values if values.ndim == 3 else values[np.newaxis])
    return str(path)
