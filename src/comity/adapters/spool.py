"""Leaves on their way to a log that does not exist yet: kept on disk in a file without a name, read back in order.

It is gone with the process, however that ends. What the leaves are worth is decided before they are taken further.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Final, Self

from comity.adapters.durable import FULL
from comity.errors import DiskFull, NotVerified, WorldError
from comity.tlog.tile import encode_bundle

LENGTH: Final = 2  # bytes before each leaf, as in an entry bundle


class Spool:
    """A row of leaves, written to its end and then read; for one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = TemporaryFile(dir=folder, prefix="leaves-")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, leaves: Sequence[bytes]) -> None:
        """Put leaves behind those that are here; DiskFull or WorldError if that cannot be."""
        try:
            self._file.seek(0, os.SEEK_END)
            self._file.write(encode_bundle(leaves))
            self._file.flush()
        except OSError as e:
            error = DiskFull if e.errno in FULL else WorldError
            what, found = "the leaves of the log cannot be kept", e.strerror or str(e)
            raise error(what, where=str(self._folder), found=found, way_out="free some space") from e

    def leaves(self) -> Iterator[bytes]:
        """All leaves from the first on; nothing is added meanwhile."""
        self._file.seek(0)
        while head := self._file.read(LENGTH):
            size = int.from_bytes(head, "big")
            leaf = self._file.read(size)
            if len(head) < LENGTH or len(leaf) < size:
                raise NotVerified("a leaf is not as it was kept", where=str(self._folder))
            yield leaf
