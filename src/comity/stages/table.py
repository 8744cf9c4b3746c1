"""A member's published table as everyone can read it: the blob `comity-cube/1` as plain integers and statuses.

A second reading beside `model.cube`, without arrays, so that a release is checked by other code than made the table.
Reads only what a release needs; sampling variances and contributors are passed over.
"""

import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from comity import canon
from comity.errors import FormatError
from comity.model.structure import Layout

MAGIC: Final = "comity-cube/1"
STATUSES: Final = ("A", "Q", "O", "L", "M", "N", "E", "V")
LARGEST: Final = 1e30  # of a variance: no noise is so wide
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
    """Every entry of the layout, measure-major: a whole number, and its SDMX status.

    noise: the largest variance with which an entry was changed before it was shown; 0 where none was.
    """

    layout: Layout
    values: tuple[int, ...]
    statuses: tuple[str, ...]
    noise: Decimal = Decimal(0)

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
    at = sizes["values"] + sizes["sampling"]
    noise = struct.unpack_from(f"<{length}d", body, at)
    if not all(0 <= variance < LARGEST for variance in noise):
        raise FormatError("not a variance of noise", where=where, wanted=f"0 to {LARGEST:g}")
    at += sizes["noise"]
    codes = body[at : at + length]
    if codes and max(codes) >= len(STATUSES):
        raise FormatError("no such status", where=where, found=str(max(codes)), wanted=", ".join(STATUSES))
    return Table(
        layout=header.layout,
        values=values,
        statuses=tuple(STATUSES[code] for code in codes),
        noise=Decimal(repr(max(noise, default=0.0))).normalize(),
    )
