"""A member's published table as everyone can read it: the blob `comity-cube/1` as plain integers and statuses.

A second reading beside `model.cube`, without arrays, so that a release is checked by other code than made the table.
Reads only what a release needs; variances and contributors are passed over.
"""

import struct
from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.errors import FormatError
from comity.model.structure import Layout

MAGIC: Final = "comity-cube/1"
STATUSES: Final = ("A", "Q", "O", "L", "M", "N", "E", "V")
_WIDTHS: Final = {"values": 8, "sampling": 8, "noise": 8, "status": 1, "contributors": 4}  # bytes; in order of the blob


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """First line of the blob."""

    cube: str
    layout: Layout
    lengths: dict[str, int]
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Every entry of the layout, measure-major: a whole number, and its SDMX status."""

    layout: Layout
    values: tuple[int, ...]
    statuses: tuple[str, ...]

    @property
    def suppressed(self) -> bool:
        """Whether a cell of it is not shown."""
        return "Q" in self.statuses


def read(blob: bytes, *, where: str = "table") -> Table:
    """The table of a cube's blob; FormatError for anything else."""
    line, mark, body = blob.partition(b"\n")
    header = canon.decode(line, Header, where=where)
    sizes = {name: width * header.layout.length for name, width in _WIDTHS.items()}
    if not mark or header.cube != MAGIC or header.lengths != sizes or len(body) != sum(sizes.values()):
        raise FormatError("not a cube, or cut short", where=where, found=f"{header.cube}, {len(body)} bytes")
    length = header.layout.length
    values = struct.unpack_from(f"<{length}q", body)
    at = sizes["values"] + sizes["sampling"] + sizes["noise"]
    codes = body[at : at + length]
    if codes and max(codes) >= len(STATUSES):
        raise FormatError("no such status", where=where, found=str(max(codes)), wanted=", ".join(STATUSES))
    return Table(layout=header.layout, values=values, statuses=tuple(STATUSES[code] for code in codes))
