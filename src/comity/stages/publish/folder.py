"""The release folder: what lies where. Read by who writes one and by who verifies one; holds no bytes itself.

release.json              the record that the log names
figures.csv, ...          the files that the record names, by digest
blocks.json, ...          of a raster study, named as well: the parts of its table, the binding, the zones, a STAC item
log/checkpoint            the head, with its cosignatures (c2sp.org/tlog-checkpoint)
log/cosignatures/<size>   cosignatures beside the head, if there are any, for a reader's own policy
log/tile/entries/...      every leaf (c2sp.org/tlog-tiles)
view/<hex>                what the sum was opened from, each file by its SHA-256
blobs/<hex>               texts and tables that leaves name, each by its SHA-256
"""

import re
from typing import Final

from comity import canon
from comity.tlog import beside
from comity.tlog.tile import Tile

RELEASE: Final = "release.json"
CSV: Final = "figures.csv"
PARQUET: Final = "figures.parquet"
PAGE: Final = "index.html"
CRATE: Final = "ro-crate-metadata.json"
BLOCKS: Final = "blocks.json"
BINDING: Final = "binding.json"
ZONES: Final = "zones.geojson"
STAC: Final = "stac-item.json"
GROUNDS: Final = (BLOCKS, BINDING, ZONES)  # what a table of areas follows from, in the order of `grounds.of`
CHECKPOINT: Final = "log/checkpoint"
LOG, VIEW, BLOBS = "log/", "view/", "blobs/"

# Columns of figures.csv beside the dimensions of the study's layout.
AREA, MEASURE, PERIOD = "REF_AREA", "MEASURE", "TIME_PERIOD"
VALUE, STATUS, SAMPLING, NOISE = "OBS_VALUE", "OBS_STATUS", "SAMPLING_ERROR", "NOISE_ERROR"
NO_AREA: Final = "_X"  # SDMX CL_AREA, unspecified: those who took part, not an area
_YEARS: Final = re.compile(r"(\d{4})-(\d{4})", re.ASCII)


def entries(tile: Tile) -> str:
    """Where a bundle of leaves lies."""
    return f"{LOG}{tile}"


def cosignatures(size: int) -> str:
    """Where the side file of the checkpoint lies."""
    return f"{LOG}{beside.path(size)}"


def view(digest: str) -> str:
    """Where a body of the view lies."""
    return f"{VIEW}{canon.hex_of(digest)}"


def blob(digest: str) -> str:
    """Where another body that a leaf names lies."""
    return f"{BLOBS}{canon.hex_of(digest)}"


def time_period(period: str) -> str:
    """A period as SDMX writes it: years from and to become a time range; all else is a period already.

    >>> time_period("2010-2014"), time_period("2014")
    ('2010-01-01/P5Y', '2014')
    """
    years = _YEARS.fullmatch(period)
    if not years or years[2] < years[1]:
        return period
    return f"{years[1]}-01-01/P{int(years[2]) - int(years[1]) + 1}Y"
