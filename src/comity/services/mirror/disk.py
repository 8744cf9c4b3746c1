"""The copy's own tiles and bundles on disk, where c2sp.org/tlog-tiles puts them.

Decides how a file of the log is read back and written; which bytes it may have is decided before. A file is whole or
absent, and a partial one goes when the full tile behind it is long there.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.errors import FormatError
from comity.tlog.tile import Tile, decode_bundle, served

PUBLIC_FILE: Final = 0o644


class Disk:
    """Tiles and bundles below one folder."""

    def __init__(self, public: Path) -> None:
        self.public = public

    def read(self, tile: Tile) -> bytes | None:
        """A tile at this width, out of its own file or the full one; None if neither is there, or fits."""
        try:
            return served(tile, self._file)
        except FormatError:
            return None

    def _file(self, tile: Tile) -> bytes | None:
        path = self.public / str(tile)
        return path.read_bytes() if path.is_file() else None

    def entries(self, bundle: Tile) -> tuple[bytes, ...] | None:
        """Entries of a bundle; None if it is not there, or no bundle."""
        data = self.read(bundle)
        try:
            return None if data is None else decode_bundle(data, bundle.width)
        except FormatError:
            return None

    def write(self, files: Iterable[tuple[Tile, bytes]]) -> None:
        """Put tiles in their places, all durable when this returns."""
        listed = list(files)
        durable.write_all({self.public / str(tile): data for tile, data in listed}, mode=PUBLIC_FILE)
        for tile, _ in listed:
            if tile.full and tile.index:
                # As its source does: a reader of an older size cuts them out of the full one.
                shutil.rmtree(self.public / f"{Tile(tile.level, tile.index - 1)}.p", ignore_errors=True)

    def repair(self, files: Iterable[tuple[Tile, bytes]]) -> None:
        """`write` for those that are not there, or hold other bytes."""
        self.write([(tile, data) for tile, data in files if self.read(tile) != data])
